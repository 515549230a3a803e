// Warnings compared with what became of customers.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/nan.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/c/signals.h"
#include "patron/loyalty/warning_evaluation.hpp"

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace loyalty = patron::loyalty;

extern "C" patron_status patron_warnings_evaluate(const patron_table *table, uint64_t k,
                                                  double level, patron_warning_evaluation *out,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    if (!(level > 0 && level < 1)) {
      return patron::InvalidOption("level", patron::FormatNumber(level), "between 0 and 1");
    }
    PATRON_ASSIGN_OR_RETURN(const auto risk_reader, arrow::OpenNumbers(table->table, "risk"));
    PATRON_ASSIGN_OR_RETURN(const auto lost_reader, arrow::OpenFlags(table->table, "lost"));
    PATRON_ASSIGN_OR_RETURN(const auto risk, arrow::Load(risk_reader));
    PATRON_ASSIGN_OR_RETURN(const auto lost, arrow::Load(lost_reader));
    std::vector<double> lead;
    if (table->table.Find("lead")) {
      PATRON_ASSIGN_OR_RETURN(
          const auto reader,
          arrow::OpenNumbers(table->table, "lead", arrow::Nulls::kMask, arrow::Finite::kAny));
      PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
      lead.assign(loaded.values.begin(), loaded.values.end());
      for (size_t i = 0; i < loaded.valid.size(); ++i) {
        if (loaded.valid[i] == 0) lead[i] = c_api::kNaN;
      }
    }
    PATRON_ASSIGN_OR_RETURN(const loyalty::WarningEvaluation e,
                            loyalty::EvaluateWarnings(risk.values, lost.values, lead, k,
                                                      patron::NormalQuantile(0.5 + 0.5 * level)));
    patron_warning_evaluation full{};
    full.customers = e.customers;
    full.lost = e.lost;
    full.flagged = e.flagged;
    full.flagged_lost = e.flagged_lost;
    const auto write = [](const loyalty::Estimate &estimate, double &value, double &low,
                          double &high) {
      value = estimate.value;
      low = estimate.low;
      high = estimate.high;
    };
    write(e.precision, full.precision, full.precision_low, full.precision_high);
    write(e.recall, full.recall, full.recall_low, full.recall_high);
    write(e.lift, full.lift, full.lift_low, full.lift_high);
    write(e.auc, full.auc, full.auc_low, full.auc_high);
    write(e.lead, full.lead, full.lead_low, full.lead_high);
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}
