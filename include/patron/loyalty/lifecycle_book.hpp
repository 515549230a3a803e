// The facts of customer relationships, and the stage of each as their fold.
#ifndef PATRON_LOYALTY_LIFECYCLE_BOOK_HPP_
#define PATRON_LOYALTY_LIFECYCLE_BOOK_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/loyalty/lifecycle.hpp"

namespace patron::loyalty {

// Columns of equal length; `value` of wallet and alive, else NaN or 0.
struct LifeRows {
  IdSpan customer;
  std::span<const int32_t> day;
  std::span<const LifeFactKind> kind;
  std::span<const double> value;
};

// One row a customer with facts by then, ids ascending.
struct LifeStates {
  std::vector<uint32_t> customer;  // Codes.
  std::vector<LifeState> state;
};

// One row a change, by customer in the order of ids, then by time.
struct LifeChanges {
  std::vector<uint32_t> customer;
  std::vector<LifeChange> change;
};

// The answer depends on rules and facts alone: not on the order in which facts came, in how many
// pieces, or how often. One thread at a time; const functions may run at once.
class LifecycleBook {
 public:
  // Errors: as CheckRules.
  static absl::StatusOr<LifecycleBook> Make(const LifeRules &rules);

  // Errors: InvalidArgument for columns that differ in length, ids of another kind, and values
  // outside 0 to 1. Nothing is taken then, nor if memory runs out. Cost: O(rows), and O(f) in the
  // facts of a customer for each that is not its latest.
  absl::Status Append(const LifeRows &rows);

  // Up to and with `as_of`. Cost: O(facts log facts).
  LifeStates States(int32_t as_of) const;
  // Changes of the days from `from` up to and with `as_of`. Cost: as States.
  LifeChanges Changes(int32_t from, int32_t as_of) const;

  const LifeRules &rules() const { return rules_; }
  const IdIndex &customers() const { return customers_; }
  std::span<const LifeFact> facts(uint32_t customer) const { return facts_[customer]; }
  uint64_t size() const { return size_; }  // Distinct facts.
  // The last day of a fact; INT32_MIN without any.
  int32_t last_day() const { return last_day_; }

 private:
  explicit LifecycleBook(const LifeRules &rules) : rules_(rules) {}

  LifeRules rules_;
  IdIndex customers_;
  bool kind_known_ = false;
  std::vector<std::vector<LifeFact>> facts_;  // By code; ascending, each once.
  uint64_t size_ = 0;
  int32_t last_day_ = std::numeric_limits<int32_t>::min();
};

inline absl::StatusOr<LifecycleBook> LifecycleBook::Make(const LifeRules &rules) {
  PATRON_RETURN_IF_ERROR(CheckRules(rules));
  return LifecycleBook(rules);
}

inline absl::Status LifecycleBook::Append(const LifeRows &rows) {
  const size_t n = rows.day.size();
  if (rows.customer.size() != n || rows.kind.size() != n || rows.value.size() != n) {
    return absl::InvalidArgumentError("facts: columns differ in length");
  }
  if (n == 0) return absl::OkStatus();
  constexpr int32_t kMostDay = 100'000'000;  // Days are counted with.
  for (size_t i = 0; i < n; ++i) {
    if (rows.day[i] < -kMostDay || rows.day[i] > kMostDay) {
      return InvalidRow("day", i, absl::StrCat(rows.day[i]), "a day that can be counted with");
    }
    const bool share =
        rows.kind[i] == LifeFactKind::kWallet || rows.kind[i] == LifeFactKind::kAlive;
    if (share && !(rows.value[i] >= 0 && rows.value[i] <= 1)) {
      return InvalidRow("value", i, FormatNumber(rows.value[i]), "0 to 1");
    }
  }
  if (!kind_known_) {
    customers_ = IdIndex(rows.customer.is_text());
    kind_known_ = true;
  }
  if (rows.customer.is_text() != customers_.is_text()) {
    return absl::InvalidArgumentError(
        absl::StrCat("customer: ", rows.customer.is_text() ? "text" : "integers", "; expected ",
                     customers_.is_text() ? "text" : "integers", " as before"));
  }
  const size_t known = customers_.size();
  std::vector<uint32_t> codes(n);
  // By customer: how many facts are there now, and how many may come.
  std::vector<uint32_t> more;
  try {
    absl::Status status = customers_.Encode(rows.customer, codes);
    if (!status.ok()) {
      customers_.Truncate(known);
      return status;
    }
    more.resize(customers_.size());
    for (const uint32_t code : codes) ++more[code];
    facts_.resize(std::max(facts_.size(), customers_.size()));
    for (size_t code = 0; code < more.size(); ++code) {
      const size_t wanted = facts_[code].size() + more[code];
      if (wanted > facts_[code].capacity()) {
        facts_[code].reserve(std::max(wanted, 2 * facts_[code].capacity()));
      }
    }
  } catch (...) {
    customers_.Truncate(known);
    facts_.resize(known);
    throw;
  }
  for (size_t i = 0; i < n; ++i) {  // Nothing fails from here on.
    const bool share =
        rows.kind[i] == LifeFactKind::kWallet || rows.kind[i] == LifeFactKind::kAlive;
    const LifeFact fact{rows.day[i], rows.kind[i], share ? rows.value[i] + 0.0 : 0.0};
    std::vector<LifeFact> &own = facts_[codes[i]];
    const auto less = [](const LifeFact &a, const LifeFact &b) { return (a <=> b) < 0; };
    const auto at = own.empty() || less(own.back(), fact)
                        ? own.end()
                        : std::lower_bound(own.begin(), own.end(), fact, less);
    if (at != own.end() && *at == fact) continue;
    own.insert(at, fact);
    ++size_;
    last_day_ = std::max(last_day_, fact.day);
  }
  return absl::OkStatus();
}

inline LifeStates LifecycleBook::States(int32_t as_of) const {
  LifeStates found;
  for (const uint32_t code : customers_.Ascending()) {
    if (facts_[code].empty() || facts_[code].front().day > as_of) continue;
    found.customer.push_back(code);
    found.state.push_back(FoldLife(rules_, facts_[code], as_of, [](const LifeChange &) {}));
  }
  return found;
}

inline LifeChanges LifecycleBook::Changes(int32_t from, int32_t as_of) const {
  LifeChanges found;
  for (const uint32_t code : customers_.Ascending()) {
    FoldLife(rules_, facts_[code], as_of, [&](const LifeChange &change) {
      if (change.day < from) return;
      found.customer.push_back(code);
      found.change.push_back(change);
    });
  }
  return found;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_LIFECYCLE_BOOK_HPP_
