// Where the reference data and the sources are: said by the environment, so that objects are the same in
// every checkout.
#ifndef PATRON_TESTS_SUPPORT_FOLDERS_HPP_
#define PATRON_TESTS_SUPPORT_FOLDERS_HPP_

#include <cstdlib>
#include <string>

namespace patron::testing {

// The sources: $PATRON_SOURCE_DIR, which ctest sets, or the working folder.
inline std::string SourceFolder() {
  const char *folder = std::getenv("PATRON_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

// The reference data: $PATRON_SHARED_DATA or beside the sources.
inline std::string SharedDataFolder() {
  const char *folder = std::getenv("PATRON_SHARED_DATA");
  return folder != nullptr ? folder : SourceFolder() + "/../shared/data";
}

}  // namespace patron::testing

#endif  // PATRON_TESTS_SUPPORT_FOLDERS_HPP_
