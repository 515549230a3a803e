// Referral value and credit, and what customers are worth in all.
#include <cmath>
#include <cstddef>
#include <cstdint>
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
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "c_api/row_numbers.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/c/retention.h"
#include "patron/loyalty/referral.hpp"

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> ReferralValues(const arrow::Table &table, double discount) {
  PATRON_ASSIGN_OR_RETURN(const auto id_reader, arrow::OpenIds(table, "referrer"));
  PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(id_reader));
  PATRON_ASSIGN_OR_RETURN(const auto margin, ReadNumbers(table, "margin"));
  PATRON_ASSIGN_OR_RETURN(const auto referral_cost, ReadNumbersOr(table, "referral_cost", 0));
  PATRON_ASSIGN_OR_RETURN(const auto marketing_cost, ReadNumbersOr(table, "marketing_cost", 0));
  PATRON_ASSIGN_OR_RETURN(const auto saving, ReadNumbersOr(table, "acquisition_saving", 0));
  PATRON_ASSIGN_OR_RETURN(const auto period, ReadNumbersOr(table, "period", 0));
  std::vector<uint8_t> anyway(margin.size());
  if (table.Find("would_have_come")) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, "would_have_come"));
    PATRON_ASSIGN_OR_RETURN(const auto flags, arrow::Load(reader));
    anyway.assign(flags.values.begin(), flags.values.end());
  }
  IdIndex referrers(ids.ids.is_text(), margin.size());
  std::vector<uint32_t> codes(margin.size());
  PATRON_RETURN_IF_ERROR(referrers.Encode(ids.ids, codes));
  std::vector<double> sums(referrers.size());
  std::vector<int64_t> one(referrers.size()), two(referrers.size());
  for (size_t i = 0; i < margin.size(); ++i) {
    const auto value = loyalty::ReferralValue(
        {margin[i], referral_cost[i], marketing_cost[i], saving[i], period[i], anyway[i] != 0},
        discount);
    if (!value.ok()) return InRow(value.status(), i);
    sums[codes[i]] += *value;
    ++(anyway[i] != 0 ? two : one)[codes[i]];
  }
  const std::vector<uint32_t> order = referrers.Ascending();
  std::vector<double> sorted;
  std::vector<int64_t> sorted_one, sorted_two;
  for (const uint32_t code : order) {
    sorted.push_back(sums[code]);
    sorted_one.push_back(one[code]);
    sorted_two.push_back(two[code]);
  }
  const IdList list = referrers.List(order);
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", list.span());
  builder.AddInt64("type_one", std::move(sorted_one));
  builder.AddInt64("type_two", std::move(sorted_two));
  builder.AddFloat64("value", std::move(sorted));
  return builder.Finish();
}

// Customers and the rows of their parents.
struct Family {
  std::optional<arrow::IdReader> reader;
  arrow::LoadedIds ids;
  std::vector<uint32_t> parents;
};

absl::StatusOr<Family> ReadFamily(const arrow::Table &table, std::string_view column,
                                  bool required) {
  Family family;
  PATRON_ASSIGN_OR_RETURN(family.reader, arrow::OpenIds(table, "customer_id"));
  PATRON_ASSIGN_OR_RETURN(family.ids, arrow::Load(*family.reader));
  const size_t n = family.ids.ids.size();
  IdIndex index(family.ids.ids.is_text(), n);
  std::vector<uint32_t> codes(n);
  PATRON_RETURN_IF_ERROR(index.Encode(family.ids.ids, codes));
  for (size_t i = 0; i < n; ++i) {
    if (codes[i] == i) continue;
    return InvalidRow("customer_id", i, absl::StrCat(FormatId(family.ids.ids, i), " again"),
                      "every customer once", n - index.size());
  }
  family.parents.assign(n, loyalty::kNoParent);
  if (!required && !table.Find(column)) return family;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto parents, arrow::Load(reader));
  for (size_t i = 0; i < n; ++i) {
    if (arrow::IsNull(parents.valid, i)) continue;
    const IdSpan id = parents.ids.subspan(i, 1);
    const uint32_t row = id.is_text() != index.is_text() ? IdIndex::kUnknown
                         : id.is_text()                  ? index.Find(id.text()[0])
                                                         : index.Find(id.integers()[0]);
    if (row == IdIndex::kUnknown) {
      return InvalidRow(column, i, FormatId(parents.ids, i), "a customer of these rows, or null");
    }
    family.parents[i] = row;
  }
  return family;
}

absl::StatusOr<arrow::Table> ReferralCredit(const arrow::Table &table,
                                            std::span<const double> weights) {
  PATRON_ASSIGN_OR_RETURN(const Family family, ReadFamily(table, "referred_by", true));
  PATRON_ASSIGN_OR_RETURN(const auto values, ReadNumbers(table, "value"));
  PATRON_ASSIGN_OR_RETURN(const auto order, loyalty::ParentsFirst(family.parents, "referred_by"));
  PATRON_ASSIGN_OR_RETURN(auto credit,
                          loyalty::CreditReferrals(family.parents, values, weights, "referred_by"));
  std::vector<int32_t> depth(values.size());
  for (const uint32_t row : order) {
    if (family.parents[row] != loyalty::kNoParent) depth[row] = depth[family.parents[row]] + 1;
  }
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", family.ids.ids);
  builder.AddFloat64("credit", std::move(credit));
  builder.AddInt32("depth", std::move(depth));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> CustomerWorth(const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const Family family, ReadFamily(table, "parent", false));
  PATRON_ASSIGN_OR_RETURN(auto purchase, ReadNumbersOr(table, "purchase_value", 0));
  PATRON_ASSIGN_OR_RETURN(auto referral, ReadNumbersOr(table, "referral_value", 0));
  PATRON_ASSIGN_OR_RETURN(auto retention, ReadNumbersOr(table, "retention_value", 0));
  PATRON_ASSIGN_OR_RETURN(auto cost, ReadNumbersOr(table, "cost_to_serve", 0));
  std::vector<double> worth(purchase.size());
  for (size_t i = 0; i < worth.size(); ++i) {
    worth[i] = purchase[i] + referral[i] + retention[i] - cost[i];
  }
  PATRON_ASSIGN_OR_RETURN(auto account, loyalty::RollUp(family.parents, worth, "parent"));
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", family.ids.ids);
  builder.AddFloat64("purchase_value", std::move(purchase));
  builder.AddFloat64("referral_value", std::move(referral));
  builder.AddFloat64("retention_value", std::move(retention));
  builder.AddFloat64("cost_to_serve", std::move(cost));
  builder.AddFloat64("worth", std::move(worth));
  builder.AddFloat64("account_worth", std::move(account));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" patron_status patron_referral_value(const patron_table *table, double discount,
                                               patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    // Before the rows, so that it is not taken for an error of one.
    PATRON_RETURN_IF_ERROR(patron::loyalty::ReferralValue({}, discount).status());
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::ReferralValues(table->table, discount));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_word_of_mouth_init(patron_word_of_mouth *words) {
  *words = {};
  words->struct_size = sizeof *words;
  words->tell_good = words->tell_bad = words->circle = c_api::kNaN;
  words->conversion_good = words->loss_bad = 0.01;
}

extern "C" patron_status patron_word_of_mouth_balance(const patron_word_of_mouth *words,
                                                      const patron_context *context, double *out,
                                                      patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("words", words));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_word_of_mouth full;
    patron_word_of_mouth_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("words", words, &full));
    const patron::Defaults &defaults = c_api::DefaultsOf(context);
    const auto value_or = [&](double given, std::string_view name) -> absl::StatusOr<double> {
      if (!std::isnan(given)) return given;
      return defaults.Get(name);
    };
    PATRON_ASSIGN_OR_RETURN(const double good,
                            value_or(full.tell_good, "wom_positive_good_service"));
    PATRON_ASSIGN_OR_RETURN(const double bad, value_or(full.tell_bad, "wom_negative_mean"));
    PATRON_ASSIGN_OR_RETURN(const double circle, value_or(full.circle, "personal_circle_size"));
    PATRON_ASSIGN_OR_RETURN(
        *out, patron::loyalty::WordOfMouthBalance({.good = full.good,
                                                   .bad = full.bad,
                                                   .value = full.value,
                                                   .tell_good = good,
                                                   .tell_bad = bad,
                                                   .circle = circle,
                                                   .conversion_good = full.conversion_good,
                                                   .loss_bad = full.loss_bad}));
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_referral_credit(const patron_table *table, const double *weights,
                                                size_t count, patron_table **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("weights", weights));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    if (count == 0 || count > 100) {
      return patron::InvalidOption("weights", absl::StrCat(count, " numbers"), "1 to 100");
    }
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::ReferralCredit(table->table, {weights, count}));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_customer_worth(const patron_table *table, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::CustomerWorth(table->table));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
