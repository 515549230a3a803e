// Events of cases as the log keeps them, and why one may be refused.
#ifndef PATRON_COMPLAINTS_CASE_EVENT_HPP_
#define PATRON_COMPLAINTS_CASE_EVENT_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patron::complaints {

// Why an event of the log has no effect. It may come into effect when what it lacks arrives.
enum class Refusal : uint8_t {
  kNone,
  kReversed,       // Taken back by a later event.
  kNoCase,         // The case has not been received by then.
  kUnknownEvent,   // The policy of the case does not know the event
  kUnknownRole,    // or the role.
  kNotLegal,       // The event does not lead anywhere from the state of the case.
  kNotPermitted,   // The role may not do it,
  kSeverity,       // not in a case so severe,
  kCrisis,         // not in a media crisis,
  kSingleLimit,    // not with such an amount,
  kCaseLimit,      // not with such a sum in one case,
  kCustomerLimit,  // nor for one customer in twelve months.
  kOtherPerson,    // Another person must do it.
  kNoDecision,
  kNoApproval,
  kNoCause,
  kNoNotice,  // Of the external remedy, in a regulated case.
  kRemedyDue,
  kNoRemedyDue,
  kWindowPassed,  // Too late to reopen: a linked new case can be received.
  kLimitNotPassed,
  kWindowNotOver,
  kHold,
  kNoOtherCase,  // The case it names has not been received, or is the case itself.
  kMergeCycle,
  kNoTarget,  // The event it names has not happened in this case.
  kNothingToReturnTo,
  kTooDeep,     // More states to return to than can be kept.
  kNoStateMap,  // The new policy has no place for the state of the case.
};
inline constexpr size_t kRefusals = static_cast<size_t>(Refusal::kNoStateMap) + 1;

// "not_legal", "case_limit", ...; "" for kNone.
std::string_view RefusalName(Refusal refusal);

// Flags of an event.
enum EventFlag : uint8_t {
  kRegulated = 1,    // Of what receives a case: the law sets its limits.
  kNotice = 2,       // It tells the customer of the external remedy.
  kRemedy = 4,       // A remedy other than money is due.
  kAutomatic = 128,  // The casebook did it, by its policy.
};
inline constexpr uint8_t kCallerFlags = kRegulated | kNotice | kRemedy;

// One event. Together with its id, it takes 64 bytes if ids are integers.
struct EventRecord {
  static constexpr uint32_t kNone = UINT32_MAX;

  int64_t occurred = 0;
  int64_t recorded = 0;
  int64_t value = 0;  // An amount of money, or the instant a promise is due.
  uint32_t case_code = kNone;
  uint32_t actor = kNone;
  uint32_t reference = kNone;  // The customer, another case or another event.
  uint32_t before = kNone;     // The event of the same case that was recorded before.
  uint32_t payload = kNone;
  uint16_t code = 0;       // Severity, media, hold, level, decision, outcome or cause.
  uint16_t detail = 0;     // Reason of a decision; policy; clock and level of what is automatic.
  uint8_t type = 0;        // Number of the event's name in the casebook,
  uint8_t role = kNoRole;  // of the role's name.
  uint8_t flags = 0;
  Refusal refusal = Refusal::kNone;
  uint8_t after = 0;  // State of the case then, if it is not refused.

  static constexpr uint8_t kNoRole = 255;
  bool automatic() const { return (flags & kAutomatic) != 0; }
  bool accepted() const { return refusal == Refusal::kNone; }
};
static_assert(sizeof(EventRecord) == 56);

inline std::string_view RefusalName(Refusal refusal) {
  static constexpr std::array<std::string_view, kRefusals> kNames = {"",
                                                                     "reversed",
                                                                     "no_case",
                                                                     "unknown_event",
                                                                     "unknown_role",
                                                                     "not_legal",
                                                                     "not_permitted",
                                                                     "severity",
                                                                     "crisis",
                                                                     "single_limit",
                                                                     "case_limit",
                                                                     "customer_limit",
                                                                     "other_person",
                                                                     "no_decision",
                                                                     "no_approval",
                                                                     "no_cause",
                                                                     "no_notice",
                                                                     "remedy_due",
                                                                     "no_remedy_due",
                                                                     "window_passed",
                                                                     "limit_not_passed",
                                                                     "window_not_over",
                                                                     "legal_hold",
                                                                     "no_other_case",
                                                                     "merge_cycle",
                                                                     "no_target",
                                                                     "nothing_to_return_to",
                                                                     "too_deep",
                                                                     "no_state_map"};
  return kNames[static_cast<size_t>(refusal)];
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASE_EVENT_HPP_
