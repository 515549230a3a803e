// What kernels write for blocks of rows, and its sums, with covariates by the chain rule.
#ifndef PATRON_CLV_BLOCK_SUMS_HPP_
#define PATRON_CLV_BLOCK_SUMS_HPP_

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/clv/layout.hpp"

namespace patron::clv {

// A log-likelihood, or a part of one over some of the rows, at one point. Parts over different
// rows at the same point add up to the whole, on one machine or many.
struct Evaluation {
  double value = 0;
  Eigen::VectorXd gradient;  // Empty if not asked for, as is the Hessian.
  Eigen::MatrixXd hessian;   // Symmetric, all of it filled.
  double weight = 0;         // Sum of the weights of the rows.

  Evaluation() = default;
  explicit Evaluation(Eigen::Index size)
      : gradient(Eigen::VectorXd::Zero(size)), hessian(Eigen::MatrixXd::Zero(size, size)) {}

  // Adds a part over other rows, evaluated at the same point with the same layout.
  void Add(const Evaluation &part);

  // Whether value, gradient and Hessian hold neither NaN nor infinity.
  bool IsFinite() const;
};

// Rows that a kernel is given at once. Its buffers stay in the first cache.
inline constexpr size_t kBlockRows = 128;

// Place of the second derivative by parameters i and j <= i in a packed lower triangle.
constexpr size_t Packed(size_t i, size_t j) { return i * (i + 1) / 2 + j; }

// Log parameters of the rows of a block: eta[k][i] for parameter k and the i-th row of the block.
// Always filled for the rows of the block, not beyond.
template <size_t kParameters>
struct BlockParameters {
  alignas(64) double eta[kParameters][kBlockRows];
  // False: eta[k] is the same for all rows, that of Prepare. True: covariates move it row by row.
  std::array<bool, kParameters> varies{};

  bool uniform() const {
    return std::ranges::none_of(varies, [](bool v) { return v; });
  }
};

// What a kernel writes: natural log-likelihood of each row of the block, without its weight, and
// its derivatives by eta[0], eta[1], ... of that row.
template <size_t kParameters>
struct BlockResult {
  alignas(64) double value[kBlockRows];
  alignas(64) double gradient[kParameters][kBlockRows];
  alignas(64) double hessian[Packed(kParameters, 0)][kBlockRows];  // By Packed(i, j).
};

// Covariates by row of grouped data. Rows point to a pattern; a covariate is a column with a value a
// pattern. Without covariates all is empty. What it points to is borrowed.
struct CovariateRows {
  std::vector<std::span<const double>> transaction;
  std::vector<std::span<const double>> dropout;
  std::span<const uint32_t> pattern;  // Of each row.
};

namespace detail {

// Sums of w * v over a block, in four lanes.
inline double WeightedSum(const double *weights, const double *values, size_t count) {
  double lanes[4] = {};
  size_t i = 0;
  if (weights == nullptr) {
    for (; i + 4 <= count; i += 4) {
      for (size_t k = 0; k < 4; ++k) lanes[k] += values[i + k];
    }
    for (; i < count; ++i) lanes[0] += values[i];
  } else {
    for (; i + 4 <= count; i += 4) {
      for (size_t k = 0; k < 4; ++k) lanes[k] += weights[i + k] * values[i + k];
    }
    for (; i < count; ++i) lanes[0] += weights[i] * values[i];
  }
  return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

// The covariates of a block of rows, column by column in the order of the layout, and how far they
// move each process.
class CovariateBlock {
 public:
  CovariateBlock(const Layout &layout, const CovariateRows &covariates,
                 std::span<const double> coefficients)
      : transaction_(layout.transaction_count()),
        covariates_(covariates),
        coefficients_(coefficients),
        values_(layout.full_size() - layout.parameter_count()) {}

  void Load(Range rows) {
    rows_ = rows;
    const std::span<const uint32_t> pattern = covariates_.pattern.subspan(rows.begin, rows.size());
    runs_ = 1;
    for (size_t i = 1; i < pattern.size(); ++i) runs_ += pattern[i] != pattern[i - 1] ? 1 : 0;
    for (auto &shift : shift_) std::fill_n(shift.begin(), rows.size(), 0.0);
    for (size_t j = 0; j < values_.size(); ++j) {
      const std::span<const double> column =
          j < transaction_ ? covariates_.transaction[j] : covariates_.dropout[j - transaction_];
      std::array<double, kBlockRows> &values = values_[j];
      std::array<double, kBlockRows> &shift = shift_[j < transaction_ ? 0 : 1];
      for (size_t i = 0; i < pattern.size(); ++i) values[i] = column[pattern[i]];
      for (size_t i = 0; i < pattern.size(); ++i) shift[i] += coefficients_[j] * values[i];
    }
  }

  size_t rows() const { return rows_.size(); }
  size_t runs() const { return runs_; }  // Rows of equal pattern that stand together are one.
  size_t EndOfRun(size_t begin) const {
    const uint32_t *pattern = covariates_.pattern.data() + rows_.begin;
    size_t end = begin + 1;
    while (end < rows_.size() && pattern[end] == pattern[begin]) ++end;
    return end;
  }
  const double *values(size_t covariate) const { return values_[covariate].data(); }
  const double *shift(Process process) const {
    return shift_[process == Process::kTransaction ? 0 : 1].data();
  }

 private:
  size_t transaction_;
  const CovariateRows &covariates_;
  std::span<const double> coefficients_;
  std::vector<std::array<double, kBlockRows>> values_;
  std::array<std::array<double, kBlockRows>, 2> shift_;
  Range rows_;
  size_t runs_ = 0;
};

// Log parameters first, then the two processes: a process moves those it is linked to.
template <size_t P>
constexpr size_t ProcessRow(Process process) {
  return process == Process::kTransaction ? P : P + 1;
}

// Adds to `part` what the sums of rows with equal covariates make of it, by the chain rule.
template <size_t P>
class ChainRule {
 public:
  ChainRule(const Layout &layout, std::span<const CovariateLink, P> links)
      : layout_(layout), links_(links) {}

  // Sums of derivatives by the log parameters; the lower triangle of `h` is read.
  void Add(std::span<double, P + 2> g, std::span<std::array<double, P + 2>, P + 2> h,
           const CovariateBlock &covariates, size_t row, Evaluation &part) const {
    for (size_t i = 0; i < P; ++i) {
      for (size_t j = 0; j < i; ++j) h[j][i] = h[i][j];
    }
    for (size_t k = 0; k < P; ++k) {
      if (links_[k].process == Process::kNone) continue;
      const size_t process = ProcessRow<P>(links_[k].process);
      g[process] += links_[k].sign * g[k];
      for (size_t j = 0; j < P; ++j) h[process][j] += links_[k].sign * h[k][j];
    }
    for (size_t process = P; process < P + 2; ++process) {
      for (size_t k = 0; k < P; ++k) {
        if (links_[k].process == Process::kNone) continue;
        h[process][ProcessRow<P>(links_[k].process)] += links_[k].sign * h[process][k];
      }
    }
    // Full parameter q moves row source[q] of g and h by factor[q].
    const size_t full = layout_.full_size();
    const auto source = [&](size_t q) {
      return q < P ? q : q < P + layout_.transaction_count() ? P : P + 1;
    };
    const auto factor = [&](size_t q) { return q < P ? 1.0 : covariates.values(q - P)[row]; };
    for (size_t q = 0; q < full; ++q) {
      const double fq = factor(q);
      const size_t sq = source(q);
      const Eigen::Index free_q = layout_.free_of(q);
      part.gradient[free_q] += fq * g[sq];
      for (size_t s = 0; s < full; ++s) {
        const size_t ss = source(s);
        const double entry = sq < ss ? h[ss][sq] : h[sq][ss];
        part.hessian(free_q, layout_.free_of(s)) += fq * factor(s) * entry;
      }
    }
  }

 private:
  const Layout &layout_;
  std::span<const CovariateLink, P> links_;
};

// The weighted sums of a block of rows of what a kernel wrote, and the chain rule.
template <size_t P>
class BlockSums {
 public:
  BlockSums(const Layout &layout, std::span<const CovariateLink, P> links)
      : layout_(layout), links_(links), chain_(layout, links) {}

  // `weights` is that of the block or null, as are the `covariates` without any.
  void Add(const BlockResult<P> &block, size_t rows, const double *weights, bool derivatives,
           const CovariateBlock *covariates, Evaluation &part) {
    part.value += WeightedSum(weights, block.value, rows);
    if (!derivatives) return;
    constexpr size_t kRowsOfRun = 16;  // From which on a chain rule for each run costs less.
    if (covariates == nullptr) {
      AddRun(block, weights, 0, rows, [&](auto &g, auto &h) {
        for (size_t i = 0; i < P; ++i) {
          part.gradient[Index(i)] += g[i];
          for (size_t j = 0; j < i; ++j) {
            part.hessian(Index(i), Index(j)) += h[i][j];
            part.hessian(Index(j), Index(i)) += h[i][j];
          }
          part.hessian(Index(i), Index(i)) += h[i][i];
        }
      });
    } else if (covariates->runs() * kRowsOfRun <= rows + kRowsOfRun) {
      for (size_t begin = 0; begin < rows;) {
        const size_t end = covariates->EndOfRun(begin);
        AddRun(block, weights, begin, end,
               [&](auto &g, auto &h) { chain_.Add(g, h, *covariates, begin, part); });
        begin = end;
      }
    } else {
      AddRowByRow(block, weights, *covariates, part);
    }
  }

 private:
  static Eigen::Index Index(size_t i) { return static_cast<Eigen::Index>(i); }

  // Sums over rows [begin, end) into room for the processes too.
  template <typename Take>
  static void AddRun(const BlockResult<P> &block, const double *weights, size_t begin, size_t end,
                     const Take &take) {
    const double *w = weights == nullptr ? nullptr : weights + begin;
    const size_t count = end - begin;
    std::array<double, P + 2> g = {};
    std::array<std::array<double, P + 2>, P + 2> h = {};
    for (size_t i = 0; i < P; ++i) {
      g[i] = WeightedSum(w, block.gradient[i] + begin, count);
      for (size_t j = 0; j <= i; ++j) {
        h[i][j] = WeightedSum(w, block.hessian[Packed(i, j)] + begin, count);
      }
    }
    take(g, h);
  }

  // The same where hardly two rows share their covariates: the derivatives by the processes row by
  // row, then sums of them times the covariates.
  void AddRowByRow(const BlockResult<P> &block, const double *weights,
                   const CovariateBlock &covariates, Evaluation &part) {
    const size_t rows = covariates.rows();
    AddRun(block, weights, 0, rows, [&](auto &g, auto &h) {
      for (size_t i = 0; i < P; ++i) {
        const Eigen::Index free_i = layout_.free_of(i);
        part.gradient[free_i] += g[i];
        for (size_t j = 0; j <= i; ++j) AddPair(free_i, layout_.free_of(j), i == j, h[i][j], part);
      }
    });
    for (const Process process : {Process::kTransaction, Process::kDropout}) {
      FillProcess(block, weights, rows, process);
    }
    const size_t transaction = layout_.transaction_count();
    const auto row_of = [&](size_t c) { return c < transaction ? P : P + 1; };
    const size_t count = layout_.full_size() - P;
    for (size_t c = 0; c < count; ++c) {
      const Eigen::Index free_c = layout_.free_of(P + c);
      const size_t row = row_of(c);
      const double *z = covariates.values(c);
      part.gradient[free_c] += WeightedSum(z, gradient_[row - P].data(), rows);
      for (size_t j = 0; j < P; ++j) {
        AddPair(free_c, layout_.free_of(j), false,
                WeightedSum(z, hessian_[row - P][j].data(), rows), part);
      }
      for (size_t d = 0; d <= c; ++d) {
        const double *curve = hessian_[row - P][row_of(d)].data();
        for (size_t i = 0; i < rows; ++i) product_[i] = curve[i] * z[i];
        AddPair(free_c, layout_.free_of(P + d), c == d,
                WeightedSum(covariates.values(d), product_.data(), rows), part);
      }
    }
  }

  // A sum of second derivatives by two full parameters, which may be one free one.
  static void AddPair(Eigen::Index i, Eigen::Index j, bool same, double sum, Evaluation &part) {
    part.hessian(i, j) += sum;
    if (!same) part.hessian(j, i) += sum;
  }

  // First derivatives by how far a process moves, and second ones by it and a log parameter or a
  // process, row by row with their weights.
  void FillProcess(const BlockResult<P> &block, const double *weights, size_t rows,
                   Process process) {
    const size_t p = ProcessRow<P>(process) - P;
    const auto add = [&](double sign, const double *from, std::array<double, kBlockRows> &to) {
      for (size_t i = 0; i < rows; ++i) to[i] += sign * from[i];
    };
    gradient_[p].fill(0);
    for (auto &column : hessian_[p]) column.fill(0);
    for (size_t k = 0; k < P; ++k) {
      if (links_[k].process != process) continue;
      add(links_[k].sign, block.gradient[k], gradient_[p]);
      for (size_t j = 0; j < P; ++j) {
        add(links_[k].sign, block.hessian[Packed(std::max(j, k), std::min(j, k))], hessian_[p][j]);
      }
    }
    if (weights != nullptr) {
      for (size_t i = 0; i < rows; ++i) gradient_[p][i] *= weights[i];
      for (size_t j = 0; j < P; ++j) {
        for (size_t i = 0; i < rows; ++i) hessian_[p][j][i] *= weights[i];
      }
    }
    for (size_t k = 0; k < P; ++k) {
      if (links_[k].process == Process::kNone) continue;
      add(links_[k].sign, hessian_[p][k].data(), hessian_[p][ProcessRow<P>(links_[k].process)]);
    }
  }

  using Column = std::array<double, kBlockRows>;

  const Layout &layout_;
  std::span<const CovariateLink, P> links_;
  ChainRule<P> chain_;
  std::array<Column, 2> gradient_ = {};
  std::array<std::array<Column, P + 2>, 2> hessian_ = {};
  Column product_ = {};
};

// Fills the log parameters of a block: base values, and what covariates add.
template <size_t P>
void FillParameters(std::span<const CovariateLink, P> links, const CovariateBlock &covariates,
                    std::span<const double, P> eta, BlockParameters<P> &block) {
  for (size_t k = 0; k < P; ++k) {
    if (links[k].process == Process::kNone) continue;
    const double *shift = covariates.shift(links[k].process);
    for (size_t i = 0; i < covariates.rows(); ++i) {
      block.eta[k][i] = eta[k] + links[k].sign * shift[i];
    }
  }
}

// Blocks of the rows of a range at one point: calls `take(rows, parameters, covariates)`, the last
// null without any.
template <size_t P, typename Take>
void ForEachBlock(const Layout &layout, std::span<const CovariateLink, P> links,
                  const CovariateRows &covariates, std::span<const double> full, Range range,
                  const Take &take) {
  const std::span<const double, P> eta(full.data(), P);
  BlockParameters<P> parameters;
  for (size_t k = 0; k < P; ++k) {
    std::fill_n(parameters.eta[k], kBlockRows, eta[k]);
    parameters.varies[k] = layout.Moves(links[k]);
  }
  std::optional<CovariateBlock> own;
  if (layout.has_covariates()) own.emplace(layout, covariates, full.subspan(P));
  for (size_t begin = range.begin; begin < range.end; begin += kBlockRows) {
    const Range rows{begin, std::min(begin + kBlockRows, range.end)};
    if (own.has_value()) {
      own->Load(rows);
      FillParameters<P>(links, *own, eta, parameters);
    }
    take(rows, parameters, own.has_value() ? &*own : nullptr);
  }
}

}  // namespace detail

inline void Evaluation::Add(const Evaluation &part) {
  value += part.value;
  weight += part.weight;
  if (part.gradient.size() == 0) return;
  if (gradient.size() == 0) {
    gradient = part.gradient;
    hessian = part.hessian;
  } else {
    gradient += part.gradient;
    hessian += part.hessian;
  }
}

inline bool Evaluation::IsFinite() const {
  return std::isfinite(value) && gradient.allFinite() && hessian.allFinite();
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BLOCK_SUMS_HPP_
