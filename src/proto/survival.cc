#include "proto/survival.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/lists.hpp"

namespace patron::proto {
namespace {

using loyalty::CoxBaseline;
using loyalty::CoxFit;

constexpr auto kMostCases = uint64_t{std::numeric_limits<uint32_t>::max()};

// Of any list of numbers.
bool AllFinite(const auto &list) {
  return std::ranges::all_of(list, [](double value) { return std::isfinite(value); });
}
bool NoneBelowZero(const auto &list) {
  return std::ranges::all_of(list, [](double value) { return value >= 0; });
}
bool AreTimes(const auto &list) {
  return AllFinite(list) && NoneBelowZero(list) &&
         std::ranges::adjacent_find(list, std::ranges::greater_equal()) == list.end();
}
bool AreCounts(const auto &list) {
  return std::ranges::all_of(list, [](uint64_t value) { return value <= kMostCases; });
}

void WriteValues(const auto &values, auto *list) { list->Add(values.begin(), values.end()); }

Eigen::VectorXd VectorOf(const auto &list) {
  return Eigen::Map<const Eigen::VectorXd>(list.data(), list.size());
}

void WriteMatrix(const Eigen::MatrixXd &matrix, auto *list) {
  list->Reserve(static_cast<int>(matrix.size()));
  for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
    for (Eigen::Index column = 0; column < matrix.cols(); ++column) {
      list->Add(matrix(row, column));
    }
  }
}

// A covariance of `size` coefficients; false if it is none.
bool ReadMatrix(const auto &list, size_t size, Eigen::MatrixXd *matrix) {
  if (SizeOf(list) != size * size || !AllFinite(list)) return false;
  const auto n = static_cast<Eigen::Index>(size);
  matrix->resize(n, n);
  int at = 0;
  for (Eigen::Index row = 0; row < n; ++row) {
    for (Eigen::Index column = 0; column < n; ++column) (*matrix)(row, column) = list[at++];
    if ((*matrix)(row, row) < 0) return false;
  }
  return true;
}

// Figures that all fits have.
template <typename Message, typename Fit>
void WriteFigures(const Fit &fit, Message *message) {
  message->set_log_likelihood(fit.log_likelihood);
  message->set_null_log_likelihood(fit.null_log_likelihood);
  message->set_iterations(static_cast<uint32_t>(fit.iterations));
  message->set_rows(static_cast<uint64_t>(fit.rows));
}

template <typename Message, typename Fit>
absl::Status ReadFigures(const Message &message, uint64_t events, Fit *fit) {
  if (!message.unknown_fields().empty()) return NotOurs("survival: unknown field");
  if (!std::isfinite(message.log_likelihood()) || !std::isfinite(message.null_log_likelihood()) ||
      message.iterations() > 1'000'000 || message.rows() > kMostCases || events > message.rows()) {
    return NotOurs("survival: a number out of range");
  }
  fit->log_likelihood = message.log_likelihood();
  fit->null_log_likelihood = message.null_log_likelihood();
  fit->iterations = static_cast<int>(message.iterations());
  fit->rows = static_cast<int64_t>(message.rows());
  return absl::OkStatus();
}

void WriteBaseline(const CoxBaseline &baseline, v1::CoxBaseline *message) {
  WriteValues(baseline.times, message->mutable_time());
  WriteValues(baseline.hazard, message->mutable_hazard());
  message->set_last_time(baseline.last_time);
  WriteValues(baseline.variance, message->mutable_variance());
  WriteValues(baseline.drift, message->mutable_drift());
}

absl::StatusOr<CoxBaseline> ReadBaseline(const v1::CoxBaseline &message, size_t covariates,
                                         bool errors) {
  const size_t n = SizeOf(message.time());
  if (!message.unknown_fields().empty() || SizeOf(message.hazard()) != n ||
      SizeOf(message.variance()) != (errors ? n : 0) ||
      SizeOf(message.drift()) != (errors ? n * covariates : 0)) {
    return NotOurs("survival: lists differ in length");
  }
  if (!AreTimes(message.time()) || !NoneBelowZero(message.hazard()) ||
      !NoneBelowZero(message.variance()) || !std::isfinite(message.last_time()) ||
      message.last_time() < (n == 0 ? 0 : message.time(static_cast<int>(n) - 1))) {
    return NotOurs("survival: a number out of range");
  }
  CoxBaseline baseline;
  baseline.times.assign(message.time().begin(), message.time().end());
  baseline.hazard.assign(message.hazard().begin(), message.hazard().end());
  double total = 0;
  for (const double hazard : baseline.hazard) baseline.cumulative.push_back(total += hazard);
  baseline.last_time = message.last_time();
  baseline.variance.assign(message.variance().begin(), message.variance().end());
  baseline.drift.assign(message.drift().begin(), message.drift().end());
  return baseline;
}

}  // namespace

void WriteCurve(const loyalty::KaplanMeierCurve &curve, v1::RiskTable *message) {
  WriteValues(curve.curve.times, message->mutable_time());
  WriteValues(curve.curve.at_risk, message->mutable_rows_at_risk());
  WriteValues(curve.curve.events, message->mutable_event_rows());
  WriteValues(curve.curve.censored, message->mutable_censored_rows());
  const auto equal = [](double weight, int64_t rows) {
    return weight == static_cast<double>(rows);
  };
  if (std::ranges::equal(curve.at_risk, curve.curve.at_risk, equal) &&
      std::ranges::equal(curve.events, curve.curve.events, equal)) {
    return;
  }
  WriteValues(curve.at_risk, message->mutable_at_risk());
  WriteValues(curve.events, message->mutable_events());
}

absl::StatusOr<loyalty::KaplanMeierCurve> ReadCurve(const v1::RiskTable &message) {
  const size_t n = SizeOf(message.time());
  const bool weighted = !message.at_risk().empty();
  if (!message.unknown_fields().empty() || n == 0 || SizeOf(message.rows_at_risk()) != n ||
      SizeOf(message.event_rows()) != n || SizeOf(message.censored_rows()) != n ||
      SizeOf(message.at_risk()) != (weighted ? n : 0) ||
      SizeOf(message.events()) != (weighted ? n : 0)) {
    return NotOurs("survival: lists differ in length");
  }
  if (!AreTimes(message.time()) || !AreCounts(message.rows_at_risk()) ||
      !AreCounts(message.event_rows()) || !AreCounts(message.censored_rows()) ||
      !AllFinite(message.at_risk()) || !NoneBelowZero(message.events()) ||
      !AllFinite(message.events())) {
    return NotOurs("survival: a number out of range");
  }
  loyalty::RiskTable table;
  table.times.assign(message.time().begin(), message.time().end());
  table.rows_at_risk.assign(message.rows_at_risk().begin(), message.rows_at_risk().end());
  table.event_rows.assign(message.event_rows().begin(), message.event_rows().end());
  table.censored_rows.assign(message.censored_rows().begin(), message.censored_rows().end());
  const std::vector<double> rows_at_risk(table.rows_at_risk.begin(), table.rows_at_risk.end());
  const std::vector<double> event_rows(table.event_rows.begin(), table.event_rows.end());
  table.at_risk = rows_at_risk;
  table.events = event_rows;
  if (weighted) {
    table.at_risk.assign(message.at_risk().begin(), message.at_risk().end());
    table.events.assign(message.events().begin(), message.events().end());
    if (table.at_risk == rows_at_risk && table.events == event_rows) {
      return NotOurs("survival: weights that are the rows");
    }
  }
  for (size_t i = 0; i < n; ++i) {
    const bool some = table.event_rows[i] > 0;
    if (some != (table.events[i] > 0) || (some && !(table.at_risk[i] > 0))) {
      return NotOurs("survival: an event of nobody");
    }
  }
  return loyalty::KaplanMeierOf(std::move(table));
}

void WriteFit(const CoxFit &fit, const loyalty::CoxOptions &options, v1::CoxModel *message) {
  message->set_breslow(options.ties == loyalty::Ties::kBreslow);
  message->set_robust(options.robust);
  message->set_survival_errors(options.survival_errors);
  WriteValues(options.penalty, message->mutable_penalty());
  WriteValues(fit.coefficients, message->mutable_coefficient());
  WriteMatrix(fit.covariance, message->mutable_covariance());
  WriteMatrix(fit.robust_covariance, message->mutable_robust_covariance());
  WriteValues(fit.means, message->mutable_mean());
  WriteValues(fit.deviations, message->mutable_deviation());
  WriteFigures(fit, message);
  message->set_score_statistic(fit.score_statistic);
  message->set_wald_statistic(fit.wald_statistic);
  message->set_events(static_cast<uint64_t>(fit.events));
  message->mutable_baseline()->Reserve(static_cast<int>(fit.baselines.size()));
  for (const CoxBaseline &baseline : fit.baselines) {
    WriteBaseline(baseline, message->add_baseline());
  }
}

absl::Status ReadFit(const v1::CoxModel &message, size_t covariates, size_t strata, CoxFit *fit,
                     loyalty::CoxOptions *options) {
  PATRON_RETURN_IF_ERROR(ReadFigures(message, message.events(), fit));
  const bool robust = !message.robust_covariance().empty();
  if (covariates == 0 || SizeOf(message.coefficient()) != covariates ||
      SizeOf(message.mean()) != covariates || SizeOf(message.deviation()) != covariates ||
      SizeOf(message.baseline()) != strata ||
      (!message.penalty().empty() && SizeOf(message.penalty()) != covariates)) {
    return NotOurs("survival: lists differ in length");
  }
  const auto positive = [](double value) { return value > 0; };
  if (!AllFinite(message.coefficient()) || !AllFinite(message.mean()) ||
      !AllFinite(message.deviation()) || !std::ranges::all_of(message.deviation(), positive) ||
      !AllFinite(message.penalty()) || !NoneBelowZero(message.penalty()) ||
      !ReadMatrix(message.covariance(), covariates, &fit->covariance) ||
      (robust && !ReadMatrix(message.robust_covariance(), covariates, &fit->robust_covariance)) ||
      (message.robust() && !robust)) {
    return NotOurs("survival: a number out of range");
  }
  fit->coefficients = VectorOf(message.coefficient());
  fit->means = VectorOf(message.mean());
  fit->deviations = VectorOf(message.deviation());
  fit->score_statistic = message.score_statistic();
  fit->wald_statistic = message.wald_statistic();
  fit->events = static_cast<int64_t>(message.events());
  for (const v1::CoxBaseline &baseline : message.baseline()) {
    PATRON_ASSIGN_OR_RETURN(fit->baselines.emplace_back(),
                            ReadBaseline(baseline, covariates, message.survival_errors()));
  }
  options->ties = message.breslow() ? loyalty::Ties::kBreslow : loyalty::Ties::kEfron;
  options->robust = message.robust();
  options->survival_errors = message.survival_errors();
  options->penalty.assign(message.penalty().begin(), message.penalty().end());
  return absl::OkStatus();
}

void WriteFit(const loyalty::LifetimeFit &fit, v1::LifetimeModel *message) {
  message->set_distribution(static_cast<uint32_t>(fit.distribution));
  WriteValues(fit.coefficients, message->mutable_coefficient());
  message->set_scale(fit.scale);
  WriteMatrix(fit.covariance, message->mutable_covariance());
  WriteFigures(fit, message);
  message->set_events(static_cast<uint64_t>(fit.events));
}

absl::StatusOr<loyalty::LifetimeFit> ReadFit(const v1::LifetimeModel &message, size_t covariates) {
  loyalty::LifetimeFit fit;
  PATRON_RETURN_IF_ERROR(ReadFigures(message, message.events(), &fit));
  if (message.distribution() > static_cast<uint32_t>(loyalty::LifetimeDistribution::kLogLogistic)) {
    return NotOurs("survival: no such distribution");
  }
  fit.distribution = static_cast<loyalty::LifetimeDistribution>(message.distribution());
  const bool fixed = fit.distribution == loyalty::LifetimeDistribution::kExponential;
  const size_t terms = covariates + (fixed ? 1 : 2);
  if (SizeOf(message.coefficient()) != covariates + 1 || !AllFinite(message.coefficient()) ||
      !(message.scale() > 0) || !std::isfinite(message.scale()) ||
      (fixed && message.scale() != 1) ||
      !ReadMatrix(message.covariance(), terms, &fit.covariance)) {
    return NotOurs("survival: a number out of range");
  }
  fit.coefficients = VectorOf(message.coefficient());
  fit.scale = message.scale();
  fit.events = static_cast<int64_t>(message.events());
  return fit;
}

void WriteFit(const loyalty::DiscreteFit &fit, v1::DiscreteHazardModel *message) {
  message->set_complementary(fit.link == loyalty::HazardLink::kComplementaryLogLog);
  WriteValues(fit.coefficients, message->mutable_coefficient());
  WriteMatrix(fit.covariance, message->mutable_covariance());
  WriteValues(fit.baseline, message->mutable_baseline());
  WriteValues(fit.at_risk, message->mutable_at_risk());
  WriteValues(fit.events, message->mutable_events());
  WriteFigures(fit, message);
  message->set_events_seen(static_cast<uint64_t>(fit.event_rows));
}

absl::StatusOr<loyalty::DiscreteFit> ReadFit(const v1::DiscreteHazardModel &message,
                                             size_t covariates) {
  loyalty::DiscreteFit fit;
  PATRON_RETURN_IF_ERROR(ReadFigures(message, message.events_seen(), &fit));
  const size_t periods = SizeOf(message.baseline());
  const auto is_nan = [](double value) { return std::isnan(value); };
  if (SizeOf(message.coefficient()) != covariates || !AllFinite(message.coefficient()) ||
      !ReadMatrix(message.covariance(), covariates, &fit.covariance) ||
      static_cast<double>(periods) > loyalty::kMostPeriods ||
      std::ranges::any_of(message.baseline(), is_nan) || SizeOf(message.at_risk()) != periods ||
      SizeOf(message.events()) != periods || !AllFinite(message.at_risk()) ||
      !NoneBelowZero(message.at_risk()) || !AllFinite(message.events()) ||
      !NoneBelowZero(message.events())) {
    return NotOurs("survival: a number out of range");
  }
  fit.link = message.complementary() ? loyalty::HazardLink::kComplementaryLogLog
                                     : loyalty::HazardLink::kLogit;
  fit.coefficients = VectorOf(message.coefficient());
  fit.baseline.assign(message.baseline().begin(), message.baseline().end());
  fit.at_risk.assign(message.at_risk().begin(), message.at_risk().end());
  fit.events.assign(message.events().begin(), message.events().end());
  fit.event_rows = static_cast<int64_t>(message.events_seen());
  return fit;
}

}  // namespace patron::proto
