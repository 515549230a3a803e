// Likelihoods and forecasts with the widest instructions of this processor.
#include "c_api/instructions.hpp"
// The line above sets what warnings are given of the headers below.
#include "c_api/clv_kernels.hpp"

#include "patron/clv/bgnbd.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/pareto_nbd.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"
#include "patron/clv/retention_sums.hpp"

namespace patron::c_api {
namespace {

template <typename T, typename V>
inline void Run(const typename T::Prepared &prepared, Range rows,
                const clv::BlockParameters<T::kParameters> &parameters, bool derivatives,
                clv::BlockResult<T::kParameters> &result) {
  prepared.template Evaluate<V>(rows, parameters, derivatives, result);
}

#if defined(PATRON_WIDE_KERNELS)
template <typename T>
[[PATRON_AVX2]] void RunAvx2(const typename T::Prepared &prepared, Range rows,
                             const clv::BlockParameters<T::kParameters> &parameters,
                             bool derivatives, clv::BlockResult<T::kParameters> &result) {
  prepared.template Evaluate<clv::Pack<4>>(rows, parameters, derivatives, result);
}

template <typename T>
[[PATRON_AVX512]] void RunAvx512(const typename T::Prepared &prepared, Range rows,
                                 const clv::BlockParameters<T::kParameters> &parameters,
                                 bool derivatives, clv::BlockResult<T::kParameters> &result) {
  prepared.template Evaluate<clv::Pack<8>>(rows, parameters, derivatives, result);
}

[[PATRON_AVX2]] clv::BetaGeometricForecast MakeForecastAvx2(double shape, double low, double high,
                                                            const clv::BetaNodes &dropout,
                                                            double discount, double horizon) {
  return clv::BetaGeometricForecast::Make<clv::Pack<4>>(shape, low, high, dropout, discount,
                                                        horizon);
}

[[PATRON_AVX2]] double IfAliveAvx2(const clv::BetaGeometricForecast &forecast, double rate) {
  return forecast.IfAlive<clv::Pack<4>>(rate);
}

[[PATRON_AVX512]] double IfAliveAvx512(const clv::BetaGeometricForecast &forecast, double rate) {
  return forecast.IfAlive<clv::Pack<8>>(rate);
}

[[PATRON_AVX2]] double LogOddsDeadAvx2(const clv::ParetoNbdParameters &model,
                                       const clv::CustomerHistory &history) {
  return clv::LogOddsDead<clv::Pack<4>>(model, history);
}

[[PATRON_AVX512]] double LogOddsDeadAvx512(const clv::ParetoNbdParameters &model,
                                           const clv::CustomerHistory &history) {
  return clv::LogOddsDead<clv::Pack<8>>(model, history);
}

[[PATRON_AVX2]] double DiscountedLifeAvx2(const clv::ParetoLifetime &lifetime, double rate,
                                          double horizon) {
  return lifetime.DiscountedLife<clv::Pack<4>>(rate, horizon);
}

[[PATRON_AVX512]] double DiscountedLifeAvx512(const clv::ParetoLifetime &lifetime, double rate,
                                              double horizon) {
  return lifetime.DiscountedLife<clv::Pack<8>>(rate, horizon);
}

[[PATRON_AVX2]] double GompertzOddsAvx2(const clv::GGompertzNbdParameters &model,
                                        const clv::CustomerHistory &history) {
  return clv::LogOddsDead<clv::Pack<4>>(model, history);
}

[[PATRON_AVX512]] double GompertzOddsAvx512(const clv::GGompertzNbdParameters &model,
                                            const clv::CustomerHistory &history) {
  return clv::LogOddsDead<clv::Pack<8>>(model, history);
}

[[PATRON_AVX2]] double GompertzLifeAvx2(const clv::GompertzLifetime &lifetime, double rate,
                                        double horizon) {
  return lifetime.DiscountedLife<clv::Pack<4>>(rate, horizon);
}

[[PATRON_AVX512]] double GompertzLifeAvx512(const clv::GompertzLifetime &lifetime, double rate,
                                            double horizon) {
  return lifetime.DiscountedLife<clv::Pack<8>>(rate, horizon);
}

[[PATRON_AVX2]] double RenewalsAvx2(const clv::RetentionParameters &model, double before,
                                    double rate, double periods) {
  return clv::DiscountedRenewals<clv::Pack<4>>(model, before, rate, periods);
}

[[PATRON_AVX512]] double RenewalsAvx512(const clv::RetentionParameters &model, double before,
                                        double rate, double periods) {
  return clv::DiscountedRenewals<clv::Pack<8>>(model, before, rate, periods);
}

[[PATRON_AVX2]] void FillAliveAvx2(const clv::BetaGeometricParameters &parameters,
                                   bool dropout_at_zero, const double *frequency,
                                   const double *recency, const double *T,
                                   std::span<double> alive) {
  clv::FillBetaGeometricAlive<clv::Pack<4>>(parameters, dropout_at_zero, frequency, recency, T,
                                            alive);
}

[[PATRON_AVX512]] void FillAliveAvx512(const clv::BetaGeometricParameters &parameters,
                                       bool dropout_at_zero, const double *frequency,
                                       const double *recency, const double *T,
                                       std::span<double> alive) {
  clv::FillBetaGeometricAlive<clv::Pack<8>>(parameters, dropout_at_zero, frequency, recency, T,
                                            alive);
}
#endif

}  // namespace

ClvForecastKernels WidestForecast() {
#if defined(PATRON_WIDE_KERNELS)
  if (HasAvx512()) return {MakeForecastAvx2, IfAliveAvx512};
  if (HasAvx2()) return {MakeForecastAvx2, IfAliveAvx2};
#endif
  return {clv::BetaGeometricForecast::Make<clv::NativePack>,
          [](const clv::BetaGeometricForecast &forecast, double rate) {
            return forecast.IfAlive<clv::NativePack>(rate);
          }};
}

ClvAliveKernel WidestAlive() {
#if defined(PATRON_WIDE_KERNELS)
  if (HasAvx512()) return FillAliveAvx512;
  if (HasAvx2()) return FillAliveAvx2;
#endif
  return clv::FillBetaGeometricAlive<clv::NativePack>;
}

ClvRenewalsKernel WidestRenewals() {
#if defined(PATRON_WIDE_KERNELS)
  if (HasAvx512()) return RenewalsAvx512;
  if (HasAvx2()) return RenewalsAvx2;
#endif
  return clv::DiscountedRenewals<clv::NativePack>;
}

const ParetoKernels &WidestPareto() {
  static const ParetoKernels kernels = []() -> ParetoKernels {
#if defined(PATRON_WIDE_KERNELS)
    if (HasAvx512()) return {LogOddsDeadAvx512, DiscountedLifeAvx512};
    if (HasAvx2()) return {LogOddsDeadAvx2, DiscountedLifeAvx2};
#endif
    return {clv::LogOddsDead<clv::NativePack>,
            [](const clv::ParetoLifetime &lifetime, double rate, double horizon) {
              return lifetime.DiscountedLife<clv::NativePack>(rate, horizon);
            }};
  }();
  return kernels;
}

const GompertzKernels &WidestGompertz() {
  static const GompertzKernels kernels = []() -> GompertzKernels {
#if defined(PATRON_WIDE_KERNELS)
    if (HasAvx512()) return {GompertzOddsAvx512, GompertzLifeAvx512};
    if (HasAvx2()) return {GompertzOddsAvx2, GompertzLifeAvx2};
#endif
    return {clv::LogOddsDead<clv::NativePack>,
            [](const clv::GompertzLifetime &lifetime, double rate, double horizon) {
              return lifetime.DiscountedLife<clv::NativePack>(rate, horizon);
            }};
  }();
  return kernels;
}

template <typename T>
ClvKernel<T> WidestKernel() {
#if defined(PATRON_WIDE_KERNELS)
  if (HasAvx512()) return RunAvx512<T>;
  if (HasAvx2()) return RunAvx2<T>;
#endif
  return Run<T, clv::NativePack>;
}

template ClvKernel<clv::ParetoNbdLikelihood> WidestKernel<clv::ParetoNbdLikelihood>();
template ClvKernel<clv::BetaGeometricLikelihood> WidestKernel<clv::BetaGeometricLikelihood>();
template ClvKernel<clv::GGompertzNbdLikelihood> WidestKernel<clv::GGompertzNbdLikelihood>();

}  // namespace patron::c_api
