// Fits of survival as handles, but for proportional hazards: what they were fitted with, and the fit.
#ifndef PATRON_SRC_C_API_SURVIVAL_MODELS_HPP_
#define PATRON_SRC_C_API_SURVIVAL_MODELS_HPP_

#include <string>
#include <vector>

#include "c_api/durations.hpp"
#include "c_api/group_columns.hpp"
#include "patron/c/aft.h"
#include "patron/c/discrete_hazard.h"
#include "patron/c/survival.h"
#include "patron/loyalty/accelerated_failure.hpp"
#include "patron/loyalty/discrete_hazard.hpp"
#include "patron/loyalty/kaplan_meier.hpp"

struct patron_kaplan_meier {
  patron::c_api::DurationNames names;
  patron::c_api::GroupColumns strata;
  std::vector<patron::loyalty::KaplanMeierCurve> curves;
};

struct patron_aft {
  patron::c_api::DurationNames names;
  std::vector<std::string> covariates;
  patron::loyalty::LifetimeFit fit;

  // What the covariance is of.
  std::vector<std::string> terms() const {
    std::vector<std::string> terms = {"intercept"};
    terms.insert(terms.end(), covariates.begin(), covariates.end());
    if (fit.covariance.rows() > static_cast<Eigen::Index>(terms.size())) {
      terms.emplace_back("log_scale");
    }
    return terms;
  }
};

struct patron_discrete_hazard {
  patron::c_api::DurationNames names;
  std::vector<std::string> covariates;
  patron::loyalty::DiscreteFit fit;
};

#endif  // PATRON_SRC_C_API_SURVIVAL_MODELS_HPP_
