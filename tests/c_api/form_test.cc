// Forms, authority and faults at the C interface.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/casebooks.hpp"
#include "c_api/tables.hpp"
#include "patron/c/authority.h"
#include "patron/c/form.h"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using FormPointer = std::unique_ptr<patron_form, decltype(&patron_form_free)>;
using FilledPointer = std::unique_ptr<patron_filled_form, decltype(&patron_filled_form_free)>;

FormPointer Preset(const char *name) {
  patron_form *form = nullptr;
  Error error;
  EXPECT_EQ(patron_form_preset(name, &form, error.get()), PATRON_OK) << error.message();
  return {form, patron_form_free};
}

class FormTest : public ::testing::Test {
 protected:
  FormTest() {
    Error error;
    patron_casebook *book = nullptr;
    EXPECT_EQ(patron_casebook_create(&book, error.get()), PATRON_OK);
    book_.reset(book);
    AddRules(book);
    const Applied applied = Apply(
        book,
        {{.id = "e1", .case_id = "A", .type = "receive", .customer = "c7", .text = "It leaks."},
         {.id = "e2",
          .case_id = "A",
          .type = "acknowledge",
          .time = kMonday + 48 * kHour,
          .actor = "ann"}},
        kMonday + 72 * kHour);
    EXPECT_EQ(applied.report.applied, 2U);
    patron_form_moment_init(&moment_);
    moment_.case_text = "A";
    moment_.now = kMonday + 72 * kHour;
  }

  BookPointer book_;
  patron_form_moment moment_;
};

TEST_F(FormTest, JsonGivesTheFormBack) {
  const FormPointer form = Preset("upheld");
  const std::string text = BytesOf<patron_form>(patron_form_to_json, form.get());
  patron_form *again = nullptr;
  Error error;
  ASSERT_EQ(patron_form_from_json(text.data(), text.size(), &again, error.get()), PATRON_OK);
  const FormPointer owned(again, patron_form_free);
  EXPECT_EQ(BytesOf<patron_form>(patron_form_to_json, again), text);

  auto *untouched = Untouched<patron_form>();
  EXPECT_EQ(patron_form_preset("none", &untouched, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_form>());
  EXPECT_EQ(patron_form_from_json("{", 1, &untouched, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "json: line 1, column 2: the end; expected text in quotes");
  EXPECT_EQ(patron_form_preset(nullptr, &untouched, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(untouched, Untouched<patron_form>());
}

TEST_F(FormTest, FieldsEvidenceAndSummary) {
  const FormPointer form = Preset("audit");
  patron_filled_form *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_form_fill(form.get(), book_.get(), &moment_, nullptr, &raw, error.get()),
            PATRON_OK)
      << error.message();
  const FilledPointer filled(raw, patron_filled_form_free);
  book_.reset();  // It does not need the casebook any more.
  patron_table *fields = nullptr, *evidence = nullptr;
  patron_form_summary summary{};
  summary.struct_size = sizeof summary;
  ASSERT_EQ(patron_filled_form_read(raw, &fields, &evidence, &summary, error.get()), PATRON_OK);
  EXPECT_EQ(patron_table_rows(fields), 8);
  EXPECT_EQ(patron_table_rows(evidence), 2);
  EXPECT_EQ(summary.missing, 0U);
  EXPECT_EQ(summary.asked, 1U);  // Acknowledged late; nothing else is known yet.
  EXPECT_EQ(summary.met, 0U);
  patron_table_free(fields);
  patron_table_free(evidence);
  // Each output may be left out.
  EXPECT_EQ(patron_filled_form_read(raw, nullptr, nullptr, nullptr, error.get()), PATRON_OK);
  EXPECT_EQ(patron_filled_form_read(nullptr, nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST_F(FormTest, ALetterIsPrintedWhenItIsWhole) {
  const FormPointer form = Preset("acknowledgement");
  Error error;
  const auto fill = [&](const patron_table *answers) {
    patron_filled_form *raw = nullptr;
    EXPECT_EQ(patron_form_fill(form.get(), book_.get(), &moment_, answers, &raw, error.get()),
              PATRON_OK)
        << error.message();
    return FilledPointer(raw, patron_filled_form_free);
  };
  auto *bytes = Untouched<patron_bytes>();
  EXPECT_EQ(patron_filled_form_print(fill(nullptr).get(), PATRON_FORM_TEXT, &bytes, error.get()),
            PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(
      error.message(),
      "salutation: missing in the form acknowledgement; expected an answer (2 fields in all)");
  EXPECT_EQ(bytes, Untouched<patron_bytes>());
  TableOf answers;
  answers.Texts("field", {"salutation", "signature"}).Texts("answer", {"Dear <you>", "Ann"});
  const FilledPointer filled = fill(answers.get());
  ASSERT_EQ(patron_filled_form_print(filled.get(), PATRON_FORM_HTML, &bytes, error.get()),
            PATRON_OK);
  const std::string text(static_cast<const char *>(patron_bytes_data(bytes)),
                         patron_bytes_size(bytes));
  patron_bytes_free(bytes);
  EXPECT_EQ(text.substr(0, 20), "Dear &lt;you&gt;,\n\nt");
  EXPECT_NE(text.find("ann is looking into it"), std::string::npos);
  bytes = Untouched<patron_bytes>();
  EXPECT_EQ(patron_filled_form_print(filled.get(), 2, &bytes, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "target: 2; expected 0 to 1");
}

TEST_F(FormTest, WhatCannotBeFilledIsNamed) {
  const FormPointer form = Preset("audit");
  auto *raw = Untouched<patron_filled_form>();
  Error error;
  const auto fill = [&](const patron_table *answers = nullptr) {
    return patron_form_fill(form.get(), book_.get(), &moment_, answers, &raw, error.get());
  };
  TableOf answers;
  answers.Texts("field", {"reasons"}).Texts("answer", {"yes"});
  EXPECT_EQ(fill(answers.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "reasons: 'yes'; expected no answer: the log decides");
  moment_.recorded = kMonday;
  EXPECT_EQ(fill(), PATRON_NOT_FOUND);
  moment_.recorded = PATRON_NO_TIME;
  moment_.case_text = "B";
  EXPECT_EQ(fill(), PATRON_NOT_FOUND);
  moment_.reserved = 1;
  EXPECT_EQ(fill(), PATRON_INVALID_ARGUMENT);
  moment_.reserved = 0;
  moment_.struct_size = 0;
  EXPECT_EQ(fill(), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(raw, Untouched<patron_filled_form>());
}

TEST_F(FormTest, AuthorityEmpowermentAndFaults) {
  Error error;
  patron_policy *policy = nullptr;
  ASSERT_EQ(patron_policy_preset("default", 2, &policy, error.get()), PATRON_OK);
  patron_table *table = nullptr;
  ASSERT_EQ(patron_policy_authority(policy, &table, error.get()), PATRON_OK);
  EXPECT_GT(patron_table_rows(table), 50);
  patron_table_free(table);
  patron_policy_free(policy);
  ASSERT_EQ(patron_casebook_empowerment(book_.get(), PATRON_NO_TIME, PATRON_NO_TIME, 0.95, &table,
                                        error.get()),
            PATRON_OK)
      << error.message();
  EXPECT_EQ(patron_table_rows(table), 0);  // Nothing is closed.
  patron_table_free(table);
  TableOf cases;
  cases.Texts("unit", {"shop"})
      .Texts("cause", {"staff"})
      .Integers("upheld", std::vector<int64_t>{1})
      .Integers("severity", std::vector<int64_t>{3})
      .Times("received", std::vector<int64_t>{0});
  ASSERT_EQ(patron_complaint_faults(cases.get(), kHour, nullptr, &table, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(patron_table_rows(table), 1);
  patron_table_free(table);
  table = Untouched<patron_table>();
  EXPECT_EQ(patron_complaint_faults(cases.get(), 0, nullptr, &table, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "window: 0; expected more than 0");
  EXPECT_EQ(table, Untouched<patron_table>());
}

}  // namespace
}  // namespace patron::c_api_test
