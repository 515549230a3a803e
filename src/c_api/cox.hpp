// A model of proportional hazards: what it was fitted with, and the fit.
#ifndef PATRON_SRC_C_API_COX_HPP_
#define PATRON_SRC_C_API_COX_HPP_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "arrow/table.hpp"
#include "c_api/durations.hpp"
#include "c_api/group_columns.hpp"
#include "patron/c/cox.h"
#include "patron/loyalty/cox.hpp"

namespace patron::c_api {

struct CoxModel {
  DurationNames names;
  std::vector<std::string> covariates;
  std::string offset, cluster;  // Empty for none.
  loyalty::CoxOptions options;
  GroupColumns strata;
  loyalty::CoxFit fit;
};

// The columns that a model is fitted to. It can be moved: views stay valid.
struct CoxColumns {
  Durations durations;
  std::vector<arrow::Loaded<double>> covariates;
  arrow::Loaded<double> offset;
  std::vector<uint32_t> cluster_of;
  GroupColumns clusters;

  loyalty::CoxData data(const std::vector<std::string> &names) const;
};

// Errors: InvalidArgument for columns that are missing, of another type, with nulls or not finite; of
// covariates that may be any, the kernels look at that.
absl::StatusOr<CoxColumns> ReadCoxColumns(const arrow::Table &table, const DurationNames &names,
                                          const CoxModel &model, const Execution &execution,
                                          arrow::Finite covariates = arrow::Finite::kRequired);

}  // namespace patron::c_api

struct patron_cox {
  patron::c_api::CoxModel model;
};

#endif  // PATRON_SRC_C_API_COX_HPP_
