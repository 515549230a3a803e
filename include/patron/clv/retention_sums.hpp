// Sums over renewals of the chance to survive them, discounted or not, in few steps however many.
#ifndef PATRON_CLV_RETENTION_SUMS_HPP_
#define PATRON_CLV_RETENTION_SUMS_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "patron/clv/elementary.hpp"
#include "patron/clv/gamma_functions.hpp"
#include "patron/clv/gauss_legendre.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/retention.hpp"

namespace patron::clv {

// Sum over j = 1 ... periods of (1 + rate)^-j Survival(model, j, before). `periods` may be infinite
// where `rate` is above 0. (before + periods)^c, or before 40 / rate if that is less, must not
// overflow. Relative error 1e-13, where a first term far below one does not make it larger. The
// width of a pack does not change it.
//
// Cost: a term each for up to 64 periods. Beyond, about 24 terms for each factor of 50 by which the
// time grows until the horizon or 40 / rate, and 16 to 48 for both ends; with c above 1, c times
// as many.
template <typename V = NativePack>
double DiscountedRenewals(const RetentionParameters &model, double before, double rate,
                          double periods);

namespace detail {

// The terms, which are defined at real numbers j too. With z = beta + before^c and
// d = (before + j)^c - before^c survival is that of LogGammaMixedRise(z, alpha, d).
template <typename V>
class RetentionTerms {
 public:
  static constexpr size_t kMost = 64;

  RetentionTerms(const RetentionParameters &model, double before, double rate);

  double alpha() const { return alpha_; }
  double c() const { return c_; }
  double before() const { return before_; }
  double log_rate() const { return log_rate_; }

  // Terms j + 1 ... j + count; `count` in whole groups of lanes, at most kMost.
  void At(double j, size_t count, double *term) const;

  // ln(t / before), or ln t where before is 0.
  double Growth(double t) const { return std::log(new_ ? t : t / before_); }

  // The integral of the terms over j, with t = before + j from t to t e^width. Sets `last` to one
  // of the last terms.
  double Integrate(double t, double growth, double width, double *last) const;

  // How fast the logarithm of survival falls in ln t until t, at most.
  double Steepness(double t) const {
    const double grown = Stretched(t, c_);
    return c_ * grown * std::log1p(alpha_ / (beta_ + grown));
  }

 private:
  static constexpr size_t kNodes = kRule24.size();
  static constexpr double kShift = 8;  // From here Stirling's series is exact to 1e-16.

  // z (z + 1) ... (z + 7).
  template <typename W>
  static W Rising(const W &z) {
    const W q = z * (z + 7.0);
    return (q * (q + 6.0)) * ((q + 10.0) * (q + 12.0));
  }

  // Stirling's series at z, of which `w` is the inverse.
  template <typename W>
  static W Series(const W &w) {
    const W y = w * w, y2 = y * y;
    const W s01 = kStirling[0] + kStirling[1] * y, s23 = kStirling[2] + kStirling[3] * y;
    const W s45 = kStirling[4] + kStirling[5] * y, s67 = kStirling[6] + kStirling[7] * y;
    return w * ((s01 + s23 * y2) + (s45 + s67 * y2) * (y2 * y2));
  }

  V Step(const V &growth) const { return (new_ ? 1.0 : 0.0) + from_ * ExpMinus1<V>(c_ * growth); }

  // Sets each term to e^exponent times survival. In two rounds, so that packs overlap.
  void Fill(size_t count, const double *d, double *exponent, double *term) const;

  double alpha_, beta_, c_, before_, log_rate_;
  bool new_;          // Whether before is 0.
  double from_;       // before^c, or 1 if new.
  double z_;          // At least kShift,
  double shift_ = 0;  // by so much,
  double scale_ = 1;  // which costs a factor that begins with this.
  double start_ = 0;  // The series at z less that at z + alpha.
};

template <typename V>
RetentionTerms<V>::RetentionTerms(const RetentionParameters &model, double before, double rate)
    : alpha_(model.alpha),
      // For c = 1 time may count from anywhere: from beta before the start all is smoothest.
      beta_(model.c == 1 ? 0 : model.beta),
      c_(model.c),
      before_(model.c == 1 ? model.beta + before : before),
      log_rate_(std::log1p(rate)),
      new_(before_ == 0),
      from_(new_ ? 1 : Stretched(before_, c_)),
      z_(beta_ + (new_ ? 0 : from_)) {
  if (z_ < kShift) {
    shift_ = kShift;
    scale_ = Rising(z_) / Rising(z_ + alpha_);
    z_ += kShift;
  }
  start_ = Series(1 / z_) - Series(1 / (z_ + alpha_));
}

template <typename V>
void RetentionTerms<V>::At(double j, size_t count, double *term) const {
  alignas(64) double d[kMost], exponent[kMost];
  for (size_t i = 0; i < count; ++i) d[i] = j + 1 + static_cast<double>(i);
  const double by_before = new_ ? 0 : 1 / before_;
  for (size_t i = 0; i < count; i += kLanesOf<V>) {
    const V n = Load<V>(d + i);
    Store<V>(exponent + i, -log_rate_ * n);
    if (c_ != 1) Store<V>(d + i, Step(new_ ? Log<V>(n) : Log1Plus<V>(n * by_before)));
  }
  Fill(count, d, exponent, term);
}

template <typename V>
double RetentionTerms<V>::Integrate(double t, double growth, double width, double *last) const {
  alignas(64) double d[kNodes], exponent[kNodes], term[kNodes];
  for (size_t i = 0; i < kNodes; ++i) d[i] = width * kRule24[i].place;
  for (size_t i = 0; i < kNodes; i += kLanesOf<V>) {
    const V v = Load<V>(d + i);
    const V j = (t - before_) + t * ExpMinus1<V>(v);
    Store<V>(exponent + i, v - log_rate_ * j);
    Store<V>(d + i, c_ == 1 ? j : Step(v + growth));
  }
  Fill(kNodes, d, exponent, term);
  double sum = 0;
  for (size_t i = 0; i < kNodes; ++i) sum += kRule24[i].weight * term[i];
  *last = term[kNodes - 1];
  return t * width * sum;
}

template <typename V>
void RetentionTerms<V>::Fill(size_t count, const double *d, double *exponent, double *term) const {
  const double a = alpha_, z = z_, by_both = 1 / (z + a), share = a / z;
  for (size_t i = 0; i < count; i += kLanesOf<V>) {
    const V step = Load<V>(d + i);
    const V grown = z + step, top = grown + a;
    const V by_grown = 1.0 / grown, by_top = 1.0 / top;
    const V fall = a * Log1Plus<V>(step * by_both) + step * Log1Plus<V>(a * by_grown) -
                   (z - 0.5) * Log1Plus<V>(share * (step * by_top));
    const V series = start_ + (Series<V>(by_top) - Series<V>(by_grown));
    Store<V>(exponent + i, Load<V>(exponent + i) - (fall + series));
  }
  for (size_t i = 0; i < count; i += kLanesOf<V>) {
    const V power = Load<V>(exponent + i);
    V value = Choose<V>(power > -700.0, Exp<V>(power), Splat<V>(0));
    if (shift_ > 0) {
      // Past 1e30 the shift changes nothing.
      const V unshifted = (z - shift_) + Load<V>(d + i);
      const V low = Choose<V>(unshifted < 1e30, unshifted, Splat<V>(1e30));
      value = value * (scale_ * (Rising<V>(low + a) / Rising<V>(low)));
    }
    Store<V>(term + i, value);
  }
}

// The sum of f over the whole numbers above h + 1/2 is the integral of f from there and the sum over
// i of weight i times f(h + 1 + i) - f(h - i): Gregory's formula about the half, whose series in
// central differences is 1/24, -17/5760, 367/967680 ...
inline constexpr std::array<double, 4> kHalfway4 = {
    0.056412642006310625, -0.006107216486855159, 0.00079910412877535271, -5.9978074707892414e-05};
inline constexpr std::array<double, 8> kHalfway8 = {
    0.05984979299564494,     -0.0085555559350444805, 0.0020278467768505199,
    -0.00048559573118554924, 9.9349779926615709e-05, -1.5466614448535049e-05,
    1.5892000897396522e-06,  -7.9810091390507028e-08};

// `terms` are f at the whole numbers about the half.
template <size_t kEach>
inline double Halfway(const std::array<double, kEach> &weights, const double *terms) {
  double sum = 0;
  for (size_t i = kEach; i-- > 0;) sum += weights[i] * (terms[kEach + i] - terms[kEach - 1 - i]);
  return sum;
}

// Whether the differences that kHalfway8 leaves out do not matter to `sum`. Of terms that fall by the
// share `fall` at time t, that of order n is near fall (fall + 1 / t) ... (fall + (n - 1) / t).
inline bool IsSmooth(const double *terms, double t, double sum) {
  const double fall = std::max(terms[0] / terms[1], terms[14] / terms[15]) - 1;
  double rest = 1.7e-8 * terms[0];
  for (int i = 0; i < 17; ++i) rest *= fall + i / t;
  return rest <= 1e-16 * sum;
}

// The integral of the terms from `from` to `to`, but for less than 1e-17 of it and `least`.
template <typename V>
inline double IntegrateTerms(const RetentionTerms<V> &terms, double from, double to, double least) {
  // A panel is exact to 1e-14 if ln t grows by no more than kWidest, and discount and survival each
  // fall by no more than e^-kDiscounted and e^-kLost.
  constexpr double kWidest = 4, kDiscounted = 30, kLost = 15;
  const double widest = kWidest / std::max(1.0, terms.c()), r = terms.log_rate();
  const double ahead = r > 0 ? std::min(1 / r, to) : to;
  double t = terms.before() + from, growth = terms.Growth(t), sum = 0;
  double left = std::log1p((to - from) / t);
  while (left > 0) {
    double width = std::min(widest, left);
    if (r > 0) width = std::min(width, std::log1p(kDiscounted / (r * t)));
    if (terms.c() * terms.alpha() * width > kLost) {
      width = std::min(width, kLost / terms.Steepness(t * std::exp(width)));
    }
    double last;
    sum += terms.Integrate(t, growth, width, &last);
    if (!(last * ahead > 1e-17 * (least + sum))) break;  // Also where time overflows.
    left -= width;
    growth += width;
    t *= std::exp(width);
  }
  return sum;
}

}  // namespace detail

template <typename V>
inline double DiscountedRenewals(const RetentionParameters &model, double before, double rate,
                                 double periods) {
  if (periods <= 0) return 0;
  const detail::RetentionTerms<V> terms(model, before, rate);
  constexpr size_t kMost = detail::RetentionTerms<V>::kMost;
  alignas(64) double term[kMost];
  double sum = 0;
  if (periods <= kMost) {
    const auto count = static_cast<size_t>(periods);
    terms.At(0, RoundToGroup(count), term);
    for (size_t i = 0; i < count; ++i) sum += term[i];
    return sum;
  }
  // Survival is analytic about t as far as t sin(pi / c), or t if c is below 2.
  const double steep = std::max(1.0, 0.5 * model.c);
  for (double done = 0; done < periods; done += 8) {
    terms.At(done, 16, term);
    const double left = periods - done;
    for (size_t i = 0; i < 8 && static_cast<double>(i) < left; ++i) sum += term[i];
    if (term[7] * std::min(left, rate > 0 ? 1 / rate : left) <= 1e-17 * sum) break;
    if (periods > 64 * steep && detail::IsSmooth(term, (terms.before() + done + 8) / steep, sum)) {
      sum += detail::Halfway(detail::kHalfway8, term);
      sum += detail::IntegrateTerms(terms, done + 8.5, periods + 0.5, sum);
      if (std::isinf(periods)) break;
      terms.At(periods - 4, 8, term);
      sum -= detail::Halfway(detail::kHalfway4, term);
      break;
    }
  }
  return sum;
}

}  // namespace patron::clv

#endif  // PATRON_CLV_RETENTION_SUMS_HPP_
