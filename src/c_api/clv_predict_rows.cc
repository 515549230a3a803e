// Predictions for the rows of a table.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "c_api/clv_like_customers.hpp"
#include "c_api/clv_predictor.hpp"
#include "c_api/clv_row_forecasts.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

// Outputs that a model of purchases answers.
constexpr uint32_t kOutlooks = (1u << kClvSpend) - 1;

// Answers of the model for unlike customers, and their variances if asked for.
struct OutlookAnswers {
  std::array<std::vector<double>, kClvOutputs> values, variances;
};

// Values of the outputs in `outputs`; variances of all that `question` wants.
absl::StatusOr<OutlookAnswers> AskAll(const ClvModel &model, const ClvColumns &columns,
                                      const LikeCustomers &like, const ClvQuestion &question,
                                      uint32_t outputs, bool standard_errors,
                                      const Execution &execution) {
  OutlookAnswers answers;
  const uint32_t errors = standard_errors ? question.outputs & kOutlooks : 0;
  for (size_t o = 0; o < kClvOutputs; ++o) {
    if ((outputs >> o & 1) != 0) answers.values[o].resize(like.size());
    if ((errors >> o & 1) != 0) answers.variances[o].resize(like.size());
  }
  ClvQuestion asked = question;
  asked.outputs = outputs;
  const ClvRows rows{&columns};
  PATRON_RETURN_IF_ERROR(ForBlocks(like.size(), execution, [&](size_t begin, size_t end) {
    ThetaOfRow theta_of(model, columns);
    ClvSlopes slopes(model, question);
    for (size_t i = begin; i < end; ++i) {
      const size_t row = like.Example(i);
      const ClvCustomer customer = rows.At(row);
      const ClvTheta &theta = theta_of.At(row);
      const ClvAnswer answer = AskOutlook(model, theta, customer, asked);
      for (size_t o = 0; o < kClvOutputs; ++o) {
        if ((outputs >> o & 1) != 0) answers.values[o][i] = answer[o];
      }
      if (errors == 0) continue;
      slopes.Fill(theta, theta_of.transaction(), theta_of.dropout(), customer, 0);
      for (size_t o = 0; o < kClvOutputs; ++o) {
        if ((errors >> o & 1) != 0) answers.variances[o][i] = slopes.VarianceOf(o);
      }
    }
  }));
  return answers;
}

// What a model of spend adds to the answers of a model of purchases, or says alone.
class SpendAnswers {
 public:
  // `asked` is what the caller wants, `purchases` the output that a lifetime value is made of.
  SpendAnswers(const ClvModel &spend, const ClvColumns &columns, const ClvQuestion &asked,
               size_t purchases)
      : spend_(spend),
        columns_(columns),
        asked_(asked),
        purchases_(purchases),
        theta_(ThetaOf(spend, {}, {})) {}

  void Fill(size_t begin, size_t end, bool standard_errors, ClvPredictions &predictions) const {
    const bool value = asked_.Wants(PATRON_CLV_LIFETIME_VALUE);
    const bool spend = asked_.Wants(PATRON_CLV_EXPECTED_SPEND);
    ClvSlopes slopes(spend_, asked_);
    for (size_t row = begin; row < end; ++row) {
      ClvAnswer answer = {};
      const double x = columns_.frequency[row], m = columns_.monetary_value[row];
      answer[kClvSpend] = AskSpend(theta_, x, m);
      if (value) {
        answer[purchases_] = predictions.values[purchases_][row];
        FillValue(asked_, answer);
        predictions.values[kClvValue][row] = answer[kClvValue];
      }
      if (spend) predictions.values[kClvSpend][row] = answer[kClvSpend];
      if (!standard_errors) continue;
      slopes.Fill(theta_, {}, {}, {.frequency = x}, m);
      const double variance = slopes.VarianceOf(kClvSpend);
      if (spend) predictions.errors[kClvSpend][row] = ErrorOf(variance);
      if (!value) continue;
      const double by_purchases =
          asked_.margin * answer[kClvSpend] * predictions.errors[purchases_][row];
      const double by_spend = asked_.margin * answer[purchases_];
      predictions.errors[kClvValue][row] =
          ErrorOf(by_purchases * by_purchases + by_spend * by_spend * variance);
    }
  }

 private:
  const ClvModel &spend_;
  const ClvColumns &columns_;
  const ClvQuestion &asked_;
  size_t purchases_;
  ClvTheta theta_;
};

}  // namespace

absl::StatusOr<ClvPredictions> Predict(const ClvModel &model, const ClvForecastCache &cache,
                                       const ClvColumns &columns, const ClvQuestion &question,
                                       bool standard_errors, const Execution &execution) {
  const bool spend_only = KindOf(model.terms.kind).is_spend();
  const size_t purchases = question.discounted ? kClvDiscounted : kClvExpected;
  ClvQuestion needed = question;  // With what a lifetime value is made of.
  if (question.Wants(PATRON_CLV_LIFETIME_VALUE)) needed.outputs |= 1u << purchases;

  std::unique_ptr<ClvRowForecasts> products;
  uint32_t others = needed.outputs & kOutlooks;
  if (others != 0) {
    PATRON_ASSIGN_OR_RETURN(
        products, ClvRowForecasts::Make(model, cache, columns, needed, others, execution));
    if (products != nullptr) others &= ~products->outputs();
  }
  std::optional<LikeCustomers> like;
  OutlookAnswers answers;
  if (others != 0 || (standard_errors && !spend_only)) {
    like.emplace(LikeCustomers::InAll(columns));
    PATRON_ASSIGN_OR_RETURN(
        answers, AskAll(model, columns, *like, needed, others, standard_errors, execution));
  }
  ClvPredictions predictions;
  if (like.has_value() && like->apart()) predictions.values = std::move(answers.values);
  AddRoom(needed.outputs, columns.rows, standard_errors, predictions);
  std::optional<SpendAnswers> spend;
  if (question.Wants(PATRON_CLV_EXPECTED_SPEND | PATRON_CLV_LIFETIME_VALUE)) {
    spend.emplace(spend_only ? model : *question.spend, columns, question, purchases);
  }
  PATRON_RETURN_IF_ERROR(ForBlocks(columns.rows, execution, [&](size_t begin, size_t end) {
    if (products != nullptr) products->Fill(begin, end, predictions.values);
    for (size_t o = 0; o < kClvSpend; ++o) {
      for (size_t row = begin; row < end && !answers.values[o].empty(); ++row) {
        predictions.values[o][row] = answers.values[o][like->NumberOf(row)];
      }
      for (size_t row = begin; row < end && !answers.variances[o].empty(); ++row) {
        predictions.errors[o][row] = ErrorOf(answers.variances[o][like->NumberOf(row)]);
      }
    }
    if (spend.has_value()) spend->Fill(begin, end, standard_errors, predictions);
  }));
  if (!question.Wants(1u << purchases)) {
    predictions.values[purchases] = {};
    predictions.errors[purchases] = {};
  }
  return predictions;
}

}  // namespace patron::c_api
