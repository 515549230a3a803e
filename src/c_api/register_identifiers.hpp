// What tells who someone is, in the form that is compared, and what is left of it after an erasure.
#ifndef PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_
#define PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c_api/register.hpp"
#include "customers/keyed_hash.hpp"
#include "patron/customers/register_facts.hpp"

namespace patron::c_api {

// The key of a contact point; empty if it has none.
std::string ContactKey(customers::ContactType type, std::string_view raw, std::string_view region);

// The number of a kind of identifier; its names are those that callers use.
inline constexpr std::string_view kIdentifierKindNames[] = {
    "raw", "text", "name", "phone", "email", "organisation", "address", "identity"};
static_assert(std::size(kIdentifierKindNames) == customers::kValueKinds);
customers::ValueKind KindOf(customers::ContactType type);

// Makes tombstones under the key of a register, and looks for them.
class Tombstones {
 public:
  explicit Tombstones(const patron_register &reg) : reg_(reg) {}

  // Of an identifier; ids and contact points have kinds of their own.
  customers::Tombstone OfId(std::string_view id) const { return Hash("id", id); }
  customers::Tombstone Of(customers::ValueKind kind, std::string_view value) const;
  // Of the key itself, by which a wrong one is known.
  customers::Tombstone OfKey() const { return Hash("key", ""); }

  bool HasId(std::string_view id) const { return reg_.reg().IsForgotten(OfId(id)); }
  bool Has(customers::ValueKind kind, std::string_view value) const {
    return reg_.reg().IsForgotten(Of(kind, value));
  }

 private:
  customers::Tombstone Hash(std::string_view kind, std::string_view value) const;

  const patron_register &reg_;
};

// Fields that some erasure called an identifier, each with its kind.
std::vector<std::pair<std::string, customers::ValueKind>> KnownIdentifiers(
    const customers::Register &reg);

// Errors: FailedPrecondition if a register has tombstones and no key.
absl::Status CheckKeyIsThere(const patron_register &reg);

// "column: row 3 is of someone who was erased; ...": FailedPrecondition, without the value.
absl::Status Forgotten(std::string_view column, size_t row, size_t rows);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_REGISTER_IDENTIFIERS_HPP_
