// The rhythm of every customer, kept up to date, and its warnings on any day.
#ifndef PATRON_LOYALTY_SIGNAL_BOOK_HPP_
#define PATRON_LOYALTY_SIGNAL_BOOK_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/buffer.hpp"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/signals.hpp"
#include "patron/value/customer_runs.hpp"

namespace patron::loyalty {

struct Warnings {
  IdList customers;  // Ascending; text is borrowed from the book, or from the rows of the context.
  std::vector<Warning> warnings;
  std::vector<SignalEvidence> evidence;  // By customer, a row of `customers`.
  double population_bound = 0;           // The quantile of all gaps; NaN without any.
  int32_t as_of = 0;
};

// Customers with what else is known of them; each once.
struct SignalContextRows {
  IdSpan customer;
  std::span<const SignalContext> context;
};

// Purchases of customers. One thread may change it at a time; any number may read.
class SignalBook {
 public:
  explicit SignalBook(CivilDays days = {}) : days_(std::move(days)) {}

  // Adds transactions in any order; negative amounts are returns, which are not purchases. Errors,
  // after which nothing is added: InvalidArgument for columns of other lengths or ids of another kind;
  // ResourceExhausted for too many customers. Cost: O(1) a row in order of time.
  absl::Status Append(const IdSpan &customer, std::span<const int64_t> time,
                      std::span<const int64_t> amount);

  // Warnings on day `as_of`, from what happened before it; nothing later is looked at. kNoDay means the
  // day after the last purchase. Customers without a purchase before it are left out unless `context`
  // has them. Errors: InvalidArgument for options out of range, or a customer of the context twice;
  // Cancelled. Cost: O(purchases).
  absl::StatusOr<Warnings> Warn(const SignalOptions &options, int32_t as_of,
                                const SignalContextRows &context = {},
                                const Execution &execution = {}) const;

  // Of one customer, by its code in customers(). Cost: O(its purchases) after the last purchase of all,
  // else O(purchases).
  absl::StatusOr<Warning> WarnOne(const SignalOptions &options, uint32_t code, int32_t as_of,
                                  const SignalContext &context,
                                  std::vector<SignalEvidence> &evidence) const;

  // The last purchase day of each customer, by code.
  std::vector<int32_t> LastDays() const;

  const IdIndex &customers() const { return customers_; }
  uint64_t purchases() const { return runs_.size(); }
  int32_t last_day() const { return last_day_; }
  const CivilDays &days() const { return days_; }

  static constexpr int32_t kNoDay = std::numeric_limits<int32_t>::min();

 private:
  // In 12 bytes; there are many.
  class Purchase {
   public:
    // Room that is about to be written is not worth a pass of zeros.
    Purchase() {
    }  // NOLINT(cppcoreguidelines-pro-type-member-init,hicpp-member-init,modernize-use-equals-default)
    Purchase(int32_t day, int64_t amount)
        : day_(day), amount_(std::bit_cast<std::array<uint32_t, 2>>(amount)) {}

    int32_t day() const { return day_; }
    int64_t amount() const { return std::bit_cast<int64_t>(amount_); }
    friend bool operator<(const Purchase &a, const Purchase &b) {
      return a.day_ != b.day_ ? a.day_ < b.day_ : a.amount() < b.amount();
    }

   private:
    int32_t day_;
    std::array<uint32_t, 2> amount_;
  };

  static std::span<const PurchaseDay> DaysBefore(std::span<const Purchase> run, int32_t as_of,
                                                 std::vector<PurchaseDay> &days);
  void CountGaps(uint32_t code, int32_t as_of, int sign, std::vector<uint64_t> &counts,
                 uint64_t &count) const;
  std::optional<WholeQuantile> Population(double p, int32_t as_of) const;

  CivilDays days_;
  IdIndex customers_;
  bool kind_known_ = false;
  value::detail::CustomerRuns<Purchase> runs_;
  std::vector<uint64_t> gap_counts_;  // Of all gaps, by length in days.
  uint64_t gaps_ = 0;
  int32_t first_day_ = kNoDay, last_day_ = kNoDay;
};

inline std::span<const PurchaseDay> SignalBook::DaysBefore(std::span<const Purchase> run,
                                                           int32_t as_of,
                                                           std::vector<PurchaseDay> &days) {
  days.clear();
  for (const Purchase &purchase : run) {
    if (purchase.day() >= as_of) break;
    if (days.empty() || days.back().day != purchase.day()) {
      days.push_back({purchase.day(), purchase.amount()});
    } else if (__builtin_add_overflow(days.back().amount, purchase.amount(), &days.back().amount)) {
      days.back().amount = std::numeric_limits<int64_t>::max();
    }
  }
  return days;
}

inline void SignalBook::CountGaps(uint32_t code, int32_t as_of, int sign,
                                  std::vector<uint64_t> &counts, uint64_t &count) const {
  int32_t last = kNoDay;
  for (const Purchase &purchase : runs_[code]) {
    if (purchase.day() >= as_of) break;
    if (last != kNoDay && purchase.day() != last) {
      const auto gap = static_cast<size_t>(static_cast<int64_t>(purchase.day()) - last);
      if (gap >= counts.size()) counts.resize(gap + 1 + gap / 2);
      counts[gap] += static_cast<uint64_t>(static_cast<int64_t>(sign));
      count += static_cast<uint64_t>(static_cast<int64_t>(sign));
    }
    last = purchase.day();
  }
}

inline absl::Status SignalBook::Append(const IdSpan &customer, std::span<const int64_t> time,
                                       std::span<const int64_t> amount) {
  constexpr int32_t kManyDays = 10'000'000;  // So that gaps can be counted by their length.
  constexpr int32_t kAll = std::numeric_limits<int32_t>::max();
  const size_t n = time.size();
  if (customer.size() != n || amount.size() != n) {
    return absl::InvalidArgumentError("transactions: columns differ in length");
  }
  if (n == 0) return absl::OkStatus();
  if (!kind_known_) {
    customers_ = IdIndex(customer.is_text(), n);
    kind_known_ = true;
  }
  if (customer.is_text() != customers_.is_text()) {
    return absl::InvalidArgumentError(
        absl::StrCat("customer: ", customer.is_text() ? "text" : "integers", "; expected ",
                     customers_.is_text() ? "text" : "integers", " as before"));
  }
  const size_t kept =
      static_cast<size_t>(std::ranges::count_if(amount, [](int64_t a) { return a >= 0; }));
  const size_t before = customers_.size();
  std::vector<uint64_t> counts;
  uint64_t count = 0;
  const bool bulk = n > 64 && n > before / 8;
  try {
    // Days of purchases, and of all.
    int32_t low = kAll, high = kNoDay, least = kAll, most = kNoDay;
    for (size_t i = 0; i < n; ++i) {
      const int32_t day = days_.DayOf(time[i]);
      least = std::min(least, day);
      most = std::max(most, day);
      if (amount[i] < 0) continue;
      low = std::min(low, day);
      high = std::max(high, day);
    }
    if (least < -kManyDays || most > kManyDays) {
      for (size_t i = 0; i < n; ++i) {
        const int32_t day = days_.DayOf(time[i]);
        if (day < -kManyDays || day > kManyDays) {
          return InvalidRow("time", i, FormatDay(day), "a day of our age");
        }
      }
    }
    const Buffer<uint32_t> all_codes = MakeBuffer<uint32_t>(n);
    PATRON_RETURN_IF_ERROR(customers_.Encode(customer, std::span(all_codes.get(), n)));
    // Rows of purchases, if there are others.
    std::vector<size_t> rows;
    if (kept < n) {
      rows.reserve(kept);
      for (size_t i = 0; i < n; ++i) {
        if (amount[i] < 0) continue;
        all_codes[rows.size()] = all_codes[i];
        rows.push_back(i);
      }
    }
    const std::span<const uint32_t> codes(all_codes.get(), kept);
    const auto purchase_of = [&](size_t i) {
      const size_t row = rows.empty() ? i : rows[i];
      return Purchase(days_.DayOf(time[row]), amount[row]);
    };
    // Room for all gaps there can be, so that counting cannot fail once purchases have been added.
    if (kept > 0) {
      if (last_day_ != kNoDay) {
        low = std::min(low, first_day_);
        high = std::max(high, last_day_);
      }
      const auto span = static_cast<size_t>(high - low) + 1;
      if (span > gap_counts_.size()) gap_counts_.resize(span);
      if (bulk) counts.resize(gap_counts_.size());
    }
    std::vector<uint32_t> touched;
    if (!bulk) {
      touched.assign(codes.begin(), codes.end());
      std::ranges::sort(touched);
      touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
      for (const uint32_t code : touched) CountGaps(code, kAll, -1, gap_counts_, gaps_);
    }
    try {
      runs_.AddEach(customers_.size(), codes, purchase_of);
    } catch (...) {
      for (const uint32_t code : touched) CountGaps(code, kAll, 1, gap_counts_, gaps_);
      throw;
    }
    for (const uint32_t code : touched) CountGaps(code, kAll, 1, gap_counts_, gaps_);
    if (kept > 0) {
      first_day_ = low;
      last_day_ = high;
    }
  } catch (...) {
    customers_.Truncate(before);
    throw;
  }
  if (bulk) {
    for (uint32_t code = 0; code < customers_.size(); ++code) {
      CountGaps(code, kAll, 1, counts, count);
    }
    gap_counts_ = std::move(counts);
    gaps_ = count;
  }
  return absl::OkStatus();
}

inline std::optional<WholeQuantile> SignalBook::Population(double p, int32_t as_of) const {
  const std::vector<uint64_t> *counts = &gap_counts_;
  uint64_t count = gaps_;
  std::vector<uint64_t> own;
  if (as_of <= last_day_) {
    count = 0;
    own.resize(gap_counts_.size());
    for (uint32_t code = 0; code < customers_.size(); ++code) {
      CountGaps(code, as_of, 1, own, count);
    }
    counts = &own;
  }
  if (count == 0) return std::nullopt;
  return WholeQuantile::OfCounts(*counts, count, FractionOf(p));
}

inline absl::StatusOr<Warning> SignalBook::WarnOne(const SignalOptions &options, uint32_t code,
                                                   int32_t as_of, const SignalContext &context,
                                                   std::vector<SignalEvidence> &evidence) const {
  PATRON_RETURN_IF_ERROR(CheckSignalOptions(options));
  if (as_of == kNoDay) as_of = last_day_ == kNoDay ? 0 : last_day_ + 1;
  const std::optional<WholeQuantile> population = Population(options.population_quantile, as_of);
  std::vector<PurchaseDay> days;
  SignalReader reader(options);
  return reader.Read(0, DaysBefore(runs_[code], as_of, days), as_of,
                     population ? &*population : nullptr, context, evidence);
}

inline absl::StatusOr<Warnings> SignalBook::Warn(const SignalOptions &options, int32_t as_of,
                                                 const SignalContextRows &context,
                                                 const Execution &execution) const {
  constexpr size_t kCustomersAPart = 8192;
  PATRON_RETURN_IF_ERROR(CheckSignalOptions(options));
  if (as_of == kNoDay) as_of = last_day_ == kNoDay ? 0 : last_day_ + 1;
  const std::optional<WholeQuantile> population = Population(options.population_quantile, as_of);

  // The place of each customer's context; those that have never bought come after all others.
  constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  const size_t known = customers_.size();
  std::vector<uint32_t> context_of(context.customer.empty() ? 0 : known, kNone);
  std::vector<uint32_t> strangers;
  if (!context.customer.empty()) {
    std::vector<uint32_t> codes(context.customer.size(), IdIndex::kUnknown);
    if (context.customer.is_text() != customers_.is_text() && known > 0) {
      return absl::InvalidArgumentError(
          "context: customers of another kind than those of transactions; expected the same kind");
    }
    customers_.Find(context.customer, codes);
    IdIndex fresh(context.customer.is_text());
    for (size_t i = 0; i < codes.size(); ++i) {
      uint32_t seen = kNone;
      if (codes[i] == IdIndex::kUnknown) {
        PATRON_RETURN_IF_ERROR(fresh.Encode(context.customer.subspan(i, 1), std::span(&seen, 1)));
        if (seen == strangers.size()) {
          strangers.push_back(static_cast<uint32_t>(i));
          continue;
        }
      } else if (context_of[codes[i]] == kNone) {
        context_of[codes[i]] = static_cast<uint32_t>(i);
        continue;
      }
      return InvalidRow("customer", i, absl::StrCat(FormatId(context.customer, i), " again"),
                        "every customer once");
    }
  }
  const auto id_less = [&](uint32_t a, uint32_t b) {
    return context.customer.is_text()
               ? context.customer.text()[a] < context.customer.text()[b]
               : context.customer.integers()[a] < context.customer.integers()[b];
  };
  std::ranges::sort(strangers, id_less);

  struct Part {
    std::vector<uint32_t> rows;  // Codes; from `known` on, places in `strangers`.
    std::vector<Warning> warnings;
    std::vector<SignalEvidence> evidence;
    bool exhausted = false;
  };
  const std::vector<uint32_t> order = customers_.Ascending();
  const size_t parts = (order.size() + kCustomersAPart - 1) / kCustomersAPart;
  // So many parts at a time, in memory that the next ones use again.
  const size_t wave = std::min(parts, 8 * execution.workers());
  std::vector<Part> results(wave);
  Part last;
  const auto read = [&](Part &part, SignalReader &reader, uint32_t row,
                        std::span<const PurchaseDay> days, const SignalContext &around) {
    const auto at = static_cast<uint32_t>(part.rows.size());
    part.warnings.push_back(
        reader.Read(at, days, as_of, population ? &*population : nullptr, around, part.evidence));
    part.rows.push_back(row);
  };
  const auto read_part = [&](Part &part, size_t index) {
    try {
      SignalReader reader(options);
      std::vector<PurchaseDay> days;
      const SignalContext unknown;
      const size_t end = std::min(order.size(), (index + 1) * kCustomersAPart);
      part.rows.clear();
      part.warnings.clear();
      part.evidence.clear();
      part.rows.reserve(kCustomersAPart);
      part.warnings.reserve(kCustomersAPart);
      for (size_t i = index * kCustomersAPart; i < end; ++i) {
        const uint32_t code = order[i];
        const uint32_t around = context_of.empty() ? kNone : context_of[code];
        const auto before = DaysBefore(runs_[code], as_of, days);
        if (before.empty() && around == kNone) continue;
        read(part, reader, code, before, around == kNone ? unknown : context.context[around]);
      }
    } catch (const std::bad_alloc &) {
      part.exhausted = true;
    }
  };
  SignalReader reader(options);
  for (size_t i = 0; i < strangers.size(); ++i) {
    read(last, reader, static_cast<uint32_t>(known + i), {}, context.context[strangers[i]]);
  }

  Warnings result;
  result.as_of = as_of;
  result.population_bound = population ? population->value() : SignalContext::kUnknown;
  result.customers.is_text = customers_.is_text() || (known == 0 && context.customer.is_text());
  // Strangers are merged in by id.
  size_t stranger = 0;
  const auto add = [&](const Part &part, size_t row, size_t &evidence) {
    const auto at = static_cast<uint32_t>(result.warnings.size());
    result.warnings.push_back(part.warnings[row]);
    const uint32_t code = part.rows[row];
    if (result.customers.is_text) {
      result.customers.text.push_back(
          code < known ? customers_.text(code) : context.customer.text()[strangers[code - known]]);
    } else {
      result.customers.integers.push_back(
          code < known ? customers_.integer(code)
                       : context.customer.integers()[strangers[code - known]]);
    }
    for (; evidence < part.evidence.size() && part.evidence[evidence].customer == row; ++evidence) {
      result.evidence.push_back(part.evidence[evidence]);
      result.evidence.back().customer = at;
    }
  };
  size_t stranger_evidence = 0;
  const auto strangers_before = [&](uint32_t code) {
    for (; stranger < strangers.size(); ++stranger) {
      const uint32_t place = strangers[stranger];
      if (code != kNone && (result.customers.is_text
                                ? context.customer.text()[place] > customers_.text(code)
                                : context.customer.integers()[place] > customers_.integer(code))) {
        break;
      }
      add(last, stranger, stranger_evidence);
    }
  };
  result.warnings.reserve(order.size() + strangers.size());
  for (size_t first = 0; first < parts; first += wave) {
    const size_t count = std::min(wave, parts - first);
    ParallelFor(execution, count, [&](size_t i) { read_part(results[i], first + i); });
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, first + count, parts));
    for (size_t index = 0; index < count; ++index) {
      const Part &part = results[index];
      if (part.exhausted) return absl::ResourceExhaustedError("out of memory");
      size_t evidence = 0;
      for (size_t row = 0; row < part.rows.size(); ++row) {
        if (stranger < strangers.size()) strangers_before(part.rows[row]);
        add(part, row, evidence);
      }
    }
  }
  if (parts == 0) PATRON_RETURN_IF_ERROR(ReportProgress(execution, 0, 0));
  strangers_before(kNone);
  return result;
}

inline std::vector<int32_t> SignalBook::LastDays() const {
  std::vector<int32_t> days(customers_.size(), kNoDay);
  for (uint32_t code = 0; code < days.size(); ++code) {
    const std::span<const Purchase> run = runs_[code];
    if (!run.empty()) days[code] = run.back().day();
  }
  return days;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_SIGNAL_BOOK_HPP_
