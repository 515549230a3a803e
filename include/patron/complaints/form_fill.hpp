// Filling a form: from the case where the log knows the answer, from answers where it does not.
#ifndef PATRON_COMPLAINTS_FORM_FILL_HPP_
#define PATRON_COMPLAINTS_FORM_FILL_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/case_file.hpp"
#include "patron/complaints/casebook.hpp"
#include "patron/complaints/form.hpp"
#include "patron/complaints/form_questions.hpp"

namespace patron::complaints {

// Where the value of a field is from.
enum class FieldOrigin : uint8_t {
  kLog,
  kAnswer,
  kMissing,        // Required, and nobody knows.
  kEmpty,          // Not required, and nobody knows.
  kNotApplicable,  // The question does not arise.
};

// "log", "answer", "missing", "empty", "not_applicable".
std::string_view OriginName(FieldOrigin origin);

struct FilledField {
  std::string value;  // Empty if there is none. Of a flag "yes" or "no".
  FieldOrigin origin = FieldOrigin::kEmpty;
  std::string why;                 // Of a predicate that is not met.
  std::vector<uint32_t> evidence;  // Positions in the log of the events that show it.
};

struct FilledForm {
  std::vector<FilledField> fields;  // As in the form.
  size_t missing = 0;
  size_t asked = 0;  // Flags that are yes or no,
  size_t met = 0;    // and those that are yes: the score is met / asked.
};

struct FormAnswer {
  std::string_view field;
  std::string_view value;
};

// An answer wins over what the log says, except where the log decides (predicates).
//
// Errors: InvalidArgument for a field that the form does not have or that is answered twice, an
// answer that does not fit its type (naming field and value), an answer to a predicate; NotFound for
// a case that had not been received by then. Cost: that of Casebook::File, and O(fields * events).
absl::StatusOr<FilledForm> FillForm(const Form &form, const Casebook &book, uint32_t code,
                                    const CaseMoment &moment,
                                    std::span<const FormAnswer> answers = {});

enum class Escape : uint8_t { kNone, kHtml };

// Prints a form. Errors: FailedPrecondition naming the first field that is missing, and how many
// there are. Cost: O(body).
absl::StatusOr<std::string> PrintForm(const Form &form, const FilledForm &filled,
                                      Escape escape = Escape::kNone);

inline std::string_view OriginName(FieldOrigin origin) {
  static constexpr std::array<std::string_view, 5> kNames = {"log", "answer", "missing", "empty",
                                                             "not_applicable"};
  return kNames[static_cast<size_t>(origin)];
}

namespace detail {

inline bool IsNumberText(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  size_t digits = 0, points = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && digits > 0 && points == 0) {
      ++points;
    } else if (text[at] >= '0' && text[at] <= '9') {
      ++digits;
    } else {
      return false;
    }
  }
  return digits > 0 && digits <= 30 && !text.ends_with('.');
}

// "2024-06-03", or with "T09:00", "T09:00:00", "T09:00:00.5", and "Z" or "+02:00" after it.
inline bool IsTimeText(std::string_view text) {
  size_t at = 0;
  const auto digits = [&](size_t count, int low, int high) {
    if (text.size() - at < count) return false;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = text[at + i];
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    at += count;
    return value >= low && value <= high;
  };
  const auto sign = [&](char c) {
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
  };
  const auto number = [&](size_t from, size_t count) {
    return std::atoi(std::string(text.substr(from, count)).c_str());
  };
  if (!digits(4, 0, 9999) || !sign('-') || !digits(2, 1, 12) || !sign('-') || !digits(2, 1, 31)) {
    return false;
  }
  const int64_t year = number(0, 4);
  const int month = number(5, 2), day = number(8, 2);
  if (FormatDay(DayOfDate(year, month, day)) != text.substr(0, 10)) return false;
  if (at == text.size()) return true;
  if (!sign('T') && !sign(' ')) return false;
  if (!digits(2, 0, 23) || !sign(':') || !digits(2, 0, 59)) return false;
  if (sign(':')) {
    if (!digits(2, 0, 59)) return false;
    if (sign('.')) {
      const size_t start = at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      if (at == start) return false;
    }
  }
  if (sign('Z')) return at == text.size();
  if (at == text.size()) return true;
  return (sign('+') || sign('-')) && digits(2, 0, 23) && sign(':') && digits(2, 0, 59) &&
         at == text.size();
}

inline absl::Status CheckAnswer(const FormField &field, std::string_view value) {
  if (IsPredicate(field.source.kind)) {
    return InvalidOption(field.name, Quoted(value), "no answer: the log decides");
  }
  if (value.size() > kMostFormText || !IsPrintable(value)) {
    return InvalidOption(field.name, Quoted(value),
                         absl::StrCat("text of at most ", kMostFormText, " bytes"));
  }
  switch (field.type) {
    case FieldType::kText: return absl::OkStatus();
    case FieldType::kNumber:
      if (IsNumberText(value)) return absl::OkStatus();
      return InvalidOption(field.name, Quoted(value), "a number, such as 12.50");
    case FieldType::kTime:
      if (IsTimeText(value)) return absl::OkStatus();
      return InvalidOption(field.name, Quoted(value), "a time, such as 2024-06-03T09:00Z");
    case FieldType::kFlag:
      if (value == "yes" || value == "no") return absl::OkStatus();
      return InvalidOption(field.name, Quoted(value), "yes or no");
    case FieldType::kChoice: break;
  }
  if (std::ranges::find(field.choices, value) != field.choices.end()) return absl::OkStatus();
  std::string known;
  for (const std::string &choice : field.choices) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", choice);
  }
  return InvalidOption(field.name, Quoted(value), known);
}

inline void AppendEscaped(std::string_view text, Escape escape, std::string *out) {
  if (escape == Escape::kNone) {
    out->append(text);
    return;
  }
  for (const char c : text) {
    switch (c) {
      case '&': out->append("&amp;"); break;
      case '<': out->append("&lt;"); break;
      case '>': out->append("&gt;"); break;
      case '"': out->append("&quot;"); break;
      case '\'': out->append("&#39;"); break;
      case '\n': out->append("<br>\n"); break;
      default: out->push_back(c);
    }
  }
}

}  // namespace detail

inline absl::StatusOr<FilledForm> FillForm(const Form &form, const Casebook &book, uint32_t code,
                                           const CaseMoment &moment,
                                           std::span<const FormAnswer> answers) {
  std::vector<const FormAnswer *> answer_of(form.fields.size());
  for (const FormAnswer &answer : answers) {
    const size_t place = FieldNamed(form, answer.field);
    if (place == form.fields.size() || answer_of[place] != nullptr) {
      return InvalidOption("answers", Quoted(answer.field),
                           place == form.fields.size()
                               ? absl::StrCat("fields of the form ", form.name)
                               : std::string("each field once"));
    }
    PATRON_RETURN_IF_ERROR(detail::CheckAnswer(form.fields[place], answer.value));
    answer_of[place] = &answer;
  }
  PATRON_ASSIGN_OR_RETURN(const CaseFile file, book.File(code, moment));
  const detail::CaseQuestions questions(book, file);
  FilledForm filled;
  filled.fields.resize(form.fields.size());
  for (size_t i = 0; i < form.fields.size(); ++i) {
    const FormField &field = form.fields[i];
    FilledField &result = filled.fields[i];
    detail::LogAnswer known = questions.Ask(field.source);
    result.evidence = std::move(known.evidence);
    result.why = std::move(known.why);
    if (answer_of[i] != nullptr && !answer_of[i]->value.empty()) {
      result.value = std::string(answer_of[i]->value);
      result.origin = FieldOrigin::kAnswer;
      result.evidence.clear();
    } else if (known.value) {
      result.value = *std::move(known.value);
      result.origin = FieldOrigin::kLog;
    } else if (IsPredicate(field.source.kind)) {
      result.origin = FieldOrigin::kNotApplicable;
    } else {
      result.origin = field.required ? FieldOrigin::kMissing : FieldOrigin::kEmpty;
    }
    if (result.origin == FieldOrigin::kMissing) ++filled.missing;
    if (field.type != FieldType::kFlag || result.value.empty()) continue;
    ++filled.asked;
    if (result.value == "yes") ++filled.met;
  }
  return filled;
}

inline absl::StatusOr<std::string> PrintForm(const Form &form, const FilledForm &filled,
                                             Escape escape) {
  for (size_t i = 0; i < form.fields.size(); ++i) {
    if (filled.fields[i].origin != FieldOrigin::kMissing) continue;
    std::string message = absl::StrCat(form.fields[i].name, ": missing in the form ", form.name,
                                       "; expected an answer");
    if (filled.missing > 1) absl::StrAppend(&message, " (", filled.missing, " fields in all)");
    return absl::FailedPreconditionError(message);
  }
  std::string text;
  if (form.body.empty()) {
    if (!form.title.empty()) {
      detail::AppendEscaped(absl::StrCat(form.title, "\n\n"), escape, &text);
    }
    for (size_t i = 0; i < form.fields.size(); ++i) {
      const FormField &field = form.fields[i];
      const FilledField &value = filled.fields[i];
      const bool applies = value.origin != FieldOrigin::kNotApplicable;
      detail::AppendEscaped(
          absl::StrCat(field.question.empty() ? field.name : field.question, ": ",
                       applies ? value.value : std::string("not applicable"),
                       value.why.empty() ? "" : " (", value.why, value.why.empty() ? "\n" : ")\n"),
          escape, &text);
    }
    return text;
  }
  std::vector<BodyPart> parts;
  PATRON_RETURN_IF_ERROR(ReadBody(form, &parts));
  size_t hidden = 0;  // Sections that are open and not printed, from the outermost one on.
  for (const BodyPart &part : parts) {
    switch (part.kind) {
      case BodyPart::Kind::kText:
        if (hidden == 0) text.append(part.text);
        break;
      case BodyPart::Kind::kField:
        if (hidden == 0) detail::AppendEscaped(filled.fields[part.field].value, escape, &text);
        break;
      case BodyPart::Kind::kPresent:
      case BodyPart::Kind::kAbsent: {
        const bool present = !filled.fields[part.field].value.empty();
        if (hidden > 0 || present != (part.kind == BodyPart::Kind::kPresent)) ++hidden;
        break;
      }
      case BodyPart::Kind::kEnd:
        if (hidden > 0) --hidden;
        break;
    }
  }
  return text;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_FORM_FILL_HPP_
