// Fits of survival as messages, and back: what is in all of them, and each.
#ifndef PATRON_PROTO_SURVIVAL_HPP_
#define PATRON_PROTO_SURVIVAL_HPP_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/loyalty/accelerated_failure.hpp"
#include "patron/loyalty/cox.hpp"
#include "patron/loyalty/discrete_hazard.hpp"
#include "patron/loyalty/kaplan_meier.hpp"
#include "patron/v1/survival.pb.h"

namespace patron::proto {

// The readers' errors: DataLoss for what the writers do not make of a fit.

// A curve of Kaplan and Meier, and of Nelson and Aalen.
void WriteCurve(const loyalty::KaplanMeierCurve &curve, v1::RiskTable *message);
absl::StatusOr<loyalty::KaplanMeierCurve> ReadCurve(const v1::RiskTable &message);

// Without columns and strata.
void WriteFit(const loyalty::CoxFit &fit, const loyalty::CoxOptions &options,
              v1::CoxModel *message);
absl::Status ReadFit(const v1::CoxModel &message, size_t covariates, size_t strata,
                     loyalty::CoxFit *fit, loyalty::CoxOptions *options);

void WriteFit(const loyalty::LifetimeFit &fit, v1::LifetimeModel *message);
absl::StatusOr<loyalty::LifetimeFit> ReadFit(const v1::LifetimeModel &message, size_t covariates);

void WriteFit(const loyalty::DiscreteFit &fit, v1::DiscreteHazardModel *message);
absl::StatusOr<loyalty::DiscreteFit> ReadFit(const v1::DiscreteHazardModel &message,
                                             size_t covariates);

}  // namespace patron::proto

#endif  // PATRON_PROTO_SURVIVAL_HPP_
