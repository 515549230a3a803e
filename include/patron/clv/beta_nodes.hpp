// Expectations over a probability that is Beta distributed, for any parameters.
#ifndef PATRON_CLV_BETA_NODES_HPP_
#define PATRON_CLV_BETA_NODES_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace patron::clv {

// Places and weights, which sum to 1, such that the sum of weight * f(place) is the mean of f over
// p ~ Beta(a, b), for f smooth in ln(p / (1 - p)): relative error below 1e-12 for f such as
// (1 + tau p)^-n, or that less than 1 for each p, if -ln(n tau) is told: where f bends.
//
// The trapezoidal rule in u, with ln(p / (1 - p)) = ln(a / b) + c sinh(u): the density falls
// double exponentially there. Where f bends far below a / b the steps are even from there on. Cost: 100
// to 500 nodes, and 5 for each factor of e that it bends below.
struct BetaNodes {
  std::vector<double> place;
  std::vector<double> weight;

  BetaNodes(double a, double b, double bend = std::numeric_limits<double>::infinity());
  size_t size() const { return place.size(); }

 private:
  void AddEven(double a, double b, double bend);
};

inline BetaNodes::BetaNodes(double a, double b, double bend) {
  constexpr double kStep = 0.05;
  constexpr double kFall = 42;
  const double middle = std::log(a / b);
  const double scale = std::min(1.5, std::sqrt(1 / a + 1 / b));
  if (middle - bend > 4) {
    AddEven(a, b, bend);
    return;
  }
  const auto softplus = [](double y) {
    return std::max(0.0, y) + std::log1p(std::exp(-std::abs(y)));
  };
  const double top = -a * softplus(-middle) - b * softplus(middle);
  double total = 0;
  // From the middle outwards on each side, until the density has fallen.
  for (const int side : {-1, 1}) {
    for (int i = side < 0 ? 1 : 0; i < 1000; ++i) {
      const double u = side * i * kStep;
      const double y = middle + scale * std::sinh(u);
      const double density = -a * softplus(-y) - b * softplus(y) - top;
      if (density + std::log(std::cosh(u)) < -kFall) break;
      // Kept above 0, because f may divide by it.
      place.push_back(std::max(1 / (1 + std::exp(-y)), 0x1p-1000));
      weight.push_back(std::exp(density) * std::cosh(u));
      total += weight.back();
    }
  }
  for (double &w : weight) w /= total;
}

// With ln(p / (1 - p)) = u + e^(u - high) - e^(low - u).
inline void BetaNodes::AddEven(double a, double b, double bend) {
  const double step = std::min(0.2, 0.7 * std::sqrt(1 / a + 1 / b));
  constexpr double kFall = 42;
  const double middle = std::log(a / b);
  // Where b is large the density ends above as exp(-b p).
  const double low = bend - 3, high = std::log((a + kFall) / b) + 2;
  const auto softplus = [](double y) {
    return std::max(0.0, y) + std::log1p(std::exp(-std::abs(y)));
  };
  const double top = -a * softplus(-middle) - b * softplus(middle);
  double total = 0;
  for (const int side : {-1, 1}) {
    // Below the bend f no longer grows as the density falls.
    const double fall = side < 0 ? kFall + a * (middle - bend) : kFall;
    for (int i = side < 0 ? 1 : 0; i < 100'000; ++i) {
      const double u = middle + side * i * step;
      const double above = std::exp(u - high), beneath = std::exp(low - u);
      const double y = u + above - beneath, slope = 1 + above + beneath;
      const double density = -a * softplus(-y) - b * softplus(y) - top;
      if (density + std::log(slope) < -fall) break;
      place.push_back(std::max(1 / (1 + std::exp(-y)), 0x1p-1000));
      weight.push_back(std::exp(density) * slope);
      total += weight.back();
    }
  }
  for (double &w : weight) w /= total;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BETA_NODES_HPP_
