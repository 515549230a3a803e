// Merging of equal rows: the same rows in whatever order they come, and whichever way they are found.
#include "patron/clv/history.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/base/random.hpp"

namespace patron::clv {
namespace {

// Enough rows for it to show that most of them differ.
constexpr size_t kRows = 150'000;

struct Rows150k {
  std::vector<double> x, recency, T, weight, z, w;

  // Rows that differ by T, by covariates or hardly at all; those from `own` on repeat earlier ones.
  Rows150k(bool different_T, bool different_z, size_t own) {
    for (size_t i = 0; i < kRows; ++i) {
      const RandomStream stream(11, i < own ? i : i % own);
      T.push_back(different_T ? 10 + 30 * stream.Uniform(0)
                              : 10 + static_cast<double>(stream.Uniform(0) < 0.5));
      x.push_back(std::floor(stream.Uniform(1) * (stream.Uniform(2) < 0.01 ? 3000 : 4)));
      recency.push_back(x.back() == 0 ? 0 : std::floor(10 * stream.Uniform(3)));
      weight.push_back(1 + std::floor(3 * stream.Uniform(4)));
      z.push_back(different_z ? stream.Normal(5) : std::floor(2 * stream.Uniform(5)));
      w.push_back(std::floor(2 * stream.Uniform(6)));
    }
  }

  void Shuffle() {
    std::vector<uint32_t> order(kRows);
    std::iota(order.begin(), order.end(), uint32_t{0});
    const RandomStream stream(12, 0);
    for (size_t i = kRows - 1; i > 0; --i) {
      std::swap(order[i], order[static_cast<size_t>(stream.Uniform(i) * static_cast<double>(i))]);
    }
    for (auto *column : {&x, &recency, &T, &weight, &z, &w}) {
      std::vector<double> moved;
      for (const uint32_t row : order) moved.push_back((*column)[row]);
      *column = std::move(moved);
    }
  }
};

struct Case {
  bool different_T, different_z;
  size_t covariates;
  size_t own;
};

using Row = std::vector<double>;

class HistoryTest : public ::testing::TestWithParam<Case> {
 protected:
  static PurchaseHistory HistoryOf(const Rows150k &rows, const std::vector<Covariate> &covariates) {
    PurchaseHistory history;
    history.frequency = std::span<const double>(rows.x);
    history.recency = rows.recency;
    history.T = rows.T;
    history.weights = rows.weight;
    history.transaction = covariates;
    if (covariates.size() > 1) history.dropout = std::span(covariates).last(1);
    return history;
  }
  std::vector<Covariate> CovariatesOf(const Rows150k &rows) const {
    std::vector<Covariate> covariates = {{"z", rows.z}, {"w", rows.w}, {"T", rows.T}};
    covariates.resize(GetParam().covariates);
    return covariates;
  }
};

TEST_P(HistoryTest, MergesEqualRowsWhateverTheirOrder) {
  const Case c = GetParam();
  Rows150k rows(c.different_T, c.different_z, c.own);
  std::map<Row, double> expected;
  for (size_t i = 0; i < kRows; ++i) {
    Row row = {rows.x[i], rows.T[i], rows.recency[i]};
    const double covariates[] = {rows.z[i], rows.w[i], rows.T[i]};
    for (size_t j = 0; j < c.covariates; ++j) row.push_back(covariates[j]);
    expected[row] += rows.weight[i];
  }
  GroupedHistory first;
  for (int round = 0; round < 2; ++round) {
    if (round == 1) rows.Shuffle();
    const std::vector<Covariate> covariates = CovariatesOf(rows);
    const auto grouped = Group(HistoryOf(rows, covariates));
    ASSERT_TRUE(grouped.ok()) << grouped.status();
    ASSERT_EQ(grouped->size(), expected.size());
    const CovariateRows at = grouped->covariates();
    EXPECT_EQ(at.transaction.size(), c.covariates);
    EXPECT_EQ(at.dropout.size(), c.covariates > 1 ? 1 : 0);
    for (size_t i = 0; i < grouped->size(); ++i) {
      Row row = {grouped->frequency(i), grouped->T[i], grouped->recency[i]};
      for (const auto &column : at.transaction) row.push_back(column[at.pattern[i]]);
      const auto found = expected.find(row);
      ASSERT_NE(found, expected.end()) << i;
      ASSERT_EQ(grouped->weight[i], found->second) << i;
      if (!at.dropout.empty()) {
        ASSERT_EQ(at.dropout[0][at.pattern[i]], row.back());
      }
    }
    if (round == 0) {
      first = *grouped;
      continue;
    }
    EXPECT_EQ(grouped->T, first.T);
    EXPECT_EQ(grouped->recency, first.recency);
    EXPECT_EQ(grouped->count_of, first.count_of);
    EXPECT_EQ(grouped->counts, first.counts);
    EXPECT_EQ(grouped->weight, first.weight);
    EXPECT_EQ(grouped->customers, first.customers);
    EXPECT_EQ(grouped->mean_T, first.mean_T);
  }
}

TEST_P(HistoryTest, KeepsRowsApartInTheirOrder) {
  const Case c = GetParam();
  const Rows150k rows(c.different_T, c.different_z, c.own);
  const std::vector<Covariate> covariates = CovariatesOf(rows);
  const auto grouped = Group(HistoryOf(rows, covariates), clv::Rows::kApart);
  ASSERT_TRUE(grouped.ok()) << grouped.status();
  ASSERT_EQ(grouped->size(), kRows);
  EXPECT_EQ(grouped->T, rows.T);
  EXPECT_EQ(grouped->recency, rows.recency);
  EXPECT_EQ(grouped->weight, rows.weight);
  const CovariateRows at = grouped->covariates();
  for (size_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(grouped->frequency(i), rows.x[i]) << i;
    if (c.covariates > 0) {
      ASSERT_EQ(at.transaction[0][at.pattern[i]], rows.z[i]) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ways, HistoryTest,
    ::testing::Values(Case{false, false, 0, kRows}, Case{true, false, 0, kRows},
                      Case{true, false, 0, kRows - 40'000}, Case{false, false, 1, kRows},
                      Case{true, false, 2, kRows}, Case{false, true, 1, kRows},
                      Case{true, true, 2, kRows - 40'000}, Case{true, true, 3, kRows - 40'000}),
    [](const auto &info) {
      return std::string(info.param.different_T ? "Times" : "") +
             (info.param.different_z ? "Covariates" : "") + std::to_string(info.param.covariates) +
             (info.param.own < kRows ? "Repeated" : "");
    });

}  // namespace
}  // namespace patron::clv
