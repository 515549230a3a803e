// Likelihoods whose kernels run in the widest instructions of the processor at hand.
#ifndef PATRON_SRC_C_API_CLV_KERNELS_HPP_
#define PATRON_SRC_C_API_CLV_KERNELS_HPP_

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/clv/beta_nodes.hpp"
#include "patron/clv/bgnbd_alive.hpp"
#include "patron/clv/bgnbd_forecast.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"
#include "patron/clv/retention.hpp"

namespace patron::c_api {

// The kernel of a likelihood, as its Prepared::Evaluate.
template <typename T>
using ClvKernel = void (*)(const typename T::Prepared &prepared, Range rows,
                           const clv::BlockParameters<T::kParameters> &parameters, bool derivatives,
                           clv::BlockResult<T::kParameters> &result);

// For ParetoNbdLikelihood, BetaGeometricLikelihood and GGompertzNbdLikelihood. The bits of the
// result do not depend on the choice.
template <typename T>
ClvKernel<T> WidestKernel();

// The widest BetaGeometricForecast::Make and IfAlive.
struct ClvForecastKernels {
  clv::BetaGeometricForecast (*make)(double shape, double low, double high,
                                     const clv::BetaNodes &dropout, double discount,
                                     double horizon);
  double (*if_alive)(const clv::BetaGeometricForecast &forecast, double rate);
};
ClvForecastKernels WidestForecast();

// The widest FillBetaGeometricAlive.
using ClvAliveKernel = void (*)(const clv::BetaGeometricParameters &parameters,
                                bool dropout_at_zero, const double *frequency,
                                const double *recency, const double *T, std::span<double> alive);
ClvAliveKernel WidestAlive();

// The same for a customer of the Pareto/NBD model.
struct ParetoKernels {
  double (*log_odds_dead)(const clv::ParetoNbdParameters &model,
                          const clv::CustomerHistory &history);
  double (*discounted_life)(const clv::ParetoLifetime &lifetime, double rate, double horizon);
};
const ParetoKernels &WidestPareto();

// The same for a customer of the GGompertz/NBD model.
struct GompertzKernels {
  double (*log_odds_dead)(const clv::GGompertzNbdParameters &model,
                          const clv::CustomerHistory &history);
  double (*discounted_life)(const clv::GompertzLifetime &lifetime, double rate, double horizon);
};
const GompertzKernels &WidestGompertz();

// The widest DiscountedRenewals.
using ClvRenewalsKernel = double (*)(const clv::RetentionParameters &model, double before,
                                     double rate, double periods);
ClvRenewalsKernel WidestRenewals();

// `T` with the widest kernel.
template <clv::FittableLikelihood T>
class WideLikelihood {
 public:
  static constexpr size_t kParameters = T::kParameters;
  static constexpr auto kNames = T::kNames;
  static constexpr auto kLinks = T::kLinks;

  class Prepared {
   public:
    explicit Prepared(typename T::Prepared prepared) : prepared_(std::move(prepared)) {}
    void Evaluate(Range rows, const clv::BlockParameters<kParameters> &parameters, bool derivatives,
                  clv::BlockResult<kParameters> &result) const {
      kernel_(prepared_, rows, parameters, derivatives, result);
    }

   private:
    typename T::Prepared prepared_;
    ClvKernel<T> kernel_ = WidestKernel<T>();
  };

  explicit WideLikelihood(T likelihood) : likelihood_(std::move(likelihood)) {}

  size_t rows() const { return likelihood_.rows(); }
  std::span<const double> weights() const { return likelihood_.weights(); }
  std::array<double, kParameters> LogScale() const { return likelihood_.LogScale(); }
  Prepared Prepare(std::span<const double, kParameters> eta) const {
    return Prepared(likelihood_.Prepare(eta));
  }
  std::vector<std::array<double, kParameters>> Starts() const { return likelihood_.Starts(); }
  static void NameLimits(std::span<const clv::Reach> reach, std::span<const double> theta,
                         std::vector<clv::Limit> &limits) {
    T::NameLimits(reach, theta, limits);
  }

 private:
  T likelihood_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_KERNELS_HPP_
