#include "c_api/clv_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "c_api/clv_like_customers.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/gamma_gamma.hpp"

namespace patron::c_api {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr uint32_t kAllOutputs = (1u << kClvOutputs) - 1;

constexpr size_t kAlive = 0, kExpected = 1, kNone = 2, kDiscounted = 3, kSpend = 4, kValue = 5;

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

// Slopes of what a model answers by its free parameters, by central differences.
class Slopes {
 public:
  Slopes(const ClvModel &model, const ClvQuestion &question)
      : model_(model), question_(question), size_(model.fit.optimum.point.size()) {
    for (Eigen::VectorXd &slope : slope_) slope = Eigen::VectorXd::Zero(size_);
  }

  // At the parameters of one row.
  void Fill(const ClvTheta &theta, std::span<const double> transaction,
            std::span<const double> dropout, const ClvCustomer &customer, double monetary_value) {
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

  double VarianceOf(size_t output) const {
    return slope_[output].dot(model_.fit.log_covariance * slope_[output]);
  }

 private:
  ClvAnswer Ask(const ClvTheta &theta, const ClvCustomer &customer, double monetary_value) const {
    if (!KindOf(model_.terms.kind).is_spend()) {
      return AskOutlook(model_, theta, customer, question_);
    }
    ClvAnswer answer{};
    answer[kSpend] = AskSpend(theta, customer.frequency, monetary_value);
    return answer;
  }

  const ClvModel &model_;
  const ClvQuestion &question_;
  Eigen::Index size_;
  std::array<Eigen::VectorXd, kClvOutputs> slope_;
};

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
                     const ClvQuestion &q, const ClvForecasts *forecasts) {
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
    if (q.Wants(PATRON_CLV_P_ALIVE)) answer[kAlive] = outlook.ProbabilityAlive(q.later);
    if (q.Wants(PATRON_CLV_EXPECTED_PURCHASES) || (value && !q.discounted)) {
      const double if_alive = q.start == 0 ? by_table(0, end) : kNaN;
      answer[kExpected] = std::isnan(if_alive) ? outlook.ExpectedPurchases(q.start, end)
                                               : outlook.ProbabilityAlive() * if_alive;
    }
    if (q.Wants(PATRON_CLV_NO_PURCHASE)) {
      answer[kNone] = outlook.ProbabilityOfNoPurchase(q.start, end);
    }
    if (q.Wants(PATRON_CLV_DISCOUNTED_PURCHASES) || (value && q.discounted)) {
      const double if_alive = by_table(q.rate, q.discount_horizon);
      answer[kDiscounted] = std::isnan(if_alive)
                                ? outlook.DiscountedPurchases(q.rate, q.discount_horizon)
                                : outlook.ProbabilityAlive() * if_alive;
    }
  });
  return answer;
}

std::optional<ClvForecastTerms> ForecastTermsOf(const ClvModel &model, double discount,
                                                double horizon) {
  const ClvTerms &terms = model.terms;
  const bool at_zero = terms.kind == PATRON_CLV_MBG_NBD || terms.kind == PATRON_CLV_MBG_CNBD;
  const bool family =
      at_zero || terms.kind == PATRON_CLV_BG_NBD || terms.kind == PATRON_CLV_BG_CNBD;
  const bool bounded = horizon > 0 && (discount > 0 || std::isfinite(horizon));
  if (!family || !bounded || terms.regularity != 1 || model.layout.has_covariates()) {
    return std::nullopt;
  }
  const std::vector<double> &theta = model.fit.estimates;
  return ClvForecastTerms{theta[0], theta[1], theta[2], theta[3], at_zero, discount, horizon};
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
  const double purchases = answer[question.discounted ? kDiscounted : kExpected];
  // No purchases are worth nothing, even where the mean of spend does not exist.
  answer[kValue] = purchases == 0 ? 0 : question.margin * answer[kSpend] * purchases;
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
  constexpr size_t kBlock = 512;
  const size_t round = 16 * execution.workers();  // Blocks between two reports.
  const size_t blocks = (rows + kBlock - 1) / kBlock;
  for (size_t first = 0; first < blocks; first += round) {
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, first * kBlock, rows));
    ParallelFor(execution, std::min(round, blocks - first), [&](size_t i) {
      const size_t begin = (first + i) * kBlock;
      body(begin, std::min(begin + kBlock, rows));
    });
  }
  return ReportProgress(execution, rows, rows);
}

namespace {

// Room for what is asked for.
ClvPredictions EmptyPredictions(const ClvQuestion &question, size_t rows, bool standard_errors) {
  ClvPredictions predictions;
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if (!question.Wants(1u << o)) continue;
    predictions.values[o].resize(rows);
    if (standard_errors) predictions.errors[o].resize(rows);
  }
  return predictions;
}

double ErrorOf(double variance) { return std::sqrt(std::max(0.0, variance)); }

}  // namespace

absl::StatusOr<ClvPredictions> PredictNew(const ClvModel &model, const ClvColumns &columns,
                                          const ClvQuestion &question, bool standard_errors,
                                          const Execution &execution) {
  ClvPredictions predictions = EmptyPredictions(question, columns.rows, standard_errors);
  PATRON_RETURN_IF_ERROR(ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    ClvQuestion own = question;
    Slopes slopes(model, own);
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

namespace {

// Answers of the model for unlike customers, and their variances if asked for.
struct OutlookAnswers {
  std::array<std::vector<double>, kClvOutputs> values, variances;
};

// Tables for the customers; null where there are none of use.
absl::StatusOr<std::unique_ptr<ClvRowForecasts>> ForecastsFor(
    const ClvModel &model, const ClvColumns &columns, const LikeCustomers &like,
    const ClvQuestion &question, uint32_t outputs, const Execution &execution) {
  std::optional<ClvForecastTerms> expected, discounted;
  if ((outputs & PATRON_CLV_EXPECTED_PURCHASES) != 0 && question.start == 0) {
    expected = ForecastTermsOf(model, 0, question.horizon);
  }
  if ((outputs & PATRON_CLV_DISCOUNTED_PURCHASES) != 0 && question.rate > 0) {
    discounted = ForecastTermsOf(model, question.rate, question.discount_horizon);
  }
  if (!expected.has_value() && !discounted.has_value()) {
    return std::unique_ptr<ClvRowForecasts>();
  }
  std::vector<double> frequency(like.size()), age(like.size());
  for (size_t i = 0; i < like.size(); ++i) {
    frequency[i] = columns.frequency[like.Example(i)];
    age[i] = columns.age[like.Example(i)];
  }
  auto forecasts = std::make_unique<ClvRowForecasts>();
  for (const auto &terms : {expected, discounted}) {
    if (!terms.has_value()) continue;
    PATRON_RETURN_IF_ERROR(forecasts->Add(*terms, frequency, age, execution));
  }
  return forecasts;
}

absl::StatusOr<OutlookAnswers> AskAll(const ClvModel &model, const ClvColumns &columns,
                                      const LikeCustomers &like, const ClvQuestion &question,
                                      uint32_t outputs, bool standard_errors,
                                      const Execution &execution) {
  OutlookAnswers answers;
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if ((outputs >> o & 1) == 0) continue;
    answers.values[o].resize(like.size());
    if (standard_errors) answers.variances[o].resize(like.size());
  }
  const ClvRows rows{&columns};
  PATRON_ASSIGN_OR_RETURN(const std::unique_ptr<ClvRowForecasts> forecasts,
                          ForecastsFor(model, columns, like, question, outputs, execution));
  PATRON_RETURN_IF_ERROR(ForBlocks(like.size(), execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    Slopes slopes(model, question);
    std::optional<ClvRowForecasts::Row> of_row;
    if (forecasts != nullptr) of_row.emplace(*forecasts);
    for (size_t i = begin; i < end; ++i) {
      if (of_row.has_value()) of_row->Set(i);
      const size_t row = like.Example(i);
      const ClvCustomer customer = rows.At(row);
      const ClvTheta &theta = theta_of.At(row);
      const ClvAnswer answer =
          AskOutlook(model, theta, customer, question, of_row.has_value() ? &*of_row : nullptr);
      if (standard_errors) {
        slopes.Fill(theta, theta_of.transaction(), theta_of.dropout(), customer, 0);
      }
      for (size_t o = 0; o < kClvOutputs; ++o) {
        if ((outputs >> o & 1) == 0) continue;
        answers.values[o][i] = answer[o];
        if (standard_errors) answers.variances[o][i] = slopes.VarianceOf(o);
      }
    }
  }));
  return answers;
}

}  // namespace

absl::StatusOr<ClvPredictions> Predict(const ClvModel &model, const ClvColumns &columns,
                                       const ClvQuestion &question, bool standard_errors,
                                       const Execution &execution) {
  ClvPredictions predictions = EmptyPredictions(question, columns.rows, standard_errors);
  const bool spend_only = KindOf(model.terms.kind).is_spend();
  const ClvModel *spend = spend_only ? &model : question.spend;
  const bool needs_spend = question.Wants(PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE);
  const ClvTheta spend_theta = needs_spend ? ThetaOf(*spend, {}, {}) : ClvTheta{};
  const size_t purchases = question.discounted ? kDiscounted : kExpected;
  uint32_t outputs = question.outputs & ((1u << kSpend) - 1);
  if (question.Wants(PATRON_CLV_LIFETIME_VALUE)) outputs |= 1u << purchases;

  std::optional<LikeCustomers> like;
  OutlookAnswers answers;
  if (!spend_only) {
    like.emplace(columns);
    PATRON_ASSIGN_OR_RETURN(
        answers, AskAll(model, columns, *like, question, outputs, standard_errors, execution));
  }
  const auto rows_done = ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    for (size_t o = 0; o < kSpend; ++o) {
      if (!question.Wants(1u << o)) continue;
      for (size_t row = begin; row < end; ++row) {
        predictions.values[o][row] = answers.values[o][like->NumberOf(row)];
      }
      for (size_t row = begin; row < end && standard_errors; ++row) {
        predictions.errors[o][row] = ErrorOf(answers.variances[o][like->NumberOf(row)]);
      }
    }
    if (!needs_spend) return;
    Slopes slopes(*spend, question);
    for (size_t row = begin; row < end; ++row) {
      ClvAnswer answer;
      answer.fill(kNaN);
      const double x = columns.frequency[row], m = columns.monetary_value[row];
      answer[kSpend] = AskSpend(spend_theta, x, m);
      const size_t number = spend_only ? 0 : like->NumberOf(row);
      if (question.Wants(PATRON_CLV_LIFETIME_VALUE)) {
        answer[purchases] = answers.values[purchases][number];
        FillValue(question, answer);
        predictions.values[kValue][row] = answer[kValue];
      }
      if (question.Wants(PATRON_CLV_EXPECTED_SPEND)) {
        predictions.values[kSpend][row] = answer[kSpend];
      }
      if (!standard_errors) continue;
      slopes.Fill(spend_theta, {}, {}, {.frequency = x}, m);
      const double variance = slopes.VarianceOf(kSpend);
      if (question.Wants(PATRON_CLV_EXPECTED_SPEND)) {
        predictions.errors[kSpend][row] = ErrorOf(variance);
      }
      if (!question.Wants(PATRON_CLV_LIFETIME_VALUE)) continue;
      const double by_purchases = question.margin * answer[kSpend];
      const double by_spend = question.margin * answer[purchases];
      predictions.errors[kValue][row] =
          ErrorOf(by_purchases * by_purchases * answers.variances[purchases][number] +
                  by_spend * by_spend * variance);
    }
  });
  PATRON_RETURN_IF_ERROR(rows_done);
  return predictions;
}

}  // namespace patron::c_api
