// Customers whom a model tells the same, because their columns are equal.
#ifndef PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_
#define PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "c_api/clv_data.hpp"
#include "patron/base/pieces.hpp"
#include "patron/clv/equal_rows.hpp"

namespace patron::c_api {

// Rows with equal keys, so that each answer is found once. Where hardly any are equal each row is on
// its own, which no answer depends on.
class LikeCustomers {
 public:
  // Borrows the keys while it is made.
  LikeCustomers(size_t rows, std::span<const std::span<const double>> keys) : rows_(rows) {
    switch (keys.size()) {
      case 2: Number<2>(keys); break;
      case 3: Number<3>(keys); break;
      default: Number<0>(keys);
    }
  }

  // By all that a model reads.
  static LikeCustomers InAll(const ClvColumns &columns) {
    std::vector<std::span<const double>> keys;
    for (const Doubles *column : {&columns.frequency, &columns.recency, &columns.age}) {
      if (!column->empty()) keys.push_back(column->values());
    }
    for (const auto *process : {&columns.transaction, &columns.dropout}) {
      for (const Doubles &column : *process) keys.push_back(column.values());
    }
    const std::vector<double> churned(columns.churned.begin(), columns.churned.end());
    if (!churned.empty()) keys.emplace_back(churned);
    return LikeCustomers(columns.rows, keys);
  }

  bool apart() const { return apart_; }
  size_t size() const { return apart_ ? rows_ : example_.size(); }
  size_t Example(size_t number) const { return apart_ ? number : example_[number]; }
  size_t NumberOf(size_t row) const { return apart_ ? row : number_[row]; }

 private:
  static constexpr size_t kChunk = size_t{1} << 14;  // Rows between two looks at how many differ.

  // Keys side by side, so that comparing with them touches one line of the cache.
  template <size_t kKeys>
  struct alignas(kKeys == 2 ? 16 : 32) Known {
    std::array<double, kKeys> keys;
  };

  // With kKeys keys; 0 for any number of them, which are then looked up in the columns.
  template <size_t kKeys>
  void Number(std::span<const std::span<const double>> keys) {
    number_.resize(rows_);
    const size_t count = kKeys > 0 ? kKeys : keys.size();
    Pieces<Known<kKeys>, 4096> known;
    const auto key = [&](uint32_t number, size_t k) {
      if constexpr (kKeys > 0) return known[number].keys[k];
      return keys[k][example_[number]];
    };
    const auto hash_by = [&](const auto &at) {
      uint64_t hash = 0;
      for (size_t k = 0; k < count; ++k) hash = clv::detail::MixDouble(hash, at(k));
      return hash;
    };
    clv::detail::EqualNumbering numbering;
    for (size_t begin = 0; begin < rows_; begin += kChunk) {
      if (example_.size() > begin - begin / 4) return SetApart();
      numbering.NumberAll(
          std::min(kChunk, rows_ - begin),
          [&](size_t i) { return hash_by([&](size_t k) { return keys[k][begin + i]; }); },
          [&](uint32_t number) { return hash_by([&](size_t k) { return key(number, k); }); },
          [&](size_t i, uint32_t number) {
            bool same = true;
            for (size_t k = 0; k < count; ++k) same &= key(number, k) == keys[k][begin + i];
            return same;
          },
          [&](uint32_t number) {
            if constexpr (kKeys > 0) {
              clv::detail::Prefetch(&known[number]);
            } else {
              clv::detail::Prefetch(&example_[number]);
            }
          },
          [&](size_t i, uint32_t number) {
            number_[begin + i] = number;
            if (number < example_.size()) return;
            example_.push_back(static_cast<uint32_t>(begin + i));
            if constexpr (kKeys > 0) {
              Known<kKeys> added;
              for (size_t k = 0; k < kKeys; ++k) added.keys[k] = keys[k][begin + i];
              known.push_back(added);
            }
          });
    }
  }

  void SetApart() {
    apart_ = true;
    example_ = {};
    number_ = {};
  }

  size_t rows_;
  bool apart_ = false;
  std::vector<uint32_t> example_, number_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_LIKE_CUSTOMERS_HPP_
