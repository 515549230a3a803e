// Checklists, reports and records that come with the library.
#ifndef PATRON_COMPLAINTS_FORM_PRESETS_HPP_
#define PATRON_COMPLAINTS_FORM_PRESETS_HPP_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/form.hpp"
#include "patron/complaints/letter_presets.hpp"

namespace patron::complaints {

// A form by name; events and clocks are those of the default policy.
//
//   "nine_questions"  intake: the record that ISO 10002 asks for.
//   "investigation"   report: facts with times, evidence, cause, correction, prevention.
//   "phone"           record of a call.
//   "crisis"          3W4R8F: what did we know, when, what did we do; regret, reform, restitution,
//                     recovery; eight points of conduct, four of them read from the log.
//   "audit"           what good handling leaves in the log.
//   "wrong_ways"      eight ways to lose a customer who complains, four of them read from the log.
//
// and the letters of PresetLetter. Errors: InvalidArgument for another name.
absl::StatusOr<Form> PresetForm(std::string_view name);
std::vector<std::string_view> FormNames();

namespace detail {

inline Form NineQuestions() {
  FormBuilder form("nine_questions", "The nine questions", "Record of ISO 10002:2018");
  form.Log("who", "Who complains?", true, OfCase("customer"))
      .Ask("product", "About which product, service or order?", true)
      .Log("what", "What happened?", true, OfEvent(SourceKind::kFirst, "receive", "text"))
      .Ask("when_where", "When and where?", true)
      .Ask("loss", "What loss or damage is there?", false)
      .Ask("evidence", "What shows it?", false)
      .Ask("remedy_sought", "What would put it right?", true)
      .Flag("urgent", "Is safety, law or an urgent need at stake?", true)
      .Log("next_step", "What is the next step, and by when?", true,
           OfEvent(SourceKind::kLast, "promise", "text"))
      .Time("next_date", "By when?", false, OfEvent(SourceKind::kLast, "promise", "due"));
  return form.Take();
}

inline Form Investigation() {
  FormBuilder form("investigation", "Investigation report", "Spelled after ISO 10002:2018, 7.5");
  form.Log("case_id", "Case", true, OfCase("case"))
      .Log("customer", "Customer", false, OfCase("customer"))
      .Ask("product", "Product or service", true)
      .Time("received", "Received", true, OfCase("received"))
      .Log("facts", "Facts, with their times", true, OfLines("facts"))
      .Log("evidence", "Evidence", false, OfEvent(SourceKind::kEach, "note", "text"))
      .Number("cause", "Cause, by its code", true, OfCase("cause"))
      .Log("cause_story", "How it came about", true,
           OfEvent(SourceKind::kLast, "record_cause", "text"))
      .Choice("responsibility", "Whose responsibility is it?", true,
              {"ours", "a supplier's", "the customer's", "nobody's"})
      .Ask("correction", "What was put right?", true)
      .Ask("prevention", "What keeps it from happening again, who sees to it, and by when?", true)
      .Number("cost", "What it has cost", false, OfCase("compensated"))
      .Number("decision", "Decision, by its code", false, OfCase("decision"))
      .Log("signed", "Signed", true, OfEvent(SourceKind::kLast, "investigate", "actor"));
  return form.Take();
}

inline Form PhoneRecord() {
  FormBuilder form("phone", "Record of a call", "");
  form.Time("time", "When was the call?", true, OfEvent(SourceKind::kLast, "@inward", "time"))
      .Choice("channel", "Through which channel?", true, {"phone", "video", "counter"})
      .Log("agent", "Who took it?", true, OfEvent(SourceKind::kLast, "@inward", "actor"))
      .Log("caller", "Who called?", true, OfCase("customer"))
      .Flag("identity_checked", "Was it checked that it is they?", true)
      .Ask("product", "Product or order", true)
      .Ask("event", "When and where did it happen?", true)
      .Log("story", "What was said?", true, OfEvent(SourceKind::kLast, "@inward", "text"))
      .Ask("loss", "Loss", false)
      .Ask("remedy_sought", "What would put it right?", true)
      .Log("promise", "What was promised?", false, OfEvent(SourceKind::kLast, "promise", "text"))
      .Time("promise_due", "Until when?", false, OfEvent(SourceKind::kLast, "promise", "due"))
      .Choice("mood", "How was the caller?", false, {"calm", "upset", "angry", "in distress"})
      .Ask("call_back", "Number to call back", true);
  return form.Take();
}

inline Form CrisisSheet() {
  constexpr int64_t kFastMinutes = 60;
  FormBuilder form("crisis", "Crisis sheet: 3W, 4R, 8F", "The formula (3W + 4R) 8F = V1 or V2");
  form.Log("known", "What did we know?", true, OfLines("known"))
      .Log("when_known", "When did we know it?", true, OfLines("when_known"))
      .Log("done", "What did we do about it?", true, OfLines("done"))
      .Ask("regret", "Regret: what are we sorry for?", true)
      .Ask("reform", "Reform: what will be done differently?", true)
      .Ask("restitution", "Restitution: what is made good?", true)
      .Ask("recovery", "Recovery: how do those affected get help?", true)
      .Flag("factual", "Factual: is every statement on the fact sheet?", true)
      .Test("first", "First: did we speak before the media did?",
            {.kind = SourceKind::kPreceded, .event = "set_media", .other = "@outward"})
      .Test("fast", "Fast: was our first word out within the hour?",
            {.kind = SourceKind::kWithin,
             .event = "set_media",
             .other = "@outward",
             .minutes = kFastMinutes})
      .Flag("frank", "Frank: is nothing held back that will come out?", true)
      .Flag("feeling", "Feeling: does it speak to those affected?", true)
      .Test("forum", "Forum: was there one voice?", {.kind = SourceKind::kOneVoice})
      .Flag("flexibility", "Flexibility: is there a plan should facts change?", true)
      .Test("feedback", "Feedback: was every message answered in time?",
            {.kind = SourceKind::kInTime, .clock = "next_reply"});
  return form.Take();
}

inline Form AuditList() {
  FormBuilder form("audit", "Audit of one case", "");
  form.Test("acknowledged", "Was it acknowledged in time?",
            {.kind = SourceKind::kInTime, .clock = "acknowledge"})
      .Test("status", "Was the customer told how things stand, each time in time?",
            {.kind = SourceKind::kInTime, .clock = "periodic_update"})
      .Test("resolved", "Was it resolved in time?",
            {.kind = SourceKind::kInTime, .clock = "resolution"})
      .Test("reasons", "Were reasons sent with every decision?", {.kind = SourceKind::kReasons})
      .Test("cause", "Was the cause recorded before it was closed?",
            {.kind = SourceKind::kPreceded, .event = "@end", .other = "record_cause"})
      .Test("promises", "Were all promises kept?", {.kind = SourceKind::kPromisesKept})
      .Test("asked", "Did the customer answer, or was it asked, after the decision?",
            {.kind = SourceKind::kFollowed, .event = "communicate", .other = "@inward"})
      .Flag("prevention", "Has prevention been assigned to somebody, with a date?", false);
  return form.Take();
}

inline Form WrongWays() {
  constexpr int64_t kPassedOn = 3;
  FormBuilder form("wrong_ways", "Eight wrong ways, avoided",
                   "After Barlow and Moller, A Complaint Is a Gift");
  form.Test("more_than_sorry", "Did more than an apology follow?", {.kind = SourceKind::kExplained})
      .Flag("no_blame", "Was the customer not blamed or turned away?", false)
      .Test("kept_word", "Were promises kept?", {.kind = SourceKind::kPromisesKept})
      .Test("responded", "Was there a response?",
            {.kind = SourceKind::kInTime, .clock = "acknowledge"})
      .Flag("polite", "Was the tone polite?", false)
      .Test("not_passed_on", "Was the customer not passed on and on?",
            {.kind = SourceKind::kHandovers, .most = kPassedOn})
      .Flag("owned", "Did somebody take it on as theirs?", false)
      .Flag("welcome", "Was it not silently or visibly unwelcome?", false);
  return form.Take();
}

}  // namespace detail

inline std::vector<std::string_view> FormNames() {
  std::vector<std::string_view> names = {"nine_questions", "investigation", "phone",
                                         "crisis",         "audit",         "wrong_ways"};
  for (const std::string_view letter : LetterNames()) names.push_back(letter);
  return names;
}

inline absl::StatusOr<Form> PresetForm(std::string_view name) {
  if (name == "nine_questions") return detail::NineQuestions();
  if (name == "investigation") return detail::Investigation();
  if (name == "phone") return detail::PhoneRecord();
  if (name == "crisis") return detail::CrisisSheet();
  if (name == "audit") return detail::AuditList();
  if (name == "wrong_ways") return detail::WrongWays();
  const std::vector<std::string_view> names = FormNames();
  if (std::ranges::find(names, name) != names.end()) return PresetLetter(name);
  std::string known;
  for (const std::string_view one : names) {
    absl::StrAppend(&known, known.empty() ? "" : ", ", Text(one));
  }
  return InvalidOption("form", Quoted(name), known);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_FORM_PRESETS_HPP_
