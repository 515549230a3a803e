// Purchases to come by tables that customers of equal frequency share, where a kind has such.
#ifndef PATRON_SRC_C_API_CLV_FORECASTS_HPP_
#define PATRON_SRC_C_API_CLV_FORECASTS_HPP_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "c_api/clv_kernels.hpp"
#include "c_api/clv_terms.hpp"
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

// Tables that a model keeps for customers who are asked for one by one, made when a frequency is
// first asked for with a question. Many threads may ask at once.
class ClvForecastCache {
 public:
  ClvForecastCache() = default;
  ClvForecastCache(const ClvForecastCache &) = delete;
  ClvForecastCache &operator=(const ClvForecastCache &) = delete;
  ~ClvForecastCache();

  // A question past the first kMostQuestions of a frequency is answered at the cost of a table. NaN if
  // the frequency has no place.
  double IfAlive(const ClvForecastTerms &terms, double frequency, double age) const;

 private:
  // Of one frequency, in the order in which they were asked; a table takes some 5 KB.
  static constexpr size_t kMostQuestions = 8;
  struct Entry {
    ClvForecastTerms terms;
    clv::BetaGeometricForecast table;
    mutable std::atomic<const Entry *> next = nullptr;
  };
  mutable std::array<std::atomic<const Entry *>, kForecastCounts> entries_ = {};
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_FORECASTS_HPP_
