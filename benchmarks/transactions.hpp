// Transactions of the benchmarks: SplitMix64 from one seed, the same on every machine.
#ifndef PATRON_BENCHMARKS_TRANSACTIONS_HPP_
#define PATRON_BENCHMARKS_TRANSACTIONS_HPP_

#include <cmath>
#include <cstdint>
#include <vector>

namespace patron::benchmarks {

class SplitMix {
 public:
  explicit SplitMix(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  uint64_t state_;
};

// Every customer once, then some far more often than others; two years of days; exponential
// amounts.
struct Transactions {
  std::vector<int64_t> id;
  std::vector<int64_t> customer;
  std::vector<int64_t> time;    // Microseconds.
  std::vector<int64_t> amount;  // Units of 10^-4.
};

inline Transactions Generate(int64_t rows, int64_t customers, uint64_t seed = 42,
                             int64_t first_id = 0) {
  Transactions t;
  for (auto *column : {&t.id, &t.customer, &t.time, &t.amount}) column->reserve(rows);
  SplitMix random(seed);
  for (int64_t i = 0; i < rows; ++i) {
    const double u = random.Uniform(), v = random.Uniform(), w = random.Uniform();
    t.id.push_back(first_id + i);
    t.customer.push_back(i < customers && first_id == 0 ? i
                                                        : static_cast<int64_t>(customers * u * u));
    t.time.push_back(static_cast<int64_t>(730 * v) * 86'400'000'000);
    t.amount.push_back(100 * (1 + static_cast<int64_t>(-5000 * std::log(1 - w))));
  }
  return t;
}

}  // namespace patron::benchmarks

#endif  // PATRON_BENCHMARKS_TRANSACTIONS_HPP_
