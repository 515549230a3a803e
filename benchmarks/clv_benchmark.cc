// Lifetime value: what an evaluation of a likelihood costs a distinct customer, beside what its
// exponentials and logarithms alone take; fits, predictions and scores through the C interface.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "c_api/clv_kernels.hpp"
#include "patron/c/patron.h"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/pareto_nbd.hpp"

namespace {

namespace clv = patron::clv;

void Check(patron_status status, const patron_error &error) {
  if (status == PATRON_OK) return;
  std::fprintf(stderr, "%s: %s\n", patron_status_name(status), error.message);
  std::exit(1);
}

// Customers drawn from a Pareto/NBD like that of the CDNOW data, who joined within twelve weeks
// and were seen for 27 to 39; times in whole days, in weeks.
class Customers {
 public:
  static const Customers &Of(int64_t count) {
    static std::vector<std::unique_ptr<Customers>> made;
    for (const auto &customers : made) {
      if (customers->rows() == count) return *customers;
    }
    made.push_back(std::unique_ptr<Customers>(new Customers(count)));
    return *made.back();
  }

  int64_t rows() const { return static_cast<int64_t>(T_.size()); }
  const patron_table *table() const { return table_.get(); }
  const clv::GroupedHistory &grouped() const { return grouped_; }

 private:
  explicit Customers(int64_t count) : table_(nullptr, patron_table_free) {
    for (int64_t i = 0; i < count; ++i) T_.push_back(static_cast<double>(273 - i * 31 % 84) / 7);
    patron_error error;
    patron_clv_terms terms;
    patron_clv_terms_init(&terms);
    terms.kind = PATRON_CLV_PARETO_NBD;
    const double values[] = {0.55, 10.6, 0.6, 11.7};
    patron_clv_model *model = nullptr;
    Check(patron_clv_model_create(&terms, values, 4, &model, &error), error);
    const patron_column ages = Column("T", T_);
    patron_table *asked = nullptr, *drawn = nullptr;
    Check(patron_table_borrow(&ages, 1, &asked, &error), error);
    Check(patron_clv_simulate(model, nullptr, asked, nullptr, 1, nullptr, &drawn, nullptr, &error),
          error);
    frequency_ = Copy(drawn, "frequency");
    recency_ = Copy(drawn, "recency");
    patron_table_free(drawn);
    patron_table_free(asked);
    patron_clv_model_free(model);
    for (double &r : recency_) r = std::floor(7 * r) / 7;
    const patron_column columns[] = {Column("frequency", frequency_), Column("recency", recency_),
                                     ages};
    patron_table *table = nullptr;
    Check(patron_table_borrow(columns, 3, &table, &error), error);
    table_.reset(table);
    clv::PurchaseHistory history;
    history.frequency = std::span<const double>(frequency_);
    history.recency = recency_;
    history.T = T_;
    grouped_ = *clv::Group(history);
  }

  static patron_column Column(const char *name, const std::vector<double> &values) {
    patron_column column{};
    column.struct_size = sizeof column;
    column.type = PATRON_TYPE_FLOAT64;
    column.name = name;
    column.length = static_cast<int64_t>(values.size());
    column.data = values.data();
    return column;
  }

  static std::vector<double> Copy(const patron_table *table, const char *name) {
    patron_error error;
    size_t index = 0;
    patron_column column{};
    column.struct_size = sizeof column;
    Check(patron_table_find(table, name, &index, &error), error);
    Check(patron_table_column(table, index, 0, &column, &error), error);
    if (column.type == PATRON_TYPE_INT64) {
      const auto *counts = static_cast<const int64_t *>(column.data);
      return {counts, counts + column.length};
    }
    const auto *values = static_cast<const double *>(column.data);
    return {values, values + column.length};
  }

  std::vector<double> frequency_, recency_, T_;
  std::unique_ptr<patron_table, decltype(&patron_table_free)> table_;
  clv::GroupedHistory grouped_;
};

// ---- Kernels ----

// Nanoseconds that one exponential or logarithm takes of many, on packs of the widest kind that
// the program is compiled for.
double ElementaryNanoseconds() {
  using V = clv::NativePack;
  constexpr size_t kCount = 4096;
  constexpr int kRounds = 500;
  alignas(64) static double x[kCount], y[kCount];
  for (size_t i = 0; i < kCount; ++i) x[i] = 0.01 + 1e-3 * static_cast<double>(i);
  double least = 1e300;
  for (int trial = 0; trial < 5; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < kRounds; ++round) {
      for (size_t i = 0; i < kCount; i += clv::kLanesOf<V>) {
        clv::Store<V>(y + i, clv::Exp(clv::Load<V>(x + i)) + clv::Log1Plus(clv::Load<V>(x + i)));
      }
      benchmark::DoNotOptimize(y);
      benchmark::ClobberMemory();
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    least = std::min(least, spent.count() / (2.0 * kRounds * kCount));
  }
  return least;
}

// Exponentials and logarithms of an evaluation, a row: in the sum over the nodes and beside it.
double ElementaryCalls(const clv::BetaGeometricLikelihood &, std::span<const double>) { return 4; }

double ElementaryCalls(const clv::ParetoNbdLikelihood &likelihood, std::span<const double> theta) {
  const clv::GroupedHistory &h = likelihood.history();
  double nodes = 0;
  for (size_t i = 0; i < h.size(); ++i) {
    const double a = theta[1] + h.recency[i], b = theta[3] + h.recency[i];
    const double n = theta[0] + h.frequency(i), wait = h.T[i] - h.recency[i];
    const bool buying = theta[1] < theta[3];
    const double range = std::log1p(wait / (buying ? a : b));
    const double fall =
        std::min(clv::detail::kExponentCut,
                 clv::detail::ParetoExponent(buying ? theta[2] + 1 : n, buying ? n - 1 : theta[2],
                                             buying ? a / b : b / a, range));
    nodes += static_cast<double>(clv::kRuleSizes[clv::detail::ParetoRule(fall, range)]);
  }
  return 3 * nodes / static_cast<double>(h.size()) + 9;
}

template <typename T>
void RunKernel(benchmark::State &state, const T &likelihood, const std::vector<double> &theta,
               double calls) {
  const patron::c_api::WideLikelihood<T> wide(likelihood);
  const auto layout = clv::Layout::Make(T::kNames);
  Eigen::VectorXd point(static_cast<Eigen::Index>(theta.size()));
  for (size_t i = 0; i < theta.size(); ++i) {
    point[static_cast<Eigen::Index>(i)] = std::log(theta[i]);
  }
  double least = 1e300;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    auto evaluation = clv::Evaluate(wide, *layout, {}, point, state.range(0) != 0);
    benchmark::DoNotOptimize(evaluation);
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    least = std::min(least, spent.count());
  }
  const double row = least / static_cast<double>(likelihood.rows());
  state.counters["ns_a_row"] = row;
  if (calls > 0) state.counters["share_of_exp_and_log"] = calls * ElementaryNanoseconds() / row;
}

constexpr int64_t kRows = 1'000'000;

void BM_Clv_KernelBg(benchmark::State &state) {
  const std::vector<double> theta = {0.25, 5.09, 0.73, 2.95};
  const auto likelihood = clv::BetaGeometricLikelihood::Make(Customers::Of(kRows).grouped(), {});
  RunKernel(state, *likelihood, theta, ElementaryCalls(*likelihood, theta));
}
BENCHMARK(BM_Clv_KernelBg)->ArgName("derivatives")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void BM_Clv_KernelPareto(benchmark::State &state) {
  const std::vector<double> theta = {0.55, 10.9, 0.59, 11.9};
  const auto likelihood = clv::ParetoNbdLikelihood::Make(Customers::Of(kRows).grouped());
  RunKernel(state, *likelihood, theta, ElementaryCalls(*likelihood, theta));
}
BENCHMARK(BM_Clv_KernelPareto)
    ->ArgName("derivatives")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

void BM_Clv_KernelGompertz(benchmark::State &state) {
  const std::vector<double> theta = {0.55, 10.9, 0.02, 0.59, 0.3};
  const auto likelihood = clv::GGompertzNbdLikelihood::Make(Customers::Of(kRows).grouped());
  RunKernel(state, *likelihood, theta, 0);
}
BENCHMARK(BM_Clv_KernelGompertz)
    ->ArgName("derivatives")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

void BM_Clv_Group(benchmark::State &state) {
  const Customers &customers = Customers::Of(state.range(0));
  // What the grouped rows were made from, read back as rows.
  const clv::GroupedHistory &h = customers.grouped();
  std::vector<double> frequency, recency, T;
  for (size_t i = 0; i < h.size(); ++i) {
    for (double w = 0; w < h.weight[i]; ++w) {
      frequency.push_back(h.frequency(i));
      recency.push_back(h.recency[i]);
      T.push_back(h.T[i]);
    }
  }
  clv::PurchaseHistory history;
  history.frequency = std::span<const double>(frequency);
  history.recency = recency;
  history.T = T;
  for (auto _ : state) benchmark::DoNotOptimize(clv::Group(history));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Clv_Group)->Arg(kRows)->Unit(benchmark::kMillisecond);

// ---- Through the C interface ----

patron_clv_model *Fitted(const patron_table *table, int32_t kind) {
  patron_clv_terms terms;
  patron_clv_terms_init(&terms);
  terms.kind = kind;
  patron_clv_model *model = nullptr;
  patron_error error;
  Check(patron_clv_fit(table, nullptr, &terms, nullptr, &model, &error), error);
  return model;
}

void BM_Clv_Fit(benchmark::State &state) {
  const Customers &customers = Customers::Of(state.range(1));
  for (auto _ : state) {
    patron_clv_model_free(Fitted(customers.table(), static_cast<int32_t>(state.range(0))));
  }
  state.counters["distinct"] = static_cast<double>(customers.grouped().size());
}
BENCHMARK(BM_Clv_Fit)
    ->ArgNames({"kind", "rows"})
    ->ArgsProduct({{PATRON_CLV_BG_NBD, PATRON_CLV_MBG_NBD, PATRON_CLV_PARETO_NBD,
                    PATRON_CLV_GGOMPERTZ_NBD},
                   {2357, 23570, 200'000, 1'000'000}})
    ->Unit(benchmark::kMillisecond);

patron_clv_predict_options Asked(bool discounted) {
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 39;
  if (discounted) {
    options.discount_rate = 0.1;
    options.discount_period = 52;
  }
  return options;
}

void BM_Clv_Predict(benchmark::State &state) {
  const Customers &customers = Customers::Of(state.range(1));
  patron_clv_model *model = Fitted(customers.table(), static_cast<int32_t>(state.range(0)));
  const patron_clv_predict_options options = Asked(state.range(2) != 0);
  for (auto _ : state) {
    patron_table *out = nullptr;
    patron_error error;
    Check(patron_clv_predict(model, customers.table(), nullptr, &options, &out, &error), error);
    patron_table_free(out);
  }
  patron_clv_model_free(model);
}
BENCHMARK(BM_Clv_Predict)
    ->ArgNames({"kind", "rows", "discounted"})
    ->ArgsProduct({{PATRON_CLV_BG_NBD, PATRON_CLV_MBG_NBD, PATRON_CLV_PARETO_NBD},
                   {1'000'000},
                   {0, 1}})
    ->Unit(benchmark::kMillisecond);

// One customer after a transaction: alive, purchases to come, and what they are worth.
struct Scored {
  const char *name;
  int32_t kind;
  int32_t regularity;
  std::vector<double> values;
};

patron_clv_model *Known(int32_t kind, int32_t regularity, const std::vector<double> &values) {
  patron_clv_terms terms;
  patron_clv_terms_init(&terms);
  terms.kind = kind;
  terms.regularity = regularity;
  patron_clv_model *model = nullptr;
  patron_error error;
  Check(patron_clv_model_create(&terms, values.data(), values.size(), &model, &error), error);
  return model;
}

void BM_Clv_Score(benchmark::State &state, const Scored &scored) {
  patron_clv_model *model = Known(scored.kind, scored.regularity, scored.values);
  patron_clv_model *spend = Known(PATRON_CLV_GAMMA_GAMMA, 1, {6.25, 3.74, 15.44});
  patron_clv_predict_options options = Asked(state.range(0) != 0);
  options.spend = spend;
  patron_clv_customer customer{};
  customer.struct_size = sizeof customer;
  customer.recency = 30;
  customer.age = 38;
  customer.monetary_value = 25;
  patron_clv_score_result result{};
  result.struct_size = sizeof result;
  patron_error error;
  const auto score = [&](int64_t i) {
    customer.frequency = static_cast<double>(i % 30 + 1);
    Check(patron_clv_score(model, &customer, &options, &result, &error), error);
  };
  for (int64_t i = 0; i < 30; ++i) score(i);
  int64_t i = 0;
  for (auto _ : state) score(i++);
  patron_clv_model_free(spend);
  patron_clv_model_free(model);
}

const bool kScores = [] {
  static const std::vector<Scored> kModels = {
      {"nbd", PATRON_CLV_NBD, 1, {0.385, 12.07}},
      {"pareto", PATRON_CLV_PARETO_NBD, 1, {0.553, 10.578, 0.606, 11.669}},
      {"bg", PATRON_CLV_BG_NBD, 1, {0.243, 4.414, 0.793, 2.426}},
      {"mbg", PATRON_CLV_MBG_NBD, 1, {0.525, 6.183, 0.891, 1.614}},
      {"bg_cnbd_3", PATRON_CLV_BG_CNBD, 3, {0.3, 2, 0.793, 2.426}},
      {"gompertz_flat", PATRON_CLV_GGOMPERTZ_NBD, 1, {0.553, 10.57, 0.0002, 0.6, 0.0025}},
      {"gompertz_steep", PATRON_CLV_GGOMPERTZ_NBD, 1, {0.553, 10.9, 0.02, 0.59, 0.3}},
      {"bgbb", PATRON_CLV_BG_BB, 1, {1.204, 0.75, 0.657, 2.783}},
      {"sbg", PATRON_CLV_SBG, 1, {0.668, 3.806}},
      {"bdw", PATRON_CLV_BETA_DISCRETE_WEIBULL, 1, {0.668, 3.806, 1.1}}};
  for (const Scored &scored : kModels) {
    benchmark::RegisterBenchmark(
        ("BM_Clv_Score/" + std::string(scored.name)).c_str(),
        [&scored](benchmark::State &state) { BM_Clv_Score(state, scored); })
        ->ArgName("discounted")
        ->Arg(0)
        ->Arg(1)
        ->Unit(benchmark::kNanosecond);
  }
  return true;
}();

}  // namespace
