// The policy of complaints as data: states, events, transitions, guards, clocks, authority.
#ifndef PATRON_COMPLAINTS_POLICY_HPP_
#define PATRON_COMPLAINTS_POLICY_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "patron/complaints/clock.hpp"

namespace patron::complaints {

// What a state means to the casebook. Main states of the same kind differ in name only.
enum class StateKind : uint8_t {
  kOpen,      // Being worked on.
  kDecided,   // The decision has been sent; the customer's answer is awaited.
  kClosed,    // Over, until it is reopened.
  kMerged,    // Goes on in another case.
  kExternal,  // In an external dispute.
  kVoid,      // Entered in error: over for good, and in no statistic.
};

// What an event does besides moving the case from state to state. At equal instants events are
// ordered as listed here.
enum class EventKind : uint8_t {
  kReceive,
  kMessageIn,
  kAcknowledge,
  kSetSeverity,
  kSetMedia,
  kSetHold,  // Legal hold: the case cannot be closed, voided or erased.
  kTriage,
  kInvestigate,
  kAskCustomer,
  kAskThirdParty,
  kAnswerReceived,
  kRecordCause,
  kPropose,
  kApprove,
  kPromise,
  kMessageOut,
  kHoldingReply,  // Reasons and a new date: extends the clocks that allow it.
  kCommunicate,
  kAccept,
  kReject,
  kStartRecovery,
  kCompensate,
  kPromiseKept,
  kRecoveryDone,
  kClose,
  kWithdraw,
  kMergeInto,
  kUnmerge,
  kLink,
  kSplit,
  kReferExternal,
  kExternalDecision,
  kReopen,
  kVoid,
  kEscalate,
  kDeEscalate,
  kNote,
  kPromiseBroken,
  kBreach,
  kBreachVoided,
  kWindowExpired,
  kMigrate,
  kReverse,  // Takes an earlier event back, as if it had not happened.
  kOther,    // Only what its transitions say.
};
inline constexpr size_t kEventKinds = static_cast<size_t>(EventKind::kOther) + 1;

// "receive", "message_in", ...: the kind as messages spell it, and the usual name of its event.
std::string_view KindName(EventKind kind);

// What a transition asks for, as bits of a set.
enum Guard : uint32_t {
  kNoGuard = 0,
  kNeedsDecision = 1U << 0,     // The event names a decision and a reason.
  kNeedsApproval = 1U << 1,     // An approval of what was proposed.
  kNeedsAuthority = 1U << 2,    // The amount is inside the actor's own authority.
  kNeedsRecord = 1U << 3,       // Root cause and decision; the external-remedy notice if regulated.
  kNeedsRemedyDone = 1U << 4,   // No remedy is due any more.
  kNeedsRemedyDue = 1U << 5,    // One is.
  kNeedsWindow = 1U << 6,       // Inside the reopen window.
  kNeedsLimitPassed = 1U << 7,  // A regulatory clock is past its due instant.
  kNeedsWindowOver = 1U << 8,   // The clock that fires the event is past its due instant.
  kNeedsOtherPerson = 1U << 9,  // Not by whoever proposed.
  kNeedsNoHold = 1U << 10,      // No legal hold.
  kNeedsCase = 1U << 11,        // Names another case that has been received.
};
inline constexpr uint32_t kAllGuards = (1U << 12) - 1;

// "decision", "approval", ...: one bit as messages spell it.
std::string_view GuardName(uint32_t guard);
inline constexpr int kGuardBits = 12;

enum class MoveKind : uint8_t {
  kTo,      // To `to`.
  kStay,    // The state stays as it is.
  kReturn,  // To the state that was left by the last transition that remembers.
};

struct StateRule {
  std::string name;
  StateKind kind = StateKind::kOpen;

  friend bool operator==(const StateRule &, const StateRule &) = default;
};

struct EventRule {
  std::string name;
  EventKind kind = EventKind::kOther;
  bool outward = false;  // Reaches the customer or the public: in a media crisis only some may.

  friend bool operator==(const EventRule &, const EventRule &) = default;
};

// Of several transitions of one event from one state, the first whose guards hold is taken.
struct Transition {
  std::string event;
  std::vector<std::string> from;  // None: there is no case yet.
  MoveKind move = MoveKind::kTo;
  std::string to;         // Of kTo.
  uint32_t guards = 0;    // Of Guard.
  bool remember = false;  // The state it leaves can be returned to.

  friend bool operator==(const Transition &, const Transition &) = default;
};

// What follows when a clock is past its due instant.
enum class OnDue : uint8_t {
  kBreach,   // A breach is recorded.
  kNothing,  // A way ends, and nothing is broken: a shorter procedure is no longer open.
  kFire,     // The event `fires` happens by itself.
};

struct ClockRule {
  std::string name;
  Limit limit = {LimitKind::kWorkingTime, 0};
  std::vector<Limit> by_severity;  // None, or of severity 1, 2, 3 and 4 instead of `limit`.
  std::string calendar;
  std::vector<std::string> starts;        // Events.
  std::vector<std::string> stops;         // Events: the clock stays stopped.
  std::vector<std::string> stop_states;   // Stopped while the case is in one of them.
  std::vector<std::string> pause_states;  // Paused while the case is in one of them.
  bool by_person = false;                 // Only what a person does stops it.
  bool repeats = false;                   // A further start while it runs begins the next one.
  bool regulatory = false;
  ReopenRule reopen = ReopenRule::kContinue;
  RecomputeRule recompute = RecomputeRule::kOrigin;
  OnDue on_due = OnDue::kBreach;
  std::string fires;     // Event, of kFire.
  bool extends = false;  // A holding reply gives it `extended` from its start.
  Limit extended = {LimitKind::kWorkingTime, 0};

  friend bool operator==(const ClockRule &, const ClockRule &) = default;
};

// Roles in rising order: escalation level n is held by role n of those that have one.
struct RoleRule {
  std::string name;
  bool person = true;  // Not a program.

  friend bool operator==(const RoleRule &, const RoleRule &) = default;
};

inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// Who may do what: without a row that names role and event, the role may not. Limits bound the
// amount of one event, of the case and of the customer's cases in the twelve months up to it, each
// with what came before, so that splitting a payment does not help.
struct AuthorityRule {
  std::string role;
  std::vector<std::string> events;
  int32_t max_severity = 4;
  int64_t single = kNoLimit;
  int64_t of_case = kNoLimit;
  int64_t of_customer = kNoLimit;
  bool in_crisis = false;     // May act outwards in a media crisis.
  bool other_person = false;  // Not on what the same person proposed or, of a reversal, did.

  friend bool operator==(const AuthorityRule &, const AuthorityRule &) = default;
};

enum class EscalationTrigger : uint8_t {
  kClockShare,  // `threshold` percent of `subject`, a clock, are used up.
  kRejections,  // As many decisions were rejected.
  kCycle,       // Reopened as many times.
  kMedia,       // Media attention is 1 (watch) or 2 (crisis).
  kAmount,      // An amount above the threshold is proposed or paid.
  kEvent,       // The event `subject` happens.
};

// Raises the escalation level to `level` at least, once; going back down is an event of its own.
struct EscalationRule {
  EscalationTrigger trigger = EscalationTrigger::kClockShare;
  std::string subject;
  int64_t threshold = 0;
  int32_t level = 1;

  friend bool operator==(const EscalationRule &, const EscalationRule &) = default;
};

enum class GuaranteeTrigger : uint8_t { kBreach, kPromiseBroken };

// A promise of the house that pays without a claim.
struct GuaranteeRule {
  std::string name;
  GuaranteeTrigger trigger = GuaranteeTrigger::kBreach;
  std::string clock;  // Of kBreach.
  int64_t payout = 0;
  int64_t cap = kNoLimit;  // Of all its payouts in one case.

  friend bool operator==(const GuaranteeRule &, const GuaranteeRule &) = default;
};

// Where a case goes that moves here from another version of the policy; states that are not listed
// go to the state of the same name.
struct StateMap {
  std::string version;
  std::string from;
  std::string to;

  friend bool operator==(const StateMap &, const StateMap &) = default;
};

struct Policy {
  std::string name;
  std::string version;
  std::string source;       // Where its numbers come from, and
  std::string source_date;  // of when: a date, or the year in which it was read.
  int32_t decimals = 4;     // Amounts are in units of 10^-decimals.
  std::vector<StateRule> states;
  std::vector<EventRule> events;
  std::vector<Transition> transitions;
  std::vector<ClockRule> clocks;
  std::vector<RoleRule> roles;
  std::vector<AuthorityRule> authority;
  std::vector<EscalationRule> escalations;
  std::vector<std::string> ladder;  // Roles of escalation level 1, 2, ...
  std::vector<GuaranteeRule> guarantees;
  Limit reopen_window = {LimitKind::kElapsedTime, 0};  // From the end of the case on.
  std::string reopen_calendar;
  std::vector<StateMap> migrations;

  friend bool operator==(const Policy &, const Policy &) = default;
};

inline constexpr size_t kMostStates = 32;
inline constexpr size_t kMostEvents = 64;
inline constexpr size_t kMostClocks = 16;
inline constexpr size_t kMostRoles = 32;
inline constexpr size_t kMostRules = 1'000;  // Of transitions, authority, escalations, ...
inline constexpr size_t kMostNameBytes = 100;
inline constexpr size_t kMostRemembered = 4;  // States that a case can return to, one by one.

inline std::string_view KindName(EventKind kind) {
  static constexpr std::array<std::string_view, kEventKinds> kNames = {"receive",
                                                                       "message_in",
                                                                       "acknowledge",
                                                                       "set_severity",
                                                                       "set_media",
                                                                       "set_hold",
                                                                       "triage",
                                                                       "investigate",
                                                                       "ask_customer",
                                                                       "ask_third_party",
                                                                       "answer_received",
                                                                       "record_cause",
                                                                       "propose",
                                                                       "approve",
                                                                       "promise",
                                                                       "message_out",
                                                                       "holding_reply",
                                                                       "communicate",
                                                                       "accept",
                                                                       "reject",
                                                                       "start_recovery",
                                                                       "compensate",
                                                                       "promise_kept",
                                                                       "recovery_done",
                                                                       "close",
                                                                       "withdraw",
                                                                       "merge_into",
                                                                       "unmerge",
                                                                       "link",
                                                                       "split",
                                                                       "refer_external",
                                                                       "external_decision",
                                                                       "reopen",
                                                                       "void",
                                                                       "escalate",
                                                                       "de_escalate",
                                                                       "note",
                                                                       "promise_broken",
                                                                       "breach",
                                                                       "breach_voided",
                                                                       "window_expired",
                                                                       "migrate",
                                                                       "reverse",
                                                                       "other"};
  return kNames[static_cast<size_t>(kind)];
}

inline std::string_view GuardName(uint32_t guard) {
  static constexpr std::array<std::string_view, kGuardBits> kNames = {
      "decision", "approval",     "authority",   "record",       "remedy_done", "remedy_due",
      "window",   "limit_passed", "window_over", "other_person", "no_hold",     "case"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (guard == 1U << i) return kNames[i];
  }
  return "";
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_POLICY_HPP_
