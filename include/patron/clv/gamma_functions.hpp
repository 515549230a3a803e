// Gamma functions of real numbers, in forms that keep their digits where the plain ones cancel.
#ifndef PATRON_CLV_GAMMA_FUNCTIONS_HPP_
#define PATRON_CLV_GAMMA_FUNCTIONS_HPP_

#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numbers>

namespace patron::clv {

// ln Gamma(z) with its first and second derivative (digamma, trigamma), z > 0. Absolute error
// below 5e-15 max(1, |value|); unlike std::lgamma safe on many threads.
struct LogGammaJet {
  double value;
  double first;
  double second;
};
LogGammaJet LogGammaDerivatives(double z);

// ln Gamma(z + d) - ln Gamma(z) for z > 0, d >= 0, with derivatives by z and d; it keeps its
// relative precision where d is small against z.
struct GammaRiseJet {
  double value;
  double by_z;   // digamma(z + d) - digamma(z)
  double by_d;   // digamma(z + d)
  double by_zz;  // trigamma(z + d) - trigamma(z)
  double by_dd;  // trigamma(z + d), which is also by_zd.
};
GammaRiseJet LogGammaRise(double z, double d);

// The mixed difference ln [Gamma(z + a + d) Gamma(z) / (Gamma(z + a) Gamma(z + d))] for z > 0 and
// a, d >= 0, which is positive, with its derivatives by z. Relative error below 1e-13 however
// small a and d are. The derivatives by a and d are those of rises.
struct MixedRiseJet {
  double value;
  double by_z;
  double by_zz;
};
MixedRiseJet LogGammaMixedRise(double z, double a, double d);

namespace detail {

// Stirling's series: ln Gamma(z) = (z - 1/2) ln z - z + ln(2 pi)/2 + sum_k kStirling[k] z^-(2k+1).
inline constexpr double kStirling[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                       1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};
inline constexpr size_t kStirlingTerms = std::size(kStirling);
inline constexpr double kStirlingFrom = 12;  // From here its first term left out is below 1e-17.

// The series with its derivatives.
inline LogGammaJet StirlingTail(double z) {
  const double w = 1 / z, y = w * w;
  double value = 0, first = 0, second = 0;
  for (size_t k = kStirlingTerms; k-- > 0;) {
    const auto power = static_cast<double>(2 * k + 1);
    value = value * y + kStirling[k];
    first = first * y - power * kStirling[k];
    second = second * y + power * (power + 1) * kStirling[k];
  }
  return {value * w, first * y, second * y * w};
}

// The series at z + d less that at z, without cancellation: each power of w = 1 / z is a
// polynomial in y = w^2, whose difference is (y(z + d) - y(z)) times its divided difference.
inline LogGammaJet StirlingRise(double z, double d) {
  const double w = 1 / z, v = 1 / (z + d), y = w * w, t = v * v;
  const double step = -d * w * v;                       // v - w
  double value[2] = {}, first[2] = {}, second[2] = {};  // At t, and the divided difference.
  for (size_t k = kStirlingTerms; k-- > 0;) {
    const auto power = static_cast<double>(2 * k + 1);
    const auto next = [&](double(&q)[2], double coefficient) {
      q[1] = q[1] * y + q[0];
      q[0] = q[0] * t + coefficient;
    };
    next(value, kStirling[k]);
    next(first, -power * kStirling[k]);
    next(second, power * (power + 1) * kStirling[k]);
  }
  const double sum = v + w;
  const double cube = t + v * w + y;  // (v^3 - w^3) / (v - w)
  return {step * (value[0] + w * sum * value[1]), step * sum * (first[0] + y * first[1]),
          step * (cube * second[0] + w * y * sum * second[1])};
}

// A function at the corners of a step by a and one by d: its value before both, its differences by
// each alone, and its mixed difference f(z) - f(z + a) - f(z + d) + f(z + a + d).
struct MixedSteps {
  double value;
  double by_a;
  double by_d;
  double mixed;

  // With functions that fall as powers of 1 / z no two terms cancel.
  MixedSteps operator*(const MixedSteps &g) const {
    const double after_d = g.by_a + g.mixed, after_a = g.by_d + g.mixed;
    return {
        value * g.value, by_a * (g.value + g.by_a) + value * g.by_a,
        by_d * (g.value + g.by_d) + value * g.by_d,
        mixed * (g.value + g.by_a + after_a) + by_a * after_a + by_d * after_d + value * g.mixed};
  }
};

inline MixedSteps StepsOfInverse(double z, double a, double d) {
  const double za = z + a, zd = z + d, top = z + a + d;
  return {1 / z, -a / za / z, -d / zd / z, a / za * (d / zd) / top * ((z + top) / z)};
}

// Mixed differences of Stirling's series and of its derivatives.
inline LogGammaJet MixedStirling(const MixedSteps &inverse) {
  const MixedSteps square = inverse * inverse;
  MixedSteps value{}, first{}, second{};
  for (size_t k = kStirlingTerms; k-- > 0;) {
    const auto power = static_cast<double>(2 * k + 1);
    const auto next = [&](MixedSteps &q, double coefficient) {
      q = q * square;
      q.value += coefficient;
    };
    next(value, kStirling[k]);
    next(first, -power * kStirling[k]);
    next(second, power * (power + 1) * kStirling[k]);
  }
  return {(inverse * value).mixed, (square * first).mixed, (inverse * (square * second)).mixed};
}

}  // namespace detail

inline LogGammaJet LogGammaDerivatives(double z) {
  double product = 1, first = 0, second = 0;
  while (z < detail::kStirlingFrom) {
    const double inverse = 1 / z;
    product *= z;
    first += inverse;
    second += inverse * inverse;
    z += 1;
  }
  const LogGammaJet tail = detail::StirlingTail(z);
  const double log_z = std::log(z);
  const double half_log_2pi = 0.5 * std::log(2 * std::numbers::pi);
  return {(z - 0.5) * log_z - z + half_log_2pi + tail.value - std::log(product),
          log_z - 0.5 / z + tail.first - first, 1 / z + 0.5 / (z * z) + tail.second + second};
}

inline GammaRiseJet LogGammaRise(double z, double d) {
  // Brings z up to where the series holds: rise(z) = rise(z + n) - ln prod (1 + d / (z + i)).
  double excess = 0;  // prod (1 + d / (z + i)) - 1
  double by_z = 0, by_zz = 0, shifted_first = 0, shifted_second = 0;
  while (z < detail::kStirlingFrom) {
    const double u = d / z;
    const double lower = 1 / z, upper = 1 / (z + d);
    excess += u + excess * u;
    by_z += u * upper;  // 1/z - 1/(z + d)
    by_zz -= u * upper * (lower + upper);
    shifted_first += upper;
    shifted_second += upper * upper;
    z += 1;
  }
  const double top = z + d, u = d / z;
  const LogGammaJet high = detail::StirlingTail(top);
  const LogGammaJet tail = detail::StirlingRise(z, d);
  const double w = 1 / z, v = 1 / top;
  const double log_ratio = std::log1p(u), log_top = std::log(top);
  GammaRiseJet jet;
  jet.value = (z - 0.5) * log_ratio + d * (log_top - 1) + tail.value - std::log1p(excess);
  jet.by_z = log_ratio + 0.5 * u * v + tail.first + by_z;
  jet.by_d = log_top - 0.5 * v + high.first - shifted_first;
  jet.by_zz = -u * v - 0.5 * u * v * (v + w) + tail.second + by_zz;
  jet.by_dd = v + 0.5 * v * v + high.second + shifted_second;
  return jet;
}

inline MixedRiseJet LogGammaMixedRise(double z, double a, double d) {
  double product = 1;  // Of (z + i)(z + i + a + d) / ((z + i + a)(z + i + d)), as 1 - loss.
  double loss = 0;
  MixedRiseJet jet{0, 0, 0};
  while (z < detail::kStirlingFrom) {
    const detail::MixedSteps inverse = detail::StepsOfInverse(z, a, d);
    const double factor = a / (z + a) * (d / (z + d));
    loss += factor - loss * factor;
    product *= z * ((z + a + d) / ((z + a) * (z + d)));
    jet.by_z -= inverse.mixed;
    jet.by_zz += (inverse * inverse).mixed;
    z += 1;
  }
  // A loss near one is the less exact of the two forms.
  jet.value = loss < 0.5 ? -std::log1p(-loss) : -std::log(product);
  const detail::MixedSteps inverse = detail::StepsOfInverse(z, a, d);
  const LogGammaJet tail = detail::MixedStirling(inverse);
  const double log_factor = std::log1p(-a / (z + a) * (d / (z + d)));
  jet.value += a * std::log1p(d / (z + a)) + d * std::log1p(a / (z + d)) + (z - 0.5) * log_factor +
               tail.value;
  jet.by_z += log_factor - 0.5 * inverse.mixed + tail.first;
  jet.by_zz += inverse.mixed + 0.5 * (inverse * inverse).mixed + tail.second;
  return jet;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GAMMA_FUNCTIONS_HPP_
