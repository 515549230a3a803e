#include "c_api/clv_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/gamma_gamma.hpp"

namespace patron::c_api {
namespace {

constexpr uint32_t kAllOutputs = (1u << kClvOutputs) - 1;

// Covariates can lead anywhere; what they make of a parameter stays within what a model may have.
double Bounded(double log_theta) { return std::exp(std::clamp(log_theta, -69.0, 69.0)); }

// How much each parameter's logarithm moves with a free parameter of the model.
std::array<double, kMostParameters> Direction(const ClvModel &model, Eigen::Index free,
                                              std::span<const double> transaction,
                                              std::span<const double> dropout) {
  const clv::Layout &layout = model.layout;
  const auto links = KindOf(model.terms.kind).links;
  std::array<double, kMostParameters> direction = {};
  const size_t own = layout.parameter_count();
  double z[2] = {0, 0};
  for (size_t q = own; q < layout.full_size(); ++q) {
    if (layout.free_of(q) != free) continue;
    const size_t j = q - own;
    const size_t t = layout.transaction_count();
    j < t ? z[0] += transaction[j] : z[1] += dropout[j - t];
  }
  for (size_t k = 0; k < own; ++k) {
    if (static_cast<Eigen::Index>(k) == free) direction[k] = 1;
    if (links[k].process == clv::Process::kTransaction) direction[k] += links[k].sign * z[0];
    if (links[k].process == clv::Process::kDropout) direction[k] += links[k].sign * z[1];
  }
  return direction;
}

// What a time from the first purchase or from T may be.
class TimeRule {
 public:
  explicit TimeRule(const ClvModel &model) : discrete_(IsDiscrete(model.terms.kind)) {}
  bool Allows(double time) const {
    if (!discrete_) return time >= 0 && std::isfinite(time);
    return time >= 0 && time <= kMostPeriods && time == std::floor(time);
  }
  std::string_view expected() const {
    return discrete_ ? "a whole number of periods, 0 to 100000" : "a finite number, 0 or above";
  }

 private:
  bool discrete_;
};

uint32_t DefaultOutputs(const ClvModel &model, const patron_clv_predict_options &full) {
  if (KindOf(model.terms.kind).is_spend()) return PATRON_CLV_EXPECTED_SPEND;
  uint32_t outputs = PATRON_CLV_P_ALIVE;
  const bool horizon = !std::isnan(full.horizon), rate = !std::isnan(full.discount_rate);
  if (horizon) outputs |= PATRON_CLV_EXPECTED_PURCHASES;
  if (rate) outputs |= PATRON_CLV_DISCOUNTED_PURCHASES;
  if (full.spend != nullptr) {
    outputs |= PATRON_CLV_EXPECTED_SPEND;
    if (horizon || rate) outputs |= PATRON_CLV_LIFETIME_VALUE;
  }
  return outputs;
}

}  // namespace

ClvSlopes::ClvSlopes(const ClvModel &model, const ClvQuestion &question)
    : model_(model), question_(question), size_(model.fit.optimum.point.size()) {
  for (Eigen::VectorXd &slope : slope_) slope = Eigen::VectorXd::Zero(size_);
}

void ClvSlopes::Fill(const ClvTheta &theta, std::span<const double> transaction,
                     std::span<const double> dropout, const ClvCustomer &customer,
                     double monetary_value) {
  const clv::Fit &fit = model_.fit;
  for (Eigen::Index i = 0; i < size_; ++i) {
    if (fit.optimum.bound[static_cast<size_t>(i)] != 0) continue;
    const auto direction = Direction(model_, i, transaction, dropout);
    // Small against the error of the parameter and against where its logarithm curves.
    double reach = 0;
    for (const double d : direction) reach = std::max(reach, std::abs(d));
    const double width =
        std::min(1e-3 * std::max(std::sqrt(fit.log_covariance(i, i)), 1e-3), 1e-4 / reach);
    if (!(reach > 0)) {
      for (auto &slope : slope_) slope[i] = 0;
      continue;
    }
    ClvTheta up = theta, down = theta;
    for (size_t k = 0; k < kMostParameters; ++k) {
      up[k] *= std::exp(width * direction[k]);
      down[k] *= std::exp(-width * direction[k]);
    }
    const ClvAnswer above = Ask(up, customer, monetary_value);
    const ClvAnswer below = Ask(down, customer, monetary_value);
    for (size_t o = 0; o < kClvOutputs; ++o) slope_[o][i] = (above[o] - below[o]) / (2 * width);
  }
}

double ClvSlopes::VarianceOf(size_t output) const {
  return slope_[output].dot(model_.fit.log_covariance * slope_[output]);
}

ClvAnswer ClvSlopes::Ask(const ClvTheta &theta, const ClvCustomer &customer,
                         double monetary_value) const {
  if (!KindOf(model_.terms.kind).is_spend()) {
    return AskOutlook(model_, theta, customer, question_);
  }
  ClvAnswer answer{};
  answer[kClvSpend] = AskSpend(theta, customer.frequency, monetary_value);
  return answer;
}

absl::Status CheckTime(const ClvModel &model, std::string_view name, double time) {
  const TimeRule rule(model);
  if (rule.Allows(time)) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(time), rule.expected());
}

absl::Status CheckTimes(const ClvModel &model, std::string_view column,
                        std::span<const double> times) {
  const TimeRule rule(model);
  uint64_t bad = 0;
  size_t first = 0;
  for (size_t row = 0; row < times.size(); ++row) {
    if (!rule.Allows(times[row]) && bad++ == 0) first = row;
  }
  if (bad == 0) return absl::OkStatus();
  return InvalidRow(column, first, FormatNumber(times[first]), rule.expected(), bad);
}

absl::StatusOr<double> DiscountRate(const ClvModel &model, double rate, double period,
                                    double horizon) {
  if (!(rate >= 0) || !std::isfinite(rate)) {
    return InvalidOption("discount_rate", FormatNumber(rate), "a finite number, 0 or above");
  }
  if (!(period > 0) || !std::isfinite(period)) {
    return InvalidOption("discount_period", FormatNumber(period),
                         "the time for which discount_rate holds, in the unit of T, such as 52 for "
                         "a rate a year where T is in weeks");
  }
  PATRON_RETURN_IF_ERROR(CheckTime(model, "discount_horizon", horizon));
  if (rate == 0 && horizon == 0) {
    return InvalidOption("discount_rate", "0", "a rate above 0 where there is no discount_horizon");
  }
  const double continuous = std::log1p(rate) / period;
  return IsDiscrete(model.terms.kind) ? std::expm1(continuous) : continuous;
}

absl::StatusOr<ClvQuestion> ReadQuestion(const ClvModel &model,
                                         const patron_clv_predict_options &full) {
  PATRON_RETURN_IF_ERROR(CheckEnum("standard_errors", full.standard_errors, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  ClvQuestion question;
  if (full.spend != nullptr) {
    question.spend = &full.spend->model;
    if (!KindOf(question.spend->terms.kind).is_spend()) {
      return WrongKind("spend", question.spend->terms.kind, "a GAMMA_GAMMA");
    }
  }
  const bool spend_only = KindOf(model.terms.kind).is_spend();
  question.outputs = full.outputs == 0 ? DefaultOutputs(model, full) : full.outputs;
  if ((question.outputs & ~kAllOutputs) != 0) {
    return InvalidOption("outputs", absl::StrCat(full.outputs),
                         absl::StrCat("a sum of PATRON_CLV_*, at most ", kAllOutputs));
  }
  if (spend_only) {
    if (question.outputs == PATRON_CLV_EXPECTED_SPEND) return question;
    return InvalidOption("outputs", absl::StrCat(full.outputs),
                         "expected_spend alone of a GAMMA_GAMMA");
  }
  PATRON_RETURN_IF_ERROR(CheckTime(model, "start", full.start));
  PATRON_RETURN_IF_ERROR(CheckTime(model, "later", full.later));
  question.start = full.start;
  question.later = full.later;
  question.discounted = !std::isnan(full.discount_rate);
  const bool needs_value = question.Wants(PATRON_CLV_LIFETIME_VALUE);
  const bool needs_horizon =
      question.Wants(PATRON_CLV_EXPECTED_PURCHASES | PATRON_CLV_NO_PURCHASE) ||
      (needs_value && !question.discounted);
  if (needs_horizon || !std::isnan(full.horizon)) {
    PATRON_RETURN_IF_ERROR(CheckTime(model, "horizon", full.horizon));
    question.horizon = full.horizon;
  }
  if (question.discounted || question.Wants(PATRON_CLV_DISCOUNTED_PURCHASES)) {
    PATRON_ASSIGN_OR_RETURN(
        question.rate,
        DiscountRate(model, full.discount_rate, full.discount_period, full.discount_horizon));
    if (full.discount_horizon > 0) question.discount_horizon = full.discount_horizon;
  }
  if (question.Wants(PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE) &&
      question.spend == nullptr) {
    return InvalidOption("spend", "NULL", "a GAMMA_GAMMA for what is asked");
  }
  if (!std::isfinite(full.margin)) {
    return InvalidOption("margin", FormatNumber(full.margin), "a finite number");
  }
  question.margin = full.margin;
  return question;
}

ClvTheta ThetaOf(const ClvModel &model, std::span<const double> transaction,
                 std::span<const double> dropout) {
  const clv::Layout &layout = model.layout;
  const std::vector<double> &estimates = model.fit.estimates;
  const auto links = KindOf(model.terms.kind).links;
  const size_t own = layout.parameter_count();
  ClvTheta theta{};
  if (!layout.has_covariates()) {
    std::copy_n(estimates.begin(), own, theta.begin());
    return theta;
  }
  const auto coefficient = [&](size_t q) {
    return estimates[static_cast<size_t>(layout.free_of(own + q))];
  };
  double shift[2] = {0, 0};
  for (size_t j = 0; j < transaction.size(); ++j) shift[0] += coefficient(j) * transaction[j];
  for (size_t j = 0; j < dropout.size(); ++j) {
    shift[1] += coefficient(transaction.size() + j) * dropout[j];
  }
  for (size_t k = 0; k < own; ++k) {
    if (links[k].process == clv::Process::kNone) {
      theta[k] = estimates[k];
      continue;
    }
    const double s = shift[links[k].process == clv::Process::kTransaction ? 0 : 1];
    theta[k] = Bounded(model.fit.optimum.point[static_cast<Eigen::Index>(k)] + links[k].sign * s);
  }
  return theta;
}

ClvAnswer AskOutlook(const ClvModel &model, const ClvTheta &theta, const ClvCustomer &customer,
                     const ClvQuestion &q, const ClvKeptForecasts *forecasts) {
  ClvAnswer answer;
  answer.fill(kNaN);
  const auto by_table = [&](double discount, double horizon) {
    return forecasts == nullptr
               ? kNaN
               : forecasts->IfAlive(customer.frequency, customer.age, discount, horizon);
  };
  WithOutlook(model.terms, theta, customer, [&](const auto &outlook) {
    const double end = q.start + q.horizon;
    const bool value = q.Wants(PATRON_CLV_LIFETIME_VALUE);
    if (q.Wants(PATRON_CLV_P_ALIVE)) answer[kClvAlive] = outlook.ProbabilityAlive(q.later);
    if (q.Wants(PATRON_CLV_EXPECTED_PURCHASES) || (value && !q.discounted)) {
      const double if_alive = q.start == 0 ? by_table(0, end) : kNaN;
      answer[kClvExpected] = std::isnan(if_alive) ? outlook.ExpectedPurchases(q.start, end)
                                                  : outlook.ProbabilityAlive() * if_alive;
    }
    if (q.Wants(PATRON_CLV_NO_PURCHASE)) {
      answer[kClvNone] = outlook.ProbabilityOfNoPurchase(q.start, end);
    }
    if (q.Wants(PATRON_CLV_DISCOUNTED_PURCHASES) || (value && q.discounted)) {
      const double if_alive = by_table(q.rate, q.discount_horizon);
      answer[kClvDiscounted] = std::isnan(if_alive)
                                   ? outlook.DiscountedPurchases(q.rate, q.discount_horizon)
                                   : outlook.ProbabilityAlive() * if_alive;
    }
  });
  return answer;
}

bool DropsOutAtZero(int32_t kind) {
  return kind == PATRON_CLV_MBG_NBD || kind == PATRON_CLV_MBG_CNBD;
}

bool IsSharedModel(const ClvModel &model) {
  const ClvTerms &terms = model.terms;
  const bool family = DropsOutAtZero(terms.kind) || terms.kind == PATRON_CLV_BG_NBD ||
                      terms.kind == PATRON_CLV_BG_CNBD;
  return family && terms.regularity == 1 && !model.layout.has_covariates();
}

std::optional<ClvForecastTerms> ForecastTermsOf(const ClvModel &model, double discount,
                                                double horizon) {
  const bool bounded = horizon > 0 && (discount > 0 || std::isfinite(horizon));
  if (!bounded || !IsSharedModel(model)) return std::nullopt;
  const std::vector<double> &theta = model.fit.estimates;
  return ClvForecastTerms{theta[0], theta[1], theta[2], theta[3], DropsOutAtZero(model.terms.kind),
                          discount, horizon};
}

double ClvKeptForecasts::IfAlive(double frequency, double age, double discount,
                                 double horizon) const {
  const auto terms = ForecastTermsOf(model_, discount, horizon);
  return terms.has_value() ? cache_.IfAlive(*terms, frequency, age) : kNaN;
}

double AskSpend(std::span<const double> theta, double frequency, double monetary_value) {
  const clv::GammaGammaParameters model{theta[0], theta[1], theta[2]};
  return clv::MeanSpend(frequency > 0 ? clv::Posterior(model, frequency, monetary_value) : model);
}

void FillValue(const ClvQuestion &question, ClvAnswer &answer) {
  const double purchases = answer[question.discounted ? kClvDiscounted : kClvExpected];
  // No purchases are worth nothing, even where the mean of spend does not exist.
  answer[kClvValue] = purchases == 0 ? 0 : question.margin * answer[kClvSpend] * purchases;
}

ClvCustomer ClvRows::At(size_t row) const {
  const auto at = [row](const Doubles &d) { return d.empty() ? 0.0 : d[row]; };
  return {at(columns->frequency), at(columns->recency), at(columns->age),
          !columns->churned.empty() && columns->churned[row] != 0};
}

ThetaOfRow::ThetaOfRow(const ClvModel &model, const ClvColumns &columns)
    : model_(model),
      columns_(columns),
      transaction_(columns.transaction.size()),
      dropout_(columns.dropout.size()),
      theta_(model.layout.has_covariates() ? ClvTheta{} : ThetaOf(model, {}, {})) {}

const ClvTheta &ThetaOfRow::At(size_t row) {
  if (!model_.layout.has_covariates()) return theta_;
  for (size_t j = 0; j < transaction_.size(); ++j) transaction_[j] = columns_.transaction[j][row];
  for (size_t j = 0; j < dropout_.size(); ++j) dropout_[j] = columns_.dropout[j][row];
  theta_ = ThetaOf(model_, transaction_, dropout_);
  return theta_;
}

absl::Status ForBlocks(size_t rows, const Execution &execution,
                       absl::FunctionRef<void(size_t begin, size_t end)> body) {
  const size_t round = 16 * execution.workers();  // Blocks between two reports.
  const size_t blocks = (rows + kClvBlock - 1) / kClvBlock;
  for (size_t first = 0; first < blocks; first += round) {
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, first * kClvBlock, rows));
    ParallelFor(execution, std::min(round, blocks - first), [&](size_t i) {
      const size_t begin = (first + i) * kClvBlock;
      body(begin, std::min(begin + kClvBlock, rows));
    });
  }
  return ReportProgress(execution, rows, rows);
}

void AddRoom(uint32_t outputs, size_t rows, bool standard_errors, ClvPredictions &predictions) {
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if ((outputs >> o & 1) == 0) continue;
    predictions.values[o].resize(rows);
    if (standard_errors) predictions.errors[o].resize(rows);
  }
}

absl::StatusOr<ClvPredictions> PredictNew(const ClvModel &model, const ClvColumns &columns,
                                          const ClvQuestion &question, bool standard_errors,
                                          const Execution &execution) {
  ClvPredictions predictions;
  AddRoom(question.outputs, columns.rows, standard_errors, predictions);
  PATRON_RETURN_IF_ERROR(ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    ClvQuestion own = question;
    ClvSlopes slopes(model, own);
    for (size_t row = begin; row < end; ++row) {
      own.later = own.horizon = columns.age[row];
      const ClvTheta &theta = theta_of.At(row);
      const ClvAnswer answer = AskOutlook(model, theta, {}, own);
      if (standard_errors) {
        slopes.Fill(theta, theta_of.transaction(), theta_of.dropout(), {}, 0);
      }
      for (size_t o = 0; o < kClvOutputs; ++o) {
        if (!question.Wants(1u << o)) continue;
        predictions.values[o][row] = answer[o];
        if (standard_errors) predictions.errors[o][row] = ErrorOf(slopes.VarianceOf(o));
      }
    }
  }));
  return predictions;
}

}  // namespace patron::c_api
