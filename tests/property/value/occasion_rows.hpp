// Random transactions, and the plainest way to summarise them, for tests of the real ones.
#ifndef PATRON_TESTS_PROPERTY_VALUE_OCCASION_ROWS_HPP_
#define PATRON_TESTS_PROPERTY_VALUE_OCCASION_ROWS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "patron/base/parallel.hpp"
#include "patron/base/time.hpp"
#include "patron/value/occasion_content.hpp"
#include "patron/value/occasions.hpp"
#include "patron/value/summary.hpp"
#include "patron/value/transactions.hpp"
#include "rapidcheck.h"

namespace patron::value::occasion_rows {

struct Row {
  int64_t customer, time, amount, order;

  friend auto operator<=>(const Row &, const Row &) = default;
};

inline void showValue(const Row &row, std::ostream &out) {
  out << "{" << row.customer << ", " << row.time << ", " << row.amount << ", " << row.order << "}";
}

// Few customers, orders, days and amounts, so that all kinds of meetings happen; some far away.
inline rc::Gen<Row> AnyRow() {
  constexpr int64_t kHour = kMicrosPerDay / 24;
  const auto time = rc::gen::weightedOneOf<int64_t>(
      {{12,
        rc::gen::map(rc::gen::inRange<int64_t>(-60, 60), [](int64_t h) { return h * 5 * kHour; })},
       {1, rc::gen::element<int64_t>(-3'000'000 * kHour, 2'000'000 * kHour)}});
  return rc::gen::apply(
      [](int64_t customer, int64_t at, int64_t amount, int64_t order) {
        return Row{customer, at, amount, order};
      },
      rc::gen::inRange<int64_t>(-2, 4), time, rc::gen::inRange<int64_t>(-4, 8),
      rc::gen::inRange<int64_t>(0, 5));
}

inline rc::Gen<std::vector<Row>> AnyRows() {
  return rc::gen::scale(1.5, rc::gen::container<std::vector<Row>>(AnyRow()));
}

inline rc::Gen<OccasionRule> AnyRule() {
  return rc::gen::apply(
      [](MergeBy merge, Refunds refunds, Zeros zeros, const char *zone) {
        return OccasionRule{merge, refunds, zeros, zone};
      },
      rc::gen::element(MergeBy::kDay, MergeBy::kOrder, MergeBy::kNone),
      rc::gen::element(Refunds::kNet, Refunds::kIgnore, Refunds::kSeparate),
      rc::gen::element(Zeros::kCount, Zeros::kIgnore), rc::gen::element("UTC", "+05:30", "-11:00"));
}

// Rows as columns; with `text`, ids are text that sorts as the numbers do.
class Columns {
 public:
  Columns(const std::vector<Row> &rows, bool text) : text_(text) {
    for (const Row &row : rows) {
      customer_.push_back(row.customer);
      time_.push_back(row.time);
      amount_.push_back(row.amount);
      order_.push_back(row.order);
      if (!text) continue;
      names_.push_back(Name(row.customer));
      orders_.push_back(Name(row.order));
    }
    customer_text_.assign(names_.begin(), names_.end());
    order_text_.assign(orders_.begin(), orders_.end());
  }
  Columns(const Columns &) = delete;

  TransactionBatch batch() const {
    if (!text_) return {std::span(customer_), time_, amount_, std::span(order_)};
    return {std::span(customer_text_), time_, amount_, std::span(order_text_)};
  }
  TransactionsInMemory source() const {
    const TransactionBatch all = batch();
    return {all.customer, all.time, all.amount, all.order};
  }

 private:
  // Text of several lengths that sorts as the numbers do, from -2 to 99.
  static std::string Name(int64_t number) {
    std::string name(1, static_cast<char>('a' + (number + 2) / 13));
    return name.append(static_cast<size_t>((number + 2) % 13), 'z');
  }

  bool text_;
  std::vector<int64_t> customer_, time_, amount_, order_;
  std::vector<std::string> names_, orders_;
  std::vector<std::string_view> customer_text_, order_text_;
};

inline Occasions StateOf(const std::vector<Row> &rows, const OccasionRule &rule,
                         bool text = false) {
  Occasions state = *Occasions::Create(rule);
  const Columns columns(rows, text);
  RC_ASSERT(state.Update(columns.batch()).ok());
  return state;
}

// A host's threads, one a task.
class Threads final : public Executor {
 public:
  explicit Threads(size_t workers) : workers_(workers) {}
  size_t workers() const override { return workers_; }
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    for (size_t begin = 0; begin < count; begin += workers_) {
      std::vector<std::thread> threads;
      for (size_t i = begin; i < std::min(count, begin + workers_); ++i) {
        threads.emplace_back([task, i] { task(i); });
      }
      for (std::thread &thread : threads) thread.join();
    }
  }

 private:
  size_t workers_;
};

// One customer's purchases by maps, straight from the definition.
struct PlainPurchase {
  int64_t position, time;
  int64_t gross = 0, refunds = 0;
};

struct PlainCustomer {
  std::vector<PlainPurchase> purchases;  // In order.
  int64_t gross = 0, refunds = 0;
  uint64_t orphans = 0;
};

inline int64_t PlainPosition(const Row &row, const OccasionRule &rule) {
  if (rule.merge != MergeBy::kDay) return row.time;
  const int64_t hours = rule.zone == "-11:00" ? -22 : rule.zone == "+05:30" ? 11 : 0;
  return FloorDivide(row.time + hours * kMicrosPerDay / 48, kMicrosPerDay);
}

inline bool PlainCounts(const Row &row, const OccasionRule &rule) {
  return row.amount > 0 || (row.amount == 0 && rule.zeros == Zeros::kCount) ||
         (row.amount < 0 && rule.refunds != Refunds::kIgnore);
}

// `rows` of one customer up to the position `end`.
inline PlainCustomer PlainTell(std::vector<Row> rows, const OccasionRule &rule, int64_t end) {
  std::erase_if(rows, [&](const Row &row) {
    return PlainPosition(row, rule) > end || !PlainCounts(row, rule);
  });
  std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
    return std::tie(a.time, a.amount) < std::tie(b.time, b.amount);
  });
  using Key = std::pair<int64_t, int64_t>;
  const auto key = [&](const Row &row, size_t i) -> Key {
    if (rule.merge == MergeBy::kDay) return {0, PlainPosition(row, rule)};
    if (rule.merge == MergeBy::kOrder) return {0, row.order};
    return {1, static_cast<int64_t>(i)};
  };
  PlainCustomer result;
  std::map<Key, PlainPurchase> by_key;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row &row = rows[i];
    if (row.amount < 0) continue;
    const auto at =
        by_key.emplace(key(row, i), PlainPurchase{PlainPosition(row, rule), row.time}).first;
    at->second.gross += row.amount;
    result.gross += row.amount;
  }
  std::map<std::pair<int64_t, Key>, PlainPurchase *> in_order;
  for (auto &[at, purchase] : by_key) in_order[{purchase.position, at}] = &purchase;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row &row = rows[i];
    if (row.amount >= 0) continue;
    result.refunds += row.amount;
    PlainPurchase *owner = nullptr;
    if (const auto own = by_key.find(key(row, i)); own != by_key.end()) {
      owner = &own->second;
    } else {
      for (const auto &[at, purchase] : in_order) {
        if (at.first <= PlainPosition(row, rule)) owner = purchase;
      }
    }
    if (owner == nullptr)
      ++result.orphans;
    else
      owner->refunds += row.amount;
  }
  for (const auto &[at, purchase] : in_order) result.purchases.push_back(*purchase);
  return result;
}

}  // namespace patron::value::occasion_rows

#endif  // PATRON_TESTS_PROPERTY_VALUE_OCCASION_ROWS_HPP_
