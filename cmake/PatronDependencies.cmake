# Abseil and Protobuf, of the system or private. Sets PATRON_ABSL_TARGETS, what the headers use,
# PATRON_PROTOBUF_TARGET, the lite runtime, and PATRON_PROTOC, the compiler that fits it.

if(PATRON_DEPS STREQUAL "private")
  set(PATRON_PRIVATE_PREFIX ${PROJECT_SOURCE_DIR}/build/private-deps
      CACHE PATH "Prefix made by scripts/private-deps.sh")
  if(NOT EXISTS ${PATRON_PRIVATE_PREFIX}/lib/cmake/absl/abslConfig.cmake)
    message(FATAL_ERROR "PATRON_DEPS=private, but ${PATRON_PRIVATE_PREFIX} holds no Abseil. "
                        "Run scripts/private-deps.sh first.")
  endif()
  find_package(absl CONFIG REQUIRED PATHS ${PATRON_PRIVATE_PREFIX} NO_DEFAULT_PATH)
  add_library(protobuf::libprotobuf-lite STATIC IMPORTED)
  set_target_properties(
    protobuf::libprotobuf-lite
    PROPERTIES IMPORTED_LOCATION ${PATRON_PRIVATE_PREFIX}/lib/libprotobuf-lite.a
               INTERFACE_INCLUDE_DIRECTORIES ${PATRON_PRIVATE_PREFIX}/include)
  find_program(PATRON_PROTOC protoc REQUIRED)
elseif(PATRON_DEPS STREQUAL "system")
  find_package(absl CONFIG REQUIRED)
  # A package config knows the Abseil that a newer Protobuf needs; Debian 12 has only the module.
  find_package(protobuf CONFIG QUIET)
  if(NOT TARGET protobuf::libprotobuf-lite)
    find_package(Protobuf MODULE REQUIRED)
  endif()
  set(PATRON_PROTOC $<TARGET_FILE:protobuf::protoc>)
else()
  message(FATAL_ERROR "PATRON_DEPS is '${PATRON_DEPS}'; expected system or private")
endif()

set(PATRON_PROTOBUF_TARGET protobuf::libprotobuf-lite)
set(PATRON_ABSL_TARGETS
    absl::function_ref
    absl::status
    absl::statusor
    absl::strings
    absl::time)

# Logs in XES are XML, often zipped. Only the library sees these.
find_package(EXPAT REQUIRED)
find_package(ZLIB REQUIRED)

# Casebooks that last are kept in databases of SQLite. Only the library sees it.
find_package(SQLite3 3.33 REQUIRED)

# Unicode: normal forms, traditional characters, pinyin, domains. Only the library sees it.
find_package(ICU REQUIRED COMPONENTS uc i18n)

# Keyed hashes. Only the library sees it.
find_path(PATRON_SODIUM_INCLUDE_DIR sodium/crypto_auth_hmacsha256.h REQUIRED)
find_library(PATRON_SODIUM_LIBRARY sodium REQUIRED)
mark_as_advanced(PATRON_SODIUM_INCLUDE_DIR PATRON_SODIUM_LIBRARY)
add_library(sodium::sodium UNKNOWN IMPORTED)
set_target_properties(sodium::sodium PROPERTIES IMPORTED_LOCATION ${PATRON_SODIUM_LIBRARY}
                                                INTERFACE_INCLUDE_DIRECTORIES
                                                ${PATRON_SODIUM_INCLUDE_DIR})

# Small dense matrices, headers only.
find_package(Eigen3 3.3 CONFIG REQUIRED)
