// The policies and calendars of a casebook, by number, with the names that its events use.
#ifndef PATRON_COMPLAINTS_POLICY_SHELF_HPP_
#define PATRON_COMPLAINTS_POLICY_SHELF_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/business_calendar.hpp"
#include "patron/complaints/lifecycle.hpp"

namespace patron::complaints {

// A calendar and the instant from which it holds.
struct CalendarVersion {
  int64_t from;  // The first one's is the beginning of time.
  BusinessCalendar calendar;
};

struct NamedCalendar {
  std::string name;
  std::vector<CalendarVersion> versions;  // In order of time.
};

// A policy with its numbers for the names of the shelf.
struct ShelvedPolicy {
  Lifecycle lifecycle;
  std::array<uint8_t, 256> event_of_type;  // Lifecycle::kNone where the policy has no such event,
  std::array<uint8_t, 256> role_of_name;   // or role.
  std::array<uint8_t, kMostEvents> type_of_event;
  std::vector<uint16_t> clock_calendars;
  std::vector<uint8_t> clock_names;  // Numbers of the shelf.
  uint16_t reopen_calendar = 0;

  static constexpr uint16_t kNoCalendar = std::numeric_limits<uint16_t>::max();
};

// Grows only: nothing that events refer to is ever taken off.
class PolicyShelf {
 public:
  struct TypeName {
    std::string name;
    EventKind kind;
  };
  static constexpr int64_t kBeginning = std::numeric_limits<int64_t>::min();
  static constexpr size_t kMostNames = 255;
  static constexpr size_t kMostClockNames = 64;
  static constexpr size_t kMostPolicies = 10'000;
  static constexpr size_t kMostCalendars = 10'000;

  // Adds a calendar, or a version of one that is known, which holds from `from` on; the first
  // version holds from the beginning, whatever `from`. Errors: InvalidArgument for a name that is no
  // policy text, a bad calendar, or a version that does not begin after the last one.
  absl::Status AddCalendar(std::string_view name, Calendar calendar, int64_t from);

  // Errors: InvalidArgument for a policy that Lifecycle refuses, a calendar that is not known, an
  // event name that has another kind in another policy, or too many names; AlreadyExists for another
  // policy with this name and version. An equal policy is nothing new. Returns its number.
  absl::StatusOr<uint16_t> AddPolicy(Policy policy);

  size_t size() const { return policies_.size(); }
  const ShelvedPolicy &policy(uint16_t number) const { return *policies_[number]; }
  // The number of a policy; the latest of the name if `version` is empty; -1 if there is none.
  int Find(std::string_view name, std::string_view version) const;

  const std::vector<TypeName> &types() const { return types_; }
  const std::vector<std::string> &roles() const { return roles_; }
  const std::vector<std::string> &clock_names() const { return clock_names_; }
  EventKind kind(uint8_t type) const { return types_[type].kind; }
  int TypeNamed(std::string_view name) const;
  int RoleNamed(std::string_view name) const;

  const std::vector<NamedCalendar> &calendars() const { return calendars_; }
  // The version of a calendar that holds at `instant`.
  static size_t VersionAt(const NamedCalendar &calendar, int64_t instant);
  const BusinessCalendar &CalendarAt(uint16_t calendar, int64_t instant) const;

  // For limits without a calendar: always open. There as soon as there is a policy.
  const BusinessCalendar &always() const { return *always_; }

 private:
  int CalendarNamed(std::string_view name) const;

  std::vector<std::unique_ptr<ShelvedPolicy>> policies_;
  std::vector<TypeName> types_;
  std::vector<std::string> roles_;
  std::vector<std::string> clock_names_;
  std::vector<NamedCalendar> calendars_;
  std::unique_ptr<BusinessCalendar> always_;
};

inline int PolicyShelf::TypeNamed(std::string_view name) const {
  for (size_t i = 0; i < types_.size(); ++i) {
    if (types_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

inline int PolicyShelf::RoleNamed(std::string_view name) const {
  for (size_t i = 0; i < roles_.size(); ++i) {
    if (roles_[i] == name) return static_cast<int>(i);
  }
  return -1;
}

inline int PolicyShelf::CalendarNamed(std::string_view name) const {
  for (size_t i = 0; i < calendars_.size(); ++i) {
    if (calendars_[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

inline int PolicyShelf::Find(std::string_view name, std::string_view version) const {
  for (size_t i = policies_.size(); i-- > 0;) {
    const Policy &policy = policies_[i]->lifecycle.policy();
    if (policy.name == name && (version.empty() || policy.version == version)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

inline size_t PolicyShelf::VersionAt(const NamedCalendar &calendar, int64_t instant) {
  size_t version = 0;
  while (version + 1 < calendar.versions.size() && calendar.versions[version + 1].from <= instant) {
    ++version;
  }
  return version;
}

inline const BusinessCalendar &PolicyShelf::CalendarAt(uint16_t calendar, int64_t instant) const {
  if (calendar == ShelvedPolicy::kNoCalendar) return *always_;
  const NamedCalendar &named = calendars_[calendar];
  return named.versions[VersionAt(named, instant)].calendar;
}

inline absl::Status PolicyShelf::AddCalendar(std::string_view name, Calendar calendar,
                                             int64_t from) {
  PATRON_RETURN_IF_ERROR(detail::CheckPolicyText("calendar", name, false));
  PATRON_ASSIGN_OR_RETURN(BusinessCalendar compiled,
                          BusinessCalendar::Compile(std::move(calendar)));
  const int known = CalendarNamed(name);
  if (known < 0) {
    PATRON_RETURN_IF_ERROR(detail::CheckCount("calendars", calendars_.size() + 1, kMostCalendars));
    NamedCalendar added{std::string(name), {}};
    added.versions.push_back({kBeginning, std::move(compiled)});
    calendars_.push_back(std::move(added));
    return absl::OkStatus();
  }
  NamedCalendar &named = calendars_[static_cast<size_t>(known)];
  PATRON_RETURN_IF_ERROR(CheckInstant("from", from));
  if (from <= named.versions.back().from) {
    return InvalidOption(absl::StrCat("calendar ", Text(Quoted(name)), ": from"), FormatTime(from),
                         absl::StrCat("an instant after the one of the last version, ",
                                      FormatTime(named.versions.back().from)));
  }
  PATRON_RETURN_IF_ERROR(
      detail::CheckCount("versions of a calendar", named.versions.size() + 1, kMostCalendars));
  named.versions.push_back({from, std::move(compiled)});
  return absl::OkStatus();
}

inline absl::StatusOr<uint16_t> PolicyShelf::AddPolicy(Policy policy) {
  if (const int known = policy.version.empty() ? -1 : Find(policy.name, policy.version);
      known >= 0) {
    if (policies_[static_cast<size_t>(known)]->lifecycle.policy() == policy) {
      return static_cast<uint16_t>(known);
    }
    return absl::AlreadyExistsError(
        absl::StrCat("policy: ", Quoted(policy.name), " version ", Quoted(policy.version),
                     " is there with other content; expected a new version"));
  }
  PATRON_RETURN_IF_ERROR(detail::CheckCount("policies", policies_.size() + 1, kMostPolicies));
  PATRON_ASSIGN_OR_RETURN(Lifecycle lifecycle, Lifecycle::Compile(std::move(policy)));
  if (always_ == nullptr) {
    Calendar open;
    open.weeks.emplace_back();
    for (OpenHours &hours : open.weeks[0].week) hours = {{0, 86'400}};
    PATRON_ASSIGN_OR_RETURN(BusinessCalendar compiled, BusinessCalendar::Compile(std::move(open)));
    always_ = std::make_unique<BusinessCalendar>(std::move(compiled));
  }
  auto shelved =
      std::make_unique<ShelvedPolicy>(ShelvedPolicy{std::move(lifecycle), {}, {}, {}, {}, {}});
  shelved->event_of_type.fill(Lifecycle::kNone);
  shelved->role_of_name.fill(Lifecycle::kNone);
  const Policy &own = shelved->lifecycle.policy();
  const auto calendar_of = [&](const std::string &name) -> absl::StatusOr<uint16_t> {
    if (name.empty()) return ShelvedPolicy::kNoCalendar;
    const int place = CalendarNamed(name);
    if (place >= 0) return static_cast<uint16_t>(place);
    return detail::PolicyError("calendar", Quoted(name), "one that has been added before");
  };
  for (const ClockRule &rule : own.clocks) {
    PATRON_ASSIGN_OR_RETURN(const uint16_t place, calendar_of(rule.calendar));
    shelved->clock_calendars.push_back(place);
  }
  std::vector<std::string> clock_names = clock_names_;
  for (const ClockRule &rule : own.clocks) {
    const auto known = std::ranges::find(clock_names, rule.name);
    shelved->clock_names.push_back(static_cast<uint8_t>(known - clock_names.begin()));
    if (known == clock_names.end()) clock_names.push_back(rule.name);
  }
  PATRON_RETURN_IF_ERROR(
      detail::CheckCount("names of clocks", clock_names.size(), kMostClockNames));
  PATRON_ASSIGN_OR_RETURN(shelved->reopen_calendar, calendar_of(own.reopen_calendar));
  std::vector<TypeName> types = types_;
  std::vector<std::string> roles = roles_;
  for (size_t event = 0; event < own.events.size(); ++event) {
    const EventRule &rule = own.events[event];
    size_t type = 0;
    while (type < types.size() && types[type].name != rule.name) ++type;
    if (type == types.size()) types.push_back({rule.name, rule.kind});
    if (types[type].kind != rule.kind) {
      return detail::PolicyError(
          absl::StrCat("event ", rule.name), KindName(rule.kind),
          absl::StrCat(Text(KindName(types[type].kind)), ", its kind in another policy"));
    }
    if (types.size() > kMostNames) break;
    shelved->event_of_type[type] = static_cast<uint8_t>(event);
    shelved->type_of_event[event] = static_cast<uint8_t>(type);
  }
  for (size_t role = 0; role < own.roles.size(); ++role) {
    size_t code = 0;
    while (code < roles.size() && roles[code] != own.roles[role].name) ++code;
    if (code == roles.size()) roles.push_back(own.roles[role].name);
    if (roles.size() > kMostNames) break;
    shelved->role_of_name[code] = static_cast<uint8_t>(role);
  }
  PATRON_RETURN_IF_ERROR(detail::CheckCount("names of events", types.size(), kMostNames));
  PATRON_RETURN_IF_ERROR(detail::CheckCount("names of roles", roles.size(), kMostNames));
  policies_.push_back(std::move(shelved));
  types_.swap(types);
  roles_.swap(roles);
  clock_names_.swap(clock_names);
  return static_cast<uint16_t>(policies_.size() - 1);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_POLICY_SHELF_HPP_
