#include "transactions.hpp"

#include <string>
#include <utility>

#include "arguments.hpp"

namespace patron::python {

namespace {

constexpr Choice kUnits[] = {{"second", PATRON_UNIT_SECOND}, {"hour", PATRON_UNIT_HOUR},
                             {"day", PATRON_UNIT_DAY},       {"week", PATRON_UNIT_WEEK},
                             {"month", PATRON_UNIT_MONTH},   {"year", PATRON_UNIT_YEAR}};
constexpr Choice kMerges[] = {
    {"day", PATRON_MERGE_DAY}, {"order", PATRON_MERGE_ORDER}, {"none", PATRON_MERGE_NONE}};
constexpr Choice kMethods[] = {{"threshold_right", PATRON_RFM_THRESHOLD_RIGHT},
                               {"qcut_drop", PATRON_RFM_QCUT_DROP},
                               {"rpkg", PATRON_RFM_RPKG},
                               {"ntile", PATRON_RFM_NTILE},
                               {"midrank", PATRON_RFM_MIDRANK},
                               {"percent_rank", PATRON_RFM_PERCENT_RANK},
                               {"nested", PATRON_RFM_NESTED},
                               {"fixed", PATRON_RFM_FIXED}};
constexpr Choice kFrequencies[] = {{"orders", PATRON_FREQUENCY_ORDERS},
                                   {"days", PATRON_FREQUENCY_DAYS}};
constexpr Choice kMonetary[] = {{"sum", PATRON_MONETARY_SUM}, {"mean", PATRON_MONETARY_MEAN}};
constexpr Choice kClosed[] = {{"right", PATRON_CLOSED_RIGHT}, {"left", PATRON_CLOSED_LEFT}};

// To C, 0 means the default.
int32_t Bins(py::handle value) {
  const int32_t bins = Integer32(value, "bins");
  if (bins == 0) RaiseInvalid("bins: 0; expected 2 to 100");
  return bins;
}

double DefaultWeight(size_t dimension) {
  const std::string name = std::string("rfm.weight.") + kDimensions[dimension];
  auto known = Sized<patron_default>();
  ErrorText error;
  Check(patron_defaults_get(Runtime::Get().defaults(), name.c_str(), &known, &error), error);
  return known.value;
}

const char *Or(const char *given, const char *otherwise) {
  return given != nullptr ? given : otherwise;
}

}  // namespace

Reading::Reading(py::handle arguments) {
  patron_transaction_columns_init(&columns_);
  Arguments next(arguments);
  columns_.customer = Or(next.Text("customer"), columns_.customer);
  columns_.time = Or(next.Text("time"), columns_.time);
  columns_.amount = Or(next.Text("amount"), columns_.amount);
  columns_.order = next.Text("order");
  columns_.transaction = next.Text("transaction");
  columns_.zone = Or(next.Text("zone"), columns_.zone);
  columns_.nulls = next.Word("nulls", kNulls);
  columns_.decimals = next.Int32("decimals");
  columns_.amount_decimals = next.Int32("amount_decimals");
}

Reading Reading::OfReversals(py::handle arguments) {
  Reading reading(arguments);
  Arguments next(arguments);
  reading.columns_.customer = next.Text("customer");
  next.Next();
  reading.columns_.amount = next.Text("amount");
  return reading;
}

std::array<Wanted, 6> Reading::Wants(const char *further) const {
  return {Wanted{columns_.customer, Role::kId},    Wanted{columns_.time, Role::kTime},
          Wanted{columns_.amount, Role::kNumber},  Wanted{columns_.order, Role::kId},
          Wanted{columns_.transaction, Role::kId}, Wanted{further, Role::kId}};
}

py::tuple ToPython(const patron_row_report &report) {
  return py::make_tuple(report.rows, report.used, report.skipped_null, report.skipped_late,
                        report.skipped_zero, report.refunds, report.orphan_refunds,
                        report.customers, report.without_purchase);
}

patron_summary_options SummaryOptions(py::handle arguments) {
  patron_summary_options options;
  patron_summary_options_init(&options);
  Arguments next(arguments);
  options.unit = next.Word("unit", kUnits);
  options.merge = next.Word("merge", kMerges);
  options.refunds = next.Word("refunds", kRefunds);
  options.zeros = next.Word("zeros", kZeros);
  options.money = next.Word("money", kMoney);
  options.observation_end = next.Time("observation_end");
  options.calibration_end = next.Time("calibration_end");
  options.log_intervals = next.Int32("log_intervals");
  return options;
}

RfmOptions::RfmOptions(py::handle arguments) {
  patron_rfm_options_init(&options_);
  Arguments next(arguments);
  options_.method = next.Word("method", kMethods);
  const py::handle bins = next.Next();
  const py::handle high_is_best = next.Next();
  options_.frequency = next.Word("frequency", kFrequencies);
  options_.monetary = next.Word("monetary", kMonetary);
  options_.refunds = next.Word("refunds", kRefunds);
  options_.zeros = next.Word("zeros", kZeros);
  options_.money = next.Word("money", kMoney);
  options_.closed = next.Word("closed", kClosed);
  options_.as_of = next.Time("as_of");
  const py::handle window = next.Next();
  if (!window.is_none()) {
    options_.window_days = Integer(window, "window");
    if (options_.window_days == 0) RaiseInvalid("window: 0 days; expected 1 or more, or None");
  }
  const py::handle weights = next.Next();
  const py::handle cuts = next.Next();

  if (!bins.is_none()) {
    if (PyLong_CheckExact(bins.ptr())) {
      options_.bins[0] = options_.bins[1] = options_.bins[2] = Bins(bins);
    } else {
      const std::array<py::object, 3> each = EachDimension(bins, "bins");
      for (size_t i = 0; i < 3; ++i) {
        if (each[i]) options_.bins[i] = Bins(each[i]);
      }
    }
  }
  if (!high_is_best.is_none()) {
    const std::array<py::object, 3> each = EachDimension(high_is_best, "high_is_best");
    for (size_t i = 0; i < 3; ++i) {
      if (each[i]) options_.high_is_best[i] = each[i].cast<bool>() ? 1 : 0;
    }
  }
  if (!weights.is_none()) {
    const std::array<py::object, 3> each = EachDimension(weights, "weights");
    for (size_t i = 0; i < 3; ++i) {
      options_.weights[i] = each[i] ? Number(each[i], "weights") : DefaultWeight(i);
    }
    if (options_.weights[0] == 0 && options_.weights[1] == 0 && options_.weights[2] == 0) {
      RaiseInvalid("weights: 0 for all three; expected one above 0");  // To C, the defaults.
    }
  }
  if (!cuts.is_none()) {
    if (options_.method != PATRON_RFM_FIXED) {
      RaiseInvalid("cuts: given; expected none unless method is 'fixed'");
    }
    const std::array<py::object, 3> each = EachDimension(cuts, "cuts");
    for (size_t i = 0; i < 3; ++i) {
      if (!each[i]) continue;
      cuts_[i] = Numbers(each[i], "cuts");
      const auto count = static_cast<int32_t>(cuts_[i].size()) + 1;
      if (options_.bins[i] == 0) options_.bins[i] = count;
      if (options_.bins[i] != count) {
        RaiseInvalid("cuts: " + std::to_string(count - 1) + " for " +
                     std::to_string(options_.bins[i]) + " bins; expected " +
                     std::to_string(options_.bins[i] - 1));
      }
      options_.cuts[i] = cuts_[i].data();
    }
  }
  if (options_.method == PATRON_RFM_FIXED) {
    for (size_t i = 0; i < 3; ++i) {
      if (options_.cuts[i] == nullptr) {
        RaiseInvalid(std::string("cuts: none for ") + kDimensions[i] +
                     "; expected rising numbers for method 'fixed'");
      }
    }
  }
}

}  // namespace patron::python
