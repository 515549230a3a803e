// The store of a host, from the table of its functions.
#ifndef PATRON_SRC_C_API_HOST_STORE_HPP_
#define PATRON_SRC_C_API_HOST_STORE_HPP_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"
#include "patron/c/entry_store.h"
#include "store/entry_store.hpp"

namespace patron::c_api {

// `store` is not null. Errors: as ReadOptions and CheckReserved, and what the host answers.
inline absl::StatusOr<std::unique_ptr<store::EntryStore>> OpenHostStore(
    std::string_view book, const patron_entry_store *store) {
  patron_entry_store full{};
  PATRON_RETURN_IF_ERROR(ReadOptions("store", store, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  return store::OpenHost(book, full);
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_HOST_STORE_HPP_
