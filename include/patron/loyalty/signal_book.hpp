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
#include "patron/base/large_vector.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/signals.hpp"
#include "patron/value/customer_runs.hpp"

namespace patron::loyalty {

struct Warnings {
  IdList customers;  // Ascending; text is borrowed from the book, or from the rows of the context.
  LargeVector<Warning> warnings;
  LargeVector<SignalEvidence> evidence;  // By customer, a row of `customers`.
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
  // Adds `each` to counts[gap] for each gap before `as_of`, and gives how many there are.
  static uint64_t CountGaps(std::span<const Purchase> run, int32_t as_of, uint64_t each,
                            uint64_t *counts);
  std::optional<WholeQuantile> Population(double p, int32_t as_of) const;

  CivilDays days_;
  IdIndex customers_;
  bool kind_known_ = false;
  value::detail::CustomerRuns<Purchase> runs_;
  std::vector<uint64_t> gap_counts_;  // Of all gaps, by length in days.
  uint64_t gaps_ = 0;
  int32_t first_day_ = kNoDay, last_day_ = kNoDay;  // None is before the first.
};

inline std::span<const PurchaseDay> SignalBook::DaysBefore(std::span<const Purchase> run,
                                                           int32_t as_of,
                                                           std::vector<PurchaseDay> &days) {
  if (days.size() < run.size()) days.resize(run.size());
  size_t count = 0;
  for (const Purchase &purchase : run) {
    if (purchase.day() >= as_of) break;
    if (count == 0 || days[count - 1].day != purchase.day()) {
      days[count++] = {purchase.day(), purchase.amount()};
    } else if (int64_t &sum = days[count - 1].amount;
               __builtin_add_overflow(sum, purchase.amount(), &sum)) {
      sum = std::numeric_limits<int64_t>::max();
    }
  }
  return {days.data(), count};
}

inline uint64_t SignalBook::CountGaps(std::span<const Purchase> run, int32_t as_of, uint64_t each,
                                      uint64_t *counts) {
  // Gaps of 0, of purchases on one day, are none: to count them and to take them back costs no branch.
  uint64_t count = 0, none = 0;
  for (size_t i = 1; i < run.size() && run[i].day() < as_of; ++i) {
    const int64_t gap = int64_t{run[i].day()} - run[i - 1].day();
    counts[gap] += each;
    count += 1;
    none += gap == 0 ? 1 : 0;
  }
  counts[0] -= each * none;
  return count - none;
}

inline absl::Status SignalBook::Append(const IdSpan &customer, std::span<const int64_t> time,
                                       std::span<const int64_t> amount) {
  constexpr int32_t kManyDays = 10'000'000;  // So that gaps can be counted by their length.
  constexpr int32_t kAll = std::numeric_limits<int32_t>::max();
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
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
  const size_t before = customers_.size();
  try {
    // Times of purchases, and of all.
    size_t kept = 0;
    int64_t low = kNever, high = -kNever, least = kNever, most = -kNever;
    for (size_t i = 0; i < n; ++i) {
      least = std::min(least, time[i]);
      most = std::max(most, time[i]);
      if (amount[i] < 0) continue;
      ++kept;
      low = std::min(low, time[i]);
      high = std::max(high, time[i]);
    }
    // Where clocks are put back, a later time may be of the day before, but not of one before that.
    if (days_.DayOf(least) <= -kManyDays || days_.DayOf(most) >= kManyDays) {
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
    if (kept == 0) return absl::OkStatus();
    // Room for all gaps there can be, so that counting cannot fail once purchases have been added.
    int32_t first_day = days_.DayOf(low) - 1, last_day = last_day_;
    if (last_day_ != kNoDay) first_day = std::min(first_day, first_day_);
    const auto span =
        static_cast<size_t>(std::max(last_day, days_.DayOf(high) + 1) - first_day) + 1;
    if (span > gap_counts_.size()) gap_counts_.resize(span);
    if (n > 64 && n > before / 8) {
      std::vector<uint64_t> counts(gap_counts_.size());
      uint64_t gaps = 0;
      const auto count = [&](std::span<const Purchase> run) {
        gaps += CountGaps(run, kAll, 1, counts.data());
        last_day = std::max(last_day, run.back().day());
      };
      if (!runs_.AddEach(customers_.size(), codes, purchase_of, count)) {
        for (uint32_t code = 0; code < customers_.size(); ++code) {
          if (!runs_[code].empty()) count(runs_[code]);
        }
      }
      gap_counts_ = std::move(counts);
      gaps_ = gaps;
    } else {
      std::vector<uint32_t> touched(codes.begin(), codes.end());
      std::ranges::sort(touched);
      touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
      const auto count = [&](uint64_t each) {
        for (const uint32_t code : touched) {
          const std::span<const Purchase> run = runs_[code];
          if (run.empty()) continue;
          gaps_ += each * CountGaps(run, kAll, each, gap_counts_.data());
          last_day = std::max(last_day, run.back().day());
        }
      };
      constexpr uint64_t kLess = ~uint64_t{0};
      count(kLess);
      try {
        runs_.AddEach(customers_.size(), codes, purchase_of);
      } catch (...) {
        count(1);
        throw;
      }
      count(1);
    }
    first_day_ = first_day;
    last_day_ = last_day;
  } catch (...) {
    customers_.Truncate(before);
    throw;
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
      count += CountGaps(runs_[code], as_of, 1, own.data());
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
  // Rows [row, end) of a part, with their evidence.
  const auto add = [&](const Part &part, size_t row, size_t end, size_t &evidence) {
    const auto shift = static_cast<uint32_t>(result.warnings.size() - row);
    result.warnings.insert(result.warnings.end(),
                           part.warnings.begin() + static_cast<ptrdiff_t>(row),
                           part.warnings.begin() + static_cast<ptrdiff_t>(end));
    for (; row < end; ++row) {
      const uint32_t code = part.rows[row];
      if (result.customers.is_text) {
        result.customers.text.push_back(code < known
                                            ? customers_.text(code)
                                            : context.customer.text()[strangers[code - known]]);
      } else {
        result.customers.integers.push_back(
            code < known ? customers_.integer(code)
                         : context.customer.integers()[strangers[code - known]]);
      }
    }
    for (; evidence < part.evidence.size() && part.evidence[evidence].customer < end; ++evidence) {
      result.evidence.push_back(part.evidence[evidence]);
      result.evidence.back().customer += shift;
    }
  };
  size_t stranger_evidence = 0;
  const auto is_stranger_before = [&](uint32_t code) {
    if (stranger == strangers.size()) return false;
    const uint32_t place = strangers[stranger];
    return result.customers.is_text ? context.customer.text()[place] < customers_.text(code)
                                    : context.customer.integers()[place] < customers_.integer(code);
  };
  const size_t most = order.size() + strangers.size();
  result.warnings.reserve(most);
  result.customers.is_text ? result.customers.text.reserve(most)
                           : result.customers.integers.reserve(most);
  for (size_t first = 0; first < parts; first += wave) {
    const size_t count = std::min(wave, parts - first);
    ParallelFor(execution, count, [&](size_t i) { read_part(results[i], first + i); });
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, first + count, parts));
    if (first == 0) {
      // Room as if all went on as it begins.
      size_t seen = 0;
      for (const Part &part : results) seen += part.evidence.size();
      result.evidence.reserve(seen * parts / count);
    }
    for (size_t index = 0; index < count; ++index) {
      const Part &part = results[index];
      if (part.exhausted) return absl::ResourceExhaustedError("out of memory");
      size_t evidence = 0;
      size_t added = 0;
      for (size_t row = 0; row < part.rows.size() && stranger < strangers.size(); ++row) {
        if (!is_stranger_before(part.rows[row])) continue;
        add(part, added, row, evidence);
        added = row;
        for (; is_stranger_before(part.rows[row]); ++stranger) {
          add(last, stranger, stranger + 1, stranger_evidence);
        }
      }
      add(part, added, part.rows.size(), evidence);
    }
  }
  if (parts == 0) PATRON_RETURN_IF_ERROR(ReportProgress(execution, 0, 0));
  add(last, stranger, strangers.size(), stranger_evidence);
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
