// The loops of proportional hazards with the widest instructions of this processor.
#include "c_api/instructions.hpp"
// The line above sets what warnings are given of the headers below.
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

[[PATRON_AVX2]] void RisksAvx2(const RiskColumns &x, const double *beta, const double *offset,
                               const double *weight, size_t rows, double *risks) {
  cox::ComputeRisks<clv::Pack<4>>(x, beta, offset, weight, rows, risks);
}

[[PATRON_AVX2]] void SumsAvx2(const RiskColumns &x, const double *risks, size_t begin, size_t end,
                              double *sums) {
  cox::SumRisks<clv::Pack<4>>(x, risks, begin, end, sums);
}

[[PATRON_AVX2]] void ProductsAvx2(const RiskColumns &x, const double *weights, size_t rows,
                                  double *sums, double *products) {
  cox::AddRowProducts<clv::Pack<4>>(x, weights, rows, sums, products);
}

[[PATRON_AVX2]] void SegmentAvx2(const RiskColumns &x, const double *beta, const double *offset,
                                 const double *weight, size_t rows, double *sums,
                                 double *products) {
  cox::AddSegment<clv::Pack<4>>(x, beta, offset, weight, rows, sums, products);
}

[[PATRON_AVX2]] double LogarithmsAvx2(const double *values, const double *weights, size_t rows) {
  return cox::SumLogarithms<clv::Pack<4>>(values, weights, rows);
}

[[PATRON_AVX2]] EfronSums EfronAvx2(double s0, double d0, size_t events) {
  return cox::SumEfron<clv::Pack<4>>(s0, d0, events);
}

[[PATRON_AVX512]] void RisksAvx512(const RiskColumns &x, const double *beta, const double *offset,
                                   const double *weight, size_t rows, double *risks) {
  cox::ComputeRisks<clv::Pack<8>>(x, beta, offset, weight, rows, risks);
}

[[PATRON_AVX512]] void SumsAvx512(const RiskColumns &x, const double *risks, size_t begin,
                                  size_t end, double *sums) {
  cox::SumRisks<clv::Pack<8>>(x, risks, begin, end, sums);
}

[[PATRON_AVX512]] void ProductsAvx512(const RiskColumns &x, const double *weights, size_t rows,
                                      double *sums, double *products) {
  cox::AddRowProducts<clv::Pack<8>>(x, weights, rows, sums, products);
}

[[PATRON_AVX512]] void SegmentAvx512(const RiskColumns &x, const double *beta, const double *offset,
                                     const double *weight, size_t rows, double *sums,
                                     double *products) {
  cox::AddSegment<clv::Pack<8>>(x, beta, offset, weight, rows, sums, products);
}

[[PATRON_AVX512]] double LogarithmsAvx512(const double *values, const double *weights,
                                          size_t rows) {
  return cox::SumLogarithms<clv::Pack<8>>(values, weights, rows);
}

[[PATRON_AVX512]] EfronSums EfronAvx512(double s0, double d0, size_t events) {
  return cox::SumEfron<clv::Pack<8>>(s0, d0, events);
}

}  // namespace

#endif

const loyalty::RiskKernels &WidestRiskKernels() {
  static const loyalty::RiskKernels kernels = []() -> loyalty::RiskKernels {
#if defined(PATRON_WIDE_KERNELS)
    if (HasAvx512())
      return {RisksAvx512,   SumsAvx512,       ProductsAvx512,
              SegmentAvx512, LogarithmsAvx512, EfronAvx512};
    if (HasAvx2())
      return {RisksAvx2, SumsAvx2, ProductsAvx2, SegmentAvx2, LogarithmsAvx2, EfronAvx2};
#endif
    return loyalty::RiskKernelsOf<clv::NativePack>();
  }();
  return kernels;
}

}  // namespace patron::c_api
