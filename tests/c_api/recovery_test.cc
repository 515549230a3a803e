// Priority, causes, costs, compensation, return, the complaint pyramid and market damage.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pointwise;

using Call = std::function<patron_status(patron_table **, patron_error *)>;

Table Answer(const Call &call) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(call(&out, error.get()), PATRON_OK) << error.message();
  return Table(out);
}

std::string Refused(const Call &call) {
  Error error;
  patron_table *out = nullptr;
  EXPECT_EQ(call(&out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, nullptr);
  return error.message();
}

TEST(ComplaintPriorityTest, NamesOfColumnsAreTheCallers) {
  TableOf table;
  table.Integers("grade", std::vector<int64_t>{1, 3, 4})
      .Numbers("worth", std::vector<double>{0.5, 0.5, 0.5});
  patron_priority_options options;
  patron_priority_options_init(&options);
  options.severity = "grade";
  options.value = "worth";
  const Table scores = Answer([&](auto out, auto error) {
    return patron_complaint_priority(table.get(), &options, out, error);
  });
  EXPECT_THAT(Numbers(scores, "score"), ElementsAre(10, DoubleNear(80.0 / 3 + 10, 1e-12), 100));
  EXPECT_THAT(Numbers(scores, "value"), ElementsAre(10, 10, 10));
  TableOf wrong;
  wrong.Integers("grade", std::vector<int64_t>{1, 9}).Numbers("worth", std::vector<double>{0, 2});
  EXPECT_EQ(Refused([&](auto out, auto error) {
              return patron_complaint_priority(wrong.get(), &options, out, error);
            }),
            "grade: row 1 is 9; expected 1 to 4");
  options.severity = nullptr;
  EXPECT_THAT(Refused([&](auto out, auto error) {
                return patron_complaint_priority(wrong.get(), &options, out, error);
              }),
              HasSubstr("severity"));
}

TEST(ComplaintCausesTest, AreRankedAndFoundToBeSystemic) {
  TableOf table;
  table.Texts("cause", {"price", "delivery.late", "delivery.lost", "delivery.late"})
      .Numbers("cost", std::vector<double>{100, 1, 2, 3})
      .Times("received", std::vector<int64_t>{0, kDay, 2 * kDay, 3 * kDay});
  patron_pareto_options options;
  patron_pareto_options_init(&options);
  options.levels = 1;
  Table ranked = Answer([&](auto out, auto error) {
    return patron_complaint_rank_causes(table.get(), &options, out, error);
  });
  EXPECT_THAT(Integers(ranked, "cases"), ElementsAre(3, 1));
  options.by = PATRON_CAUSES_BY_COST;
  options.cost = "cost";
  ranked = Answer([&](auto out, auto error) {
    return patron_complaint_rank_causes(table.get(), &options, out, error);
  });
  EXPECT_THAT(Numbers(ranked, "cost"), ElementsAre(100, 6));
  const Table systemic = Answer([&](auto out, auto error) {
    return patron_complaint_systemic_causes(table.get(), 3, 7 * kDay, 1, out, error);
  });
  EXPECT_THAT(Times(systemic, "alarm"), ElementsAre(3 * kDay));
  EXPECT_THAT(Integers(systemic, "highest"), ElementsAre(3));
  EXPECT_EQ(Refused([&](auto out, auto error) {
              return patron_complaint_systemic_causes(table.get(), 1, kDay, 1, out, error);
            }),
            "cases: 1; expected 2 or more");
  EXPECT_EQ(patron_table_rows(Answer([](auto out, auto error) {
                                return patron_complaint_causes(out, error);
                              }).get()),
            12);
}

TEST(ComplaintHabitualTest, TellsTheSegment) {
  TableOf table;
  table.Integers("complaints", std::vector<int64_t>{1, 1, 2, 0})
      .Integers("upheld", std::vector<int64_t>{1, 1, 1, 0})
      .Numbers("exposure", std::vector<double>{2, 2, 2, 2});
  patron_habitual_segment segment{};
  segment.struct_size = sizeof segment;
  const Table found = Answer([&](auto out, auto error) {
    return patron_complaint_habitual(table.get(), 0.05, 0.95, out, &segment, error);
  });
  EXPECT_EQ(segment.rate, 0.5);
  EXPECT_EQ(segment.flagged, 0u);
  EXPECT_EQ(segment.dispersion, std::numeric_limits<double>::infinity());
  // What the three others complain of in six units of time, times two.
  EXPECT_THAT(Numbers(found, "expected"), ElementsAre(1, 1, ::testing::DoubleEq(2 / 6.0 * 2),
                                                      ::testing::DoubleEq(4 / 6.0 * 2)));
}

TEST(ComplaintRecoveryTest, CostsOffersAndReturns) {
  TableOf cases;
  cases.Numbers("minutes", std::vector<double>{30})
      .Numbers("fines", std::vector<double>{7})
      .Numbers("loss", std::vector<double>{50})
      .Integers("severity", std::vector<int64_t>{2})
      .Numbers("limit", std::vector<double>{40});
  EXPECT_THAT(Numbers(Answer([&](auto out, auto error) {
                        return patron_complaint_case_costs(cases.get(), 2, out, error);
                      }),
                      "cost"),
              ElementsAre(67));
  EXPECT_THAT(Numbers(Answer([&](auto out, auto error) {
                        return patron_complaint_compensation(cases.get(), nullptr, out, error);
                      }),
                      "proposed"),
              ElementsAre(40));
  patron_compensation_terms terms;
  patron_compensation_terms_init(&terms);
  terms.tiers = 2;
  EXPECT_THAT(Refused([&](auto out, auto error) {
                return patron_complaint_compensation(cases.get(), &terms, out, error);
              }),
              HasSubstr("goodwill: NULL"));
  const Table rates = Answer(
      [](auto out, auto error) { return patron_complaint_returns(nullptr, nullptr, out, error); });
  EXPECT_THAT(Numbers(rates, "rate"),
              Pointwise(DoubleNear(1e-15), {0.09, 0.37, 0.19, 0.46, 0.54, 0.70, 0.82, 0.95}));
  TableOf own;
  own.Texts("handling", {"never"})
      .Integers("minor", std::vector<int64_t>{0})
      .Integers("returned", std::vector<int64_t>{1});
  EXPECT_EQ(Refused([&](auto out, auto error) {
              return patron_complaint_returns(own.get(), nullptr, out, error);
            }),
            "handling: row 0 is 'never'; expected silent, unresolved, resolved or "
            "resolved_quickly");
  double value = -1;
  EXPECT_EQ(patron_complaint_recovery_value(0.5, 0.25, 100, 5, &value, nullptr), PATRON_OK);
  EXPECT_EQ(value, 20);
  EXPECT_EQ(patron_complaint_recovery_value(2, 0.25, 100, 5, &value, nullptr),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(value, 20);
}

TEST(ComplaintPyramidTest, FromARateAndFromASample) {
  patron_complaint_pyramid_result found{};
  found.struct_size = sizeof found;
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(patron_complaint_estimate_pyramid(40, 0.04, 0, 0, 0.95, &found, nullptr), PATRON_OK);
  EXPECT_DOUBLE_EQ(found.problems, 1000);
  EXPECT_EQ(patron_complaint_estimate_pyramid(40, kNaN, 120, 400, 0.95, &found, nullptr),
            PATRON_OK);
  EXPECT_NEAR(found.multiplier_upper, 3.889, 5e-4);
  EXPECT_EQ(patron_complaint_estimate_pyramid(40, kNaN, 0, 400, 0.95, &found, nullptr),
            PATRON_INVALID_ARGUMENT);
  const double counts[] = {100, 5};
  EXPECT_THAT(Numbers(Answer([&](auto out, auto error) {
                        return patron_complaint_conversion(counts, 2, 0.95, out, error);
                      }),
                      "share"),
              ElementsAre(0.05));
  EXPECT_EQ(patron_table_rows(Answer([](auto out, auto error) {
                                return patron_complaint_voice_rates(out, error);
                              }).get()),
            4);
}

TEST(ComplaintDamageTest, HasAPointAndBounds) {
  patron_market_damage_terms terms;
  patron_market_damage_terms_init(&terms);
  terms.customers = 10'000;
  terms.value = 500;
  terms.problem_rate = 0.3;
  terms.problem_sample = 500;
  terms.voice_rate = 0.25;
  terms.satisfied = 0.4;
  terms.mollified = 0.3;
  terms.loyalty_none = 0.9;
  const double loyalty[] = {0.85, 0.7, 0.45, 0.6};
  for (size_t o = 0; o < 4; ++o) terms.loyalty[o] = loyalty[o];
  patron_market_damage damage{}, lower{}, upper{};
  damage.struct_size = lower.struct_size = upper.struct_size = sizeof damage;
  EXPECT_EQ(patron_complaint_market_damage(&terms, &damage, &lower, &upper, nullptr), PATRON_OK);
  EXPECT_NEAR(damage.lost, 836.25, 1e-9);
  EXPECT_LT(lower.lost, 836.25);
  EXPECT_GT(upper.lost, 836.25);
  terms.level = 1;
  EXPECT_EQ(patron_complaint_market_damage(&terms, &damage, nullptr, nullptr, nullptr), PATRON_OK);
  EXPECT_EQ(patron_complaint_market_damage(&terms, &damage, &lower, nullptr, nullptr),
            PATRON_INVALID_ARGUMENT);
}

TEST(CategoryModelTest, SuggestsAndIsWritten) {
  TableOf table;
  table.Texts("text", {"late", "late again", "price", "a price"})
      .Texts("category", {"delivery", "delivery", "price", "price"});
  Error error;
  patron_category_model *model = nullptr;
  ASSERT_EQ(patron_category_fit(table.get(), nullptr, &model, error.get()), PATRON_OK)
      << error.message();
  const Table suggested = Answer([&](auto out, auto e) {
    return patron_category_suggest(model, table.get(), nullptr, 0.5, out, e);
  });
  EXPECT_THAT(Texts(suggested, "category"), ElementsAre("delivery", "delivery", "price", "price"));
  patron_category_scores scores{};
  scores.struct_size = sizeof scores;
  const Table by_category = Answer([&](auto out, auto e) {
    return patron_category_evaluate(model, table.get(), nullptr, nullptr, 0, &scores, out, e);
  });
  EXPECT_EQ(scores.macro_f1, 1);
  EXPECT_THAT(Integers(by_category, "support"), ElementsAre(2, 2));
  patron_bytes *bytes = nullptr, *again_bytes = nullptr;
  ASSERT_EQ(patron_category_serialize(model, &bytes, nullptr), PATRON_OK);
  patron_category_model *again = nullptr;
  ASSERT_EQ(patron_category_deserialize(patron_bytes_data(bytes), patron_bytes_size(bytes), &again,
                                        nullptr),
            PATRON_OK);
  ASSERT_EQ(patron_category_serialize(again, &again_bytes, nullptr), PATRON_OK);
  const auto text = [](const patron_bytes *b) {
    return std::string(static_cast<const char *>(patron_bytes_data(b)), patron_bytes_size(b));
  };
  EXPECT_EQ(text(bytes), text(again_bytes));
  EXPECT_THAT(Refused([&](auto out, auto e) {
                return patron_category_suggest(model, table.get(), "none", 0.5, out, e);
              }),
              HasSubstr("none"));
  patron_bytes_free(bytes);
  patron_bytes_free(again_bytes);
  patron_category_free(again);
  patron_category_free(model);
}

}  // namespace
}  // namespace patron::c_api_test
