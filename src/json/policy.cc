#include "json/policy.hpp"

#include <string>
#include <string_view>

#include "json/archive.hpp"

namespace patron::json {
namespace {

constexpr std::string_view kStateKinds[] = {"open",   "decided",  "closed",
                                            "merged", "external", "void"};
constexpr std::string_view kMoves[] = {"to", "stay", "return"};
constexpr std::string_view kLimits[] = {"working_time", "elapsed_time", "business_days",
                                        "calendar_days", "calendar_weeks"};
constexpr std::string_view kReopen[] = {"continue", "restart", "first_only"};
constexpr std::string_view kRecompute[] = {"pinned", "origin", "proportional"};
constexpr std::string_view kOnDue[] = {"breach", "nothing", "fire"};
constexpr std::string_view kTriggers[] = {"clock_share", "rejections", "cycle",
                                          "media",       "amount",     "event"};
constexpr std::string_view kGuarantees[] = {"breach", "promise_broken"};

}  // namespace

// The fields of each rule in one place, for both directions.
template <typename Archive>
void Describe(Archive &a, complaints::Limit &limit) {
  a.Enum("kind", limit.kind, kLimits);
  a.Field("amount", limit.amount);
}
template <typename Archive>
void Describe(Archive &a, complaints::StateRule &rule) {
  a.Field("name", rule.name);
  a.Enum("kind", rule.kind, kStateKinds);
}
template <typename Archive>
void Describe(Archive &a, complaints::EventRule &rule) {
  a.Field("name", rule.name);
  a.Kind("kind", rule.kind);
  a.Field("outward", rule.outward);
}
template <typename Archive>
void Describe(Archive &a, complaints::Transition &rule) {
  a.Field("event", rule.event);
  a.Field("from", rule.from);
  a.Enum("move", rule.move, kMoves);
  a.Field("to", rule.to);
  a.Guards("guards", rule.guards);
  a.Field("remember", rule.remember);
}
template <typename Archive>
void Describe(Archive &a, complaints::ClockRule &rule) {
  a.Field("name", rule.name);
  a.Object("limit", rule.limit);
  a.List("by_severity", rule.by_severity);
  a.Field("calendar", rule.calendar);
  a.Field("starts", rule.starts);
  a.Field("stops", rule.stops);
  a.Field("stop_states", rule.stop_states);
  a.Field("pause_states", rule.pause_states);
  a.Field("by_person", rule.by_person);
  a.Field("repeats", rule.repeats);
  a.Field("regulatory", rule.regulatory);
  a.Enum("reopen", rule.reopen, kReopen);
  a.Enum("recompute", rule.recompute, kRecompute);
  a.Enum("on_due", rule.on_due, kOnDue);
  a.Field("fires", rule.fires);
  a.Field("extends", rule.extends);
  a.Object("extended", rule.extended);
}
template <typename Archive>
void Describe(Archive &a, complaints::RoleRule &rule) {
  a.Field("name", rule.name);
  a.Field("person", rule.person);
}
template <typename Archive>
void Describe(Archive &a, complaints::AuthorityRule &rule) {
  a.Field("role", rule.role);
  a.Field("events", rule.events);
  a.Field("max_severity", rule.max_severity);
  a.Money("single", rule.single);
  a.Money("of_case", rule.of_case);
  a.Money("of_customer", rule.of_customer);
  a.Field("in_crisis", rule.in_crisis);
  a.Field("other_person", rule.other_person);
}
template <typename Archive>
void Describe(Archive &a, complaints::EscalationRule &rule) {
  a.Enum("trigger", rule.trigger, kTriggers);
  a.Field("subject", rule.subject);
  a.Field("threshold", rule.threshold);
  a.Field("level", rule.level);
}
template <typename Archive>
void Describe(Archive &a, complaints::GuaranteeRule &rule) {
  a.Field("name", rule.name);
  a.Enum("trigger", rule.trigger, kGuarantees);
  a.Field("clock", rule.clock);
  a.Field("payout", rule.payout);
  a.Money("cap", rule.cap);
}
template <typename Archive>
void Describe(Archive &a, complaints::StateMap &map) {
  a.Field("version", map.version);
  a.Field("from", map.from);
  a.Field("to", map.to);
}
template <typename Archive>
void Describe(Archive &a, complaints::Policy &policy) {
  a.Field("name", policy.name);
  a.Field("version", policy.version);
  a.Field("source", policy.source);
  a.Field("source_date", policy.source_date);
  a.Field("decimals", policy.decimals);
  a.List("states", policy.states);
  a.List("events", policy.events);
  a.List("transitions", policy.transitions);
  a.List("clocks", policy.clocks);
  a.List("roles", policy.roles);
  a.List("authority", policy.authority);
  a.List("escalations", policy.escalations);
  a.Field("ladder", policy.ladder);
  a.List("guarantees", policy.guarantees);
  a.Object("reopen_window", policy.reopen_window);
  a.Field("reopen_calendar", policy.reopen_calendar);
  a.List("migrations", policy.migrations);
}

std::string FromPolicy(const complaints::Policy &policy) { return WriteJson(policy); }

absl::StatusOr<complaints::Policy> ToPolicy(std::string_view text) {
  return ReadJson<complaints::Policy>("policy", text);
}

}  // namespace patron::json
