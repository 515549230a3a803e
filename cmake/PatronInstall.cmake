# `cmake --install`: headers, library, a package that find_package(Patron) finds, a pkg-config file.

include(CMakePackageConfigHelpers)

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Patron)

install(TARGETS patron EXPORT PatronLibrary COMPONENT library)
install(TARGETS patron_headers EXPORT PatronHeaders COMPONENT library)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/patron DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT library FILES_MATCHING PATTERN *.h PATTERN *.hpp)
install(EXPORT PatronLibrary NAMESPACE Patron:: DESTINATION ${config_dir} COMPONENT library
        FILE PatronLibraryTargets.cmake)
install(EXPORT PatronHeaders NAMESPACE Patron:: DESTINATION ${config_dir} COMPONENT library
        FILE PatronHeadersTargets.cmake)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/PatronConfig.cmake.in ${PROJECT_BINARY_DIR}/PatronConfig.cmake
  INSTALL_DESTINATION ${config_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/PatronConfigVersion.cmake VERSION ${PROJECT_VERSION}
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/PatronConfig.cmake
              ${PROJECT_BINARY_DIR}/PatronConfigVersion.cmake
        DESTINATION ${config_dir} COMPONENT library)

# From the folder of patron.pc up to the prefix, so that the copy can be moved.
file(RELATIVE_PATH up /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/cmake/patron.pc.in ${PROJECT_BINARY_DIR}/patron.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/patron.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT library)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT library)
