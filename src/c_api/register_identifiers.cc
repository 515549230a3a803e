#include "c_api/register_identifiers.hpp"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "customers/text_keys.hpp"
#include "patron/customers/phone.hpp"

namespace patron::c_api {

using customers::ContactType;
using customers::Tombstone;
using customers::ValueKind;

std::string ContactKey(ContactType type, std::string_view raw, std::string_view region) {
  switch (type) {
    case ContactType::kPhone: return customers::ReadPhone(raw, region).e164;
    case ContactType::kEmail: return customers::ReadEmail(raw).key;
    case ContactType::kPost: return customers::ReadAddress(raw).key;
    default: return customers::ReadText(raw).key;
  }
}

ValueKind KindOf(ContactType type) {
  switch (type) {
    case ContactType::kPhone: return ValueKind::kPhone;
    case ContactType::kEmail: return ValueKind::kEmail;
    case ContactType::kPost: return ValueKind::kAddress;
    default: return ValueKind::kText;
  }
}

Tombstone Tombstones::Hash(std::string_view kind, std::string_view value) const {
  const std::span key(reinterpret_cast<const uint8_t *>(reg_.key.data()), reg_.key.size());
  const customers::KeyedHash hash(key, {"tombstone", kind});
  const customers::Pseudonym pseudonym = hash.PseudonymOf(value);
  Tombstone tombstone;
  static_assert(sizeof tombstone == sizeof pseudonym);
  std::ranges::copy(pseudonym, tombstone.begin());
  return tombstone;
}

Tombstone Tombstones::Of(ValueKind kind, std::string_view value) const {
  return Hash(kIdentifierKindNames[static_cast<size_t>(kind)],
              customers::ComparedAs(value, kind, reg_.region));
}

std::vector<std::pair<std::string, ValueKind>> KnownIdentifiers(const customers::Register &reg) {
  std::vector<std::pair<std::string, ValueKind>> known;
  for (const customers::Erasure &erasure : reg.erasures()) {
    for (size_t i = 0; i < erasure.identifiers.size(); ++i) {
      const auto kind = std::ranges::find(kIdentifierKindNames, erasure.identifier_kinds[i]);
      if (kind == std::end(kIdentifierKindNames)) continue;
      known.emplace_back(erasure.identifiers[i],
                         static_cast<ValueKind>(kind - std::begin(kIdentifierKindNames)));
    }
  }
  std::ranges::sort(known);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return known;
}

absl::Status CheckKeyIsThere(const patron_register &reg) {
  if (!reg.key.empty() || !reg.reg().has_tombstones()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "key: none; expected that of the tombstones, as people were erased");
}

absl::Status Forgotten(std::string_view column, size_t row, size_t rows) {
  std::string message =
      absl::StrCat(Text(column), ": row ", row, " is of someone who was erased; expected no one");
  if (rows > 1) absl::StrAppend(&message, " (", rows, " rows in all)");
  return absl::FailedPreconditionError(message);
}

}  // namespace patron::c_api
