// Letters that come with the library, to be replaced by the house's own words.
#ifndef PATRON_COMPLAINTS_LETTER_PRESETS_HPP_
#define PATRON_COMPLAINTS_LETTER_PRESETS_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/complaints/form.hpp"

namespace patron::complaints {

// A letter by its name, one of LetterNames. Each needs the name of the customer and of who signs;
// what else it must not lack is required: reasons and a new date of a holding reply, reasons and the
// external remedy of a decision against the customer, the four R of a crisis statement.
Form PresetLetter(std::string_view name);

inline std::vector<std::string_view> LetterNames() {
  return {"acknowledgement",
          "holding",
          "information_request",
          "upheld",
          "partly_upheld",
          "rejected",
          "summary_resolution",
          "goodwill",
          "external_remedy",
          "crisis_statement",
          "closure"};
}

namespace detail {

inline FieldSource OfCase(std::string_view part) {
  return {.kind = SourceKind::kCase, .part = std::string(part)};
}
inline FieldSource OfEvent(SourceKind kind, std::string_view event, std::string_view part) {
  return {.kind = kind, .part = std::string(part), .event = std::string(event)};
}
inline FieldSource OfClock(std::string_view clock, std::string_view part) {
  return {.kind = SourceKind::kClock, .part = std::string(part), .clock = std::string(clock)};
}
inline FieldSource OfLines(std::string_view part) {
  return {.kind = SourceKind::kLines, .part = std::string(part)};
}

class FormBuilder {
 public:
  FormBuilder(std::string_view name, std::string_view title, std::string_view source) {
    form_.name = std::string(name);
    form_.version = "1";
    form_.title = std::string(title);
    form_.source = std::string(source);
  }

  FormBuilder &Log(std::string_view name, std::string_view question, bool required,
                   FieldSource source) {
    return Add(name, question, FieldType::kText, required, std::move(source));
  }
  FormBuilder &Ask(std::string_view name, std::string_view question, bool required) {
    return Add(name, question, FieldType::kText, required, {});
  }
  FormBuilder &Time(std::string_view name, std::string_view question, bool required,
                    FieldSource source = {}) {
    return Add(name, question, FieldType::kTime, required, std::move(source));
  }
  FormBuilder &Number(std::string_view name, std::string_view question, bool required,
                      FieldSource source = {}) {
    return Add(name, question, FieldType::kNumber, required, std::move(source));
  }
  FormBuilder &Flag(std::string_view name, std::string_view question, bool required) {
    return Add(name, question, FieldType::kFlag, required, {});
  }
  FormBuilder &Test(std::string_view name, std::string_view question, FieldSource source) {
    return Add(name, question, FieldType::kFlag, false, std::move(source));
  }
  FormBuilder &Choice(std::string_view name, std::string_view question, bool required,
                      std::vector<std::string> choices) {
    Add(name, question, FieldType::kChoice, required, {});
    form_.fields.back().choices = std::move(choices);
    return *this;
  }
  FormBuilder &Body(std::string_view text) {
    form_.body = std::string(text);
    return *this;
  }
  Form Take() { return std::move(form_); }

 private:
  FormBuilder &Add(std::string_view name, std::string_view question, FieldType type, bool required,
                   FieldSource source) {
    form_.fields.push_back(
        {std::string(name), std::string(question), type, required, {}, std::move(source)});
    return *this;
  }

  Form form_;
};

// What all letters have, around the text.
inline FormBuilder Letter(std::string_view name, std::string_view title, std::string_view text) {
  FormBuilder letter(name, title, "");
  letter.Ask("salutation", "How is the customer addressed?", true)
      .Log("case_id", "Case", true, OfCase("case"))
      .Time("received", "Received", true, OfCase("received"))
      .Ask("signature", "Who signs?", true)
      .Body(absl::StrCat("{{salutation}},\n\n", Text(text),
                         "\n\n{{signature}}\nOur reference: {{case_id}}, received {{received}}\n"));
  return letter;
}

inline constexpr std::string_view kRemedyField = "remedy_body";

inline FormBuilder &WithRemedy(FormBuilder &letter, bool required) {
  return letter.Ask(kRemedyField, "Who outside can the customer turn to, how and until when?",
                    required);
}

}  // namespace detail

inline Form PresetLetter(std::string_view name) {
  using detail::Letter;
  using detail::OfCase;
  using detail::OfClock;
  using detail::OfEvent;
  constexpr std::string_view kOutside =
      "{{#remedy_body}}\n\nIf you are not content with this you can turn to:\n"
      "{{remedy_body}}{{/remedy_body}}";
  if (name == "acknowledgement") {
    return Letter(name, "Acknowledgement",
                  "thank you for telling us. We received your complaint on {{received}} and "
                  "{{handler}} is looking into it. You will hear from us by {{answer_by}}.")
        .Log("handler", "Who handles it?", true, OfEvent(SourceKind::kLast, "acknowledge", "actor"))
        .Time("answer_by", "By when will the customer hear?", true, OfClock("resolution", "due"))
        .Take();
  }
  if (name == "holding") {
    return Letter(name, "Holding reply",
                  "we are still looking into your complaint of {{received}}. {{reasons}} You will "
                  "have our answer by {{new_date}}.{{#remedy_body}}\n\nYou can also turn to: "
                  "{{remedy_body}}{{/remedy_body}}")
        .Log("reasons", "Why does it take longer?", true,
             OfEvent(SourceKind::kLast, "holding_reply", "text"))
        .Time("new_date", "By when will there be an answer?", true)
        .Ask(detail::kRemedyField, "Who outside can the customer turn to?", false)
        .Take();
  }
  if (name == "information_request") {
    return Letter(name, "Request for information",
                  "to settle your complaint of {{received}} we need to know:\n{{questions}}"
                  "{{#answer_by}}\n\nPlease let us know by {{answer_by}}.{{/answer_by}}")
        .Log("questions", "What do we need to know?", true,
             OfEvent(SourceKind::kLast, "ask_customer", "text"))
        .Time("answer_by", "By when?", false)
        .Take();
  }
  if (name == "upheld" || name == "partly_upheld" || name == "rejected") {
    const bool rejected = name == "rejected", partly = name == "partly_upheld";
    const std::string_view verdict = rejected ? "We do not uphold it, for these reasons:"
                                     : partly ? "We uphold it in part, for these reasons:"
                                              : "You are right, and we are sorry. What we found:";
    auto letter =
        Letter(name,
               rejected ? "Decision: not upheld"
               : partly ? "Decision: upheld in part"
                        : "Decision: upheld",
               absl::StrCat("we have looked into your complaint of {{received}}. ", Text(verdict),
                            "\n{{reasons}}{{#remedy}}\n\nWhat we will do: {{remedy}}{{/remedy}}"
                            "{{#amount}}\n\nYou receive {{amount}}.{{/amount}}",
                            Text(kOutside)));
    letter.Log("reasons", "What are the reasons?", true,
               OfEvent(SourceKind::kLast, "communicate", "text"));
    letter.Ask("remedy", "What will be done?", !rejected);
    if (!rejected) letter.Number("amount", "What is paid?", false, OfCase("granted"));
    if (rejected) letter.Number("amount", "What is paid nevertheless?", false);
    return detail::WithRemedy(letter, rejected || partly).Take();
  }
  if (name == "summary_resolution") {
    auto letter = Letter(name, "Summary resolution",
                         absl::StrCat("your complaint of {{received}} has been resolved: "
                                      "{{resolution}}",
                                      Text(kOutside)));
    letter.Log("resolution", "How was it resolved?", true,
               OfEvent(SourceKind::kLast, "communicate", "text"));
    return detail::WithRemedy(letter, true).Take();
  }
  if (name == "goodwill") {
    return Letter(name, "Goodwill",
                  "although we see no fault of ours, we know that what happened was unpleasant. As "
                  "a sign of goodwill you receive {{amount}}.{{#explanation}} {{explanation}}"
                  "{{/explanation}}")
        .Number("amount", "What is paid?", true, OfCase("granted"))
        .Ask("explanation", "Is there something to explain?", false)
        .Take();
  }
  if (name == "external_remedy") {
    auto letter = Letter(name, "External remedy",
                         "you are free to have your complaint of {{received}} looked at by others. "
                         "Turn to:\n{{remedy_body}}{{#deadline}}\n\nYou can do so until "
                         "{{deadline}}.{{/deadline}}");
    detail::WithRemedy(letter, true);
    return letter.Time("deadline", "Until when?", false).Take();
  }
  if (name == "crisis_statement") {
    return Letter(name, "Crisis statement",
                  "what happened: {{facts}}\n\n{{regret}}\n\n{{reform}}\n\n{{restitution}}\n\n"
                  "{{recovery}}\n\nWe will say more by {{next_word}}.")
        .Ask("facts", "What is known for sure?", true)
        .Ask("regret", "Regret: what are we sorry for?", true)
        .Ask("reform", "Reform: what will be done differently?", true)
        .Ask("restitution", "Restitution: what is made good?", true)
        .Ask("recovery", "Recovery: how do those affected get help?", true)
        .Time("next_word", "When will there be more?", true)
        .Take();
  }
  return Letter(name, "Closure",
                "your complaint of {{received}} is closed since {{ended}}.{{#done}} What we did: "
                "{{done}}{{/done}} If anything is left, tell us: we can open it again. We would "
                "also like to know how we dealt with it: {{survey}}")
      .Time("ended", "When was it closed?", true, OfCase("ended"))
      .Ask("done", "What was done?", false)
      .Ask("survey", "Where can the customer say how it was?", true)
      .Take();
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_LETTER_PRESETS_HPP_
