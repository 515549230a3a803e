// Forms as data: checklists, reports, records and letters with required fields.
#ifndef PATRON_COMPLAINTS_FORM_HPP_
#define PATRON_COMPLAINTS_FORM_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::complaints {

enum class FieldType : uint8_t { kText, kNumber, kTime, kFlag, kChoice };

// Where a field has its value from. Events are named as in the policy of the case, or "@inward" and
// "@outward" for whatever comes from the customer and goes to it, and "@end" for what ends the case.
enum class SourceKind : uint8_t {
  kNone,      // Only an answer.
  kCase,      // `part` of the case.
  kFirst,     // `part` of the first event of the name `event`,
  kLast,      // of the last one,
  kEach,      // of each, one a line.
  kClock,     // `part` of the last run of the clock `clock`.
  kLines,     // Events in words, one a line: `part` is "facts", "known", "when_known" or "done".
  kInTime,    // From here on yes, no, or not applicable. No run of `clock` is or was late.
  kFollowed,  // `event`, if it happened, is followed by `other`.
  kPreceded,  // `event`, if it happened, has `other` before it.
  kWithin,    // `other` comes within `minutes` of the first `event`.
  kReasons,   // All decisions name a decision and a reason.
  kPromisesKept,  // No promise is broken, nor past its due time and not kept.
  kHandovers,     // Fewer than `most` changes of the actor without a word to the customer between.
  kExplained,     // The case did not end without reason, remedy or cause: an apology alone.
  kOneVoice,      // In a media crisis all words to the outside came from one actor.
};
inline constexpr size_t kSourceKinds = static_cast<size_t>(SourceKind::kOneVoice) + 1;

// "none", "case", ...: as messages and JSON spell it.
std::string_view SourceName(SourceKind kind);
std::string_view TypeName(FieldType type);

inline bool IsPredicate(SourceKind kind) { return kind >= SourceKind::kInTime; }

struct FieldSource {
  SourceKind kind = SourceKind::kNone;
  std::string part{};
  std::string event{};
  std::string other{};
  std::string clock{};
  int64_t minutes = 0;
  int64_t most = 0;

  friend bool operator==(const FieldSource &, const FieldSource &) = default;
};

struct FormField {
  std::string name;  // Letters, digits and '_'.
  std::string question{};
  FieldType type = FieldType::kText;
  bool required = false;
  std::vector<std::string> choices{};  // Of kChoice.
  FieldSource source{};

  friend bool operator==(const FormField &, const FormField &) = default;
};

// A form is printed by its body, in which {{name}} stands for the value of a field, and what is
// between {{#name}} and {{/name}} is printed if there is one, between {{^name}} and {{/name}} if
// not. Without a body it is printed as questions with values.
struct Form {
  std::string name;
  std::string version;
  std::string title;
  std::string source;  // Where its questions come from.
  std::vector<FormField> fields;
  std::string body;

  friend bool operator==(const Form &, const Form &) = default;
};

inline constexpr size_t kMostFormFields = 500;
inline constexpr size_t kMostFormText = 1U << 20U;  // Bytes of a body, and of a question.
inline constexpr size_t kMostSections = 16;         // One in another.

// Parts of the text of a body.
struct BodyPart {
  enum class Kind : uint8_t { kText, kField, kPresent, kAbsent, kEnd };
  Kind kind;
  std::string_view text;  // Of kText.
  size_t field = 0;
};

// Errors: InvalidArgument naming the line, for a name that is no field of the form, sections that
// are not closed or not in order, and braces without an end. Borrows from the form.
absl::Status ReadBody(const Form &form, std::vector<BodyPart> *parts);

// Whether a form is one. Errors: InvalidArgument naming the field and what is wrong with it: names
// twice, a source that lacks or has too much, a type that does not fit its source, choices.
absl::Status CheckFormData(const Form &form);

// The place of a field, or fields.size().
inline size_t FieldNamed(const Form &form, std::string_view name) {
  return static_cast<size_t>(std::ranges::find(form.fields, name, &FormField::name) -
                             form.fields.begin());
}

inline std::string_view SourceName(SourceKind kind) {
  static constexpr std::array<std::string_view, kSourceKinds> kNames = {
      "none",          "case",      "first",     "last",     "each",   "clock",
      "lines",         "in_time",   "followed",  "preceded", "within", "reasons",
      "promises_kept", "handovers", "explained", "one_voice"};
  return kNames[static_cast<size_t>(kind)];
}

inline std::string_view TypeName(FieldType type) {
  static constexpr std::array<std::string_view, 5> kNames = {"text", "number", "time", "flag",
                                                             "choice"};
  return kNames[static_cast<size_t>(type)];
}

namespace detail {

inline constexpr std::array<std::string_view, 22> kCaseParts = {
    "case",      "customer", "state",      "policy",     "received",   "ended",
    "severity",  "media",    "level",      "cycle",      "rejections", "decision",
    "reason",    "cause",    "outcome",    "proposed",   "granted",    "compensated",
    "regulated", "hold",     "remedy_due", "merged_into"};
inline constexpr std::array<std::string_view, 9> kEventParts = {
    "event", "time", "recorded", "actor", "role", "text", "amount", "due", "code"};
inline constexpr std::array<std::string_view, 6> kClockParts = {"started", "stopped", "due",
                                                                "state",   "used",    "late"};
inline constexpr std::array<std::string_view, 4> kLineParts = {"facts", "known", "when_known",
                                                               "done"};

inline std::span<const std::string_view> PartsOf(SourceKind kind) {
  switch (kind) {
    case SourceKind::kCase: return kCaseParts;
    case SourceKind::kFirst:
    case SourceKind::kLast:
    case SourceKind::kEach: return kEventParts;
    case SourceKind::kClock: return kClockParts;
    case SourceKind::kLines: return kLineParts;
    default: return {};
  }
}

inline FieldType TypeOfPart(std::string_view part) {
  for (const std::string_view time :
       {"received", "ended", "time", "recorded", "due", "started", "stopped"}) {
    if (part == time) return FieldType::kTime;
  }
  for (const std::string_view flag : {"regulated", "hold", "remedy_due", "late"}) {
    if (part == flag) return FieldType::kFlag;
  }
  for (const std::string_view number :
       {"severity", "level", "cycle", "rejections", "decision", "reason", "cause", "outcome",
        "proposed", "granted", "compensated", "amount", "code", "used"}) {
    if (part == number) return FieldType::kNumber;
  }
  return FieldType::kText;
}

inline bool IsFieldName(std::string_view name) {
  constexpr size_t kMostBytes = 100;
  return !name.empty() && name.size() <= kMostBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Whether text is one line or many, without other control characters.
inline bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t';
  });
}

// Which of the words of a source its kind needs.
struct SourceNeeds {
  bool part = false, event = false, other = false, clock = false, minutes = false, most = false;
};
inline SourceNeeds NeedsOf(SourceKind kind) {
  switch (kind) {
    case SourceKind::kCase:
    case SourceKind::kLines: return {.part = true};
    case SourceKind::kFirst:
    case SourceKind::kLast:
    case SourceKind::kEach: return {.part = true, .event = true};
    case SourceKind::kClock: return {.part = true, .clock = true};
    case SourceKind::kInTime: return {.clock = true};
    case SourceKind::kFollowed:
    case SourceKind::kPreceded: return {.event = true, .other = true};
    case SourceKind::kWithin: return {.event = true, .other = true, .minutes = true};
    case SourceKind::kHandovers: return {.most = true};
    default: return {};
  }
}

inline absl::Status CheckSource(const FormField &field) {
  const FieldSource &source = field.source;
  const SourceNeeds needs = NeedsOf(source.kind);
  const std::string_view kind = SourceName(source.kind);
  const auto name = [&](std::string_view word) {
    return absl::StrCat(field.name, ".source.", Text(word));
  };
  const auto word = [&](std::string_view what, const std::string &value, bool needed) {
    if (needed == !value.empty()) return absl::OkStatus();
    return InvalidOption(name(what), value.empty() ? "nothing" : Quoted(value),
                         needed ? absl::StrCat("a name, of a source ", Text(kind))
                                : absl::StrCat("nothing, of a source ", Text(kind)));
  };
  PATRON_RETURN_IF_ERROR(word("part", source.part, needs.part));
  PATRON_RETURN_IF_ERROR(word("event", source.event, needs.event));
  PATRON_RETURN_IF_ERROR(word("other", source.other, needs.other));
  PATRON_RETURN_IF_ERROR(word("clock", source.clock, needs.clock));
  for (const std::string *event : {&source.event, &source.other}) {
    if (event->empty() || (*event)[0] != '@') continue;
    if (*event == "@inward" || *event == "@outward" || *event == "@end") continue;
    return InvalidOption(name("event"), Quoted(*event), "@inward, @outward, @end, or an event");
  }
  const auto number = [&](std::string_view what, int64_t value, bool needed) {
    constexpr int64_t kMost = 1'000'000'000;
    if (needed ? value > 0 && value <= kMost : value == 0) return absl::OkStatus();
    return InvalidOption(name(what), absl::StrCat(value),
                         needed ? absl::StrCat("1 to ", kMost) : std::string("nothing"));
  };
  PATRON_RETURN_IF_ERROR(number("minutes", source.minutes, needs.minutes));
  PATRON_RETURN_IF_ERROR(number("most", source.most, needs.most));
  if (needs.part) {
    const auto parts = PartsOf(source.kind);
    if (std::ranges::find(parts, source.part) == parts.end()) {
      std::string known;
      for (const std::string_view part : parts) {
        absl::StrAppend(&known, known.empty() ? "" : ", ", Text(part));
      }
      return InvalidOption(name("part"), Quoted(source.part), known);
    }
  }
  if (source.kind == SourceKind::kNone) return absl::OkStatus();
  FieldType fits = IsPredicate(source.kind) ? FieldType::kFlag : TypeOfPart(source.part);
  if (source.kind == SourceKind::kEach || source.kind == SourceKind::kLines) {
    fits = FieldType::kText;
  }
  const bool any = field.type == FieldType::kText && !IsPredicate(source.kind);
  if (any || field.type == fits) return absl::OkStatus();
  return InvalidOption(absl::StrCat(field.name, ".type"), TypeName(field.type),
                       absl::StrCat(Text(TypeName(fits)), ", which its source gives"));
}

inline absl::Status CheckChoices(const FormField &field) {
  const std::string name = absl::StrCat(field.name, ".choices");
  if ((field.type == FieldType::kChoice) == field.choices.empty()) {
    return InvalidOption(
        name, absl::StrCat(field.choices.size(), " of them"),
        field.choices.empty() ? "some, of a field of choices" : "none, but of a field of choices");
  }
  for (size_t i = 0; i < field.choices.size(); ++i) {
    const std::string &choice = field.choices[i];
    const bool twice =
        std::ranges::find(field.choices.begin(),
                          field.choices.begin() + static_cast<std::ptrdiff_t>(i),
                          choice) != field.choices.begin() + static_cast<std::ptrdiff_t>(i);
    if (choice.empty() || choice.size() > kMostFormText || !IsPrintable(choice) || twice) {
      return InvalidOption(name, Quoted(choice), "text, each once");
    }
  }
  return absl::OkStatus();
}

}  // namespace detail

inline absl::Status ReadBody(const Form &form, std::vector<BodyPart> *parts) {
  const std::string_view body = form.body;
  std::vector<size_t> open;
  size_t at = 0;
  const auto error = [&](std::string_view found, std::string_view expected) {
    const auto line = 1 + std::ranges::count(body.substr(0, at), '\n');
    return InvalidOption(absl::StrCat("body: line ", line), found, expected);
  };
  while (at < body.size()) {
    const size_t brace = body.find("{{", at);
    if (brace != at) {
      const size_t end = std::min(brace, body.size());
      parts->push_back({BodyPart::Kind::kText, body.substr(at, end - at)});
      at = end;
      continue;
    }
    const size_t end = body.find("}}", at);
    if (end == std::string_view::npos) return error("{{", "}} after it");
    std::string_view name = body.substr(at + 2, end - at - 2);
    BodyPart part{BodyPart::Kind::kField, {}};
    if (name.starts_with('#')) part.kind = BodyPart::Kind::kPresent;
    if (name.starts_with('^')) part.kind = BodyPart::Kind::kAbsent;
    if (name.starts_with('/')) part.kind = BodyPart::Kind::kEnd;
    if (part.kind != BodyPart::Kind::kField) name.remove_prefix(1);
    part.field = FieldNamed(form, name);
    if (part.field == form.fields.size()) return error(Quoted(name), "a field of the form");
    if (part.kind == BodyPart::Kind::kEnd) {
      if (open.empty() || open.back() != part.field) {
        return error(absl::StrCat("the end of ", Text(name)),
                     open.empty() ? "no end, nothing is open"
                                  : absl::StrCat("that of ", form.fields[open.back()].name));
      }
      open.pop_back();
    } else if (part.kind != BodyPart::Kind::kField) {
      if (open.size() == kMostSections) {
        return error(absl::StrCat(open.size() + 1, " sections in each other"),
                     absl::StrCat("at most ", kMostSections));
      }
      open.push_back(part.field);
    }
    parts->push_back(part);
    at = end + 2;
  }
  if (open.empty()) return absl::OkStatus();
  return error("the end of the body", absl::StrCat("{{/", form.fields[open.back()].name, "}}"));
}

inline absl::Status CheckFormData(const Form &form) {
  for (const auto &[what, text] :
       {std::pair<std::string_view, const std::string *>{"name", &form.name},
        {"version", &form.version}}) {
    if (text->empty() || text->size() > 100 || !detail::IsPrintable(*text)) {
      return InvalidOption(what, Quoted(*text), "text of 1 to 100 bytes");
    }
  }
  for (const auto &[what, text] :
       {std::pair<std::string_view, const std::string *>{"title", &form.title},
        {"source", &form.source},
        {"body", &form.body}}) {
    if (text->size() <= kMostFormText && detail::IsPrintable(*text)) continue;
    return InvalidOption(what, Quoted(*text),
                         absl::StrCat("text of at most ", kMostFormText, " bytes"));
  }
  if (form.fields.empty() || form.fields.size() > kMostFormFields) {
    return InvalidOption("fields", absl::StrCat(form.fields.size(), " of them"),
                         absl::StrCat("1 to ", kMostFormFields));
  }
  for (size_t i = 0; i < form.fields.size(); ++i) {
    const FormField &field = form.fields[i];
    const std::string place = absl::StrCat("fields[", i, "]");
    if (!detail::IsFieldName(field.name)) {
      return InvalidOption(absl::StrCat(place, ".name"), Quoted(field.name),
                           "letters, digits and _, at most 100");
    }
    if (FieldNamed(form, field.name) < i) {
      return InvalidOption(absl::StrCat(place, ".name"), Quoted(field.name),
                           "a name that no other field has");
    }
    if (field.question.size() > kMostFormText || !detail::IsPrintable(field.question)) {
      return InvalidOption(absl::StrCat(place, ".question"), Quoted(field.question),
                           absl::StrCat("text of at most ", kMostFormText, " bytes"));
    }
    PATRON_RETURN_IF_ERROR(detail::CheckChoices(field));
    PATRON_RETURN_IF_ERROR(detail::CheckSource(field));
  }
  std::vector<BodyPart> parts;
  return ReadBody(form, &parts);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_FORM_HPP_
