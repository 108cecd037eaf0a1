# What cpack makes: a package for Debian, and an archive of the source.
#
#     cpack                                        in the build directory: wc-mr_VERSION_ARCH.deb
#     cpack --config CPackSourceConfig.cmake       wc-mr-VERSION.tar.gz, of the last commit
#
# In cpack, begin.cmake runs first of all, and prepare.cmake on what the package will hold.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wc-mr)
set(CPACK_PACKAGE_CONTACT "wc-mr authors <wc-mr@users.noreply.example>" CACHE STRING
    "Who is named as the package's maintainer")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "exact word counts at memory speed, by MapReduce")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"wc-mr counts every distinct word, field or line of any amount of text on one
machine, exactly, and prints the counts in order. It uses all processors and
keeps within a memory budget. Any program can be its mapper and reducer, and
jobs can be written in C, for which a library and its header are here too.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(ICU_FOUND)
  string(REGEX REPLACE "\\..*" "" icu_major ${ICU_VERSION})
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libicu${icu_major}") # which --words=unicode loads
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gcc, pkg-config")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/prepare.cmake)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/begin.cmake)
set(CPACK_WCMR_SOURCE ${PROJECT_SOURCE_DIR})

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME wc-mr-${PROJECT_VERSION})

include(CPack)
