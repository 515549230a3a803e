// Structs as JSON objects, described once for both directions.
//
// For each struct there is `template <typename Archive> void Describe(Archive &, Struct &)` in this
// namespace, which names its fields.
#ifndef PATRON_SRC_JSON_ARCHIVE_HPP_
#define PATRON_SRC_JSON_ARCHIVE_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "json/json.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/policy.hpp"

namespace patron::json {

using complaints::EventKind;

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

inline std::string_view TypeName(Type type) {
  constexpr std::string_view kNames[] = {"null", "true or false", "a number",
                                         "text", "a list",        "an object"};
  return kNames[static_cast<size_t>(type)];
}

// Reads one object. After the first error nothing more is read.
class Reader {
 public:
  // `whole` is what messages call the outermost object: "policy".
  Reader(const Value &object, std::string_view whole, std::string path, absl::Status *status)
      : object_(object), whole_(whole), path_(std::move(path)), status_(*status) {
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
    Reader inner(*found, whole_, PathOf(name), &status_);
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
      Reader inner(found->items[i], whole_, absl::StrCat(PathOf(name), "[", i, "]"), &status_);
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
      if (!known) {
        return Fail("", absl::StrCat("the key ", Quoted(key)),
                    absl::StrCat("keys of a ", Text(whole_)));
      }
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
    status_ = InvalidOption(path.empty() ? whole_ : std::string_view(path), found, expected);
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
  std::string_view whole_;
  std::string path_;
  absl::Status &status_;
  std::vector<std::string_view> seen_;
};

template <typename T>
std::string WriteJson(T value) {
  Writer writer(0);
  Describe(writer, value);
  return writer.Finish();
}

// Fields that are left out keep their defaults. Errors: InvalidArgument naming the field.
template <typename T>
absl::StatusOr<T> ReadJson(std::string_view whole, std::string_view text) {
  PATRON_ASSIGN_OR_RETURN(const Value object, Parse(text));
  T value{};
  absl::Status status;
  Reader reader(object, whole, "", &status);
  Describe(reader, value);
  reader.CheckAllSeen();
  PATRON_RETURN_IF_ERROR(status);
  return value;
}

}  // namespace patron::json

#endif  // PATRON_SRC_JSON_ARCHIVE_HPP_
