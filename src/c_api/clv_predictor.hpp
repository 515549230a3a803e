// Predictions for customers, with standard errors by the delta method.
#ifndef PATRON_SRC_C_API_CLV_PREDICTOR_HPP_
#define PATRON_SRC_C_API_CLV_PREDICTOR_HPP_

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c_api/clv_data.hpp"
#include "c_api/clv_forecasts.hpp"
#include "c_api/clv_model.hpp"
#include "c_api/clv_outlook.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/clv_predict.h"

namespace patron::c_api {

// What can be asked, in the order of PATRON_CLV_P_ALIVE and following.
inline constexpr size_t kClvOutputs = 6;
inline constexpr std::array<const char *, kClvOutputs> kClvOutputNames = {
    "p_alive",        "expected_purchases", "no_purchase", "discounted_purchases",
    "expected_spend", "lifetime_value"};
inline constexpr size_t kClvAlive = 0, kClvExpected = 1, kClvNone = 2, kClvDiscounted = 3,
                        kClvSpend = 4, kClvValue = 5;
using ClvAnswer = std::array<double, kClvOutputs>;

struct ClvQuestion {
  uint32_t outputs = 0;
  double start = 0;
  double horizon = 0;
  double later = 0;
  bool discounted = false;
  double rate = 0;  // Continuous; effective for a period of the discrete kinds.
  double discount_horizon = std::numeric_limits<double>::infinity();
  double margin = 1;
  const ClvModel *spend = nullptr;

  bool Wants(uint32_t output) const { return (outputs & output) != 0; }
};

// Checks what is asked of `model`. Errors: InvalidArgument naming the field. Allocates nothing
// unless it fails.
absl::StatusOr<ClvQuestion> ReadQuestion(const ClvModel &model,
                                         const patron_clv_predict_options &full);

// The rate of a discount in the form that the model takes. Errors as above.
absl::StatusOr<double> DiscountRate(const ClvModel &model, double rate, double period,
                                    double horizon);

// Errors: InvalidArgument unless `time` is finite and 0 or above, and whole for the discrete kinds.
absl::Status CheckTime(const ClvModel &model, std::string_view name, double time);

// The same for a column. Errors: InvalidArgument naming the first row.
absl::Status CheckTimes(const ClvModel &model, std::string_view column,
                        std::span<const double> times);

using ClvTheta = std::array<double, kMostParameters>;

// Parameters of one customer: covariates by the order of the terms, empty without.
ClvTheta ThetaOf(const ClvModel &model, std::span<const double> transaction,
                 std::span<const double> dropout);

// Tables that a model handle keeps.
class ClvKeptForecasts {
 public:
  ClvKeptForecasts(const ClvModel &model, const ClvForecastCache &cache)
      : model_(model), cache_(cache) {}
  // Purchases expected of a customer who is alive; NaN if there are no tables for it.
  double IfAlive(double frequency, double age, double discount, double horizon) const;

 private:
  const ClvModel &model_;
  const ClvForecastCache &cache_;
};

// Answers that come from the model, and the spend of one customer; NaN for the others. `forecasts`
// holds tables of the same model at the same parameters, or is null.
ClvAnswer AskOutlook(const ClvModel &model, const ClvTheta &theta, const ClvCustomer &customer,
                     const ClvQuestion &question, const ClvKeptForecasts *forecasts = nullptr);

// Whether purchases to come are a product of the chance to be alive and of what those alive buy,
// which customers of equal frequency and age share: the BG/NBD family without covariates, k = 1.
bool IsSharedModel(const ClvModel &model);
bool DropsOutAtZero(int32_t kind);

// The terms of tables for purchases from now on; none for other models, or questions without.
std::optional<ClvForecastTerms> ForecastTermsOf(const ClvModel &model, double discount,
                                                double horizon);

double AskSpend(std::span<const double> theta, double frequency, double monetary_value);

// The lifetime value from the other answers.
void FillValue(const ClvQuestion &question, ClvAnswer &answer);

// Rows of customers to predict for; borrows all.
struct ClvRows {
  const ClvColumns *columns;
  ClvCustomer At(size_t row) const;
};

// Answers of all rows, a vector each; empty where not asked for.
struct ClvPredictions {
  std::array<std::vector<double>, kClvOutputs> values;
  std::array<std::vector<double>, kClvOutputs> errors;
};

// Predicts for all rows; `cache` is that of the model. Errors: Cancelled.
absl::StatusOr<ClvPredictions> Predict(const ClvModel &model, const ClvForecastCache &cache,
                                       const ClvColumns &columns, const ClvQuestion &question,
                                       bool standard_errors, const Execution &execution);

// The same for new customers: alive at the T of the row, purchases up to it.
absl::StatusOr<ClvPredictions> PredictNew(const ClvModel &model, const ClvColumns &columns,
                                          const ClvQuestion &question, bool standard_errors,
                                          const Execution &execution);

// Parameters of a row of columns, with room for its covariates.
class ThetaOfRow {
 public:
  ThetaOfRow(const ClvModel &model, const ClvColumns &columns);
  const ClvTheta &At(size_t row);
  std::span<const double> transaction() const { return transaction_; }
  std::span<const double> dropout() const { return dropout_; }

 private:
  const ClvModel &model_;
  const ClvColumns &columns_;
  std::vector<double> transaction_, dropout_;
  ClvTheta theta_;
};

// Slopes of what a model answers by its free parameters, by central differences.
class ClvSlopes {
 public:
  ClvSlopes(const ClvModel &model, const ClvQuestion &question);

  // At the parameters of one row.
  void Fill(const ClvTheta &theta, std::span<const double> transaction,
            std::span<const double> dropout, const ClvCustomer &customer, double monetary_value);

  // Of an answer, by the delta method.
  double VarianceOf(size_t output) const;

 private:
  ClvAnswer Ask(const ClvTheta &theta, const ClvCustomer &customer, double monetary_value) const;

  const ClvModel &model_;
  const ClvQuestion &question_;
  Eigen::Index size_;
  std::array<Eigen::VectorXd, kClvOutputs> slope_;
};

inline double ErrorOf(double variance) { return std::sqrt(std::max(0.0, variance)); }

// Makes room for the `outputs` that have none, and for their errors if asked for.
void AddRoom(uint32_t outputs, size_t rows, bool standard_errors, ClvPredictions &predictions);

inline constexpr size_t kClvBlock = 512;  // Most rows of a block.

// Calls `body(begin, end)` for blocks of rows, on the threads of `execution`, and tells how far it
// is in between. Errors: Cancelled.
absl::Status ForBlocks(size_t rows, const Execution &execution,
                       absl::FunctionRef<void(size_t begin, size_t end)> body);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_PREDICTOR_HPP_
