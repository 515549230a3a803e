// What hangs on records beside their fields: contact points, relations and roles, with their validity.
#ifndef PATRON_CUSTOMERS_REGISTER_FACTS_HPP_
#define PATRON_CUSTOMERS_REGISTER_FACTS_HPP_

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "patron/customers/record_batch.hpp"

namespace patron::customers {

// Since when a fact holds, until when, and when the register came to know it.
struct FactTimes {
  int64_t known = 0;
  int64_t valid_from = kNoInstant;  // kNoInstant: no bound, here and below.
  int64_t valid_to = kNoInstant;    // The first instant without it.
  int64_t ended_to = kNoInstant;    // As valid_to, by an end that was told at `ended_known`.
  int64_t ended_known = kNoInstant;

  bool ended() const { return ended_known != kNoInstant; }
  int64_t end() const { return ended() ? ended_to : valid_to; }

  // Whether it was known, and held, at an instant.
  bool HoldsAt(int64_t time) const {
    if (known > time || (valid_from != kNoInstant && valid_from > time)) return false;
    const int64_t until = ended() && ended_known <= time ? ended_to : valid_to;
    return until == kNoInstant || time < until;
  }
};

enum class ContactType : uint8_t { kPhone = 0, kEmail = 1, kPost = 2, kIm = 3, kDevice = 4 };
inline constexpr std::array<std::string_view, 5> kContactTypeNames = {"phone", "email", "post",
                                                                      "im", "device"};

struct Contact {
  uint32_t record = 0;
  ContactType type = ContactType::kPhone;
  bool bounced = false;    // What was sent came back.
  bool shared = false;     // Several people use it: no identity.
  bool erased = false;     // With the record.
  uint8_t preference = 0;  // 1, the most preferred, to 100; 0 = not told.
  std::string raw;         // As people wrote it.
  std::string normalised;  // Its key; empty if it has none.
  std::string label;       // "home", "work"; may be empty.
  int64_t verified_at = kNoInstant;
  FactTimes times;

  // Leaves nothing of the texts in memory.
  void Wipe() {
    for (std::string *text : {&raw, &normalised, &label}) {
      std::ranges::fill(*text, '\0');
      text->clear();
    }
    verified_at = kNoInstant;
    erased = true;
  }
};

// Between records: a relation, or the role that a person has towards an account.
enum class TieType : uint8_t {
  kMemberOf = 0,
  kEmployeeOf = 1,
  kParentOf = 2,
  kSpouse = 3,
  kReferredBy = 4,
  kSupplies = 5,
  kUser = 6,
  kPayer = 7,
  kDecider = 8,
  kInfluencer = 9,
  kGatekeeper = 10,
  kBuyer = 11,
};
inline constexpr std::array<std::string_view, 12> kTieTypeNames = {
    "member_of", "employee_of", "parent_of", "spouse",     "referred_by", "supplies",
    "user",      "payer",       "decider",   "influencer", "gatekeeper",  "buyer"};
inline constexpr bool IsRole(TieType type) { return type >= TieType::kUser; }

struct Tie {
  uint32_t from = 0, to = 0;  // Records; of a role the person and the account.
  TieType type = TieType::kMemberOf;
  bool erased = false;  // With one of the records.
  FactTimes times;
};

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_REGISTER_FACTS_HPP_
