// The loops over rows of proportional hazards with the widest instructions of this processor.
#ifndef PATRON_SRC_C_API_COX_KERNELS_HPP_
#define PATRON_SRC_C_API_COX_KERNELS_HPP_

#include "patron/loyalty/risk_kernels.hpp"

namespace patron::c_api {

const loyalty::RiskKernels &WidestRiskKernels();

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_COX_KERNELS_HPP_
