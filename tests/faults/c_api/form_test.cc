// Forms out of memory.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/authority.h"
#include "patron/c/form.h"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

constexpr int64_t kMonday = 1'717'398'000'000'000;

Own<patron_casebook> OneCase() {
  const TextColumn days({"mon"}), open({"09:00"}), close({"17:00"});
  const auto hours = TableOf({days.As("day"), open.As("open"), close.As("close")});
  const auto calendar = Made<patron_calendar>(
      [&](auto out) { return patron_calendar_create("UTC", hours.get(), out, nullptr); });
  const auto policy = Made<patron_policy>(
      [&](auto out) { return patron_policy_preset("default", 4, out, nullptr); });
  auto book = Made<patron_casebook>([&](auto out) { return patron_casebook_create(out, nullptr); });
  EXPECT_EQ(patron_casebook_add_calendar(book.get(), "service", calendar.get(), 0, nullptr),
            PATRON_OK);
  EXPECT_EQ(patron_casebook_add_policy(book.get(), policy.get(), nullptr), PATRON_OK);
  const std::vector<int64_t> ids = {1, 2, 3}, cases = {7, 7, 7};
  const std::vector<int64_t> times = {kMonday, kMonday + 1, kMonday + 2};
  const TextColumn types({"receive", "acknowledge", "withdraw"});
  const TextColumn roles({"frontline", "frontline", "customer"});
  const TextColumn texts({"a text that is too long for a short string", "b", "c"});
  const auto events = TableOf({ColumnOf("event", PATRON_TYPE_INT64, ids),
                               ColumnOf("case", PATRON_TYPE_INT64, cases), types.As("type"),
                               ColumnOf("time", PATRON_TYPE_TIMESTAMP_US, times), roles.As("role"),
                               texts.As("text")});
  patron_apply_options options;
  patron_apply_options_init(&options);
  options.recorded = kMonday + 3;
  EXPECT_EQ(patron_casebook_apply(book.get(), events.get(), &options, nullptr, nullptr, nullptr),
            PATRON_OK);
  return book;
}

TEST(FormAllocationTest, Forms) {
  const auto preset = [](auto out) { return patron_form_preset("investigation", out, nullptr); };
  FailMaking<patron_form>("patron_form_preset", preset);
  const auto form = Made<patron_form>(preset);
  const auto policy =
      Made<patron_policy>([&](auto out) { return patron_policy_preset("cfpb", 4, out, nullptr); });
  FailMaking<patron_table>("patron_form_check", [&](auto out) {
    return patron_form_check(form.get(), policy.get(), out, nullptr);
  });
  const auto json = [&](auto out) { return patron_form_to_json(form.get(), out, nullptr); };
  FailMaking<patron_bytes>("patron_form_to_json", json);
  const auto text = Made<patron_bytes>(json);
  FailMaking<patron_form>("patron_form_from_json", [&](auto out) {
    return patron_form_from_json(patron_bytes_data(text.get()), patron_bytes_size(text.get()), out,
                                 nullptr);
  });
}

TEST(FormAllocationTest, FilledForms) {
  const auto book = OneCase();
  const auto form =
      Made<patron_form>([](auto out) { return patron_form_preset("closure", out, nullptr); });
  const TextColumn fields({"salutation", "signature", "survey"}), values({"Dear", "us", "here"});
  const auto answers = TableOf({fields.As("field"), values.As("answer")});
  patron_form_moment moment;
  patron_form_moment_init(&moment);
  moment.case_id = 7;
  moment.now = kMonday + 3;
  const auto fill = [&](auto out) {
    return patron_form_fill(form.get(), book.get(), &moment, answers.get(), out, nullptr);
  };
  FailMaking<patron_filled_form>("patron_form_fill", fill);
  const auto filled = Made<patron_filled_form>(fill);
  FailMaking<patron_bytes>("patron_filled_form_print", [&](auto out) {
    return patron_filled_form_print(filled.get(), PATRON_FORM_HTML, out, nullptr);
  });
  FailCall("patron_filled_form_read", [&] {
    patron_table *table = nullptr, *evidence = nullptr;
    const patron_status status =
        patron_filled_form_read(filled.get(), &table, &evidence, nullptr, nullptr);
    EXPECT_EQ(status == PATRON_OK, table != nullptr);
    EXPECT_EQ(table == nullptr, evidence == nullptr);
    Own<patron_table>{table};
    Own<patron_table>{evidence};
    return status;
  });
  FailMaking<patron_table>("patron_casebook_empowerment", [&](auto out) {
    return patron_casebook_empowerment(book.get(), PATRON_NO_TIME, PATRON_NO_TIME, 0.95, out,
                                       nullptr);
  });
}

TEST(FormAllocationTest, AuthorityAndFaults) {
  const auto policy = Made<patron_policy>(
      [&](auto out) { return patron_policy_preset("default", 4, out, nullptr); });
  FailMaking<patron_table>("patron_policy_authority", [&](auto out) {
    return patron_policy_authority(policy.get(), out, nullptr);
  });
  const TextColumn units({"shop", "depot"}), causes({"staff", "late"}), sanctions({"talk"});
  const std::vector<int64_t> upheld = {1, 0}, severity = {2, 3}, received = {0, 1};
  const std::vector<double> from = {1}, amount = {0};
  const auto cases =
      TableOf({units.As("unit"), causes.As("cause"), ColumnOf("upheld", PATRON_TYPE_INT64, upheld),
               ColumnOf("severity", PATRON_TYPE_INT64, severity),
               ColumnOf("received", PATRON_TYPE_TIMESTAMP_US, received)});
  const auto scale = TableOf({ColumnOf("from", PATRON_TYPE_FLOAT64, from), sanctions.As("sanction"),
                              ColumnOf("amount", PATRON_TYPE_FLOAT64, amount)});
  FailMaking<patron_table>("patron_complaint_faults", [&](auto out) {
    return patron_complaint_faults(cases.get(), 10, scale.get(), out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
