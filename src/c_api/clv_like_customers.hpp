// Customers whom a model tells the same, because their columns are equal.
#ifndef PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_
#define PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "c_api/clv_data.hpp"
#include "patron/clv/equal_rows.hpp"

namespace patron::c_api {

// Rows that a model answers alike, so that each answer is found once.
class LikeCustomers {
 public:
  explicit LikeCustomers(const ClvColumns &columns) : number_(columns.rows) {
    for (const Doubles *column : {&columns.frequency, &columns.recency, &columns.age}) {
      if (!column->empty()) keys_.push_back(column->values());
    }
    for (const auto *process : {&columns.transaction, &columns.dropout}) {
      for (const Doubles &column : *process) keys_.push_back(column.values());
    }
    if (!columns.churned.empty()) {
      churned_.assign(columns.churned.begin(), columns.churned.end());
      keys_.emplace_back(churned_);
    }
    keys_.size() == 3 ? Number<3>() : Number<0>();
    churned_ = {};
  }

  size_t size() const { return example_.size(); }
  size_t Example(size_t number) const { return example_[number]; }
  size_t NumberOf(size_t row) const { return number_[row]; }

 private:
  // The keys of an example, within one line of the cache for the usual three.
  struct alignas(32) Three {
    std::array<double, 3> values;
    double operator[](size_t k) const { return values[k]; }
  };

  // With kKeys columns; 0 for any number of them.
  template <size_t kKeys>
  void Number() {
    const size_t keys = kKeys > 0 ? kKeys : keys_.size();
    const std::span<const double> *const column = keys_.data();
    std::vector<Three> threes;
    std::vector<double> others;
    const auto known = [&](size_t number) {
      if constexpr (kKeys == 3) {
        return threes.data() + number;
      } else {
        return others.data() + number * keys;
      }
    };
    const auto value = [&](size_t number, size_t k) {
      if constexpr (kKeys == 3) {
        return threes[number][k];
      } else {
        return others[number * keys + k];
      }
    };
    const auto hash_by = [&](const auto &at) {
      uint64_t hash = 0;
      for (size_t k = 0; k < keys; ++k) hash = clv::detail::MixDouble(hash, at(k));
      return hash;
    };
    clv::detail::EqualNumbering().NumberAll(
        number_.size(),
        [&](size_t row) { return hash_by([&](size_t k) { return column[k][row]; }); },
        [&](uint32_t number) { return hash_by([&](size_t k) { return value(number, k); }); },
        [&](size_t row, uint32_t number) {
          bool same = true;
          for (size_t k = 0; k < keys; ++k) same &= value(number, k) == column[k][row];
          return same;
        },
        [&](uint32_t number) { clv::detail::Prefetch(known(number)); },
        [&](size_t row, uint32_t number) {
          number_[row] = number;
          if (number < example_.size()) return;
          example_.push_back(static_cast<uint32_t>(row));
          if constexpr (kKeys == 3) {
            threes.push_back({{column[0][row], column[1][row], column[2][row]}});
          } else {
            for (size_t k = 0; k < keys; ++k) others.push_back(column[k][row]);
          }
        });
  }

  std::vector<std::span<const double>> keys_;
  std::vector<double> churned_;
  std::vector<uint32_t> example_, number_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_
