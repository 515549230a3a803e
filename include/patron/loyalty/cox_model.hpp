// A model of proportional hazards (Cox 1972): what it is fitted to and how, and the fit.
#ifndef PATRON_LOYALTY_COX_MODEL_HPP_
#define PATRON_LOYALTY_COX_MODEL_HPP_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "patron/clv/lanes.hpp"
#include "patron/loyalty/partial_likelihood.hpp"
#include "patron/loyalty/risk_kernels.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// What the model is fitted to. Everything is borrowed.
struct CoxData {
  Observed observed;
  std::vector<std::span<const double>> covariates;
  std::vector<std::string> names;       // Of the covariates.
  Groups strata = {};                   // Each with a baseline of its own.
  std::span<const double> offset = {};  // Added to the linear predictor; empty: 0.
  Groups clusters = {};                 // Rows that belong together, for robust errors.
};

struct CoxOptions {
  Ties ties = Ties::kEfron;
  // Ridge: half of it, times the square of each coefficient x the standard deviation of its covariate,
  // is taken from the log-likelihood. One a covariate, or none.
  std::vector<double> penalty = {};
  bool robust = false;           // Lin and Wei's errors (1989), which clusters bring as well.
  bool survival_errors = false;  // Keeps what the errors of predicted survival need.
  int max_iterations = 50;
  RiskKernels kernels =
      RiskKernelsOf<clv::NativePack>();  // They change the speed, not the results.
};

// The hazard of one stratum at covariates of 0, at each time with an event.
struct CoxBaseline {
  std::vector<double> times;
  std::vector<double> hazard;      // What each time adds.
  std::vector<double> cumulative;  // So far.
  double last_time = 0;            // That anybody was watched.

  // With survival_errors: the sum so far of the variances of what each time adds, the coefficients taken
  // as known, and of what it adds x the mean covariates of those at risk, less the means of all; a number
  // a covariate and time.
  std::vector<double> variance = {}, drift = {};
};

struct CoxFit {
  Eigen::VectorXd coefficients;
  Eigen::MatrixXd covariance;         // The inverse of the (penalised) information.
  Eigen::MatrixXd robust_covariance;  // 0 x 0 if not asked for.
  Eigen::VectorXd means;              // Of the covariates, by weight.
  Eigen::VectorXd deviations;         // Their standard deviations.
  double log_likelihood = 0;          // Without the penalty.
  double null_log_likelihood = 0;     // At coefficients of 0.
  double score_statistic = 0;         // At 0: chi-square.
  double wald_statistic = 0;
  int iterations = 0;
  int64_t rows = 0;
  int64_t events = 0;
  std::vector<CoxBaseline> baselines;  // By stratum.

  double likelihood_ratio() const { return 2 * (log_likelihood - null_log_likelihood); }
  const Eigen::MatrixXd &reported() const {
    return robust_covariance.size() > 0 ? robust_covariance : covariance;
  }
};

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_COX_MODEL_HPP_
