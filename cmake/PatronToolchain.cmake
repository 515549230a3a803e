# Compiler settings of this tree: warnings, sanitizers, coverage. Nothing here reaches a consumer.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Type of build" FORCE)
endif()

# Paths are relative to the tree, so that every checkout on a machine shares one cache.
find_program(PATRON_CCACHE ccache)
mark_as_advanced(PATRON_CCACHE)
if(PATRON_CCACHE)
  foreach(language C CXX)
    if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER
          ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${PATRON_CCACHE})
    endif()
  endforeach()
endif()

# Every target of this tree links patron_build.
add_library(patron_build INTERFACE)
target_compile_options(patron_build INTERFACE -ffp-contract=off -Wall -Wextra
                                              $<$<BOOL:${PATRON_WERROR}>:-Werror>)
target_link_options(patron_build INTERFACE LINKER:--as-needed)

if(PATRON_SANITIZE)
  target_compile_options(patron_build INTERFACE -fsanitize=${PATRON_SANITIZE}
                                                -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(patron_build INTERFACE -fsanitize=${PATRON_SANITIZE})
endif()

if(PATRON_COVERAGE)
  target_compile_options(patron_build INTERFACE --coverage -fprofile-abs-path)
  target_link_options(patron_build INTERFACE --coverage)
endif()

if(PATRON_LIBFUZZER)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "PATRON_LIBFUZZER needs Clang; this is ${CMAKE_CXX_COMPILER_ID}. "
                        "Use the fuzz preset.")
  endif()
  target_compile_options(patron_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
