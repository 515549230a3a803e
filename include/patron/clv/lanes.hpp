// Several numbers at once: kernels are written for packs of lanes, as many as the processor has.
#ifndef PATRON_CLV_LANES_HPP_
#define PATRON_CLV_LANES_HPP_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace patron::clv {

// A kernel is a template on the type of a pack: double itself, or Pack<k> for k lanes. Operators
// work lane by lane and give each lane the bits that they give a double, so that what a kernel
// computes does not depend on the type it is instantiated with. A pack of more lanes than the
// instructions at hand can hold is slow but right.
namespace detail {

template <size_t kLanes>
struct PackOf;
template <>
struct PackOf<1> {
  using Numbers = double;
  using Bits = uint64_t;
};

#if defined(__GNUC__)
template <>
struct PackOf<2> {
  typedef double Numbers __attribute__((vector_size(16)));
  typedef uint64_t Bits __attribute__((vector_size(16)));
};
template <>
struct PackOf<4> {
  typedef double Numbers __attribute__((vector_size(32)));
  typedef uint64_t Bits __attribute__((vector_size(32)));
};
template <>
struct PackOf<8> {
  typedef double Numbers __attribute__((vector_size(64)));
  typedef uint64_t Bits __attribute__((vector_size(64)));
};
#endif

}  // namespace detail

template <size_t kLanes>
using Pack = typename detail::PackOf<kLanes>::Numbers;

// What this translation unit may use by its compiler's flags.
#if !defined(__GNUC__)
using NativePack = Pack<1>;
#elif defined(__AVX512F__) && defined(__AVX512DQ__)
using NativePack = Pack<8>;
#elif defined(__AVX2__)
using NativePack = Pack<4>;
#else
using NativePack = Pack<2>;
#endif

template <typename V>
inline constexpr size_t kLanesOf = sizeof(V) / sizeof(double);

// Kernels fill and read their arrays in whole groups of this many lanes, a multiple of any pack.
inline constexpr size_t kLaneGroup = 8;
constexpr size_t RoundToGroup(size_t count) {
  return (count + kLaneGroup - 1) / kLaneGroup * kLaneGroup;
}

template <typename V>
inline V Load(const double *from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename V>
inline void Store(double *to, const V &value) {
  std::memcpy(to, &value, sizeof value);
}

// The same number in all lanes.
template <typename V>
inline V Splat(double value) {
  return value - V{};
}

// Whether the comparison of two packs holds, a lane each.
template <typename V>
using MaskOf = decltype(V{} < V{});

// `a` where `yes`, else `b`.
template <typename V>
inline V Choose(const MaskOf<V> &yes, const V &a, const V &b) {
  return yes ? a : b;
}

// A pack of whole numbers as wide, for the bits of the lanes.
template <typename V>
using LaneBits = typename detail::PackOf<kLanesOf<V>>::Bits;

}  // namespace patron::clv

#endif  // PATRON_CLV_LANES_HPP_
