# Runs in cpack, first of all. What is made has one moment, that of the commit, unless
# SOURCE_DATE_EPOCH says another; and what an archive of the source is made of is here.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  file(STRINGS ${CPACK_WCMR_SOURCE}/.commit moment)
  if(NOT moment MATCHES "^[0-9a-f]+ [0-9]+$")
    execute_process(COMMAND git -C ${CPACK_WCMR_SOURCE} log -1 "--format=%H %ct"
                    OUTPUT_VARIABLE moment ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
  if(moment MATCHES " ([0-9]+)$")
    set(ENV{SOURCE_DATE_EPOCH} ${CMAKE_MATCH_1})
  endif()
endif()

# The last commit, as git archive has it, with its name in the file .commit; so nothing that only
# lies about is in it.
if(CPACK_GENERATOR STREQUAL "TGZ")
  set(commit ${CPACK_PACKAGE_DIRECTORY}/_commit)
  file(REMOVE_RECURSE ${commit})
  file(MAKE_DIRECTORY ${commit})
  execute_process(COMMAND git -C ${CPACK_WCMR_SOURCE} archive HEAD
                  COMMAND tar -x -C ${commit} RESULTS_VARIABLE failed)
  if(NOT failed STREQUAL "0;0")
    message(FATAL_ERROR "an archive is made of a commit, and ${CPACK_WCMR_SOURCE} has no git")
  endif()
  set(CPACK_INSTALLED_DIRECTORIES "${commit};/")
  set(CPACK_PACKAGING_INSTALL_PREFIX "")
endif()
