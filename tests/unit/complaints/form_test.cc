// Forms: what contradicts itself, what the log answers, letters with required fields.
#include "patron/complaints/form.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/form_check.hpp"
#include "patron/complaints/form_fill.hpp"
#include "patron/complaints/form_presets.hpp"
#include "unit/complaints/casebooks.hpp"

namespace patron::complaints {
namespace {

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMonday = 1'717'398'000'000'000;  // 2024-06-03 07:00 UTC.

Form OneField(FormField field) {
  Form form;
  form.name = "own";
  form.version = "1";
  form.fields.push_back(std::move(field));
  return form;
}

// A case from receipt to close: acknowledged late, one promise kept, decided with reasons.
Casebook ClosedCase() {
  Casebook book = NewBook();
  const std::vector<Fact> facts = {
      {.id = 1,
       .case_id = "A",
       .type = "receive",
       .at = kMonday,
       .customer = "c7",
       .code = 2,
       .text = "the kettle leaks"},
      {.id = 2,
       .case_id = "A",
       .type = "acknowledge",
       .at = kMonday + 2 * kDay,
       .actor = "ann",
       .text = "we have it"},
      {.id = 3, .case_id = "A", .type = "triage", .at = kMonday + 2 * kDay + kHour, .actor = "ann"},
      {.id = 4,
       .case_id = "A",
       .type = "promise",
       .at = kMonday + 2 * kDay + 2 * kHour,
       .actor = "ann",
       .value = kMonday + 4 * kDay,
       .text = "a new lid"},
      {.id = 5,
       .case_id = "A",
       .type = "promise_kept",
       .at = kMonday + 3 * kDay,
       .actor = "ann",
       .about = 4},
      {.id = 6,
       .case_id = "A",
       .type = "record_cause",
       .at = kMonday + 3 * kDay,
       .actor = "bob",
       .code = 3,
       .text = "a bad seal"},
      {.id = 7,
       .case_id = "A",
       .type = "communicate",
       .at = kMonday + 3 * kDay + kHour,
       .actor = "bob",
       .value = 250'000,
       .code = 1,
       .reason = 2,
       .text = "seals of May leak"},
      {.id = 8,
       .case_id = "A",
       .type = "accept",
       .at = kMonday + 3 * kDay + 2 * kHour,
       .role = "customer"},
      {.id = 9,
       .case_id = "A",
       .type = "start_recovery",
       .at = kMonday + 3 * kDay + 3 * kHour,
       .actor = "bob"},
      {.id = 10,
       .case_id = "A",
       .type = "compensate",
       .at = kMonday + 3 * kDay + 4 * kHour,
       .actor = "bob",
       .value = 250'000},
      {.id = 11,
       .case_id = "A",
       .type = "recovery_done",
       .at = kMonday + 3 * kDay + 5 * kHour,
       .actor = "bob"}};
  const ApplyReport report = Take(book, facts);
  for (size_t i = 0; i < facts.size(); ++i) {
    EXPECT_EQ(report.refusal[i], Refusal::kNone) << facts[i].type;
  }
  return book;
}

FilledForm Filled(const Form &form, const Casebook &book, std::string_view case_id,
                  const CaseMoment &moment, const std::vector<FormAnswer> &answers = {}) {
  const auto filled = FillForm(form, book, CodeOf(book, case_id), moment, answers);
  EXPECT_TRUE(filled.ok()) << filled.status();
  return filled.ok() ? *filled : FilledForm{};
}

const FilledField &Field(const Form &form, const FilledForm &filled, std::string_view name) {
  const size_t place = FieldNamed(form, name);
  EXPECT_LT(place, form.fields.size()) << name;
  return filled.fields[place];
}

TEST(FormTest, PresetsAreFormsThatFitTheDefaultPolicy) {
  const auto lifecycle = Lifecycle::Compile(DefaultPolicy());
  ASSERT_TRUE(lifecycle.ok());
  EXPECT_EQ(FormNames().size(), 17U);
  for (const std::string_view name : FormNames()) {
    const auto form = PresetForm(name);
    ASSERT_TRUE(form.ok()) << name;
    EXPECT_EQ(form->name, name);
    EXPECT_TRUE(CheckFormData(*form).ok()) << name << CheckFormData(*form);
    for (const FormFinding &finding : CheckForm(*form, &*lifecycle)) {
      ADD_FAILURE() << name << ": " << finding.field << " " << finding.message;
    }
  }
  EXPECT_EQ(PresetForm("nine_questions")->fields.size(), 10U);  // The ninth asks for two things.
  EXPECT_EQ(PresetForm("nine").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(FormTest, ContradictionsAreNamed) {
  const auto message = [](const Form &form) { return std::string(CheckFormData(form).message()); };
  Form form = OneField({.name = "a b", .question = "?"});
  EXPECT_EQ(message(form), "fields[0].name: 'a b'; expected letters, digits and _, at most 100");
  form = OneField({.name = "a"});
  form.fields.push_back({.name = "a"});
  EXPECT_EQ(message(form), "fields[1].name: 'a'; expected a name that no other field has");
  form = OneField({.name = "a", .type = FieldType::kChoice});
  EXPECT_EQ(message(form), "a.choices: 0 of them; expected some, of a field of choices");
  form = OneField({.name = "a", .source = {.kind = SourceKind::kCase, .part = "colour"}});
  EXPECT_NE(message(form).find("a.source.part: 'colour'; expected case, customer"),
            std::string::npos);
  form = OneField({.name = "a", .source = {.kind = SourceKind::kInTime}});
  EXPECT_EQ(message(form), "a.source.clock: nothing; expected a name, of a source in_time");
  form = OneField({.name = "a", .source = {.kind = SourceKind::kReasons}});
  EXPECT_EQ(message(form), "a.type: text; expected flag, which its source gives");
  form = OneField({.name = "a",
                   .type = FieldType::kFlag,
                   .source = {.kind = SourceKind::kFollowed, .event = "@all", .other = "note"}});
  EXPECT_EQ(message(form), "a.source.event: '@all'; expected @inward, @outward, @end, or an event");
  form = OneField({.name = "a",
                   .type = FieldType::kTime,
                   .source = {.kind = SourceKind::kCase, .part = "severity"}});
  EXPECT_EQ(message(form), "a.type: time; expected number, which its source gives");
  form = OneField({.name = "a"});
  form.name.clear();
  EXPECT_EQ(message(form), "name: ''; expected text of 1 to 100 bytes");
}

TEST(FormTest, BodiesAreRead) {
  Form form = OneField({.name = "a", .question = "?"});
  form.fields.push_back({.name = "b", .question = "?"});
  const auto message = [&](std::string_view body) {
    form.body = std::string(body);
    return std::string(CheckFormData(form).message());
  };
  EXPECT_EQ(message("x {{a}} {{#b}}{{b}}{{/b}}{{^b}}none{{/b}} }} {"), "");
  EXPECT_EQ(message("x\n{{c}}"), "body: line 2: 'c'; expected a field of the form");
  EXPECT_EQ(message("{{#a}}"), "body: line 1: the end of the body; expected {{/a}}");
  EXPECT_EQ(message("{{#a}}{{#b}}{{/a}}{{/b}}"), "body: line 1: the end of a; expected that of b");
  EXPECT_EQ(message("{{/a}}"), "body: line 1: the end of a; expected no end, nothing is open");
  EXPECT_EQ(message("{{a"), "body: line 1: {{; expected }} after it");
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "{{#a}}";
  EXPECT_EQ(message(deep), "body: line 1: 17 sections in each other; expected at most 16");
}

TEST(FormTest, UnwiseFormsAreNamed) {
  const auto lifecycle = Lifecycle::Compile(DefaultPolicy());
  ASSERT_TRUE(lifecycle.ok());
  Form form = OneField(
      {.name = "a", .required = true, .source = {.kind = SourceKind::kCase, .part = "state"}});
  form.fields.push_back({.name = "b",
                         .question = "?",
                         .source = {.kind = SourceKind::kFirst, .part = "text", .event = "sing"}});
  form.fields.push_back({.name = "c",
                         .question = "?",
                         .source = {.kind = SourceKind::kClock, .part = "due", .clock = "cuckoo"}});
  form.body = "{{a}}{{b}}";
  std::vector<std::string> found;
  for (const FormFinding &finding : CheckForm(form, &*lifecycle)) {
    found.push_back(finding.field + " " + std::string(ProblemName(finding.problem)));
  }
  EXPECT_EQ(found, (std::vector<std::string>{"a no_question", "a never_missing", "b unknown_event",
                                             "c not_printed", "c unknown_clock"}));
}

TEST(FormTest, TheLogAnswersWhatItKnows) {
  const Casebook book = ClosedCase();
  const Form form = *PresetForm("investigation");
  const FilledForm filled = Filled(form, book, "A", {.now = kMonday + 5 * kDay},
                                   {{"product", "kettle K2"},
                                    {"responsibility", "a supplier's"},
                                    {"correction", "lid replaced"},
                                    {"prevention", "bob checks seals until July"}});
  EXPECT_EQ(Field(form, filled, "customer").value, "c7");
  EXPECT_EQ(Field(form, filled, "received").value, "2024-06-03T07:00:00Z");
  EXPECT_EQ(Field(form, filled, "cause").value, "3");
  EXPECT_EQ(Field(form, filled, "cause_story").value, "a bad seal");
  EXPECT_EQ(Field(form, filled, "cost").value, "25.0000");
  EXPECT_EQ(Field(form, filled, "product").origin, FieldOrigin::kAnswer);
  EXPECT_EQ(Field(form, filled, "evidence").origin, FieldOrigin::kEmpty);
  EXPECT_EQ(Field(form, filled, "signed").origin, FieldOrigin::kMissing);  // Nobody investigated.
  EXPECT_EQ(filled.missing, 1U);
  const FilledField &facts = Field(form, filled, "facts");
  EXPECT_EQ(facts.evidence.size(), 11U);
  EXPECT_EQ(facts.value.substr(0, facts.value.find('\n')),
            "2024-06-03T07:00:00Z receive by supervisor: the kettle leaks");
  EXPECT_NE(facts.value.find("communicate by bob (supervisor), 25.0000: seals of May leak"),
            std::string::npos);
}

TEST(FormTest, AnAuditShowsItsEvents) {
  const Casebook book = ClosedCase();
  const Form form = *PresetForm("audit");
  const FilledForm filled = Filled(form, book, "A", {.now = kMonday + 5 * kDay});
  // Eight working hours from Monday 09:00 end on Monday; the answer came on Wednesday.
  const FilledField &late = Field(form, filled, "acknowledged");
  EXPECT_EQ(late.value, "no");
  EXPECT_EQ(late.why, "acknowledge was due 2024-06-03T17:00:00Z");
  EXPECT_EQ(late.evidence, (std::vector<uint32_t>{0, 1}));
  EXPECT_EQ(Field(form, filled, "reasons").value, "yes");
  EXPECT_EQ(Field(form, filled, "reasons").evidence, (std::vector<uint32_t>{6}));
  EXPECT_EQ(Field(form, filled, "cause").value, "yes");
  EXPECT_EQ(Field(form, filled, "cause").evidence, (std::vector<uint32_t>{10, 5}));
  EXPECT_EQ(Field(form, filled, "promises").evidence, (std::vector<uint32_t>{3, 4}));
  EXPECT_EQ(Field(form, filled, "asked").value, "yes");
  EXPECT_EQ(Field(form, filled, "prevention").origin, FieldOrigin::kEmpty);
  // acknowledged, status, resolved, reasons, cause, promises, asked; all but the first.
  EXPECT_EQ(filled.asked, 7U);
  EXPECT_EQ(filled.met, 6U);
}

TEST(FormTest, WhatDoesNotApplyIsNotCounted) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "B", .type = "receive", .at = kMonday, .code = 1}});
  const Form form = *PresetForm("audit");
  const FilledForm filled = Filled(form, book, "B", {.now = kMonday + kHour});
  for (const FormField &field : form.fields) {
    if (field.name == "prevention") continue;
    EXPECT_EQ(Field(form, filled, field.name).origin, FieldOrigin::kNotApplicable) << field.name;
    EXPECT_TRUE(Field(form, filled, field.name).evidence.empty()) << field.name;
  }
  EXPECT_EQ(filled.asked, 0U);
  const FilledForm later = Filled(form, book, "B", {.now = kMonday + 2 * kDay});
  EXPECT_EQ(Field(form, later, "acknowledged").value, "no");
  EXPECT_EQ(later.asked, 1U);
}

TEST(FormTest, WrongWaysAreFound) {
  Casebook book = NewBook();
  std::vector<Fact> facts = {
      {.id = 1, .case_id = "A", .type = "receive", .at = kMonday, .code = 1}};
  const char *const actors[] = {"ann", "bob", "cem", "dia"};
  for (int i = 0; i < 4; ++i) {
    facts.push_back({.id = 2 + i,
                     .case_id = "A",
                     .type = "note",
                     .at = kMonday + (1 + i) * kHour,
                     .actor = actors[i]});
  }
  facts.push_back(
      {.id = 9, .case_id = "A", .type = "withdraw", .at = kMonday + 6 * kHour, .role = "customer"});
  Take(book, facts);
  const Form form = *PresetForm("wrong_ways");
  const FilledForm filled = Filled(form, book, "A", {.now = kMonday + kDay});
  EXPECT_EQ(Field(form, filled, "not_passed_on").value, "no");
  EXPECT_EQ(Field(form, filled, "not_passed_on").evidence, (std::vector<uint32_t>{2, 3, 4}));
  EXPECT_EQ(Field(form, filled, "more_than_sorry").value, "no");
  EXPECT_EQ(Field(form, filled, "more_than_sorry").evidence, (std::vector<uint32_t>{5}));
  EXPECT_EQ(Field(form, filled, "kept_word").origin, FieldOrigin::kNotApplicable);
}

TEST(FormTest, ACrisisSheetAsksForFirstFastAndOneVoice) {
  Casebook book = NewBook();
  Take(book,
       {{.id = 1, .case_id = "A", .type = "receive", .at = kMonday, .code = 1, .text = "fire"},
        {.id = 2, .case_id = "A", .type = "set_media", .at = kMonday + kHour, .code = 2},
        {.id = 3,
         .case_id = "A",
         .type = "message_out",
         .at = kMonday + kHour + kHour / 2,
         .role = "spokesperson",
         .actor = "eva"},
        {.id = 4,
         .case_id = "A",
         .type = "message_out",
         .at = kMonday + 3 * kHour,
         .role = "spokesperson",
         .actor = "fay"}},
       kMonday + 5 * kHour);
  const Form form = *PresetForm("crisis");
  const FilledForm filled = Filled(form, book, "A", {.now = kMonday + 5 * kHour});
  EXPECT_EQ(Field(form, filled, "first").value, "no");
  EXPECT_EQ(Field(form, filled, "fast").value, "yes");
  EXPECT_EQ(Field(form, filled, "fast").evidence, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(Field(form, filled, "forum").value, "no");
  EXPECT_EQ(Field(form, filled, "known").value,
            "2024-06-03T07:00:00Z receive by supervisor: fire\n"
            "2024-06-03T08:00:00Z set_media by supervisor");
  EXPECT_EQ(Field(form, filled, "when_known").value,
            "2024-06-03T12:00:00Z receive by supervisor: fire\n"
            "2024-06-03T12:00:00Z set_media by supervisor");
  // An hour and a half after the receipt there was one voice.
  const FilledForm earlier = Filled(form, book, "A", {.now = 0, .occurred = kMonday + 2 * kHour});
  EXPECT_EQ(Field(form, earlier, "forum").value, "yes");
  EXPECT_EQ(Field(form, earlier, "done").value,
            "2024-06-03T08:30:00Z message_out by eva (spokesperson)");
}

TEST(FormTest, WhatWasKnownThenCounts) {
  Casebook book = NewBook();
  Take(book, {{.id = 1, .case_id = "A", .type = "receive", .at = kMonday, .code = 1}},
       kMonday + kHour);
  Take(book, {{.id = 2, .case_id = "A", .type = "triage", .at = kMonday + kHour / 2}},
       kMonday + 2 * kHour);
  const Form form = OneField(
      {.name = "state", .question = "?", .source = {.kind = SourceKind::kCase, .part = "state"}});
  const auto state = [&](const CaseMoment &moment) {
    return Filled(form, book, "A", moment).fields[0].value;
  };
  EXPECT_EQ(state({.now = kMonday}), "TRIAGED");
  EXPECT_EQ(state({.now = kMonday, .recorded = kMonday + kHour}), "RECEIVED");
  EXPECT_EQ(state({.now = kMonday, .occurred = kMonday}), "RECEIVED");
  const auto none = FillForm(form, book, 0, {.now = kMonday, .recorded = kMonday});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
}

TEST(FormTest, AnswersHaveToFit) {
  const Casebook book = ClosedCase();
  Form form = *PresetForm("phone");
  form.fields.push_back({.name = "age", .question = "?", .type = FieldType::kNumber});
  form.fields.push_back({.name = "cause_known",
                         .question = "?",
                         .type = FieldType::kFlag,
                         .source = {.kind = SourceKind::kReasons}});
  const auto message = [&](std::string_view field, std::string_view value) {
    const FormAnswer answer{field, value};
    const auto filled = FillForm(form, book, 0, {.now = kMonday}, {&answer, 1});
    return std::string(filled.status().message());
  };
  EXPECT_EQ(message("channel", "fax"), "channel: 'fax'; expected phone, video, counter");
  EXPECT_EQ(message("identity_checked", "maybe"), "identity_checked: 'maybe'; expected yes or no");
  EXPECT_EQ(message("shoe", "42"), "answers: 'shoe'; expected fields of the form phone");
  EXPECT_EQ(message("cause_known", "yes"),
            "cause_known: 'yes'; expected no answer: the log decides");
  for (const std::string_view time :
       {"2024-06-03", "2024-06-03T09:00", "2024-02-29T09:00:01.5Z", "2024-06-03 09:00+02:00"}) {
    EXPECT_EQ(message("promise_due", time), "") << time;
  }
  for (const std::string_view time : {"2023-02-29", "2024-6-3", "2024-06-03T25:00", "tomorrow",
                                      "2024-06-03T09:00+2", "2024-06-03T09:00:00."}) {
    EXPECT_NE(message("promise_due", time), "") << time;
  }
  for (const std::string_view number : {"0", "-12.50", "007"})
    EXPECT_EQ(message("age", number), "");
  for (const std::string_view number : {"", "1e3", ".5", "5.", "--1", "nan"}) {
    EXPECT_NE(message("age", number), "") << number;
  }
  const std::vector<FormAnswer> twice = {{"loss", "1"}, {"loss", "2"}};
  EXPECT_EQ(FillForm(form, book, 0, {.now = kMonday}, twice).status().message(),
            "answers: 'loss'; expected each field once");
}

TEST(FormTest, ALetterWithoutARequiredFieldIsNotPrinted) {
  const Casebook book = ClosedCase();
  const Form form = *PresetForm("rejected");
  const CaseMoment moment{.now = kMonday + 5 * kDay};
  std::vector<FormAnswer> answers = {{"salutation", "Dear Ms Noor"}};
  auto printed = PrintForm(form, Filled(form, book, "A", moment, answers));
  EXPECT_EQ(printed.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(printed.status().message(),
            "signature: missing in the form rejected; expected an answer (2 fields in all)");
  answers.push_back({"signature", "Bob <bob@example.com>"});
  answers.push_back({"remedy_body", "the Ombudsman & co"});
  const FilledForm filled = Filled(form, book, "A", moment, answers);
  printed = PrintForm(form, filled);
  ASSERT_TRUE(printed.ok()) << printed.status();
  EXPECT_EQ(*printed,
            "Dear Ms Noor,\n\nwe have looked into your complaint of 2024-06-03T07:00:00Z. We do "
            "not uphold it, for these reasons:\nseals of May leak\n\nIf you are not content with "
            "this you can turn to:\nthe Ombudsman & co\n\nBob <bob@example.com>\n"
            "Our reference: A, received 2024-06-03T07:00:00Z\n");
  printed = PrintForm(form, filled, Escape::kHtml);
  ASSERT_TRUE(printed.ok());
  EXPECT_NE(printed->find("the Ombudsman &amp; co"), std::string::npos);
  EXPECT_NE(printed->find("Bob &lt;bob@example.com&gt;"), std::string::npos);
}

TEST(FormTest, SectionsArePrintedIfThereIsAValue) {
  const Casebook book = ClosedCase();
  Form form = OneField({.name = "a", .question = "A?"});
  form.fields.push_back({.name = "b", .question = "B?"});
  form.body = "[{{#a}}a{{#b}}b{{/b}}{{^b}}-{{/b}}{{/a}}{{^a}}none{{#b}}!{{/b}}{{/a}}]";
  const auto print = [&](const std::vector<FormAnswer> &answers) {
    return *PrintForm(form, Filled(form, book, "A", {.now = kMonday}, answers));
  };
  EXPECT_EQ(print({}), "[none]");
  EXPECT_EQ(print({{"a", "1"}}), "[a-]");
  EXPECT_EQ(print({{"b", "1"}}), "[none!]");
  EXPECT_EQ(print({{"a", "1"}, {"b", "1"}}), "[ab]");
  form.body.clear();
  form.title = "Own";
  EXPECT_EQ(print({{"a", "1"}}), "Own\n\nA?: 1\nB?: \n");
}

}  // namespace
}  // namespace patron::complaints
