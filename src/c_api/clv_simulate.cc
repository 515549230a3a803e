// Customers drawn from models of lifetime value.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/clv_data.hpp"
#include "c_api/clv_model.hpp"
#include "c_api/clv_predictor.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/c/clv_evaluate.h"
#include "patron/clv/attrition_simulation.hpp"
#include "patron/clv/bgbb_predictions.hpp"
#include "patron/clv/column_checks.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/retention_predictions.hpp"

namespace patron::c_api {
namespace {

// Spend is drawn from streams of its own, so that purchases are the same with and without it.
constexpr uint64_t kSpendStreams = 0x5E4D5E4D5E4D5E4D;

clv::SimulatedCustomer DrawNbd(const ClvTheta &theta, const RandomStream &stream, double T,
                               std::vector<double> *times) {
  clv::SimulatedCustomer customer{.history = {0, 0, T}, .end = clv::kEver};
  customer.rate = stream.Gamma(0, theta[0], 1 / theta[1]);
  clv::detail::BuyUntilDeath(stream, customer, times);
  return customer;
}

clv::SimulatedCustomer Draw(const ClvTerms &terms, const ClvTheta &theta,
                            const RandomStream &stream, double T, std::vector<double> *times) {
  switch (terms.kind) {
    case PATRON_CLV_NBD: return DrawNbd(theta, stream, T, times);
    case PATRON_CLV_PARETO_NBD:
      return clv::Simulate(clv::ParetoNbdParameters{theta[0], theta[1], theta[2], theta[3]}, stream,
                           T, times);
    case PATRON_CLV_GGOMPERTZ_NBD:
      return clv::Simulate(
          clv::GGompertzNbdParameters{theta[0], theta[1], theta[2], theta[3], theta[4]}, stream, T,
          times);
    case PATRON_CLV_BG_BB: {
      const clv::DiscreteHistory drawn =
          clv::Simulate(clv::BgbbParameters{theta[0], theta[1], theta[2], theta[3]}, stream,
                        static_cast<uint32_t>(T));
      return {.history = {drawn.count, drawn.recency, T}};
    }
    default: break;
  }
  const bool at_zero = terms.kind == PATRON_CLV_MBG_NBD || terms.kind == PATRON_CLV_MBG_CNBD;
  return clv::Simulate(clv::BetaGeometricParameters{theta[0], theta[1], theta[2], theta[3]},
                       {.dropout_at_zero = at_zero, .regularity = terms.regularity}, stream, T,
                       times);
}

// Purchases of consecutive customers.
struct Purchases {
  std::vector<int64_t> row;
  std::vector<double> time, amount;
};

struct Drawn {
  std::vector<int64_t> frequency;
  std::vector<double> recency, log_intervals, dropout, monetary;
  std::vector<Purchases> blocks;

  explicit Drawn(size_t rows)
      : frequency(rows), recency(rows), log_intervals(rows), dropout(rows), monetary(rows) {}
};

class Simulation {
 public:
  Simulation(const ClvModel &model, const ClvModel *spend, const ClvColumns &columns, uint64_t seed,
             bool purchases)
      : model_(model), columns_(columns), seed_(seed), purchases_(purchases), drawn_(columns.rows) {
    if (spend == nullptr) return;
    const ClvTheta theta = ThetaOf(*spend, {}, {});
    spend_ = {theta[0], theta[1], theta[2]};
    spends_ = true;
  }

  absl::StatusOr<Drawn> Run(const Execution &execution) {
    constexpr size_t kBlock = 4096;
    const size_t rows = columns_.rows, blocks = (rows + kBlock - 1) / kBlock;
    const size_t round = 4 * execution.workers();
    drawn_.blocks.resize(blocks);
    for (size_t first = 0; first < blocks; first += round) {
      PATRON_RETURN_IF_ERROR(ReportProgress(execution, first * kBlock, rows));
      ParallelFor(execution, std::min(round, blocks - first), [&](size_t i) {
        const size_t begin = (first + i) * kBlock;
        DrawRows(begin, std::min(begin + kBlock, rows), drawn_.blocks[first + i]);
      });
    }
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, rows, rows));
    return std::move(drawn_);
  }

 private:
  void DrawRows(size_t begin, size_t end, Purchases &purchases) {
    ThetaOfRow theta_of(model_, columns_);
    std::vector<double> times;
    for (size_t row = begin; row < end; ++row) {
      times.clear();
      const clv::SimulatedCustomer customer =
          Draw(model_.terms, theta_of.At(row), RandomStream(seed_, row), columns_.age[row],
               purchases_ ? &times : nullptr);
      drawn_.frequency[row] = static_cast<int64_t>(customer.history.frequency);
      drawn_.recency[row] = customer.history.recency;
      drawn_.log_intervals[row] = customer.log_intervals;
      drawn_.dropout[row] = customer.end;
      if (purchases_) {
        purchases.row.insert(purchases.row.end(), times.size() + 1, static_cast<int64_t>(row));
        purchases.time.push_back(0);
        purchases.time.insert(purchases.time.end(), times.begin(), times.end());
      }
      if (spends_) DrawSpend(row, purchases);
    }
  }

  // Draw 0 is the customer's, draw 1 the first purchase's.
  void DrawSpend(size_t row, Purchases &purchases) {
    const RandomStream stream(seed_ ^ kSpendStreams, row);
    const double scale = 1 / stream.Gamma(0, spend_.q, 1 / spend_.gamma);
    double sum = 0;
    for (int64_t i = 0; i <= drawn_.frequency[row]; ++i) {
      const double amount = stream.Gamma(static_cast<uint32_t>(i + 1), spend_.p, scale);
      if (i > 0) sum += amount;
      if (purchases_) purchases.amount.push_back(amount);
    }
    const auto repeats = static_cast<double>(drawn_.frequency[row]);
    drawn_.monetary[row] = repeats > 0 ? sum / repeats : 0;
  }

  const ClvModel &model_;
  const ClvColumns &columns_;
  uint64_t seed_;
  bool purchases_;
  bool spends_ = false;
  clv::GammaGammaParameters spend_{};
  Drawn drawn_;
};

absl::StatusOr<arrow::Table> TransactionsOf(std::vector<Purchases> blocks, bool spend) {
  Purchases all;
  for (Purchases &block : blocks) {
    all.row.insert(all.row.end(), block.row.begin(), block.row.end());
    all.time.insert(all.time.end(), block.time.begin(), block.time.end());
    all.amount.insert(all.amount.end(), block.amount.begin(), block.amount.end());
    block = {};
  }
  arrow::TableBuilder builder;
  builder.AddInt64("row", std::move(all.row));
  builder.AddFloat64("time", std::move(all.time));
  if (spend) builder.AddFloat64("amount", std::move(all.amount));
  return builder.Finish();
}

void AddPurchases(const ClvModel &model, const ClvColumns &columns, bool spend, Drawn &drawn,
                  arrow::TableBuilder &builder) {
  const int32_t kind = model.terms.kind;
  const auto age = columns.age.values();
  builder.AddInt64("frequency", std::move(drawn.frequency));
  builder.AddFloat64("recency", std::move(drawn.recency));
  builder.AddFloat64("T", {age.begin(), age.end()});
  if (kind != PATRON_CLV_BG_BB) builder.AddFloat64("log_intervals", std::move(drawn.log_intervals));
  if (kind != PATRON_CLV_BG_BB && kind != PATRON_CLV_NBD) {
    builder.AddFloat64("dropout_time", std::move(drawn.dropout));
  }
  if (spend) builder.AddFloat64("monetary_value", std::move(drawn.monetary));
}

// Contracts seen for T periods at most.
void AddContracts(const ClvModel &model, const ClvColumns &columns, uint64_t seed,
                  arrow::TableBuilder &builder) {
  ThetaOfRow theta_of(model, columns);
  std::vector<double> seen(columns.rows);
  std::vector<int64_t> churned(columns.rows);
  for (size_t row = 0; row < columns.rows; ++row) {
    const ClvTheta &theta = theta_of.At(row);
    const double c = model.terms.kind == PATRON_CLV_SBG ? 1 : theta[2];
    const double loss = clv::SimulateLoss({theta[0], theta[1], c}, RandomStream(seed, row));
    churned[row] = loss <= columns.age[row] ? 1 : 0;
    seen[row] = std::min(loss, columns.age[row]);
  }
  builder.AddFloat64("T", std::move(seen));
  builder.AddInt64("churned", std::move(churned));
}

void AddSpends(const ClvModel &model, const ClvColumns &columns, uint64_t seed,
               arrow::TableBuilder &builder) {
  const ClvTheta theta = ThetaOf(model, {}, {});
  std::vector<int64_t> frequency(columns.rows);
  std::vector<double> monetary(columns.rows);
  for (size_t row = 0; row < columns.rows; ++row) {
    const double count = columns.frequency[row];
    frequency[row] = static_cast<int64_t>(count);
    if (count == 0) continue;
    monetary[row] = clv::Simulate(clv::GammaGammaParameters{theta[0], theta[1], theta[2]},
                                  RandomStream(seed, row), count);
  }
  builder.AddInt64("frequency", std::move(frequency));
  builder.AddFloat64("monetary_value", std::move(monetary));
}

absl::StatusOr<ClvColumns> ReadQuestions(const ClvModel &model, const arrow::Table &table,
                                         const ClvNames &names, const Execution &execution) {
  const bool spend_only = KindOf(model.terms.kind).is_spend();
  PATRON_ASSIGN_OR_RETURN(
      ClvColumns columns,
      ReadClvColumns(table, names, model.terms, {.history = false, .age = !spend_only}, execution));
  if (spend_only) {
    PATRON_ASSIGN_OR_RETURN(columns.frequency, Doubles::Read(table, names.frequency, execution));
    PATRON_RETURN_IF_ERROR(clv::CheckCounts(names.frequency, columns.frequency.values()));
    return columns;
  }
  PATRON_RETURN_IF_ERROR(CheckTimes(model, names.age, columns.age.values()));
  return columns;
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;

extern "C" patron_status patron_clv_simulate(const patron_clv_model *model,
                                             const patron_clv_model *spend,
                                             const patron_table *table,
                                             const patron_clv_columns *columns, uint64_t seed,
                                             const patron_context *context, patron_table **summary,
                                             patron_table **transactions, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("summary", summary));
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvNames names, c_api::ReadClvNames(columns));
    const c_api::ClvModel &from = model->model;
    const bool spend_only = c_api::KindOf(from.terms.kind).is_spend();
    const bool contractual = c_api::IsContractual(from.terms.kind);
    if (transactions != nullptr && (spend_only || c_api::IsDiscrete(from.terms.kind))) {
      return c_api::WrongKind("model", from.terms.kind,
                              "a model of purchases in continuous time, for transactions");
    }
    if (spend != nullptr) {
      if (!c_api::KindOf(spend->model.terms.kind).is_spend()) {
        return c_api::WrongKind("spend", spend->model.terms.kind, "a GAMMA_GAMMA");
      }
      if (spend_only || contractual) {
        return c_api::WrongKind("model", from.terms.kind, "a model of purchases, with spend");
      }
    }
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const c_api::ClvColumns read,
                            c_api::ReadQuestions(from, table->table, names, execution));
    arrow::TableBuilder builder;
    PATRON_RETURN_IF_ERROR(c_api::AddCustomers(table->table, names, execution, builder));
    std::unique_ptr<patron_table> purchases;
    if (contractual) {
      c_api::AddContracts(from, read, seed, builder);
    } else if (spend_only) {
      c_api::AddSpends(from, read, seed, builder);
    } else {
      c_api::Simulation simulation(from, spend == nullptr ? nullptr : &spend->model, read, seed,
                                   transactions != nullptr);
      PATRON_ASSIGN_OR_RETURN(c_api::Drawn drawn, simulation.Run(execution));
      if (transactions != nullptr) {
        PATRON_ASSIGN_OR_RETURN(arrow::Table rows,
                                c_api::TransactionsOf(std::move(drawn.blocks), spend != nullptr));
        purchases = c_api::NewTable(std::move(rows));
      }
      c_api::AddPurchases(from, read, spend != nullptr, drawn, builder);
    }
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *summary = c_api::NewTable(std::move(result)).release();
    if (transactions != nullptr) *transactions = purchases.release();
    return absl::OkStatus();
  });
}
