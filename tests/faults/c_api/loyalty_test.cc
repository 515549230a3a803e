// Index and classes of loyalty out of memory: each function, with allocation 0, 1, 2, ... failing, alone
// or with all after it. It must end with a status, leak nothing, and leave its outputs alone.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST(LoyaltyAllocationTest, Index) {
  const std::vector<double> a = {0.1, 0.4, 0.9, 0.3}, b = {3, 1, 4, 1};
  const auto table =
      TableOf({ColumnOf("a", PATRON_TYPE_FLOAT64, a),
               ColumnOf("a longer name than a string holds inside", PATRON_TYPE_FLOAT64, b)});
  patron_index_component components[2] = {};
  for (patron_index_component &component : components) {
    component.struct_size = sizeof component;
    component.weight = 1;
  }
  components[0].name = "a";
  components[0].normalize = PATRON_NORMALIZE_WINSORIZED;
  components[1].name = "a longer name than a string holds inside";
  components[1].normalize = PATRON_NORMALIZE_RANK;
  const auto fit = [&](auto out) {
    return patron_loyalty_index_fit(table.get(), components, 2, 0.5, nullptr, out, nullptr);
  };
  FailMaking<patron_loyalty_index>("patron_loyalty_index_fit", fit);
  const auto index = Made<patron_loyalty_index>(fit);
  FailMaking<patron_table>("patron_loyalty_index_score", [&](auto out) {
    return patron_loyalty_index_score(index.get(), table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_loyalty_index_components", [&](auto out) {
    return patron_loyalty_index_components(index.get(), out, nullptr);
  });
  patron_index_mean mean{};
  mean.struct_size = sizeof mean;
  FailCall("patron_loyalty_index_mean", [&] {
    return patron_loyalty_index_mean(index.get(), table.get(), 0.9, 100, 1, nullptr, &mean,
                                     nullptr);
  });
  const auto serialize = [&](auto out) {
    return patron_loyalty_index_serialize(index.get(), out, nullptr);
  };
  // A name that does not fit may leave its message a block.
  FailMaking<patron_bytes>("patron_loyalty_index_serialize", serialize, 1);
  const auto bytes = Made<patron_bytes>(serialize);
  FailMaking<patron_loyalty_index>(
      "patron_loyalty_index_deserialize",
      [&](auto out) {
        return patron_loyalty_index_deserialize(patron_bytes_data(bytes.get()),
                                                patron_bytes_size(bytes.get()), out, nullptr);
      },
      1);
}

TEST(LoyaltyAllocationTest, ClassesAndFigures) {
  const std::vector<double> attitude = {0.1, 0.4, 0.9, 0.3}, patronage = {0, 1, 1, 0};
  const std::vector<double> answers = {10, 3, 8, 9}, ranks = {1, 2, 1, 1}, brands = {2, 2, 1, 3};
  const auto table = TableOf({ColumnOf("attitude", PATRON_TYPE_FLOAT64, attitude),
                              ColumnOf("patronage", PATRON_TYPE_FLOAT64, patronage),
                              ColumnOf("answer", PATRON_TYPE_FLOAT64, answers),
                              ColumnOf("rank", PATRON_TYPE_FLOAT64, ranks),
                              ColumnOf("brands", PATRON_TYPE_FLOAT64, brands)});
  patron_classes_options options;
  patron_classes_options_init(&options);
  options.scheme = PATRON_CLASSES_DICK_BASU;
  options.medians = 1;
  FailMakingTwo<patron_table>("patron_loyalty_classes", [&](auto rows, auto counts) {
    return patron_loyalty_classes(table.get(), &options, rows, counts, nullptr);
  });
  patron_net_promoter_options score;
  patron_net_promoter_options_init(&score);
  score.interval = PATRON_SCORE_BOOTSTRAP;
  score.replicates = 100;
  patron_net_promoter_result result{};
  result.struct_size = sizeof result;
  FailCall("patron_net_promoter",
           [&] { return patron_net_promoter(table.get(), &score, &result, nullptr); });
  FailMaking<patron_table>("patron_wallet_allocation", [&](auto out) {
    return patron_wallet_allocation(table.get(), out, nullptr);
  });
}

TEST(LoyaltyAllocationTest, SatisfactionCurve) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 5}, y = {0, 0, 1, 1, 2, 3};
  const auto table = TableOf({ColumnOf("satisfaction", PATRON_TYPE_FLOAT64, x),
                              ColumnOf("loyalty", PATRON_TYPE_FLOAT64, y)});
  FailMakingTwo<patron_table>("patron_satisfaction_curve", [&](auto terms, auto levels) {
    return patron_satisfaction_curve(table.get(), nullptr, terms, levels, nullptr, nullptr);
  });
  FailMaking<patron_table>("patron_top_boxes", [&](auto out) {
    return patron_top_boxes(table.get(), nullptr, out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
