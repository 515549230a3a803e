// Survival: log-rank tests and concordance.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/group_columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/c/survival.h"
#include "patron/loyalty/concordance.hpp"
#include "patron/loyalty/log_rank.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

absl::StatusOr<arrow::Table> GroupTable(const GroupColumns &groups, loyalty::LogRankTest test) {
  std::vector<uint32_t> all(groups.count());
  std::iota(all.begin(), all.end(), 0);
  const Eigen::VectorXd variance = test.covariance.diagonal();
  arrow::TableBuilder builder;
  groups.AddTo(builder, all);
  builder.AddInt64("rows", std::move(test.rows));
  builder.AddFloat64("observed", std::move(test.observed));
  builder.AddFloat64("expected", std::move(test.expected));
  builder.AddFloat64("variance", std::vector<double>(variance.begin(), variance.end()));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_log_rank_options_init(patron_log_rank_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
}

extern "C" patron_status patron_log_rank(const patron_table *table,
                                         const patron_duration_columns *columns,
                                         const patron_log_rank_options *options,
                                         patron_chi_square *out, patron_table **groups,
                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_log_rank_options full;
    patron_log_rank_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const auto group_names,
                            c_api::ReadNames("groups", full.groups, full.group_count));
    if (group_names.empty()) {
      return patron::InvalidOption("groups", "none", "at least one column");
    }
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(const c_api::Durations read,
                            c_api::ReadDurations(table->table, names, execution));
    std::vector<uint32_t> codes;
    PATRON_ASSIGN_OR_RETURN(const c_api::GroupColumns compared,
                            c_api::GroupColumns::Read(table->table, group_names, codes, execution));
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 1, 2));
    auto test = loyalty::TestLogRank(read.observed(), c_api::GroupsOf(compared, codes),
                                     read.groups(), {full.rho, full.gamma}, execution);
    if (!test.ok()) {
      std::vector<c_api::Word> words = names.Words();
      words.push_back({"group", group_names.front()});
      return c_api::InWords(words, test.status());
    }
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, 2, 2));
    patron_chi_square result{};
    result.degrees = test->degrees;
    result.statistic = test->statistic;
    result.p_value = test->p_value;
    if (groups != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table rows, c_api::GroupTable(compared, *std::move(test)));
      *groups = c_api::NewTable(std::move(rows)).release();
    }
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_concordance(const patron_table *table,
                                            const patron_duration_columns *columns,
                                            const char *risk, const patron_context *context,
                                            patron_concordance_result *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const c_api::DurationNames names, c_api::ReadDurationNames(columns));
    PATRON_ASSIGN_OR_RETURN(const std::string risk_name, c_api::NameOr("risk", risk, "risk"));
    PATRON_ASSIGN_OR_RETURN(const c_api::Durations read,
                            c_api::ReadDurations(table->table, names, execution));
    PATRON_ASSIGN_OR_RETURN(const auto risks,
                            c_api::ReadDoubles(table->table, risk_name, execution));
    const auto found =
        loyalty::MeasureConcordance(read.observed(), risks.values, read.groups(), execution);
    if (!found.ok()) {
      std::vector<c_api::Word> words = names.Words();
      words.push_back({"risk", risk_name});
      return c_api::InWords(words, found.status());
    }
    patron_concordance_result result{};
    result.index = found->index;
    result.std_err = found->std_err;
    result.concordant = found->concordant;
    result.discordant = found->discordant;
    result.tied = found->tied;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}
