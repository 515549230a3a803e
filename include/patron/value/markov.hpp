// Markov chains of customers: where they end up, how long they stay, what they are worth.
#ifndef PATRON_VALUE_MARKOV_HPP_
#define PATRON_VALUE_MARKOV_HPP_

#include <Eigen/Core>
#include <Eigen/LU>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::value {

inline constexpr size_t kMaxMarkovStates = 1000;
inline constexpr int64_t kWithoutEnd = -1;  // Periods.

// `probabilities` is always one row a state: the probability of each state one period later,
// row after row, states x states numbers in all.
//
// Errors: InvalidArgument for another number of them, one outside 0 to 1, or a row whose sum differs
// from 1 by more than 1e-9, naming state and value.
absl::Status CheckTransitions(std::span<const double> probabilities, size_t states);

// The distribution that one period does not change: pi = pi P.
// Errors: as above; FailedPrecondition if there are several such: states that cannot reach each other
// and are never left. Cost: O(states^3), as below.
absl::StatusOr<std::vector<double>> SteadyState(std::span<const double> probabilities,
                                                size_t states);

struct Tenure {
  // Expected periods in each state before the first period in one that `ends`, from each state: the
  // fundamental matrix (I - Q)^-1, with zeros where a state ends.
  std::vector<double> periods;
  std::vector<double> total;  // Sum of each row.
};

// How long customers stay. `ends` has one byte a state; those that are not 0 end the relation.
// Errors: as above; InvalidArgument if no state or all states end; FailedPrecondition if a customer
// may stay for ever.
absl::StatusOr<Tenure> ExpectedTenure(std::span<const double> probabilities, size_t states,
                                      std::span<const uint8_t> ends);

// Mobility of Prais (1955): (states - trace) / (states - 1); 0 if nobody moves, 1 if where one goes
// does not depend on where one is. Errors: as above; InvalidArgument for a single state.
absl::StatusOr<double> PraisMobility(std::span<const double> probabilities, size_t states);

// The value of a customer in each state, after Pfeifer and Carraway, Modeling customer relationships as
// Markov chains, Journal of Interactive Marketing 14(2), 2000: the sum over t = 0 to `periods` of
// (P / (1 + discount))^t R, or its limit for kWithoutEnd. `rewards` has the margin of a period that
// begins in each state; the first is received at once.
// Errors: as above; InvalidArgument for rewards that are not finite, a discount that is not above -1
// (above 0 without end), or negative periods.
absl::StatusOr<std::vector<double>> MarkovLifetimeValue(std::span<const double> probabilities,
                                                        std::span<const double> rewards,
                                                        double discount, int64_t periods);

namespace detail {

using MarkovMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline Eigen::Map<const MarkovMatrix> AsMatrix(std::span<const double> p, size_t states) {
  const auto n = static_cast<Eigen::Index>(states);
  return {p.data(), n, n};
}

// reach[i * states + j]: whether j can be reached from i, in no or more steps.
inline std::vector<uint8_t> Reachable(std::span<const double> p, size_t states) {
  std::vector<uint8_t> reach(states * states);
  std::vector<size_t> open;
  for (size_t from = 0; from < states; ++from) {
    uint8_t *seen = reach.data() + from * states;
    seen[from] = 1;
    open.assign(1, from);
    while (!open.empty()) {
      const size_t at = open.back();
      open.pop_back();
      for (size_t to = 0; to < states; ++to) {
        if (p[at * states + to] <= 0 || seen[to] != 0) continue;
        seen[to] = 1;
        open.push_back(to);
      }
    }
  }
  return reach;
}

}  // namespace detail

inline absl::Status CheckTransitions(std::span<const double> p, size_t states) {
  constexpr double kSlack = 1e-9;
  if (states == 0 || states > kMaxMarkovStates) {
    return InvalidOption("states", std::to_string(states), absl::StrCat("1 to ", kMaxMarkovStates));
  }
  if (p.size() != states * states) {
    return InvalidOption("probabilities", absl::StrCat(p.size(), " numbers"),
                         absl::StrCat(states * states, ": a row of ", states, " for each state"));
  }
  for (size_t i = 0; i < states; ++i) {
    double sum = 0;
    for (size_t k = 0; k < states; ++k) {
      const double v = p[i * states + k];
      if (!(v >= 0 && v <= 1 + kSlack)) {
        return absl::InvalidArgumentError(absl::StrCat("probabilities: row ", i, ", column ", k,
                                                       " is ", FormatNumber(v),
                                                       "; expected 0 to 1"));
      }
      sum += v;
    }
    if (std::abs(sum - 1) > kSlack) {
      return absl::InvalidArgumentError(absl::StrCat("probabilities: row ", i, " has the sum ",
                                                     FormatNumber(sum), "; expected 1"));
    }
  }
  return absl::OkStatus();
}

inline absl::StatusOr<std::vector<double>> SteadyState(std::span<const double> p, size_t states) {
  PATRON_RETURN_IF_ERROR(CheckTransitions(p, states));
  // A state is recurrent if every state that it reaches leads back to it.
  const std::vector<uint8_t> reach = detail::Reachable(p, states);
  size_t first = states;
  for (size_t i = 0; i < states; ++i) {
    bool recurrent = true;
    for (size_t k = 0; k < states; ++k) {
      recurrent &= reach[i * states + k] == 0 || reach[k * states + i] != 0;
    }
    if (!recurrent) continue;
    if (first == states) first = i;
    if (reach[first * states + i] == 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("probabilities: nobody who is in state ", first, " ever comes to state ", i,
                       ", or back; expected a single group of states that is never left"));
    }
  }
  const auto n = static_cast<Eigen::Index>(states);
  Eigen::MatrixXd a = detail::AsMatrix(p, states).transpose();
  a -= Eigen::MatrixXd::Identity(n, n);
  a.row(n - 1).setOnes();
  Eigen::VectorXd b = Eigen::VectorXd::Zero(n);
  b(n - 1) = 1;
  const Eigen::VectorXd pi = a.partialPivLu().solve(b);
  std::vector<double> steady(pi.data(), pi.data() + n);
  for (size_t i = 0; i < states; ++i) {
    if (reach[first * states + i] == 0 || steady[i] < 0) steady[i] = 0;
  }
  return steady;
}

inline absl::StatusOr<Tenure> ExpectedTenure(std::span<const double> p, size_t states,
                                             std::span<const uint8_t> ends) {
  PATRON_RETURN_IF_ERROR(CheckTransitions(p, states));
  if (ends.size() != states) {
    return InvalidOption("ends", absl::StrCat(ends.size(), " states"), std::to_string(states));
  }
  std::vector<size_t> stays;
  for (size_t i = 0; i < states; ++i) {
    if (ends[i] == 0) stays.push_back(i);
  }
  if (stays.empty() || stays.size() == states) {
    return absl::InvalidArgumentError(
        absl::StrCat("ends: ", states - stays.size(), " of ", states,
                     " states; expected at least one that ends and one that does not"));
  }
  const std::vector<uint8_t> reach = detail::Reachable(p, states);
  for (const size_t i : stays) {
    bool leaves = false;
    for (size_t k = 0; k < states; ++k) leaves |= ends[k] != 0 && reach[i * states + k] != 0;
    if (leaves) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "probabilities: nobody in state ", i, " ever leaves; expected a way to a state that ends"));
  }
  const auto n = static_cast<Eigen::Index>(stays.size());
  Eigen::MatrixXd a = Eigen::MatrixXd::Identity(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index k = 0; k < n; ++k) {
      a(i, k) -= p[stays[static_cast<size_t>(i)] * states + stays[static_cast<size_t>(k)]];
    }
  }
  const Eigen::MatrixXd fundamental = a.partialPivLu().solve(Eigen::MatrixXd::Identity(n, n));
  Tenure tenure;
  tenure.periods.resize(states * states);
  tenure.total.resize(states);
  for (Eigen::Index i = 0; i < n; ++i) {
    const size_t from = stays[static_cast<size_t>(i)];
    for (Eigen::Index k = 0; k < n; ++k) {
      tenure.periods[from * states + stays[static_cast<size_t>(k)]] = fundamental(i, k);
      tenure.total[from] += fundamental(i, k);
    }
  }
  return tenure;
}

inline absl::StatusOr<double> PraisMobility(std::span<const double> p, size_t states) {
  PATRON_RETURN_IF_ERROR(CheckTransitions(p, states));
  if (states < 2) return InvalidOption("states", std::to_string(states), "2 or more");
  const auto k = static_cast<double>(states);
  return (k - detail::AsMatrix(p, states).trace()) / (k - 1);
}

inline absl::StatusOr<std::vector<double>> MarkovLifetimeValue(std::span<const double> p,
                                                               std::span<const double> rewards,
                                                               double discount, int64_t periods) {
  constexpr int64_t kManyPeriods = 1'000'000;
  const size_t states = rewards.size();
  PATRON_RETURN_IF_ERROR(CheckTransitions(p, states));
  PATRON_RETURN_IF_ERROR(CheckFinite("rewards", rewards));
  const bool endless = periods == kWithoutEnd;
  if (!endless && (periods < 0 || periods > kManyPeriods)) {
    return InvalidOption("periods", std::to_string(periods), absl::StrCat("0 to ", kManyPeriods));
  }
  if (!(discount > (endless ? 0 : -1) && std::isfinite(discount))) {
    return InvalidOption(
        "discount", FormatNumber(discount),
        endless ? "a finite number above 0 without end of periods" : "a finite number above -1");
  }
  const auto n = static_cast<Eigen::Index>(states);
  const Eigen::MatrixXd step = detail::AsMatrix(p, states) / (1 + discount);
  const Eigen::Map<const Eigen::VectorXd> r(rewards.data(), n);
  Eigen::VectorXd value = r;
  if (endless) {
    value = (Eigen::MatrixXd::Identity(n, n) - step).partialPivLu().solve(r);
  } else {
    for (int64_t t = 0; t < periods; ++t) value = r + step * value;
  }
  return std::vector<double>(value.data(), value.data() + n);
}

}  // namespace patron::value

#endif  // PATRON_VALUE_MARKOV_HPP_
