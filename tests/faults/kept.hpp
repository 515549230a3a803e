// A store of entries that a host keeps in memory, and that may find none.
#ifndef PATRON_TESTS_FAULTS_KEPT_HPP_
#define PATRON_TESTS_FAULTS_KEPT_HPP_

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "patron/c/patron.h"

namespace patron::faults {

template <typename Call>
patron_status Try(Call call) {
  try {
    call();
    return PATRON_OK;
  } catch (const std::bad_alloc &) {
    return PATRON_RESOURCE_EXHAUSTED;
  }
}

struct Kept {
  std::vector<std::string> entries;

  Kept() { entries.reserve(64); }

  patron_entry_store Store() {
    patron_entry_store store{};
    store.struct_size = sizeof store;
    store.data = this;
    store.read = [](void *data, uint64_t place, const void **bytes, size_t *size, patron_error *) {
      const auto &own = static_cast<Kept *>(data)->entries;
      if (place >= own.size()) return patron_status{PATRON_OUT_OF_RANGE};
      *bytes = own[place].data();
      *size = own[place].size();
      return patron_status{PATRON_OK};
    };
    store.append = [](void *data, uint64_t, const void *bytes, size_t size, patron_error *) {
      return Try([&] {
        static_cast<Kept *>(data)->entries.emplace_back(static_cast<const char *>(bytes), size);
      });
    };
    store.replace = [](void *data, const void *bytes, size_t size, patron_error *) {
      return Try([&] {
        std::string whole(static_cast<const char *>(bytes), size);
        auto &own = static_cast<Kept *>(data)->entries;
        own.clear();
        own.push_back(std::move(whole));
      });
    };
    return store;
  }
};

}  // namespace patron::faults

#endif  // PATRON_TESTS_FAULTS_KEPT_HPP_
