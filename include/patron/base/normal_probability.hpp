// The distribution function of the standard normal, for many numbers.
#ifndef PATRON_BASE_NORMAL_PROBABILITY_HPP_
#define PATRON_BASE_NORMAL_PROBABILITY_HPP_

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace patron {

// The probability that a standard normal number stays below z, for many z: absolute error below 4e-16.
class NormalProbability {
 public:
  // The same for all; made when first asked for.
  static const NormalProbability &Table();

  // NaN of NaN.
  double operator()(double z) const {
    const double away = std::abs(z);
    if (!(away < kEnd)) return 0.5 * std::erfc(-z / std::numbers::sqrt2);
    const auto cell = static_cast<size_t>(away * kCells);
    const double d = away - (static_cast<double>(cell) + 0.5) / kCells;
    const Terms &c = cells_[cell];
    const double high = c[4] + d * c[5] + d * d * (c[6] + d * c[7]);
    const double above = c[0] + d * (c[1] + d * (c[2] + d * (c[3] + d * high)));
    // Of one side or the other, without a branch.
    return std::abs(static_cast<double>(z >= 0) - above);
  }

 private:
  static constexpr size_t kEnd = 9, kCells = 32;  // Cells of one.
  using Terms = std::array<double, 8>;

  NormalProbability();

  // Of the probability to be above, in powers of the distance to the middle of a cell.
  std::array<Terms, kEnd * kCells> cells_;
};

// The terms of Taylor's series: derivatives of the density are Hermite's polynomials times itself.
inline NormalProbability::NormalProbability() {
  for (size_t cell = 0; cell < cells_.size(); ++cell) {
    const double z = (static_cast<double>(cell) + 0.5) / kCells;
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
    cells_[cell][0] = 0.5 * std::erfc(z / std::numbers::sqrt2);
    double hermite = 1, before = 0, factor = -density;
    for (size_t n = 1; n < cells_[cell].size(); ++n) {
      factor /= static_cast<double>(n);
      cells_[cell][n] = factor * hermite;
      factor = -factor;
      const double next = z * hermite - static_cast<double>(n - 1) * before;
      before = hermite;
      hermite = next;
    }
  }
}

inline const NormalProbability &NormalProbability::Table() {
  static const NormalProbability table;
  return table;
}

}  // namespace patron

#endif  // PATRON_BASE_NORMAL_PROBABILITY_HPP_
