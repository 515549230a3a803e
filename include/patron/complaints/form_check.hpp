// What is unwise in a form: questions nobody asks, values nobody reads, names the policy lacks.
#ifndef PATRON_COMPLAINTS_FORM_CHECK_HPP_
#define PATRON_COMPLAINTS_FORM_CHECK_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/complaints/form.hpp"
#include "patron/complaints/lifecycle.hpp"

namespace patron::complaints {

enum class FormProblem : uint8_t {
  kNoQuestion,    // A field that may have to be answered, without a question.
  kNotPrinted,    // A field that the body does not have.
  kNeverMissing,  // Required, though its source always has a value.
  kUnknownEvent,  // The policy does not have the event
  kUnknownClock,  // or the clock.
};

// "no_question", "not_printed", "never_missing", "unknown_event", "unknown_clock".
std::string_view ProblemName(FormProblem problem);

struct FormFinding {
  FormProblem problem;
  std::string field;
  std::string message;
};

// Findings in the order of the fields. The form is one that CheckFormData takes; names are not
// looked up without a policy. Cost: O(fields * (body + events)).
std::vector<FormFinding> CheckForm(const Form &form, const Lifecycle *lifecycle = nullptr);

inline std::string_view ProblemName(FormProblem problem) {
  static constexpr std::array<std::string_view, 5> kNames = {
      "no_question", "not_printed", "never_missing", "unknown_event", "unknown_clock"};
  return kNames[static_cast<size_t>(problem)];
}

inline std::vector<FormFinding> CheckForm(const Form &form, const Lifecycle *lifecycle) {
  std::vector<FormFinding> findings;
  std::vector<BodyPart> parts;
  std::vector<bool> printed(form.fields.size(), form.body.empty());
  if (ReadBody(form, &parts).ok()) {
    for (const BodyPart &part : parts) {
      if (part.kind != BodyPart::Kind::kText) printed[part.field] = true;
    }
  }
  for (size_t i = 0; i < form.fields.size(); ++i) {
    const FormField &field = form.fields[i];
    const auto add = [&](FormProblem problem, std::string message) {
      findings.push_back({problem, field.name, std::move(message)});
    };
    if (field.question.empty()) add(FormProblem::kNoQuestion, "it has no question");
    if (!printed[i]) add(FormProblem::kNotPrinted, "the body does not have it");
    const bool always = field.source.kind == SourceKind::kCase &&
                        (field.source.part == "state" || field.source.part == "policy" ||
                         field.source.part == "level" || field.source.part == "cycle" ||
                         field.source.part == "rejections" || field.source.part == "media" ||
                         field.source.part == "regulated" || field.source.part == "hold" ||
                         field.source.part == "remedy_due");
    if (field.required && (always || IsPredicate(field.source.kind))) {
      add(FormProblem::kNeverMissing, "it is required, and cannot be missing");
    }
    if (lifecycle == nullptr) continue;
    for (const std::string *event : {&field.source.event, &field.source.other}) {
      if (event->empty() || (*event)[0] == '@') continue;
      if (lifecycle->EventNamed(*event) != Lifecycle::kNone) continue;
      add(FormProblem::kUnknownEvent, absl::StrCat("the policy has no event ", *event));
    }
    if (!field.source.clock.empty() &&
        lifecycle->ClockNamed(field.source.clock) == Lifecycle::kNone) {
      add(FormProblem::kUnknownClock, absl::StrCat("the policy has no clock ", field.source.clock));
    }
  }
  return findings;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_FORM_CHECK_HPP_
