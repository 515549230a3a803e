// Loyalty at the C interface: index, classes, figures, discrete time, curves of satisfaction.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
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

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct Free {
  void operator()(patron_loyalty_index *index) const { patron_loyalty_index_free(index); }
  void operator()(patron_discrete_hazard *model) const { patron_discrete_hazard_free(model); }
};

patron_index_component Component(const char *name, double weight) {
  patron_index_component component{};
  component.struct_size = sizeof component;
  component.name = name;
  component.weight = weight;
  component.high = 1;
  return component;
}

TEST(LoyaltyIndexTest, ScoresWhatIsKnownAndComesBackFromBytes) {
  TableOf customers;
  customers.Numbers("a", std::vector<std::optional<double>>{0.5, std::nullopt})
      .Numbers("b", std::vector<double>{1, 1});
  const patron_index_component components[] = {Component("a", 0.6), Component("b", 0.4)};
  Error error;
  patron_loyalty_index *made = nullptr;
  ASSERT_EQ(
      patron_loyalty_index_fit(customers.get(), components, 2, kNan, nullptr, &made, error.get()),
      PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_loyalty_index, Free> index(made);
  patron_bytes *bytes = nullptr;
  ASSERT_EQ(patron_loyalty_index_serialize(made, &bytes, error.get()), PATRON_OK);
  patron_loyalty_index *read = nullptr;
  ASSERT_EQ(patron_loyalty_index_deserialize(patron_bytes_data(bytes), patron_bytes_size(bytes),
                                             &read, error.get()),
            PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_loyalty_index, Free> again(read);
  auto *untouched = Untouched<patron_loyalty_index>();
  EXPECT_EQ(patron_loyalty_index_deserialize(patron_bytes_data(bytes), patron_bytes_size(bytes) - 1,
                                             &untouched, error.get()),
            PATRON_DATA_LOSS);
  EXPECT_EQ(untouched, Untouched<patron_loyalty_index>());
  patron_bytes_free(bytes);
  for (const patron_loyalty_index *each : {made, read}) {
    patron_table *out = nullptr;
    ASSERT_EQ(patron_loyalty_index_score(each, customers.get(), nullptr, &out, error.get()),
              PATRON_OK);
    const Table scores(out);
    const auto values = Optional<double>(out, "index", PATRON_TYPE_FLOAT64);
    EXPECT_NEAR(values[0].value_or(kNan), 70, 1e-12);
    EXPECT_FALSE(values[1].has_value());
    EXPECT_THAT(Numbers(scores, "coverage"), ElementsAre(1, DoubleNear(0.4, 1e-15)));
  }
}

TEST(LoyaltyClassesTest, NeedAScheme) {
  TableOf customers;
  customers.Numbers("repeats", std::vector<double>{3, 2})
      .Numbers("attitude", std::vector<double>{0.5, 0.5});
  patron_classes_options options;
  patron_classes_options_init(&options);
  auto *out = Untouched<patron_table>();
  Error error;
  EXPECT_EQ(patron_loyalty_classes(customers.get(), &options, &out, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("scheme: -1; expected 0 to 4"));
  EXPECT_EQ(out, Untouched<patron_table>());
  options.scheme = PATRON_CLASSES_TEXTBOOK;
  patron_table *counts = nullptr;
  ASSERT_EQ(patron_loyalty_classes(customers.get(), &options, &out, &counts, error.get()),
            PATRON_OK);
  const Table rows(out), sizes(counts);
  EXPECT_THAT(Texts(rows, "class"), ElementsAre("loyal", "not loyal"));
  EXPECT_THAT(Integers(sizes, "customers"), ElementsAre(1, 1, 0));
}

TEST(NetPromoterTest, ScoreAndChange) {
  TableOf answers;
  answers.Integers("answer", std::vector<int64_t>{10, 9, 8, 3});
  patron_net_promoter_result first{}, second{};
  first.struct_size = second.struct_size = sizeof first;
  Error error;
  ASSERT_EQ(patron_net_promoter(answers.get(), nullptr, &first, error.get()), PATRON_OK);
  EXPECT_DOUBLE_EQ(first.score, 25);
  EXPECT_NEAR(first.std_err, 100 * std::sqrt((0.75 - 0.0625) / 4), 1e-12);
  second = first;
  second.score = 35;
  patron_score_change change{};
  change.struct_size = sizeof change;
  ASSERT_EQ(patron_net_promoter_change(&first, &second, 0.95, &change, error.get()), PATRON_OK);
  EXPECT_NEAR(change.change, 10, 1e-12);
  EXPECT_NEAR(change.std_err, first.std_err * std::sqrt(2.0), 1e-12);
}

TEST(DiscreteHazardTest, LifeTable) {
  TableOf rows;
  rows.Integers("duration", std::vector<int64_t>{1, 1, 2, 2})
      .Integers("event", std::vector<int64_t>{1, 0, 1, 0});
  Error error;
  patron_discrete_hazard *made = nullptr;
  ASSERT_EQ(patron_discrete_hazard_fit(rows.get(), nullptr, nullptr, &made, error.get()), PATRON_OK)
      << error.message();
  const std::unique_ptr<patron_discrete_hazard, Free> model(made);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_discrete_hazard_baseline(made, &out, error.get()), PATRON_OK);
  const Table baseline(out);
  EXPECT_THAT(Numbers(baseline, "hazard"), ElementsAre(DoubleNear(0.25, 1e-15), 0.5));
  EXPECT_EQ(
      patron_discrete_hazard_predict(made, rows.get(), nullptr, 0, nullptr, &out, error.get()),
      PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "periods: 0; expected 1 to 10000");
}

TEST(SatisfactionCurveTest, LineByHand) {
  TableOf rows;
  rows.Numbers("satisfaction", std::vector<double>{1, 2, 3, 4, 5})
      .Numbers("loyalty", std::vector<double>{1, 3, 2, 5, 4});
  Error error;
  patron_table *terms = nullptr;
  patron_satisfaction_curve_result result{};
  result.struct_size = sizeof result;
  ASSERT_EQ(patron_satisfaction_curve(rows.get(), nullptr, &terms, nullptr, &result, error.get()),
            PATRON_OK)
      << error.message();
  const Table table(terms);
  EXPECT_NEAR(Numbers(table, "estimate")[1], 0.8, 1e-12);
  EXPECT_NEAR(result.linear_share, 0.64, 1e-12);

  patron_table *boxes = nullptr;
  ASSERT_EQ(patron_top_boxes(rows.get(), nullptr, &boxes, error.get()), PATRON_OK)
      << error.message();
  const Table counted(boxes);
  EXPECT_THAT(Numbers(counted, "loyalty"), ElementsAre(4.5, 2, 2.5));
  patron_top_boxes_options options;
  patron_top_boxes_options_init(&options);
  options.top = 6;
  EXPECT_EQ(patron_top_boxes(rows.get(), &options, &boxes, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), HasSubstr("top: 6; expected a number above 1, up to 5"));
}

}  // namespace
}  // namespace patron::c_api_test
