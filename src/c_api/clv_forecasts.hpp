// Purchases to come by tables that customers of equal frequency share, where a kind has such.
#ifndef PATRON_SRC_C_API_CLV_FORECASTS_HPP_
#define PATRON_SRC_C_API_CLV_FORECASTS_HPP_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "c_api/clv_kernels.hpp"
#include "c_api/clv_terms.hpp"
#include "patron/base/parallel.hpp"
#include "patron/clv/bgnbd_forecast.hpp"

namespace patron::c_api {

// One table for each of the lowest frequencies. Customers bought often are few.
inline constexpr size_t kForecastCounts = 512;

// What the tables are about: a model of the BG/NBD family by its parameters, and a question.
struct ClvForecastTerms {
  double r, alpha, a, b;
  bool dropout_at_zero;
  double discount, horizon;

  clv::BetaGeometricForecast Make(double frequency, double low, double high) const;
  bool operator==(const ClvForecastTerms &) const = default;
};

// The place of a frequency among those that have tables; none for others.
std::optional<size_t> ForecastPlace(double frequency);

// Answers how many purchases a customer who is alive is expected to make.
class ClvForecasts {
 public:
  virtual ~ClvForecasts() = default;

  // NaN if there are no tables for it.
  virtual double IfAlive(double frequency, double age, double discount, double horizon) const = 0;
};

// Answers for the rows of one prediction, by tables made for them. Whoever bought as often and has been
// watched as long is told the same, so that each of these is answered once.
class ClvRowForecasts {
 public:
  // Adds the answers to one question.
  absl::Status Add(const ClvForecastTerms &terms, std::span<const double> frequency,
                   std::span<const double> age, const Execution &execution);

  // Row by row what AskOutlook wants to know.
  class Row final : public ClvForecasts {
   public:
    explicit Row(const ClvRowForecasts &all) : all_(all) {}
    void Set(size_t row) { row_ = row; }
    double IfAlive(double frequency, double age, double discount, double horizon) const override;

   private:
    const ClvRowForecasts &all_;
    size_t row_ = 0;
  };

 private:
  struct Question {
    double discount, horizon;
    std::vector<uint32_t> number;  // Of each row, among those that differ.
    std::vector<double> answer;    // NaN if there is no table for it.
  };
  std::vector<Question> questions_;
};

// Tables that a model keeps for customers who are asked for one by one, made when a frequency is
// first asked for. Many threads may ask at once.
class ClvForecastCache {
 public:
  ClvForecastCache() = default;
  ClvForecastCache(const ClvForecastCache &) = delete;
  ClvForecastCache &operator=(const ClvForecastCache &) = delete;
  ~ClvForecastCache();

  // A question other than the first of its sort is answered at the cost of a table. NaN as above.
  double IfAlive(const ClvForecastTerms &terms, double frequency, double age) const;

 private:
  struct Entry {
    ClvForecastTerms terms;
    clv::BetaGeometricForecast table;
  };
  // Those of purchases and of discounted purchases.
  mutable std::array<std::atomic<const Entry *>, 2 *kForecastCounts> entries_ = {};
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_FORECASTS_HPP_
