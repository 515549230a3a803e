// patron._core.PointsLedger, and the points that purchases earn.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "day.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

class PointsLedger {
 public:
  explicit PointsLedger(patron_points_ledger *handle) : ledger_(handle) {}

  static std::unique_ptr<PointsLedger> Create(py::handle arguments, py::handle zone) {
    const patron_points_options options = Options(arguments);
    patron_points_ledger *handle = nullptr;
    ErrorText error;
    Check(patron_points_ledger_create(&options, Name(zone, "zone"), &handle, &error), error);
    return std::make_unique<PointsLedger>(handle);
  }

  // No arguments and no zone: those of the ledger in the file, or the defaults.
  static std::unique_ptr<PointsLedger> Open(py::handle path, py::handle arguments,
                                            py::handle zone) {
    const char *file = Name(path, "path");
    const char *name = Name(zone, "zone");
    patron_points_options options;
    if (!arguments.is_none()) options = Options(arguments);
    patron_points_ledger *handle = nullptr;
    ErrorText error;
    patron_status status;
    {
      py::gil_scoped_release without_gil;
      status = patron_points_ledger_open(file, arguments.is_none() ? nullptr : &options, name,
                                         &handle, &error);
    }
    Check(status, error);
    return std::make_unique<PointsLedger>(handle);
  }

  static std::unique_ptr<PointsLedger> FromBytes(py::handle bytes) {
    return std::make_unique<PointsLedger>(Deserialized(bytes, patron_points_ledger_deserialize));
  }

  py::bytes ToBytes() {
    const auto lock = ledger_.Lock();
    return Serialized<patron_points_ledger>(ledger_.get(), patron_points_ledger_serialize);
  }

  py::tuple Post(py::handle table) {
    const InputTable input(table,
                           {{"transaction_id", Role::kId},
                            {"customer_id", Role::kId},
                            {"date", Role::kTime},
                            {"kind", Role::kText},
                            {"points", Role::kCount},
                            {"reverses", Role::kId},
                            {"to", Role::kId},
                            {"available", Role::kTime},
                            {"expires", Role::kTime}},
                           "postings");
    auto report = Sized<patron_points_report>();
    const auto lock = ledger_.Lock();
    Call call(input.rows(), py::none(), "points");
    call.Run([&](patron_error *error) {
      return patron_points_ledger_post(ledger_.get(), input.get(), &report, error);
    });
    return py::make_tuple(report.posted, report.duplicates);
  }

  void Expire(py::handle until) {
    const int32_t day = Day(until, "until");
    if (day == PATRON_NO_DAY) RaiseInvalid("until: None; expected a date");
    const auto lock = ledger_.Lock();
    ErrorText error;
    Check(patron_points_ledger_expire(ledger_.get(), day, &error), error);
  }

  py::object Balances(py::handle as_of) {
    const int32_t day = Day(as_of, "as_of");
    const auto lock = ledger_.Lock();
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_points_ledger_balances(ledger_.get(), day, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object Entries() {
    const auto lock = ledger_.Lock();
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_points_ledger_entries(ledger_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::tuple Liability(py::handle as_of, py::handle point_cost, py::handle level) {
    const int32_t day = Day(as_of, "as_of");
    const double cost = Number(point_cost, "point_cost"), share = Number(level, "level");
    const auto lock = ledger_.Lock();
    auto l = Sized<patron_points_liability>();
    ErrorText error;
    Check(patron_points_ledger_liability(ledger_.get(), day, cost, share, &l, &error), error);
    return py::make_tuple(l.as_of, l.available, l.pending, l.held, l.debt, l.liability,
                          py::make_tuple(l.breakage, l.breakage_low, l.breakage_high), l.matured,
                          l.expired, l.customers, l.expected);
  }

 private:
  static patron_points_options Options(py::handle arguments) {
    patron_points_options options;
    patron_points_options_init(&options);
    Arguments next(arguments);
    options.expiry_days = next.Int32("expiry_days");
    options.pending_days = next.Int32("pending_days");
    options.burn_minimum = next.Int("burn_minimum");
    options.burn_step = next.Int("burn_step");
    options.allow_debt = next.Next().cast<bool>() ? 1 : 0;
    return options;
  }

  Exclusive<patron_points_ledger, patron_points_ledger_free> ledger_;
};

py::object PointsEarned(py::handle rules, py::handle purchases, py::handle zone,
                        py::handle decimals, py::handle amount_decimals) {
  const InputTable rule_table(rules,
                              {{"name", Role::kText},
                               {"category", Role::kText},
                               {"tier", Role::kText},
                               {"per_unit", Role::kNumber},
                               {"fixed", Role::kCount},
                               {"minimum", Role::kNumber},
                               {"most", Role::kCount},
                               {"start", Role::kTime},
                               {"end", Role::kTime}},
                              "rules");
  const InputTable input(purchases,
                         {{"amount", Role::kNumber},
                          {"date", Role::kTime},
                          {"category", Role::kText},
                          {"tier", Role::kText}},
                         "purchases");
  patron_table *out = nullptr;
  const char *name = Name(zone, "zone");
  const int32_t places = Integer32(decimals, "decimals"),
                amount_places = Integer32(amount_decimals, "amount_decimals");
  Call call(input.rows(), py::none(), "points");
  call.Run([&](patron_error *error) {
    return patron_points_earned(rule_table.get(), input.get(), name, places, amount_places, &out,
                                error);
  });
  return ToPython(TablePtr(out));
}

}  // namespace

void DefinePoints(py::module_ &m) {
  using py::arg;
  DefineClass<PointsLedger>(m, "PointsLedger")
      .def_static("create", &PointsLedger::Create, arg("options"), arg("zone"))
      .def_static("open", &PointsLedger::Open, arg("path"), arg("options"), arg("zone"))
      .def_static("from_bytes", &PointsLedger::FromBytes, arg("data"))
      .def("to_bytes", &PointsLedger::ToBytes)
      .def("post", &PointsLedger::Post, arg("table"))
      .def("expire", &PointsLedger::Expire, arg("until"))
      .def("balances", &PointsLedger::Balances, arg("as_of"))
      .def("entries", &PointsLedger::Entries)
      .def("liability", &PointsLedger::Liability, arg("as_of"), arg("point_cost"), arg("level"));
  m.def("points_earned", PointsEarned, arg("rules"), arg("purchases"), arg("zone"), arg("decimals"),
        arg("amount_decimals"));
}

}  // namespace patron::python
