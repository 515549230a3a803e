// A host's store for fuzz targets that read its entries.
#ifndef PATRON_TESTS_FUZZ_STORE_FUZZ_HPP_
#define PATRON_TESTS_FUZZ_STORE_FUZZ_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "patron/c/patron.h"

namespace patron::fuzz {

inline patron_status Read(void *data, uint64_t place, const void **bytes, size_t *size,
                          patron_error *) {
  const auto &entries = *static_cast<const std::vector<std::string> *>(data);
  if (place >= entries.size()) return PATRON_OUT_OF_RANGE;
  *bytes = entries[place].data();
  *size = entries[place].size();
  return PATRON_OK;
}
inline patron_status Append(void *data, uint64_t, const void *bytes, size_t size, patron_error *) {
  static_cast<std::vector<std::string> *>(data)->emplace_back(static_cast<const char *>(bytes),
                                                              size);
  return PATRON_OK;
}
inline patron_status Replace(void *data, const void *bytes, size_t size, patron_error *) {
  *static_cast<std::vector<std::string> *>(data) = {
      std::string(static_cast<const char *>(bytes), size)};
  return PATRON_OK;
}

// A store of the host that keeps its entries in a vector.
inline patron_entry_store StoreOf(std::vector<std::string> *entries) {
  patron_entry_store store{};
  store.struct_size = sizeof store;
  store.data = entries;
  store.read = Read;
  store.append = Append;
  store.replace = Replace;
  return store;
}

}  // namespace patron::fuzz

#endif  // PATRON_TESTS_FUZZ_STORE_FUZZ_HPP_
