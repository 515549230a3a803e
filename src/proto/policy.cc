#include "proto/policy.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {
namespace {

using google::protobuf::RepeatedPtrField;

template <typename Enum>
uint32_t Number(Enum value) {
  return static_cast<uint32_t>(value);
}

// The value of a number up to `last`. Errors: DataLoss naming `what`.
template <typename Enum>
absl::Status ReadEnum(std::string_view what, uint32_t number, Enum last, Enum *value) {
  if (number > Number(last)) {
    return NotOurs(
        absl::StrCat("policy: ", Text(what), " is ", number, "; expected at most ", Number(last)));
  }
  *value = static_cast<Enum>(number);
  return absl::OkStatus();
}

// Room first: Protobuf loses an element that it has made when its list cannot grow.
void Write(const std::vector<std::string> &names, RepeatedPtrField<std::string> *field) {
  field->Reserve(static_cast<int>(names.size()));
  for (const std::string &name : names) *field->Add() = name;
}

std::vector<std::string> Read(const RepeatedPtrField<std::string> &field) {
  return {field.begin(), field.end()};
}

void Write(const complaints::Limit &limit, v1::Policy::Limit *message) {
  message->set_kind(Number(limit.kind));
  message->set_amount(limit.amount);
}

// Errors: DataLoss if a message has a field that this version does not know.
template <typename Message>
absl::Status CheckKnown(const Message &message) {
  if (message.unknown_fields().empty()) return absl::OkStatus();
  return NotOurs("policy: unknown field");
}

absl::Status Read(const v1::Policy::Limit &message, complaints::Limit *limit) {
  PATRON_RETURN_IF_ERROR(CheckKnown(message));
  limit->amount = message.amount();
  return ReadEnum("a limit", message.kind(), complaints::LimitKind::kCalendarWeeks, &limit->kind);
}

absl::Status Read(const v1::Policy::Clock &message, complaints::ClockRule *rule) {
  PATRON_RETURN_IF_ERROR(CheckKnown(message));
  rule->name = message.name();
  PATRON_RETURN_IF_ERROR(Read(message.limit(), &rule->limit));
  for (const v1::Policy::Limit &limit : message.by_severity()) {
    rule->by_severity.emplace_back();
    PATRON_RETURN_IF_ERROR(Read(limit, &rule->by_severity.back()));
  }
  rule->calendar = message.calendar();
  rule->starts = Read(message.starts());
  rule->stops = Read(message.stops());
  rule->stop_states = Read(message.stop_states());
  rule->pause_states = Read(message.pause_states());
  rule->by_person = message.by_person();
  rule->repeats = message.repeats();
  rule->regulatory = message.regulatory();
  PATRON_RETURN_IF_ERROR(
      ReadEnum("reopen", message.reopen(), complaints::ReopenRule::kFirstOnly, &rule->reopen));
  PATRON_RETURN_IF_ERROR(ReadEnum("recompute", message.recompute(),
                                  complaints::RecomputeRule::kProportional, &rule->recompute));
  PATRON_RETURN_IF_ERROR(
      ReadEnum("on_due", message.on_due(), complaints::OnDue::kFire, &rule->on_due));
  rule->fires = message.fires();
  rule->extends = message.extends();
  return Read(message.extended(), &rule->extended);
}

}  // namespace

v1::Policy ToMessage(const complaints::Policy &policy) {
  v1::Policy message;
  message.set_name(policy.name);
  message.set_version(policy.version);
  message.set_source(policy.source);
  message.set_source_date(policy.source_date);
  message.set_decimals(static_cast<uint32_t>(policy.decimals));
  message.mutable_state()->Reserve(static_cast<int>(policy.states.size()));
  for (const complaints::StateRule &rule : policy.states) {
    v1::Policy::State &out = *message.add_state();
    out.set_name(rule.name);
    out.set_kind(Number(rule.kind));
  }
  message.mutable_event()->Reserve(static_cast<int>(policy.events.size()));
  for (const complaints::EventRule &rule : policy.events) {
    v1::Policy::Event &out = *message.add_event();
    out.set_name(rule.name);
    out.set_kind(Number(rule.kind));
    out.set_outward(rule.outward);
  }
  message.mutable_transition()->Reserve(static_cast<int>(policy.transitions.size()));
  for (const complaints::Transition &rule : policy.transitions) {
    v1::Policy::Transition &out = *message.add_transition();
    out.set_event(rule.event);
    Write(rule.from, out.mutable_from());
    out.set_move(Number(rule.move));
    out.set_to(rule.to);
    out.set_guards(rule.guards);
    out.set_remember(rule.remember);
  }
  message.mutable_clock()->Reserve(static_cast<int>(policy.clocks.size()));
  for (const complaints::ClockRule &rule : policy.clocks) {
    v1::Policy::Clock &out = *message.add_clock();
    out.set_name(rule.name);
    Write(rule.limit, out.mutable_limit());
    out.mutable_by_severity()->Reserve(static_cast<int>(rule.by_severity.size()));
    for (const complaints::Limit &limit : rule.by_severity) Write(limit, out.add_by_severity());
    out.set_calendar(rule.calendar);
    Write(rule.starts, out.mutable_starts());
    Write(rule.stops, out.mutable_stops());
    Write(rule.stop_states, out.mutable_stop_states());
    Write(rule.pause_states, out.mutable_pause_states());
    out.set_by_person(rule.by_person);
    out.set_repeats(rule.repeats);
    out.set_regulatory(rule.regulatory);
    out.set_reopen(Number(rule.reopen));
    out.set_recompute(Number(rule.recompute));
    out.set_on_due(Number(rule.on_due));
    out.set_fires(rule.fires);
    out.set_extends(rule.extends);
    Write(rule.extended, out.mutable_extended());
  }
  message.mutable_role()->Reserve(static_cast<int>(policy.roles.size()));
  for (const complaints::RoleRule &rule : policy.roles) {
    v1::Policy::Role &out = *message.add_role();
    out.set_name(rule.name);
    out.set_person(rule.person);
  }
  message.mutable_authority()->Reserve(static_cast<int>(policy.authority.size()));
  for (const complaints::AuthorityRule &rule : policy.authority) {
    v1::Policy::Authority &out = *message.add_authority();
    out.set_role(rule.role);
    Write(rule.events, out.mutable_event());
    out.set_max_severity(rule.max_severity);
    out.set_single(rule.single);
    out.set_of_case(rule.of_case);
    out.set_of_customer(rule.of_customer);
    out.set_in_crisis(rule.in_crisis);
    out.set_other_person(rule.other_person);
  }
  message.mutable_escalation()->Reserve(static_cast<int>(policy.escalations.size()));
  for (const complaints::EscalationRule &rule : policy.escalations) {
    v1::Policy::Escalation &out = *message.add_escalation();
    out.set_trigger(Number(rule.trigger));
    out.set_subject(rule.subject);
    out.set_threshold(rule.threshold);
    out.set_level(rule.level);
  }
  Write(policy.ladder, message.mutable_ladder());
  message.mutable_guarantee()->Reserve(static_cast<int>(policy.guarantees.size()));
  for (const complaints::GuaranteeRule &rule : policy.guarantees) {
    v1::Policy::Guarantee &out = *message.add_guarantee();
    out.set_name(rule.name);
    out.set_trigger(Number(rule.trigger));
    out.set_clock(rule.clock);
    out.set_payout(rule.payout);
    out.set_cap(rule.cap);
  }
  Write(policy.reopen_window, message.mutable_reopen_window());
  message.set_reopen_calendar(policy.reopen_calendar);
  message.mutable_migration()->Reserve(static_cast<int>(policy.migrations.size()));
  for (const complaints::StateMap &map : policy.migrations) {
    v1::Policy::Migration &out = *message.add_migration();
    out.set_version(map.version);
    out.set_from(map.from);
    out.set_to(map.to);
  }
  return message;
}

absl::StatusOr<complaints::Policy> FromMessage(const v1::Policy &message) {
  PATRON_RETURN_IF_ERROR(CheckKnown(message));
  complaints::Policy policy;
  policy.name = message.name();
  policy.version = message.version();
  policy.source = message.source();
  policy.source_date = message.source_date();
  if (message.decimals() > static_cast<uint32_t>(kMaxDecimals)) {
    return NotOurs("policy: decimals above 9");
  }
  policy.decimals = static_cast<int32_t>(message.decimals());
  for (const v1::Policy::State &in : message.state()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    complaints::StateRule &rule = policy.states.emplace_back();
    rule.name = in.name();
    PATRON_RETURN_IF_ERROR(
        ReadEnum("a state", in.kind(), complaints::StateKind::kVoid, &rule.kind));
  }
  for (const v1::Policy::Event &in : message.event()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    complaints::EventRule &rule = policy.events.emplace_back();
    rule.name = in.name();
    rule.outward = in.outward();
    PATRON_RETURN_IF_ERROR(
        ReadEnum("an event", in.kind(), complaints::EventKind::kOther, &rule.kind));
  }
  for (const v1::Policy::Transition &in : message.transition()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    complaints::Transition &rule = policy.transitions.emplace_back();
    rule.event = in.event();
    rule.from = Read(in.from());
    PATRON_RETURN_IF_ERROR(
        ReadEnum("a move", in.move(), complaints::MoveKind::kReturn, &rule.move));
    rule.to = in.to();
    rule.guards = in.guards();
    rule.remember = in.remember();
  }
  for (const v1::Policy::Clock &in : message.clock()) {
    PATRON_RETURN_IF_ERROR(Read(in, &policy.clocks.emplace_back()));
  }
  for (const v1::Policy::Role &in : message.role()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    policy.roles.push_back({in.name(), in.person()});
  }
  for (const v1::Policy::Authority &in : message.authority()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    policy.authority.push_back({in.role(), Read(in.event()), in.max_severity(), in.single(),
                                in.of_case(), in.of_customer(), in.in_crisis(), in.other_person()});
  }
  for (const v1::Policy::Escalation &in : message.escalation()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    complaints::EscalationRule &rule = policy.escalations.emplace_back();
    PATRON_RETURN_IF_ERROR(ReadEnum("an escalation", in.trigger(),
                                    complaints::EscalationTrigger::kEvent, &rule.trigger));
    rule.subject = in.subject();
    rule.threshold = in.threshold();
    rule.level = in.level();
  }
  policy.ladder = Read(message.ladder());
  for (const v1::Policy::Guarantee &in : message.guarantee()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    complaints::GuaranteeRule &rule = policy.guarantees.emplace_back();
    rule.name = in.name();
    PATRON_RETURN_IF_ERROR(ReadEnum("a guarantee", in.trigger(),
                                    complaints::GuaranteeTrigger::kPromiseBroken, &rule.trigger));
    rule.clock = in.clock();
    rule.payout = in.payout();
    rule.cap = in.cap();
  }
  PATRON_RETURN_IF_ERROR(Read(message.reopen_window(), &policy.reopen_window));
  policy.reopen_calendar = message.reopen_calendar();
  for (const v1::Policy::Migration &in : message.migration()) {
    PATRON_RETURN_IF_ERROR(CheckKnown(in));
    policy.migrations.push_back({in.version(), in.from(), in.to()});
  }
  return policy;
}

}  // namespace patron::proto
