// What the BG/NBD family says of the rows of a table, where that is a product of two factors.
#ifndef PATRON_SRC_C_API_CLV_ROW_FORECASTS_HPP_
#define PATRON_SRC_C_API_CLV_ROW_FORECASTS_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "c_api/clv_forecasts.hpp"
#include "c_api/clv_kernels.hpp"
#include "c_api/clv_like_customers.hpp"
#include "c_api/clv_predictor.hpp"
#include "patron/base/parallel.hpp"

namespace patron::c_api {

// The chance to be alive, and with it the purchases to come: what a customer who is alive is
// expected to buy depends on frequency and age alone, so that it is found once for each pair of
// them, by tables that pairs of equal frequency share.
class ClvRowForecasts {
 public:
  using Values = std::array<std::vector<double>, kClvOutputs>;

  // Answers as many of `outputs` as are such, of the rows of `columns`. Null if none is. Borrows
  // the model, its cache and the columns. A few rows are answered by the cache. Errors: Cancelled.
  static absl::StatusOr<std::unique_ptr<ClvRowForecasts>> Make(
      const ClvModel &model, const ClvForecastCache &cache, const ClvColumns &columns,
      const ClvQuestion &question, uint32_t outputs, const Execution &execution);

  uint32_t outputs() const { return outputs_; }

  // Fills those outputs for rows begin to end - 1, at most kClvBlock of them.
  void Fill(size_t begin, size_t end, Values &values) const;

 private:
  // Purchases of those alive.
  struct Part {
    size_t output;
    ClvForecastTerms terms;
    std::vector<std::optional<clv::BetaGeometricForecast>> tables;  // None if the cache answers.
    std::vector<double> answers;  // Of each pair; empty where each row is one of its own.
  };

  ClvRowForecasts(const ClvModel &model, const ClvForecastCache &cache, const ClvColumns &columns,
                  const ClvQuestion &question)
      : model_(model), cache_(cache), columns_(columns), question_(question) {}

  absl::Status AddParts(std::vector<Part> parts, const Execution &execution);
  // NaN where there is no table for it.
  double IfAlive(const Part &part, double frequency, double age) const;

  const ClvModel &model_;
  const ClvForecastCache &cache_;
  const ClvColumns &columns_;
  ClvQuestion question_;
  uint32_t outputs_ = 0;
  std::optional<LikeCustomers> pairs_;
  std::vector<Part> parts_;
  ClvForecastKernels kernels_ = WidestForecast();
  ClvAliveKernel fill_alive_ = WidestAlive();
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_ROW_FORECASTS_HPP_
