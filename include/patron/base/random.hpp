// Random numbers by counter: each draw is a pure function of (seed, stream, draw).
#ifndef PATRON_BASE_RANDOM_HPP_
#define PATRON_BASE_RANDOM_HPP_

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace patron {

// One block of Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as
// easy as 1, 2, 3"): 128 random bits for each key and counter.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A stream of random numbers, such as that of one customer or one bootstrap sample.
//
// Nothing is consumed: asking for a draw again gives the same number, and draws may be asked for
// in any order and on any thread. Different (seed, stream, draw) are independent; so one draw
// serves one number, of one kind. Numbers that need logarithms or sines may differ in the last
// place between C libraries; whole numbers and uniform ones never do.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  // 64 random bits.
  uint64_t Bits(uint32_t draw) const { return Pair(draw, 0)[0]; }

  // Uniform on [0, 1), a multiple of 2^-53.
  double Uniform(uint32_t draw) const { return ToUnit(Bits(draw)); }

  // Uniform whole number below `bound`, which is at least 1. Without bias.
  uint64_t Below(uint32_t draw, uint64_t bound) const;

  // Normal with mean 0 and variance 1 (Box and Muller 1958).
  double Normal(uint32_t draw) const { return NormalAt(draw, 0); }

  // Exponential with the given mean, which is positive.
  double Exponential(uint32_t draw, double mean = 1) const;

  // Gamma with `shape` and `scale`, both positive: mean shape * scale, variance shape * scale^2
  // (Marsaglia and Tsang 2000).
  double Gamma(uint32_t draw, double shape, double scale = 1) const;

  // Poisson with the given mean in [0, 2^50]: by inversion below 10, else by the transformed
  // rejection PTRS of Hoermann (1993).
  int64_t Poisson(uint32_t draw, double mean) const;

 private:
  // Two words of 64 bits; `attempt` numbers the blocks of one draw.
  std::array<uint64_t, 2> Pair(uint32_t draw, uint32_t attempt) const;

  static double ToUnit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

  double NormalAt(uint32_t draw, uint32_t attempt) const;
  int64_t PoissonByInversion(uint32_t draw, double mean) const;

  uint64_t seed_;
  uint64_t stream_;
};

namespace detail {

// ln(k!) for k >= 0; std::lgamma is not safe on threads everywhere.
inline double LogFactorial(double k) {
  if (k < 10) {
    double product = 1;
    for (double i = 2; i <= k; ++i) product *= i;
    return std::log(product);
  }
  // Stirling's series at k + 1; the first term left out is below 10^-13.
  const double x = k + 1;
  const double inverse = 1 / (x * x);
  const double series =
      (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse * (1.0 / 1680)))) / x;
  return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + series;
}

}  // namespace detail

inline std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t even = uint64_t{0xD2511F53} * counter[0];
    const uint64_t odd = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(odd >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(odd),
               static_cast<uint32_t>(even >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(even)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

inline std::array<uint64_t, 2> RandomStream::Pair(uint32_t draw, uint32_t attempt) const {
  const std::array<uint32_t, 4> words =
      Philox({attempt, draw, static_cast<uint32_t>(stream_), static_cast<uint32_t>(stream_ >> 32)},
             {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32)});
  return {uint64_t{words[1]} << 32 | words[0], uint64_t{words[3]} << 32 | words[2]};
}

inline uint64_t RandomStream::Below(uint32_t draw, uint64_t bound) const {
  // The first 2^64 mod bound numbers would make the small results more frequent.
  const uint64_t biased = -bound % bound;
  for (uint32_t attempt = 0;; ++attempt) {
    for (const uint64_t bits : Pair(draw, attempt)) {
      if (bits >= biased) return bits % bound;
    }
  }
}

inline double RandomStream::NormalAt(uint32_t draw, uint32_t attempt) const {
  const std::array<uint64_t, 2> pair = Pair(draw, attempt);
  const double radius = std::sqrt(-2 * std::log1p(-ToUnit(pair[0])));
  return radius * std::cos(2 * std::numbers::pi * ToUnit(pair[1]));
}

inline double RandomStream::Exponential(uint32_t draw, double mean) const {
  return -mean * std::log1p(-Uniform(draw));
}

inline double RandomStream::Gamma(uint32_t draw, double shape, double scale) const {
  // A shape below 1 is drawn one higher and brought down by a power of a uniform.
  const bool raised = shape < 1;
  const double d = (raised ? shape + 1 : shape) - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  const std::array<uint64_t, 2> first = Pair(draw, 0);
  const double lift = raised ? std::pow(1 - ToUnit(first[0]), 1 / shape) : 1;
  for (uint32_t attempt = 1;; attempt += 2) {
    const double normal = NormalAt(draw, attempt);
    const double root = 1 + c * normal;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - ToUnit(Pair(draw, attempt + 1)[0]);
    if (std::log(u) < 0.5 * normal * normal + d * (1 - v + std::log(v))) {
      return d * v * lift * scale;
    }
  }
}

inline int64_t RandomStream::PoissonByInversion(uint32_t draw, double mean) const {
  const double u = Uniform(draw);
  double probability = std::exp(-mean);
  double cumulative = probability;
  int64_t k = 0;
  // Past 200, which has no probability to speak of, rounding may keep the sum under u.
  while (u >= cumulative && k < 200) {
    ++k;
    probability *= mean / static_cast<double>(k);
    cumulative += probability;
  }
  return k;
}

inline int64_t RandomStream::Poisson(uint32_t draw, double mean) const {
  if (!(mean > 0)) return 0;
  if (mean < 10) return PoissonByInversion(draw, mean);
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_accept = 0.9277 - 3.6224 / (b - 2);
  const double log_mean = std::log(mean);
  for (uint32_t attempt = 0;; ++attempt) {
    const std::array<uint64_t, 2> pair = Pair(draw, attempt);
    const double u = ToUnit(pair[0]) - 0.5;
    const double v = 1 - ToUnit(pair[1]);
    const double us = 0.5 - std::abs(u);
    if (us <= 0) continue;
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_accept) return static_cast<int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double log_ratio = std::log(v * inverse_alpha / (a / (us * us) + b));
    if (log_ratio <= k * log_mean - mean - detail::LogFactorial(k)) return static_cast<int64_t>(k);
  }
}

}  // namespace patron

#endif  // PATRON_BASE_RANDOM_HPP_
