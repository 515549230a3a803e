// The functions of patron.value that hold no state.
#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

constexpr Choice kCohortPeriods[] = {{"day", PATRON_PERIOD_DAY},
                                     {"week", PATRON_PERIOD_WEEK},
                                     {"month", PATRON_PERIOD_MONTH},
                                     {"quarter", PATRON_PERIOD_QUARTER},
                                     {"year", PATRON_PERIOD_YEAR}};
constexpr Choice kAllocations[] = {{"equal", PATRON_ALLOCATE_EQUAL},
                                   {"revenue", PATRON_ALLOCATE_REVENUE},
                                   {"column", PATRON_ALLOCATE_COLUMN}};
constexpr Choice kTimings[] = {{"end", PATRON_TIMING_END}, {"immediate", PATRON_TIMING_IMMEDIATE}};

// ---- Transactions ----

py::tuple Summarize(py::handle transactions, py::handle reading_arguments,
                    py::handle option_arguments, py::handle progress) {
  const Reading reading(reading_arguments);
  patron_summary_options options = SummaryOptions(option_arguments);
  const InputTable input(transactions, reading.Wants(), "transactions");
  Call call(input.rows(), progress, "summarize");
  options.context = call.context();
  patron_table *out = nullptr;
  auto report = Sized<patron_row_report>();
  call.Run([&](patron_error *error) {
    return patron_value_summarize(input.get(), reading.get(), &options, &out, &report, error);
  });
  return py::make_tuple(ToPython(TablePtr(out)), ToPython(report));
}

py::tuple Rfm(py::handle transactions, py::handle reading_arguments, py::handle option_arguments,
              py::handle progress) {
  const Reading reading(reading_arguments);
  RfmOptions options(option_arguments);
  const InputTable input(transactions, reading.Wants(), "transactions");
  Call call(input.rows(), progress, "rfm");
  options.get()->context = call.context();
  patron_table *scores = nullptr, *bins = nullptr;
  auto report = Sized<patron_row_report>();
  call.Run([&](patron_error *error) {
    return patron_value_rfm(input.get(), reading.get(), options.get(), &scores, &bins, &report,
                            error);
  });
  TablePtr own_scores(scores), own_bins(bins);
  return py::make_tuple(ToPython(std::move(own_scores)), ToPython(std::move(own_bins)),
                        ToPython(report));
}

py::tuple ScoreRfm(py::handle measures, py::handle names, py::handle option_arguments,
                   py::handle progress) {
  Arguments next(names);
  const auto name = [&](const char *option, const char *otherwise) {
    const char *text = next.Text(option);
    return text != nullptr ? text : otherwise;
  };
  const char *customer = name("customer", "customer_id");
  const char *recency = name("recency", "recency");
  const char *frequency = name("frequency", "frequency");
  const char *monetary = name("monetary", "monetary");
  RfmOptions options(option_arguments);
  const InputTable input(measures,
                         {{customer, Role::kId},
                          {recency, Role::kNumber},
                          {frequency, Role::kCount},
                          {monetary, Role::kNumber}},
                         "measures");
  Call call(input.rows(), progress, "score_rfm");
  options.get()->context = call.context();
  patron_table *scores = nullptr, *bins = nullptr;
  call.Run([&](patron_error *error) {
    return patron_value_score_rfm(input.get(), customer, recency, frequency, monetary,
                                  options.get(), &scores, &bins, error);
  });
  TablePtr own_scores(scores), own_bins(bins);
  return py::make_tuple(ToPython(std::move(own_scores)), ToPython(std::move(own_bins)));
}

py::tuple Cohorts(py::handle transactions, py::handle reading_arguments,
                  py::handle option_arguments, py::handle progress) {
  const Reading reading(reading_arguments);
  patron_cohorts_options options;
  patron_cohorts_options_init(&options);
  Arguments next(option_arguments);
  options.period = next.Word("period", kCohortPeriods);
  options.refunds = next.Word("refunds", kRefunds);
  options.zeros = next.Word("zeros", kZeros);
  options.money = next.Word("money", kMoney);
  options.observation_end = next.Time("observation_end");
  const InputTable input(transactions, reading.Wants(), "transactions");
  Call call(input.rows(), progress, "cohorts");
  options.context = call.context();
  patron_table *out = nullptr;
  auto report = Sized<patron_row_report>();
  call.Run([&](patron_error *error) {
    return patron_value_cohorts(input.get(), reading.get(), &options, &out, &report, error);
  });
  return py::make_tuple(ToPython(TablePtr(out)), ToPython(report));
}

// ---- One value a customer ----

py::tuple Concentration(py::handle values, py::handle progress) {
  const InputColumn column("values", values, Role::kNumber);
  Call call(column.rows(), progress, "concentration");
  auto c = Sized<patron_concentration>();
  call.Run([&](patron_error *error) {
    return patron_value_concentration(column.get(), call.context(), &c, error);
  });
  return py::make_tuple(c.customers, c.negatives, c.total, c.positive_sum, c.negative_sum, c.gini,
                        c.gini_biased, c.gini_unbiased, c.herfindahl, c.herfindahl_normalised,
                        c.effective_number, c.top_20_share);
}

// None asks for one point a customer.
int64_t Points(py::handle asked) {
  if (asked.is_none()) return 0;
  const int64_t points = Integer(asked, "points");
  if (points == 0) RaiseInvalid("points: 0; expected at least 1, or None");
  return points;
}

py::object Lorenz(py::handle values, py::handle points_asked, py::handle progress) {
  const int64_t points = Points(points_asked);
  const InputColumn column("values", values, Role::kNumber);
  Call call(column.rows(), progress, "lorenz");
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return patron_value_lorenz(column.get(), points, call.context(), &out, error);
  });
  return ToPython(TablePtr(out));
}

using Shares = patron_status (*)(const patron_column *, const double *, size_t,
                                 const patron_context *, patron_table **, patron_error *);

py::object CurveOf(Shares function, py::handle values, py::handle shares, py::handle progress,
                   const char *title) {
  const InputColumn column("values", values, Role::kNumber);
  const std::vector<double> asked = Numbers(shares, "shares");
  Call call(column.rows(), progress, title);
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return function(column.get(), asked.data(), asked.size(), call.context(), &out, error);
  });
  return ToPython(TablePtr(out));
}

py::tuple WhaleCurve(py::handle values, py::handle points_asked, py::handle progress) {
  const int64_t points = Points(points_asked);
  const InputColumn column("values", values, Role::kNumber);
  Call call(column.rows(), progress, "whale_curve");
  auto w = Sized<patron_whale>();
  patron_table *curve = nullptr;
  call.Run([&](patron_error *error) {
    return patron_value_whale_curve(column.get(), points, call.context(), &w, &curve, error);
  });
  return py::make_tuple(
      ToPython(TablePtr(curve)),
      py::make_tuple(w.customers, w.peak_customers, w.full_customers, w.negatives, w.total, w.peak,
                     w.peak_share, w.negative_sum, w.loss_beyond_peak));
}

py::object Profitability(py::handle table, const py::dict &drivers, py::handle option_arguments,
                         py::handle progress) {
  patron_profitability_options options;
  patron_profitability_options_init(&options);
  Arguments next(option_arguments);
  const char *customer = next.Text("customer");
  if (customer != nullptr) options.customer = customer;
  const char *revenue = next.Text("revenue");
  if (revenue != nullptr) options.revenue = revenue;
  options.margin = next.Text("margin");
  options.margin_rate = next.Real("margin_rate");
  options.allocated_cost = next.Real("allocated_cost");
  options.allocation = next.Word("allocation", kAllocations);
  options.allocation_column = next.Text("allocation_column");
  options.decimals = next.Int32("decimals");

  std::vector<patron_cost_driver> costs;
  std::vector<Wanted> wanted{{options.customer, Role::kId},
                             {options.margin == nullptr ? options.revenue : nullptr, Role::kNumber},
                             {options.margin, Role::kNumber},
                             {options.allocation_column, Role::kNumber}};
  for (const auto &[name, cost] : drivers) {
    const char *column = Name(name, "drivers");
    if (column == nullptr) RaiseType("drivers: expected a str, not NoneType");
    auto driver = Sized<patron_cost_driver>();
    driver.column = column;
    driver.unit_cost = Number(cost, "drivers");
    costs.push_back(driver);
    wanted.push_back({column, Role::kNumber});
  }
  options.drivers = costs.data();
  options.driver_count = costs.size();

  const InputTable input(table, wanted, "table");
  Call call(input.rows(), progress, "profitability");
  options.context = call.context();
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return patron_value_profitability(input.get(), &options, &out, error);
  });
  return ToPython(TablePtr(out));
}

// ---- Closed forms ----

py::tuple LifetimeValue(py::handle margin, py::handle retention, py::handle discount,
                        py::handle growth, py::handle periods, py::handle timing) {
  patron_lifetime_value_options options;
  patron_lifetime_value_options_init(&options);
  options.growth = Number(growth, "growth");
  if (!periods.is_none()) {
    options.periods = Integer(periods, "periods");
    if (options.periods == 0) RaiseInvalid("periods: 0; expected at least 1, or None");
  }
  options.timing = Choose(timing, "timing", kTimings);
  auto v = Sized<patron_lifetime_value>();
  ErrorText error;
  Check(patron_value_lifetime_value(Number(margin, "margin"), Number(retention, "retention"),
                                    Number(discount, "discount"), &options, &v, &error),
        error);
  return py::make_tuple(v.value, v.margin_multiple, v.retention_elasticity, v.expected_periods);
}

double CustomerEquity(py::handle acquired, py::handle margins, py::handle retention,
                      py::handle discount, py::handle acquisition_cost) {
  const std::vector<double> customers = Numbers(acquired, "acquired");
  const std::vector<double> by_age = Numbers(margins, "margins");
  std::vector<double> costs;
  if (!acquisition_cost.is_none()) {
    costs = Numbers(acquisition_cost, "acquisition_cost");
    if (costs.size() == 1) costs.assign(customers.size(), costs.front());
    if (costs.size() != customers.size()) {
      RaiseInvalid("acquisition_cost: " + std::to_string(costs.size()) +
                   " numbers; expected one, or one a cohort (" + std::to_string(customers.size()) +
                   ")");
    }
  }
  double equity = 0;
  ErrorText error;
  Check(patron_value_customer_equity(customers.data(), costs.empty() ? nullptr : costs.data(),
                                     customers.size(), by_age.data(), by_age.size(),
                                     Number(retention, "retention"), Number(discount, "discount"),
                                     &equity, &error),
        error);
  return equity;
}

// ---- The simulated shop ----

py::tuple SimulateShop(py::handle arguments, py::handle progress) {
  patron_shop_options options;
  patron_shop_options_init(&options);
  Arguments next(arguments);
  options.customers = next.Int("customers");
  options.days = next.Int32("days");
  const int64_t seed = next.Int("seed");
  if (seed < 0) RaiseInvalid("seed: " + std::to_string(seed) + "; expected at least 0");
  options.seed = static_cast<uint64_t>(seed);
  const int64_t start = next.Time("start");
  if (start != PATRON_NO_TIME) options.start = start;
  options.orders_a_year = next.Real("orders_a_year");
  options.mean_spend = next.Real("mean_spend");
  options.lifetime_years = next.Real("lifetime_years");
  options.refund_rate = next.Real("refund_rate");
  Call call(options.customers, progress, "simulate_shop");
  options.context = call.context();
  patron_table *transactions = nullptr, *truth = nullptr;
  call.Run([&](patron_error *error) {
    return patron_value_simulate_shop(&options, &transactions, &truth, error);
  });
  TablePtr own_transactions(transactions), own_truth(truth);
  return py::make_tuple(ToPython(std::move(own_transactions)), ToPython(std::move(own_truth)));
}

}  // namespace

void DefineValue(py::module_ &m) {
  using py::arg;
  m.def("summarize", Summarize, arg("transactions"), arg("reading"), arg("options"),
        arg("progress"));
  m.def("rfm", Rfm, arg("transactions"), arg("reading"), arg("options"), arg("progress"));
  m.def("score_rfm", ScoreRfm, arg("measures"), arg("names"), arg("options"), arg("progress"));
  m.def("cohorts", Cohorts, arg("transactions"), arg("reading"), arg("options"), arg("progress"));
  m.def("concentration", Concentration, arg("values"), arg("progress"));
  m.def("lorenz", Lorenz, arg("values"), arg("points"), arg("progress"));
  m.def(
      "share_curve",
      [](py::handle values, py::handle shares, py::handle progress) {
        return CurveOf(patron_value_share_curve, values, shares, progress, "share_curve");
      },
      arg("values"), arg("shares"), arg("progress"));
  m.def(
      "customers_for_share",
      [](py::handle values, py::handle shares, py::handle progress) {
        return CurveOf(patron_value_customers_for_share, values, shares, progress,
                       "customers_for_share");
      },
      arg("values"), arg("shares"), arg("progress"));
  m.def("whale_curve", WhaleCurve, arg("values"), arg("points"), arg("progress"));
  m.def("profitability", Profitability, arg("table"), arg("drivers"), arg("options"),
        arg("progress"));
  m.def("lifetime_value", LifetimeValue, arg("margin"), arg("retention"), arg("discount"),
        arg("growth"), arg("periods"), arg("timing"));
  m.def("customer_equity", CustomerEquity, arg("acquired"), arg("margins"), arg("retention"),
        arg("discount"), arg("acquisition_cost"));
  m.def(
      "microseconds", [](py::handle instant, const char *name) { return Instant(instant, name); },
      arg("instant"), arg("name"));
  m.def("simulate_shop", SimulateShop, arg("options"), arg("progress"));
}

}  // namespace patron::python
