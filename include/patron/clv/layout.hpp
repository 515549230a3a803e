// Which numbers a fit may choose: log parameters and covariate coefficients, and what ties them.
#ifndef PATRON_CLV_LAYOUT_HPP_
#define PATRON_CLV_LAYOUT_HPP_

#include <Eigen/Core>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::clv {

// The two processes of a model in which customers buy while they live.
enum class Process : uint8_t { kNone, kTransaction, kDropout };

// How covariates move a log parameter of a model: log theta_i = log theta + sign * c'z_i, with
// the coefficients c and the values z_i of `process`. Where two parameters share an effect, `sign`
// is a half for each.
struct CovariateLink {
  Process process = Process::kNone;
  double sign = 1;
};

// Takes weight * coefficient * (square) off the log-likelihood, so that a coefficient means the
// same on the mean log-likelihood whatever the number of customers.
struct Penalty {
  double transaction = 0;               // On the squares of the transaction coefficients.
  double dropout = 0;                   // The same for dropout; a tied one bears both.
  std::vector<double> parameters = {};  // On theta_k^2, one a parameter; empty means none.
};

// The free parameters of a fit: the log parameters of the model in its order, the coefficients of
// the transaction covariates, then those of the dropout covariates that are not tied to one of
// the former.
class Layout {
 public:
  // A model without covariates, or with `transaction` and `dropout` covariates by name. Each pair
  // (i, j) in `tied` makes transaction coefficient i and dropout coefficient j one number.
  //
  // Errors: InvalidArgument if a pair names no coefficient, a coefficient is in two pairs, a
  // penalty is negative or not finite, or there are not as many as parameters.
  static absl::StatusOr<Layout> Make(std::span<const std::string_view> parameters,
                                     std::span<const std::string> transaction = {},
                                     std::span<const std::string> dropout = {},
                                     std::span<const std::pair<size_t, size_t>> tied = {},
                                     Penalty penalty = {});

  size_t parameter_count() const { return parameters_; }
  size_t transaction_count() const { return transaction_; }
  size_t dropout_count() const { return dropout_; }
  bool has_covariates() const { return transaction_ + dropout_ > 0; }
  size_t full_size() const { return free_of_.size(); }
  Eigen::Index free_size() const { return free_size_; }

  // Of the free parameters. Tied ones bear the name of the transaction covariate and "both".
  const std::vector<std::string> &names() const { return names_; }

  // The free parameter that full parameter `q` is.
  Eigen::Index free_of(size_t q) const { return free_of_[q]; }

  // Whether covariates of this layout move a parameter linked so.
  bool Moves(CovariateLink link) const {
    return (link.process == Process::kTransaction && transaction_ > 0) ||
           (link.process == Process::kDropout && dropout_ > 0);
  }

  // Whether a penalty bears on a free coefficient of a covariate.
  bool Penalised(Eigen::Index free) const;

  // All parameters (log parameters, transaction, dropout coefficients) at a point of the free.
  std::vector<double> Expand(const Eigen::VectorXd &point) const;

  // What the penalty takes off the log-likelihood at a point of the free, for this weight.
  double PenaltyAt(const Eigen::VectorXd &point, double weight) const;

  // Takes the penalty at `full` for this weight off a value and, if asked, its derivatives.
  void Penalise(std::span<const double> full, bool derivatives, double weight, double &value,
                Eigen::VectorXd &gradient, Eigen::MatrixXd &hessian) const;

 private:
  Layout() = default;

  size_t parameters_ = 0;
  size_t transaction_ = 0;
  size_t dropout_ = 0;
  Eigen::Index free_size_ = 0;
  std::vector<Eigen::Index> free_of_;
  std::vector<std::string> names_;
  Penalty penalty_;
};

namespace detail {

inline absl::Status CheckPenalty(std::string_view name, double value) {
  if (std::isfinite(value) && value >= 0) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "a finite number, 0 or above");
}

}  // namespace detail

inline absl::StatusOr<Layout> Layout::Make(std::span<const std::string_view> parameters,
                                           std::span<const std::string> transaction,
                                           std::span<const std::string> dropout,
                                           std::span<const std::pair<size_t, size_t>> tied,
                                           Penalty penalty) {
  Layout layout;
  layout.parameters_ = parameters.size();
  layout.transaction_ = transaction.size();
  layout.dropout_ = dropout.size();
  PATRON_RETURN_IF_ERROR(detail::CheckPenalty("penalty of transaction", penalty.transaction));
  PATRON_RETURN_IF_ERROR(detail::CheckPenalty("penalty of dropout", penalty.dropout));
  for (const double p : penalty.parameters) {
    PATRON_RETURN_IF_ERROR(detail::CheckPenalty("penalty of a parameter", p));
  }
  if (!penalty.parameters.empty() && penalty.parameters.size() != parameters.size()) {
    return InvalidOption("penalties of parameters", absl::StrCat(penalty.parameters.size()),
                         absl::StrCat(parameters.size(), ", one a parameter"));
  }
  for (const std::string_view name : parameters) {
    layout.free_of_.push_back(layout.free_size_++);
    layout.names_.emplace_back(name);
  }
  for (const std::string &name : transaction) {
    layout.free_of_.push_back(layout.free_size_++);
    layout.names_.push_back(absl::StrCat("transaction.", name));
  }
  constexpr Eigen::Index kUntied = -1;
  std::vector<Eigen::Index> partner(dropout.size(), kUntied);
  std::vector<bool> taken(transaction.size());
  for (const auto &[t, d] : tied) {
    if (t >= transaction.size() || d >= dropout.size()) {
      return InvalidOption(
          "tied covariates", absl::StrCat(t, " and ", d),
          absl::StrCat("places below ", transaction.size(), " and ", dropout.size()));
    }
    if (taken[t] || partner[d] != kUntied) {
      return InvalidOption("tied covariates", absl::StrCat(t, " and ", d),
                           "each covariate in one pair at most");
    }
    taken[t] = true;
    partner[d] = static_cast<Eigen::Index>(parameters.size() + t);
    layout.names_[parameters.size() + t] = absl::StrCat("both.", transaction[t]);
  }
  for (size_t d = 0; d < dropout.size(); ++d) {
    if (partner[d] != kUntied) {
      layout.free_of_.push_back(partner[d]);
    } else {
      layout.free_of_.push_back(layout.free_size_++);
      layout.names_.push_back(absl::StrCat("dropout.", dropout[d]));
    }
  }
  layout.penalty_ = std::move(penalty);
  return layout;
}

inline bool Layout::Penalised(Eigen::Index free) const {
  for (size_t q = parameters_; q < free_of_.size(); ++q) {
    const bool transaction = q < parameters_ + transaction_;
    if (free_of_[q] == free && (transaction ? penalty_.transaction : penalty_.dropout) > 0) {
      return true;
    }
  }
  return false;
}

inline std::vector<double> Layout::Expand(const Eigen::VectorXd &point) const {
  std::vector<double> full(free_of_.size());
  for (size_t q = 0; q < full.size(); ++q) full[q] = point[free_of_[q]];
  return full;
}

inline void Layout::Penalise(std::span<const double> full, bool derivatives, double weight,
                             double &value, Eigen::VectorXd &gradient,
                             Eigen::MatrixXd &hessian) const {
  const auto take = [&](size_t q, double amount, double slope, double curvature) {
    value -= amount;
    if (!derivatives) return;
    gradient[free_of_[q]] -= slope;
    hessian(free_of_[q], free_of_[q]) -= curvature;
  };
  for (size_t q = 0; q < penalty_.parameters.size(); ++q) {
    const double square = weight * penalty_.parameters[q] * std::exp(2 * full[q]);
    take(q, square, 2 * square, 4 * square);
  }
  for (size_t q = parameters_; q < full.size(); ++q) {
    const double c =
        weight * (q < parameters_ + transaction_ ? penalty_.transaction : penalty_.dropout);
    take(q, c * full[q] * full[q], 2 * c * full[q], 2 * c);
  }
}

inline double Layout::PenaltyAt(const Eigen::VectorXd &point, double weight) const {
  double value = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;
  Penalise(Expand(point), false, weight, value, gradient, hessian);
  return -value;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_LAYOUT_HPP_
