// Purchases that are every k-th event of a Poisson process, where the events are too many to sum over.
#ifndef PATRON_CLV_EVENT_GROUPS_HPP_
#define PATRON_CLV_EVENT_GROUPS_HPP_

#include <cmath>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace patron::clv::detail {

// Events come at a rate that is Gamma(shape + j, 1), where j < k of them have passed since the last
// purchase with probability passed[j]. With N the number of purchases within tau, the mean of q^N is
// a sum over the k-th roots of unity w of (s w)^j (1 + tau (1 - s w))^-(shape + j), where s^k = q:
// no number of events stands in it. Where q is small the roots cancel, and few purchases matter:
// there it is a sum over the first events. Cost: O(k^2) a call, O(k^3) of KeptWithout.
class EventGroups {
 public:
  EventGroups(double shape, double tau, std::span<const double> passed)
      : shape_(shape), tau_(tau), passed_(passed), roots_(passed.size()), gaps_(passed.size()) {
    const auto k = static_cast<double>(passed.size());
    for (size_t l = 0; l < passed.size(); ++l) {
      const double half = kPi * static_cast<double>(l) / k;
      roots_[l] = std::polar(1.0, 2 * half);
      // 1 - w, without loss where w is near 1.
      gaps_[l] = std::complex<double>(0, -2 * std::sin(half)) * std::polar(1.0, half);
    }
  }

  // The mean of q^N with q = 1 - p, and 1 minus it, which is exact where p is small.
  struct Means {
    double kept;
    double lost;
  };
  Means At(double p) const {
    if (p > 0.5) {
      double kept = 0;
      for (size_t j = 0; j < passed_.size(); ++j) {
        kept += passed_[j] * FewEvents(p, j, [](double, size_t) { return 1.0; });
      }
      return {kept, 1 - kept};
    }
    const size_t k = passed_.size();
    const double log_s = std::log1p(-p) / static_cast<double>(k);
    const double s = std::exp(log_s);
    const double miss = -std::expm1(log_s);  // 1 - s
    // The first root, w = 1.
    double weight = 0;  // The mean of s^-r over r < k, minus 1.
    for (size_t r = 1; r < k; ++r) weight += std::expm1(-static_cast<double>(r) * log_s);
    const double log_weight = std::log1p(weight / static_cast<double>(k));
    const double log_base = std::log1p(tau_ * miss);
    Means means{0, 0};
    for (size_t j = 0; j < k; ++j) {
      const auto d = static_cast<double>(j);
      const double log_term = log_weight + d * log_s - (shape_ + d) * log_base;
      means.kept += passed_[j] * std::exp(log_term);
      means.lost -= passed_[j] * std::expm1(log_term);
    }
    for (size_t l = 1; l < k; ++l) {
      std::complex<double> of_root = 0;
      for (size_t r = 1; r < k; ++r) {
        of_root += std::expm1(-static_cast<double>(r) * log_s) * std::conj(roots_[l * r % k]);
      }
      const std::complex<double> base = 1.0 + tau_ * (miss + s * gaps_[l]);
      std::complex<double> term =
          of_root / static_cast<double>(k) * std::exp(-shape_ * std::log(base));
      const std::complex<double> ratio = s * roots_[l] / base;
      for (size_t j = 0; j < k; ++j) {
        means.kept += passed_[j] * term.real();
        means.lost -= passed_[j] * term.real();
        term *= ratio;
      }
    }
    return means;
  }

  // The mean of q^N over those without a purchase within the `further` time after tau.
  double KeptWithout(double p, double further) const {
    const size_t k = passed_.size();
    if (p > 0.5) {
      const double later = further / (1 + tau_ + further);
      double kept = 0;
      for (size_t j = 0; j < k; ++j) {
        kept += passed_[j] * FewEvents(p, j, [&](double shape, size_t phase) {
                  double term = std::exp(shape * std::log1p(-later)), few = 0;
                  for (size_t m = 0; m + phase < k; ++m) {
                    few += term;
                    term *= (shape + static_cast<double>(m)) / static_cast<double>(m + 1) * later;
                  }
                  return few;
                });
      }
      return kept;
    }
    const double log_s = std::log1p(-p) / static_cast<double>(k);
    const double s = std::exp(log_s);
    const double miss = -std::expm1(log_s);
    std::vector<std::complex<double>> phases(k + 1);
    std::complex<double> kept = 0;
    for (size_t l = 0; l < k; ++l) {
      const std::complex<double> step = s * roots_[l];
      const std::complex<double> base = 1.0 + further + tau_ * (miss + s * gaps_[l]);
      // Sums of step^-phase over the first n phases.
      std::complex<double> power = 1;
      for (size_t n = 1; n <= k; ++n) {
        phases[n] = phases[n - 1] + power;
        power /= step;
      }
      std::complex<double> start = std::exp(-shape_ * std::log(base)) / static_cast<double>(k);
      for (size_t j = 0; j < k; ++j) {
        // i further events, of at most k - 1 - phase.
        std::complex<double> term = start, sum = 0;
        const double shape = shape_ + static_cast<double>(j);
        for (size_t i = 0; i < k; ++i) {
          sum += term * phases[k - i];
          const auto d = static_cast<double>(i);
          term *= (shape + d) / (d + 1) * further / base;
        }
        kept += passed_[j] * sum;
        start *= step / base;
      }
    }
    return kept.real();
  }

 private:
  static constexpr double kPi = 3.14159265358979323846;

  // The sum over the number of events i of its probability times q^N times factor(shape + i, phase),
  // until q^N does not matter any more; p above 1/2.
  template <typename Factor>
  double FewEvents(double p, size_t j, const Factor &factor) const {
    const double shape = shape_ + static_cast<double>(j);
    const double z = tau_ / (1 + tau_);
    double probability = std::exp(-shape * std::log1p(tau_));
    double keep = 1, sum = 0;
    size_t phase = j;
    for (double i = 0; keep > 1e-18; ++i) {
      if (i > 0 && ++phase == passed_.size()) {
        phase = 0;
        keep *= 1 - p;
      }
      sum += probability * keep * factor(shape + i, phase);
      probability *= (shape + i) / (i + 1) * z;
    }
    return sum;
  }

  double shape_;
  double tau_;
  std::span<const double> passed_;
  std::vector<std::complex<double>> roots_, gaps_;
};

}  // namespace patron::clv::detail

#endif  // PATRON_CLV_EVENT_GROUPS_HPP_
