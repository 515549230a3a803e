#include "c_api/clv_row_forecasts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "c_api/nan.hpp"
#include "patron/base/status.hpp"
#include "patron/c/clv_predict.h"

namespace patron::c_api {
namespace {

// Up to so many rows no table is made that they do not share with later ones.
constexpr size_t kFewRows = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<ClvRowForecasts>> ClvRowForecasts::Make(
    const ClvModel &model, const ClvForecastCache &cache, const ClvColumns &columns,
    const ClvQuestion &question, uint32_t outputs, const Execution &execution) {
  std::unique_ptr<ClvRowForecasts> made;
  if (!IsSharedModel(model)) return made;
  made.reset(new ClvRowForecasts(model, cache, columns, question));
  if ((outputs & PATRON_CLV_P_ALIVE) != 0 && question.later == 0) {
    made->outputs_ |= PATRON_CLV_P_ALIVE;
  }
  std::vector<Part> parts;
  const auto add = [&](size_t output, double discount, double horizon) {
    const auto terms = ForecastTermsOf(model, discount, horizon);
    if (terms.has_value()) parts.push_back({output, *terms, {}, {}});
  };
  if ((outputs & PATRON_CLV_EXPECTED_PURCHASES) != 0 && question.start == 0) {
    add(kClvExpected, 0, question.horizon);
  }
  if ((outputs & PATRON_CLV_DISCOUNTED_PURCHASES) != 0 && question.rate > 0) {
    add(kClvDiscounted, question.rate, question.discount_horizon);
  }
  if (!parts.empty()) PATRON_RETURN_IF_ERROR(made->AddParts(std::move(parts), execution));
  if (made->outputs_ == 0) made.reset();
  return made;
}

absl::Status ClvRowForecasts::AddParts(std::vector<Part> parts, const Execution &execution) {
  const Doubles &frequency = columns_.frequency, &age = columns_.age;
  const std::array<std::span<const double>, 2> keys = {frequency.values(), age.values()};
  pairs_.emplace(columns_.rows, keys);
  for (const Part &part : parts) outputs_ |= 1u << part.output;
  parts_ = std::move(parts);
  if (columns_.rows > kFewRows) {
    struct Ages {
      double low = std::numeric_limits<double>::infinity(), high = 0;
    };
    std::vector<Ages> ages(kForecastCounts);
    for (size_t i = 0; i < pairs_->size(); ++i) {
      const size_t row = pairs_->Example(i);
      const std::optional<size_t> place = ForecastPlace(frequency[row]);
      if (!place.has_value()) continue;
      ages[*place].low = std::min(ages[*place].low, age[row]);
      ages[*place].high = std::max(ages[*place].high, age[row]);
    }
    for (Part &part : parts_) {
      part.tables.resize(kForecastCounts);
      for (size_t place = 0; place < kForecastCounts; ++place) {
        if (!(ages[place].low <= ages[place].high)) continue;
        part.tables[place] =
            part.terms.Make(static_cast<double>(place), part.terms.alpha + ages[place].low,
                            part.terms.alpha + ages[place].high);
      }
    }
  }
  if (pairs_->apart()) return absl::OkStatus();
  for (Part &part : parts_) {
    part.answers.resize(pairs_->size());
    PATRON_RETURN_IF_ERROR(ForBlocks(pairs_->size(), execution, [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        const size_t row = pairs_->Example(i);
        part.answers[i] = IfAlive(part, frequency[row], age[row]);
      }
    }));
  }
  return absl::OkStatus();
}

double ClvRowForecasts::IfAlive(const Part &part, double frequency, double age) const {
  if (part.tables.empty()) return cache_.IfAlive(part.terms, frequency, age);
  const std::optional<size_t> place = ForecastPlace(frequency);
  if (!place.has_value() || !part.tables[*place].has_value()) {
    return kNaN;
  }
  const clv::BetaGeometricForecast &table = *part.tables[*place];
  const double rate = part.terms.alpha + age;
  return table.Covers(rate) ? kernels_.if_alive(table, rate) : kNaN;
}

void ClvRowForecasts::Fill(size_t begin, size_t end, Values &values) const {
  const std::vector<double> &theta = model_.fit.estimates;
  std::array<double, kClvBlock> alive;
  fill_alive_({theta[0], theta[1], theta[2], theta[3]}, DropsOutAtZero(model_.terms.kind),
              columns_.frequency.values().data() + begin, columns_.recency.values().data() + begin,
              columns_.age.values().data() + begin, std::span(alive).first(end - begin));
  if ((outputs_ & PATRON_CLV_P_ALIVE) != 0) {
    std::copy_n(alive.begin(), end - begin,
                values[kClvAlive].begin() + static_cast<std::ptrdiff_t>(begin));
  }
  for (const Part &part : parts_) {
    double *const out = values[part.output].data();
    for (size_t row = begin; row < end; ++row) {
      const double if_alive = part.answers.empty()
                                  ? IfAlive(part, columns_.frequency[row], columns_.age[row])
                                  : part.answers[pairs_->NumberOf(row)];
      out[row] = alive[row - begin] * if_alive;
      if (!std::isnan(if_alive)) continue;
      // Who has no table is asked alone.
      ClvQuestion own = question_;
      own.outputs = 1u << part.output;
      out[row] =
          AskOutlook(model_, ThetaOf(model_, {}, {}), ClvRows{&columns_}.At(row), own)[part.output];
    }
  }
}

}  // namespace patron::c_api
