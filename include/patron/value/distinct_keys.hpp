// Distinct keys per customer: how many orders, or purchase days, somebody has.
#ifndef PATRON_VALUE_DISTINCT_KEYS_HPP_
#define PATRON_VALUE_DISTINCT_KEYS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"

namespace patron::value {

// A set of (customer, key) pairs that grows by appending and is thinned out now and then.
// Adding throws std::bad_alloc without effect. Memory: 16 bytes a pair, twice that while thinning.
class DistinctKeys {
 public:
  struct Pair {
    uint32_t customer;
    int64_t key;

    friend bool operator==(const Pair &, const Pair &) = default;
    friend auto operator<=>(const Pair &, const Pair &) = default;
  };

  // Makes room for `count` further pairs, so that as many calls of Add do not allocate.
  // `customers`: all codes given so far are below it. Cost: amortised O(count).
  void Reserve(size_t count, uint32_t customers);

  // Adds a pair; equal ones may be added again.
  void Add(uint32_t customer, int64_t key) {
    const Pair pair{customer, key};
    if (pairs_.empty() || pairs_.back() != pair) pairs_.push_back(pair);
  }

  // Sorts the pairs and drops equal ones. Cost: O(n + customers), O(k log k) in a customer of k
  // pairs.
  void Compact(uint32_t customers);

  // The pairs; sorted and distinct after Compact.
  std::span<const Pair> pairs() const { return pairs_; }

  // How many distinct keys each of the `customers` codes has.
  std::vector<uint64_t> Counts(uint32_t customers) const;

 private:
  LargeVector<Pair> pairs_;
  size_t compacted_ = 0;  // Pairs left by the last Compact.
};

inline void DistinctKeys::Reserve(size_t count, uint32_t customers) {
  if (pairs_.size() + count <= pairs_.capacity()) return;
  // Growing is the time to thin out, if it may have become worth it.
  if (pairs_.size() > 2 * compacted_ + (size_t{1} << 16)) Compact(customers);
  if (pairs_.size() + count > pairs_.capacity()) {
    pairs_.reserve(std::max(pairs_.size() + count, pairs_.capacity() * 2));
  }
}

inline void DistinctKeys::Compact(uint32_t customers) {
  // Pairs are dealt out to their customers, whose few keys are then sorted alone.
  std::vector<size_t> end(size_t{customers} + 1);
  for (const Pair &pair : pairs_) ++end[pair.customer + 1];
  for (size_t c = 1; c <= customers; ++c) end[c] += end[c - 1];
  LargeVector<Pair> dealt(pairs_.size());
  for (const Pair &pair : pairs_) dealt[end[pair.customer]++] = pair;
  size_t kept = 0;
  size_t begin = 0;
  for (uint32_t c = 0; c < customers; ++c) {
    const std::span<Pair> own = std::span(dealt).subspan(begin, end[c] - begin);
    begin = end[c];
    if (!std::ranges::is_sorted(own)) std::ranges::sort(own);
    for (size_t i = 0; i < own.size(); ++i) {
      if (i == 0 || own[i] != own[i - 1]) pairs_[kept++] = own[i];
    }
  }
  pairs_.resize(kept);
  compacted_ = kept;
}

inline std::vector<uint64_t> DistinctKeys::Counts(uint32_t customers) const {
  DistinctKeys copy = *this;
  copy.Compact(customers);
  std::vector<uint64_t> counts(customers);
  for (const Pair &pair : copy.pairs_) ++counts[pair.customer];
  return counts;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_DISTINCT_KEYS_HPP_
