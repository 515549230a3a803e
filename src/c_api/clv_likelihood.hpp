// The likelihood of any kind of model over the rows of a table, behind one face.
#ifndef PATRON_SRC_C_API_CLV_LIKELIHOOD_HPP_
#define PATRON_SRC_C_API_CLV_LIKELIHOOD_HPP_

#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "c_api/clv_data.hpp"
#include "c_api/clv_model.hpp"
#include "c_api/clv_terms.hpp"
#include "patron/base/parallel.hpp"
#include "patron/clv/coarse.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/layout.hpp"

namespace patron::c_api {

class ClvLikelihood {
 public:
  virtual ~ClvLikelihood() = default;

  virtual size_t rows() const = 0;  // Distinct ones.
  virtual clv::ModelShape Shape() const = 0;

  // Log parameters to start from, best guess first.
  virtual clv::FoundStarts Starts() const = 0;

  // The same of every so manieth of very many rows with covariates, whose optimum is near; else null.
  virtual const ClvLikelihood *Sample() const { return nullptr; }

  virtual absl::StatusOr<clv::Evaluation> Evaluate(const clv::Layout &layout,
                                                   const Eigen::VectorXd &point, bool derivatives,
                                                   const Execution &execution) const = 0;

  // Of each distinct row, without weight and penalty.
  virtual absl::StatusOr<std::vector<double>> EvaluateRows(const clv::Layout &layout,
                                                           const Eigen::VectorXd &point,
                                                           const Execution &execution) const = 0;
};

// Rows of a table, checked and merged as the kind needs them: read once, fitted as often as wanted.
class ClvFitData {
 public:
  virtual ~ClvFitData() = default;

  // Of the terms that the data were read for, with this regularity. Borrows the data.
  // Errors: InvalidArgument, in the words of the caller.
  virtual absl::StatusOr<std::unique_ptr<ClvLikelihood>> Bind(int regularity) const = 0;

  // Log-likelihood of the NBD on the same rows, where it is a special case of the kind at
  // regularity 1; else NaN. Errors: those of a fit.
  virtual absl::StatusOr<double> NullLogLikelihood(const Execution &execution) const = 0;

  // The patterns of covariates, whatever rows they stand in.
  virtual clv::CovariateRows Covariates() const = 0;
};

// Errors: InvalidArgument for columns that are missing or rows that are not histories of customers.
absl::StatusOr<std::unique_ptr<ClvFitData>> ReadFitData(const arrow::Table &table,
                                                        const ClvNames &names,
                                                        const ClvTerms &terms,
                                                        const Execution &execution);

// Log-likelihood of each row of a table at the estimates of a model, without weight and penalty.
// Errors: as above; Cancelled.
absl::StatusOr<std::vector<double>> LogLikelihoodOfRows(const ClvModel &model,
                                                        const arrow::Table &table,
                                                        const ClvNames &names,
                                                        const Execution &execution);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_LIKELIHOOD_HPP_
