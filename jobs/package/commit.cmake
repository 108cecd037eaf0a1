# Writes the C file that has the commit: cmake -DSOURCE=... -DTO=... -P commit.cmake
#
# In a release's archive the file .commit has it, and its moment, since git archive has put them
# there. Otherwise git is asked, if the source is a repository of its own and not a part of another.
set(commit "")
if(EXISTS ${SOURCE}/.commit)
  file(STRINGS ${SOURCE}/.commit commit)
endif()
if(commit MATCHES "^([0-9a-f]+) [0-9]+$")
  string(SUBSTRING ${CMAKE_MATCH_1} 0 12 commit)
else()
  set(ENV{GIT_OPTIONAL_LOCKS} 0)
  execute_process(COMMAND git -C ${SOURCE} rev-parse --show-prefix
                  OUTPUT_VARIABLE prefix RESULT_VARIABLE failed ERROR_QUIET)
  set(commit "")
  if(failed EQUAL 0 AND prefix STREQUAL "\n")
    execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                    OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  endif()
endif()
set(text "#include \"package/commit.h\"\nconst char build_commit[] = \"${commit}\";\n")
if(EXISTS ${TO})
  file(READ ${TO} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
  file(WRITE ${TO} "${text}")
endif()
