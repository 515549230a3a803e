// RFM at the C interface: options resolved against defaults, results as tables.
#ifndef PATRON_SRC_C_API_RFM_HPP_
#define PATRON_SRC_C_API_RFM_HPP_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/table.h"
#include "patron/c/value.h"
#include "patron/value/customer_totals.hpp"
#include "patron/value/rfm.hpp"
#include "patron/value/rfm_scores.hpp"
#include "state/requests.hpp"

namespace patron::c_api {

using state::RfmRequest;

// Null means the defaults. `decimals` is that of money sums. Values in ranges that kernels check
// are left to them. Errors: InvalidArgument naming the field.
absl::StatusOr<RfmRequest> ReadRfm(const patron_rfm_options *options, int decimals);

struct RfmTables {
  std::unique_ptr<patron_table> scores;
  std::unique_ptr<patron_table> bins;
};

// Measures and scores what `totals` hold, as patron_value_rfm does.
absl::StatusOr<RfmTables> FinishRfm(const value::CustomerTotals &totals, const RfmRequest &request,
                                    const Execution &execution, value::RowReport *report);

// Adds the columns of scores.
void AddScores(arrow::TableBuilder &builder, value::RfmScores scores);

// sums[i] / counts[i] in currency, correctly rounded.
std::vector<double> MeansInCurrency(std::span<const int64_t> sums, std::span<const int64_t> counts,
                                    int decimals);

// The table `bins` of scores.
absl::StatusOr<std::unique_ptr<patron_table>> BinsTable(const value::ScoreReport &recency,
                                                        const value::ScoreReport &frequency,
                                                        const value::ScoreReport &monetary,
                                                        const value::RfmScoreOptions &options);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_RFM_HPP_
