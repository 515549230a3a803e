#include "c_api/clv_forecasts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "c_api/clv_predictor.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/beta_nodes.hpp"
#include "patron/clv/equal_rows.hpp"

namespace patron::c_api {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::optional<size_t> ForecastPlace(double frequency) {
  if (!(frequency >= 0 && frequency < double{kForecastCounts})) return std::nullopt;
  const auto place = static_cast<size_t>(frequency);
  if (static_cast<double>(place) != frequency) return std::nullopt;
  return place;
}

clv::BetaGeometricForecast ClvForecastTerms::Make(double frequency, double low, double high) const {
  const clv::BetaNodes dropout(a, b + frequency + (dropout_at_zero ? 1 : 0));
  return WidestForecast().make(r + frequency, low, high, dropout, discount, horizon);
}

absl::Status ClvRowForecasts::Add(const ClvForecastTerms &terms, std::span<const double> frequency,
                                  std::span<const double> age, const Execution &execution) {
  struct Ages {
    double low = std::numeric_limits<double>::infinity(), high = 0;
  };
  Question question{
      .discount = terms.discount, .horizon = terms.horizon, .number = {}, .answer = {}};
  question.number.resize(frequency.size());
  std::vector<Ages> ages(kForecastCounts);
  std::vector<uint32_t> example;
  const auto hash_of = [&](size_t row) {
    return clv::detail::MixDouble(clv::detail::MixDouble(0, frequency[row]), age[row]);
  };
  clv::detail::EqualNumbering().NumberAll(
      frequency.size(), hash_of, [&](uint32_t number) { return hash_of(example[number]); },
      [&](size_t row, uint32_t number) {
        const uint32_t known = example[number];
        return frequency[row] == frequency[known] && age[row] == age[known];
      },
      [&](uint32_t number) { clv::detail::Prefetch(&example[number]); },
      [&](size_t row, uint32_t number) {
        question.number[row] = number;
        if (number < example.size()) return;
        example.push_back(static_cast<uint32_t>(row));
        const std::optional<size_t> place = ForecastPlace(frequency[row]);
        if (!place.has_value()) return;
        Ages &own = ages[*place];
        own.low = std::min(own.low, age[row]);
        own.high = std::max(own.high, age[row]);
      });
  std::vector<std::optional<clv::BetaGeometricForecast>> tables(kForecastCounts);
  for (size_t place = 0; place < kForecastCounts; ++place) {
    if (!(ages[place].low <= ages[place].high)) continue;
    tables[place] = terms.Make(static_cast<double>(place), terms.alpha + ages[place].low,
                               terms.alpha + ages[place].high);
  }
  const auto if_alive = WidestForecast().if_alive;
  question.answer.assign(example.size(), kNaN);
  PATRON_RETURN_IF_ERROR(ForBlocks(example.size(), execution, [&](size_t begin, size_t end) {
    for (size_t number = begin; number < end; ++number) {
      const std::optional<size_t> place = ForecastPlace(frequency[example[number]]);
      if (!place.has_value()) continue;
      const auto &table = tables[*place];
      const double rate = terms.alpha + age[example[number]];
      if (table.has_value() && table->Covers(rate))
        question.answer[number] = if_alive(*table, rate);
    }
  }));
  questions_.push_back(std::move(question));
  return absl::OkStatus();
}

double ClvRowForecasts::Row::IfAlive(double /*frequency*/, double /*age*/, double discount,
                                     double horizon) const {
  for (const Question &question : all_.questions_) {
    if (question.discount != discount || question.horizon != horizon) continue;
    const double answer = question.answer[question.number[row_]];
    if (!std::isnan(answer)) return answer;
  }
  return kNaN;
}

ClvForecastCache::~ClvForecastCache() {
  for (const auto &entry : entries_) delete entry.load(std::memory_order_acquire);
}

double ClvForecastCache::IfAlive(const ClvForecastTerms &terms, double frequency,
                                 double age) const {
  const std::optional<size_t> place = ForecastPlace(frequency);
  if (!place.has_value()) return kNaN;
  const double rate = terms.alpha + age;
  auto &slot = entries_[*place + (terms.discount > 0 ? kForecastCounts : 0)];
  const Entry *entry = slot.load(std::memory_order_acquire);
  if (entry == nullptr) {
    // Wide enough for those who joined long before or after this customer.
    auto made = std::make_unique<Entry>(
        Entry{terms, terms.Make(frequency, std::max(terms.alpha, rate / 16), 4 * rate)});
    if (slot.compare_exchange_strong(entry, made.get(), std::memory_order_acq_rel)) {
      entry = made.release();
    }
  }
  const auto if_alive = WidestForecast().if_alive;
  if (entry->terms == terms && entry->table.Covers(rate)) return if_alive(entry->table, rate);
  return if_alive(terms.Make(frequency, rate, rate), rate);
}

}  // namespace patron::c_api
