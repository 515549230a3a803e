#include "c_api/clv_forecasts.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "c_api/nan.hpp"
#include "patron/clv/beta_nodes.hpp"

namespace patron::c_api {

std::optional<size_t> ForecastPlace(double frequency) {
  if (!(frequency >= 0 && frequency < double{kForecastCounts})) return std::nullopt;
  const auto place = static_cast<size_t>(frequency);
  if (static_cast<double>(place) != frequency) return std::nullopt;
  return place;
}

clv::BetaGeometricForecast ClvForecastTerms::Make(double frequency, double low, double high) const {
  const clv::BetaNodes dropout(a, b + frequency + (dropout_at_zero ? 1 : 0),
                               clv::detail::ForecastBend(r + frequency, alpha, discount, horizon));
  return WidestForecast().make(r + frequency, low, high, dropout, discount, horizon);
}

ClvForecastCache::~ClvForecastCache() {
  for (const auto &first : entries_) {
    const Entry *entry = first.load(std::memory_order_acquire);
    while (entry != nullptr) {
      const std::unique_ptr<const Entry> own(entry);
      entry = own->next.load(std::memory_order_acquire);
    }
  }
}

double ClvForecastCache::IfAlive(const ClvForecastTerms &terms, double frequency,
                                 double age) const {
  const std::optional<size_t> place = ForecastPlace(frequency);
  if (!place.has_value()) return kNaN;
  const double rate = terms.alpha + age;
  const auto if_alive = WidestForecast().if_alive;
  std::atomic<const Entry *> *link = &entries_[*place];
  for (size_t asked = 0; asked < kMostQuestions; ++asked) {
    const Entry *entry = link->load(std::memory_order_acquire);
    if (entry == nullptr) {
      // Wide enough for those who joined long before or after this customer.
      std::unique_ptr<Entry> made(
          new Entry{terms, terms.Make(frequency, std::max(terms.alpha, rate / 16), 4 * rate)});
      if (link->compare_exchange_strong(entry, made.get(), std::memory_order_acq_rel)) {
        entry = made.release();
      }
    }
    if (entry->terms == terms && entry->table.Covers(rate)) return if_alive(entry->table, rate);
    link = &entry->next;
  }
  return if_alive(terms.Make(frequency, rate, rate), rate);
}

}  // namespace patron::c_api
