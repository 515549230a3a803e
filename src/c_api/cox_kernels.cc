// Clang does not always make a part of a function what it calls for other instructions.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define PATRON_WIDE_KERNELS
// No pack crosses a call here: all of them are inside the functions below.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

#include "c_api/cox_kernels.hpp"

#include <cstddef>

#include "patron/clv/lanes.hpp"

namespace patron::c_api {

#if defined(PATRON_WIDE_KERNELS)

namespace {

namespace cox = loyalty::detail::cox;
using loyalty::EfronSums;
using loyalty::RiskColumns;
using loyalty::RiskKernels;

// Instructions are set for these functions alone, and all that they call becomes a part of them:
// nothing that other functions share is ever compiled for them.

[[gnu::target("avx2"), gnu::flatten]] void RisksAvx2(const RiskColumns &x, const double *beta,
                                                     const double *offset, const double *weight,
                                                     size_t rows, double *risks) {
  cox::ComputeRisks<clv::Pack<4>>(x, beta, offset, weight, rows, risks);
}

[[gnu::target("avx2"), gnu::flatten]] void SumsAvx2(const RiskColumns &x, const double *risks,
                                                    size_t begin, size_t end, double *sums) {
  cox::SumRisks<clv::Pack<4>>(x, risks, begin, end, sums);
}

[[gnu::target("avx2"), gnu::flatten]] void ProductsAvx2(const RiskColumns &x, size_t begin,
                                                        size_t rows, const double *expected,
                                                        const double *excess, double *gradient,
                                                        double *information) {
  cox::AddRowProducts<clv::Pack<4>>(x, begin, rows, expected, excess, gradient, information);
}

[[gnu::target("avx2"), gnu::flatten]] EfronSums EfronAvx2(double s0, double d0, size_t events) {
  return cox::SumEfron<clv::Pack<4>>(s0, d0, events);
}

#define PATRON_AVX512 gnu::target("avx2,avx512f,avx512dq,avx512vl"), gnu::flatten

[[PATRON_AVX512]] void RisksAvx512(const RiskColumns &x, const double *beta, const double *offset,
                                   const double *weight, size_t rows, double *risks) {
  cox::ComputeRisks<clv::Pack<8>>(x, beta, offset, weight, rows, risks);
}

[[PATRON_AVX512]] void SumsAvx512(const RiskColumns &x, const double *risks, size_t begin,
                                  size_t end, double *sums) {
  cox::SumRisks<clv::Pack<8>>(x, risks, begin, end, sums);
}

[[PATRON_AVX512]] void ProductsAvx512(const RiskColumns &x, size_t begin, size_t rows,
                                      const double *expected, const double *excess,
                                      double *gradient, double *information) {
  cox::AddRowProducts<clv::Pack<8>>(x, begin, rows, expected, excess, gradient, information);
}

[[PATRON_AVX512]] EfronSums EfronAvx512(double s0, double d0, size_t events) {
  return cox::SumEfron<clv::Pack<8>>(s0, d0, events);
}

#undef PATRON_AVX512

}  // namespace

#endif

const loyalty::RiskKernels &WidestRiskKernels() {
  static const loyalty::RiskKernels kernels = []() -> loyalty::RiskKernels {
#if defined(PATRON_WIDE_KERNELS)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
      return {RisksAvx512, SumsAvx512, ProductsAvx512, EfronAvx512};
    }
    if (__builtin_cpu_supports("avx2")) return {RisksAvx2, SumsAvx2, ProductsAvx2, EfronAvx2};
#endif
    return loyalty::RiskKernelsOf<clv::NativePack>();
  }();
  return kernels;
}

}  // namespace patron::c_api
