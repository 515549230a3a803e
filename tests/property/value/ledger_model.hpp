// A ledger written down as plainly as it can be: a map of facts that every answer is read off anew.
#ifndef PATRON_TESTS_PROPERTY_VALUE_LEDGER_MODEL_HPP_
#define PATRON_TESTS_PROPERTY_VALUE_LEDGER_MODEL_HPP_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "patron/value/ledger.hpp"

namespace patron::value::ledger_model {

using Code = absl::StatusCode;

// A transaction, or with `reversal` set a reversal; columns that are absent say nothing.
struct Row {
  int64_t id = 0;
  bool reversal = false;
  std::optional<int64_t> customer = {}, order = {}, target = {};
  int64_t time = 0;
  std::optional<int64_t> amount = {};  // Of a reversal above 0.

  friend bool operator==(const Row &, const Row &) = default;
};

// A fact in effect, as a row of transactions.
using Effect = std::tuple<int64_t, int64_t, int64_t, int64_t, std::optional<int64_t>,
                          std::optional<int64_t>>;  // customer, id, time, amount, order, reverses

struct Outcome {
  Code code = Code::kOk;
  LedgerReport report;
};

class Model {
 public:
  Outcome Append(const std::vector<Row> &rows, const LedgerOptions &options) {
    return Transact(rows, options, [this](const Row &row, LedgerReport *report) {
      if (Mixes(row)) return Code::kInvalidArgument;
      if (const auto known = facts_.find(row.id); known != facts_.end()) {
        return Known(known->second == row, report);
      }
      int64_t explicit_sum = 0, open = 0;
      for (auto &[id, fact] : facts_) {
        if (fact.target != row.id) continue;
        if (fact.customer && fact.customer != row.customer) return Code::kInvalidArgument;
        if (fact.amount)
          explicit_sum += *fact.amount;
        else
          ++open;
      }
      if (explicit_sum > std::max<int64_t>(*row.amount, 0) || open > 1 ||
          (explicit_sum + open > 0 && *row.amount < 0) ||
          (open == 1 && explicit_sum >= *row.amount)) {
        return Code::kInvalidArgument;
      }
      for (auto &[id, fact] : facts_) {
        if (fact.target == row.id && !fact.amount) fact.amount = *row.amount - explicit_sum;
      }
      facts_[row.id] = row;
      ++report->applied;
      return Code::kOk;
    });
  }

  Outcome Reverse(const std::vector<Row> &rows, const LedgerOptions &options) {
    return Transact(rows, options, [this, &options](const Row &row, LedgerReport *report) {
      if ((row.amount && *row.amount <= 0) || row.target == row.id ||
          (!row.target && (!row.customer || !row.amount || Mixes(row)))) {
        return Code::kInvalidArgument;
      }
      if (const auto known = facts_.find(row.id); known != facts_.end()) {
        const Row &fact = known->second;
        const auto agrees = [](const auto &given, const auto &is) { return !given || given == is; };
        if (!row.target) {
          return Known(!fact.reversal && -*row.amount == *fact.amount && row.time == fact.time &&
                           row.customer == fact.customer && agrees(row.order, fact.order),
                       report);
        }
        const std::optional<int64_t> customer =
            facts_.contains(*row.target) ? facts_[*row.target].customer : fact.customer;
        return Known(fact.reversal && fact.target == row.target && row.time == fact.time &&
                         agrees(row.amount, fact.amount) && agrees(row.customer, customer),
                     report);
      }
      for (const auto &[id, fact] : facts_) {
        if (fact.target == row.id) return Code::kInvalidArgument;
      }
      if (!row.target) {
        facts_[row.id] = {row.id, false, row.customer, row.order, {}, row.time, -*row.amount};
        ++report->applied;
        return Code::kOk;
      }
      Row fact{row.id, true, row.customer, {}, row.target, row.time, row.amount};
      if (!facts_.contains(*row.target)) {
        if (options.unknown == UnknownTargets::kError) return Code::kNotFound;
        facts_[row.id] = fact;
        ++report->held;
        return Code::kOk;
      }
      const Row &target = facts_[*row.target];
      if (target.reversal || *target.amount < 0) return Code::kInvalidArgument;
      if (row.customer && row.customer != target.customer) return Code::kInvalidArgument;
      const int64_t left = *target.amount - Taken(*row.target);
      if (row.amount ? *row.amount > left : left == 0) return Code::kInvalidArgument;
      fact.amount = row.amount.value_or(left);
      fact.customer.reset();
      facts_[row.id] = fact;
      ++report->applied;
      return Code::kOk;
    });
  }

  // Rows of reversals have a negative amount.
  Outcome Correct(const std::vector<Row> &rows) {
    const Model before = *this;
    Outcome outcome;
    outcome.report.rows = rows.size();
    const auto fail = [&](Code code) {
      *this = before;
      outcome.code = code;
      return outcome;
    };
    std::map<int64_t, Row> given;
    if (!rows.empty() && Mixes(rows[0])) return fail(Code::kInvalidArgument);
    for (const Row &row : rows) {
      if (!facts_.contains(row.id)) return fail(Code::kNotFound);
    }
    for (const Row &row : rows) {
      const auto [at, added] = given.try_emplace(row.id, row);
      if (!added && !(at->second == row)) return fail(Code::kInvalidArgument);
    }
    for (const auto &[id, row] : given) {
      const Row &fact = before.facts_.at(id);
      const bool held = fact.reversal && !before.facts_.contains(*fact.target);
      Row shown = before.Shown(id);
      if (held) shown.order = row.order;  // It has none of its own.
      outcome.report.applied += !(shown == row);
      if (!fact.reversal) {
        facts_[id] = row;
      } else if (*row.amount >= 0) {
        return fail(Code::kUnknown);  // InvalidArgument, or FailedPrecondition for another row.
      } else {
        facts_[id].time = row.time;
        facts_[id].amount = -*row.amount;
        if (held) facts_[id].customer = row.customer;
      }
    }
    outcome.report.duplicates = rows.size() - outcome.report.applied;
    for (const auto &[id, row] : given) {
      const Row &fact = facts_[id];
      if (!fact.reversal) {
        if (Taken(id) > 0 && Taken(id) > *fact.amount) return fail(Code::kUnknown);
      } else if (facts_.contains(*fact.target)) {
        const Row &target = facts_[*fact.target];
        if (row.customer != target.customer || row.order != target.order)
          return fail(Code::kUnknown);
        if (Taken(*fact.target) > *target.amount) return fail(Code::kUnknown);
      }
    }
    Touch(before, &outcome.report);
    return outcome;
  }

  // What is in effect, by id.
  std::vector<Effect> Effects(int64_t as_of = kNoTime) const {
    std::vector<Effect> effects;
    for (const auto &[id, fact] : facts_) {
      if (as_of != kNoTime && fact.time > as_of) continue;
      if (!fact.reversal) {
        effects.emplace_back(*fact.customer, id, fact.time, *fact.amount, fact.order, std::nullopt);
      } else if (const auto target = facts_.find(*fact.target); target != facts_.end()) {
        effects.emplace_back(*target->second.customer, id, fact.time, -*fact.amount,
                             target->second.order, fact.target);
      }
    }
    return effects;
  }

  struct Customer {
    std::set<int64_t> orders;
    int64_t unordered = 0, gross = 0, refunds = 0, first = kNoTime, last = kNoTime;
  };
  std::map<int64_t, Customer> Customers(int64_t as_of = kNoTime) const {
    std::map<int64_t, Customer> customers;
    for (const auto &[customer, id, time, amount, order, reverses] : Effects(as_of)) {
      Customer &state = customers[customer];
      if (amount < 0) {
        state.refunds += amount;
        continue;
      }
      state.gross += amount;
      if (order)
        state.orders.insert(*order);
      else
        ++state.unordered;
      state.first = state.first == kNoTime ? time : std::min(state.first, time);
      state.last = std::max(state.last, time);
    }
    return customers;
  }

  const std::map<int64_t, Row> &facts() const { return facts_; }
  bool IsHeld(const Row &fact) const { return fact.reversal && !facts_.contains(*fact.target); }
  // Customers whose facts have changed since the set was last cleared.
  std::set<int64_t> &touched() { return touched_; }

 private:
  static Code Known(bool equal, LedgerReport *report) {
    ++(equal ? report->duplicates : report->conflicts);
    return Code::kOk;
  }

  // Whether the row is a transaction with an order among such without, or the other way round.
  bool Mixes(const Row &row) const {
    return std::ranges::any_of(facts_, [&row](const auto &known) {
      return !known.second.reversal && known.second.order.has_value() != row.order.has_value();
    });
  }

  template <typename Function>
  Outcome Transact(const std::vector<Row> &rows, const LedgerOptions &options,
                   const Function &apply) {
    const Model before = *this;
    Outcome outcome;
    outcome.report.rows = rows.size();
    for (const Row &row : rows) {
      outcome.code = apply(row, &outcome.report);
      if (outcome.code != Code::kOk) break;
    }
    if (outcome.code == Code::kOk && outcome.report.conflicts > 0 &&
        options.conflicts == LedgerConflicts::kError) {
      outcome.code = Code::kAlreadyExists;
    }
    if (outcome.code == Code::kOk)
      Touch(before, &outcome.report);
    else
      *this = before;
    return outcome;
  }

  void Touch(const Model &before, LedgerReport *report) {
    std::set<int64_t> had, has, changed;
    const auto then = before.Effects(), now = Effects();
    for (const Effect &effect : then) had.insert(std::get<0>(effect));
    for (const Effect &effect : now) has.insert(std::get<0>(effect));
    for (const Effect &effect : then) {
      if (std::ranges::find(now, effect) == now.end()) changed.insert(std::get<0>(effect));
    }
    for (const Effect &effect : now) {
      if (std::ranges::find(then, effect) == then.end()) changed.insert(std::get<0>(effect));
    }
    report->touched_customers = changed.size();
    for (const int64_t customer : has) report->new_customers += !had.contains(customer);
    touched_.insert(changed.begin(), changed.end());
  }

  int64_t Taken(int64_t id) const {
    int64_t taken = 0;
    for (const auto &[other, fact] : facts_) {
      if (fact.target == id) taken += fact.amount.value_or(0);
    }
    return taken;
  }

  // A fact as a row of corrections that would change nothing.
  Row Shown(int64_t id) const {
    Row row = facts_.at(id);
    if (!row.reversal) return row;
    if (const auto target = facts_.find(*row.target); target != facts_.end()) {
      row.customer = target->second.customer;
      row.order = target->second.order;
    }
    row.reversal = false;
    row.target.reset();
    row.amount = -row.amount.value_or(0);
    return row;
  }

  std::map<int64_t, Row> facts_;
  std::set<int64_t> touched_;
};

// Rows as columns, ids as integers or as text in the same order.
class Columns {
 public:
  Columns(const std::vector<Row> &rows, bool text, bool orders) : text_(text) {
    texts_.reserve(rows.size() * 4);
    for (const Row &row : rows) {
      Add('t', row.id, &id_);
      Add('c', row.customer.value_or(0), &customer_);
      Add('t', row.target.value_or(0), &target_);
      if (orders) Add('o', row.order.value_or(0), &order_);
      has_customer_.push_back(row.customer.has_value());
      has_target_.push_back(row.target.has_value());
      has_order_.push_back(row.order.has_value());
      has_amount_.push_back(row.amount.has_value());
      time_.push_back(row.time);
      amount_.push_back(row.amount.value_or(0));
    }
    if (!orders) has_order_.clear();
  }

  LedgerRows transactions() const {
    return {id_.span(), customer_.span(), time_, amount_, order_.span(), {}};
  }
  ReversalRows reversals() const {
    return {.transaction = id_.span(),
            .time = time_,
            .target = target_.span(),
            .has_target = has_target_,
            .amount = amount_,
            .has_amount = has_amount_,
            .customer = customer_.span(),
            .has_customer = has_customer_,
            .order = order_.span(),
            .has_order = has_order_,
            .numbers = {}};
  }

  // "c00042": in the order of the numbers.
  static std::string TextOf(char kind, int64_t id) {
    const std::string digits = std::to_string(id);
    return std::string(1, kind) + std::string(6 - digits.size(), '0') + digits;
  }

 private:
  void Add(char kind, int64_t id, IdList *list) {
    list->is_text = text_;
    if (text_)
      list->text.push_back(texts_.emplace_back(TextOf(kind, id)));
    else
      list->integers.push_back(id);
  }

  bool text_;
  std::vector<std::string> texts_;  // Does not grow past its room: views of short text stay valid.
  IdList id_, customer_, target_, order_;
  std::vector<uint8_t> has_customer_, has_target_, has_order_, has_amount_;
  std::vector<int64_t> time_, amount_;
};

// The number of an id that Columns has made.
inline int64_t NumberOf(const IdList &list, size_t row) {
  return list.is_text ? std::stoll(std::string(list.text[row].substr(1))) : list.integers[row];
}

// Content with text of its own, which outlives changes of the ledger.
class Snapshot {
 public:
  explicit Snapshot(LedgerContent content) : content_(std::move(content)) {
    for (IdList *list : {&content_.customers, &content_.orders, &content_.transactions.id,
                         &content_.reversals.id, &content_.held.id, &content_.held.target}) {
      for (std::string_view &text : list->text) text = texts_.emplace_back(text);
    }
  }
  Snapshot(const Snapshot &) = delete;
  Snapshot &operator=(const Snapshot &) = delete;
  const LedgerContent &content() const { return content_; }

 private:
  std::deque<std::string> texts_;
  LedgerContent content_;
};

}  // namespace patron::value::ledger_model

#endif  // PATRON_TESTS_PROPERTY_VALUE_LEDGER_MODEL_HPP_
