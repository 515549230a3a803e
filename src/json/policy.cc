#include "json/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "json/json.hpp"
#include "patron/base/status.hpp"

namespace patron::json {
namespace {

using complaints::EventKind;

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

// Writes one object, two spaces a level; rules of lists of rules each on a line.
class Writer {
 public:
  explicit Writer(int depth) : depth_(depth) {}

  void Field(std::string_view name, const std::string &value) { Put(name, Quote(value)); }
  void Field(std::string_view name, bool value) { Put(name, value ? "true" : "false"); }
  void Field(std::string_view name, int64_t value) { Put(name, absl::StrCat(value)); }
  void Field(std::string_view name, int32_t value) { Put(name, absl::StrCat(value)); }
  void Field(std::string_view name, const std::vector<std::string> &values) {
    std::string list;
    for (const std::string &value : values) {
      absl::StrAppend(&list, list.empty() ? "" : ", ", Quote(value));
    }
    Put(name, absl::StrCat("[", list, "]"));
  }
  void Money(std::string_view name, int64_t value) {
    Put(name, value == complaints::kNoLimit ? std::string("null") : absl::StrCat(value));
  }
  template <typename E>
  void Enum(std::string_view name, E value, std::span<const std::string_view> names) {
    Put(name, Quote(names[static_cast<size_t>(value)]));
  }
  void Kind(std::string_view name, EventKind value) {
    Put(name, Quote(complaints::KindName(value)));
  }
  void Guards(std::string_view name, uint32_t guards) {
    std::vector<std::string> names;
    for (int bit = 0; bit < complaints::kGuardBits; ++bit) {
      if ((guards >> bit & 1U) != 0) names.emplace_back(complaints::GuardName(1U << bit));
    }
    Field(name, names);
  }
  template <typename T>
  void Object(std::string_view name, T &value) {
    Writer inner(depth_ + 1);
    Describe(inner, value);
    Put(name, inner.Finish());
  }
  template <typename T>
  void List(std::string_view name, std::vector<T> &values) {
    std::string list;
    for (T &value : values) {
      Writer inner(depth_ + 1);
      Describe(inner, value);
      absl::StrAppend(&list, list.empty() ? "" : ",", depth_ == 0 ? "\n    " : "", inner.Finish());
    }
    Put(name, absl::StrCat("[", list, depth_ == 0 && !values.empty() ? "\n  ]" : "]"));
  }

  std::string Finish() const {
    return depth_ == 0 ? absl::StrCat("{\n  ", text_, "\n}\n") : absl::StrCat("{", text_, "}");
  }

 private:
  void Put(std::string_view name, std::string_view value) {
    absl::StrAppend(&text_,
                    text_.empty() ? ""
                    : depth_ == 0 ? ",\n  "
                                  : ", ",
                    Quote(name), ": ", Text(value));
  }

  int depth_;
  std::string text_;
};

std::string_view TypeName(Type type) {
  constexpr std::string_view kNames[] = {"null", "true or false", "a number",
                                         "text", "a list",        "an object"};
  return kNames[static_cast<size_t>(type)];
}

// Reads one object. After the first error nothing more is read.
class Reader {
 public:
  Reader(const Value &object, std::string path, absl::Status *status)
      : object_(object), path_(std::move(path)), status_(*status) {
    if (object_.type != Type::kObject) Fail("", TypeName(object_.type), "an object");
  }

  void Field(std::string_view name, std::string &value) {
    if (const Value *found = Find(name, Type::kText)) value = found->text;
  }
  void Field(std::string_view name, bool &value) {
    if (const Value *found = Find(name, Type::kBool)) value = found->boolean;
  }
  void Field(std::string_view name, int64_t &value) {
    if (const Value *found = Find(name, Type::kInteger)) value = found->integer;
  }
  void Field(std::string_view name, int32_t &value) {
    const Value *found = Find(name, Type::kInteger);
    if (found == nullptr) return;
    value = static_cast<int32_t>(found->integer);
    if (value != found->integer) Fail(name, absl::StrCat(found->integer), "a number below 2^31");
  }
  void Field(std::string_view name, std::vector<std::string> &values) {
    const Value *found = Find(name, Type::kList);
    if (found == nullptr) return;
    values.clear();
    for (const Value &item : found->items) {
      if (item.type != Type::kText) return Fail(name, TypeName(item.type), "a list of text");
      values.push_back(item.text);
    }
  }
  void Money(std::string_view name, int64_t &value) {
    if (!status_.ok()) return;
    for (const auto &[key, found] : object_.members) {
      if (key != name || found.type != Type::kNull) continue;
      seen_.push_back(name);
      value = complaints::kNoLimit;
      return;
    }
    Field(name, value);
  }
  template <typename E>
  void Enum(std::string_view name, E &value, std::span<const std::string_view> names) {
    std::string text(names[static_cast<size_t>(value)]);
    Field(name, text);
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] != text) continue;
      value = static_cast<E>(i);
      return;
    }
    std::string known;
    for (const std::string_view one : names) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", Text(one));
    }
    Fail(name, Quoted(text), known);
  }
  void Kind(std::string_view name, EventKind &value) {
    std::string text(complaints::KindName(value));
    Field(name, text);
    for (size_t i = 0; i < complaints::kEventKinds; ++i) {
      if (complaints::KindName(static_cast<EventKind>(i)) != text) continue;
      value = static_cast<EventKind>(i);
      return;
    }
    Fail(name, Quoted(text), "a kind of event, such as receive, or other");
  }
  void Guards(std::string_view name, uint32_t &guards) {
    std::vector<std::string> names;
    Field(name, names);
    guards = 0;
    for (const std::string &one : names) {
      uint32_t bit = 1;
      while (bit <= complaints::kAllGuards && complaints::GuardName(bit) != one) bit <<= 1U;
      if (bit > complaints::kAllGuards) {
        return Fail(name, Quoted(one), "guards, such as decision or approval");
      }
      guards |= bit;
    }
  }
  template <typename T>
  void Object(std::string_view name, T &value) {
    const Value *found = Find(name, Type::kObject);
    if (found == nullptr) return;
    Reader inner(*found, PathOf(name), &status_);
    Describe(inner, value);
    inner.CheckAllSeen();
  }
  template <typename T>
  void List(std::string_view name, std::vector<T> &values) {
    const Value *found = Find(name, Type::kList);
    if (found == nullptr) return;
    values.clear();
    for (size_t i = 0; i < found->items.size() && status_.ok(); ++i) {
      if (i == complaints::kMostRules) {
        return Fail(name, absl::StrCat(found->items.size(), " of them"),
                    absl::StrCat("at most ", complaints::kMostRules));
      }
      Reader inner(found->items[i], absl::StrCat(PathOf(name), "[", i, "]"), &status_);
      T value{};
      Describe(inner, value);
      inner.CheckAllSeen();
      values.push_back(std::move(value));
    }
  }

  // Errors: a key that no field has.
  void CheckAllSeen() {
    for (const auto &[key, value] : object_.members) {
      bool known = false;
      for (const std::string_view name : seen_) known = known || name == key;
      if (!known) return Fail("", absl::StrCat("the key ", Quoted(key)), "keys of a policy");
    }
  }

 private:
  std::string PathOf(std::string_view name) const {
    return path_.empty() || name.empty() ? absl::StrCat(path_, Text(name))
                                         : absl::StrCat(path_, ".", Text(name));
  }
  void Fail(std::string_view name, std::string_view found, std::string_view expected) {
    if (!status_.ok()) return;
    const std::string path = PathOf(name);
    status_ = InvalidOption(path.empty() ? "policy" : path, found, expected);
  }
  const Value *Find(std::string_view name, Type type) {
    if (!status_.ok()) return nullptr;
    for (const auto &[key, value] : object_.members) {
      if (key != name) continue;
      seen_.push_back(name);
      if (value.type == type) return &value;
      Fail(name, TypeName(value.type), TypeName(type));
      return nullptr;
    }
    return nullptr;
  }

  const Value &object_;
  std::string path_;
  absl::Status &status_;
  std::vector<std::string_view> seen_;
};

}  // namespace

std::string FromPolicy(const complaints::Policy &policy) {
  complaints::Policy copy = policy;  // Fields are described once, for writing as for reading.
  Writer writer(0);
  Describe(writer, copy);
  return writer.Finish();
}

absl::StatusOr<complaints::Policy> ToPolicy(std::string_view text) {
  PATRON_ASSIGN_OR_RETURN(const Value value, Parse(text));
  complaints::Policy policy;
  absl::Status status;
  Reader reader(value, "", &status);
  Describe(reader, policy);
  reader.CheckAllSeen();
  PATRON_RETURN_IF_ERROR(status);
  return policy;
}

}  // namespace patron::json
