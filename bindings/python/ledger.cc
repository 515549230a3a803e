// patron._core.Ledger.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

constexpr Choice kConflicts[] = {{"error", PATRON_CONFLICT_ERROR},
                                 {"report", PATRON_CONFLICT_REPORT}};
constexpr Choice kUnknown[] = {{"error", PATRON_UNKNOWN_ERROR}, {"hold", PATRON_UNKNOWN_HOLD}};

using Change = patron_status (*)(patron_ledger *, const patron_table *,
                                 const patron_transaction_columns *,
                                 const patron_ledger_append_options *, patron_ledger_report *,
                                 patron_error *);

class Ledger {
 public:
  explicit Ledger(patron_ledger *handle) : ledger_(handle) {}

  static std::unique_ptr<Ledger> Create(py::handle decimals, py::handle zone) {
    patron_ledger_options options;
    patron_ledger_options_init(&options);
    options.decimals = Integer32(decimals, "decimals");
    const char *text = Name(zone, "zone");
    if (text != nullptr) options.zone = text;
    patron_ledger *handle = nullptr;
    ErrorText error;
    Check(patron_ledger_create(&options, &handle, &error), error);
    return std::make_unique<Ledger>(handle);
  }

  static std::unique_ptr<Ledger> FromBytes(py::handle bytes) {
    return std::make_unique<Ledger>(Deserialized(bytes, patron_ledger_deserialize));
  }

  py::bytes ToBytes() {
    const auto lock = ledger_.Lock();
    return Serialized<patron_ledger>(ledger_.get(), patron_ledger_serialize);
  }

  py::tuple Apply(Change change, const char *title, py::handle table, py::handle reading_arguments,
                  py::handle option_arguments, py::handle progress) {
    const Reading reading = change == patron_ledger_reverse
                                ? Reading::OfReversals(reading_arguments)
                                : Reading(reading_arguments);
    patron_ledger_append_options options;
    patron_ledger_append_options_init(&options);
    Arguments next(option_arguments);
    options.conflicts = next.Word("conflicts", kConflicts);
    options.unknown = next.Word("unknown", kUnknown);
    const char *reverses = next.Text("reverses");
    if (reverses != nullptr) options.reverses = reverses;
    const InputTable input(table, reading.Wants(reverses), "table");
    Call call(input.rows(), progress, title);
    options.context = call.context();
    auto report = Sized<patron_ledger_report>();
    const auto lock = ledger_.Lock();
    call.Run([&](patron_error *error) {
      return change(ledger_.get(), input.get(), reading.get(), &options, &report, error);
    });
    return py::make_tuple(report.rows, report.applied, report.duplicates, report.conflicts,
                          report.held, report.skipped_null, report.new_customers,
                          report.touched_customers);
  }

  py::tuple Size() {
    const auto lock = ledger_.Lock();
    const patron_ledger_size size = Sizes();
    return py::make_tuple(size.customers, size.transactions, size.reversals, size.held,
                          size.memory_bytes);
  }

  py::object Customers(py::handle as_of, py::handle money) {
    const int64_t instant = Instant(as_of, "as_of");
    const int32_t kind = Choose(money, "money", kMoney);
    const auto lock = ledger_.Lock();
    Call call(Facts(), py::none(), "customers");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_ledger_customers(ledger_.get(), instant, kind, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::tuple Summary(py::handle customer, py::handle option_arguments) {
    const patron_summary_options options = SummaryOptions(option_arguments);
    const bool text = py::isinstance<py::str>(customer);
    const char *name = text ? Name(customer, "customer") : nullptr;
    const int64_t id = text ? 0 : Integer(customer, "customer");
    const auto lock = ledger_.Lock();
    auto s = Sized<patron_customer_summary>();
    ErrorText error;
    Check(patron_ledger_summarize(ledger_.get(), id, name, &options, &s, &error), error);
    return py::make_tuple(s.frequency, s.recency, s.age, s.monetary_value, s.log_intervals,
                          s.orders);
  }

  py::object Transactions(py::handle as_of, py::handle money) {
    const int64_t instant = Instant(as_of, "as_of");
    const int32_t kind = Choose(money, "money", kMoney);
    const auto lock = ledger_.Lock();
    Call call(Facts(), py::none(), "transactions");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_ledger_transactions(ledger_.get(), instant, kind, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::tuple Rfm(py::handle option_arguments, bool only_touched, py::handle progress) {
    RfmOptions options(option_arguments);
    const auto lock = ledger_.Lock();
    Call call(static_cast<int64_t>(Sizes().customers), progress, "rfm");
    options.get()->context = call.context();
    patron_table *scores = nullptr, *bins = nullptr;
    call.Run([&](patron_error *error) {
      return patron_ledger_rfm(ledger_.get(), options.get(), only_touched ? 1 : 0, &scores, &bins,
                               error);
    });
    TablePtr own_scores(scores), own_bins(bins);
    return py::make_tuple(ToPython(std::move(own_scores)), ToPython(std::move(own_bins)));
  }

 private:
  patron_ledger_size Sizes() const {
    auto size = Sized<patron_ledger_size>();
    ErrorText error;
    Check(patron_ledger_get_size(ledger_.get(), &size, &error), error);
    return size;
  }
  int64_t Facts() const {
    const patron_ledger_size size = Sizes();
    return static_cast<int64_t>(size.transactions + size.reversals);
  }

  Exclusive<patron_ledger, patron_ledger_free> ledger_;
};

}  // namespace

void DefineLedger(py::module_ &m) {
  using py::arg;
  const auto change = [](Change function, const char *title) {
    return [function, title](Ledger &self, py::handle table, py::handle reading, py::handle options,
                             py::handle progress) {
      return self.Apply(function, title, table, reading, options, progress);
    };
  };
  DefineClass<Ledger>(m, "Ledger")
      .def_static("create", &Ledger::Create, arg("decimals"), arg("zone"))
      .def_static("from_bytes", &Ledger::FromBytes, arg("data"))
      .def("to_bytes", &Ledger::ToBytes)
      .def("append", change(patron_ledger_append, "append"), arg("table"), arg("reading"),
           arg("options"), arg("progress"))
      .def("correct", change(patron_ledger_correct, "correct"), arg("table"), arg("reading"),
           arg("options"), arg("progress"))
      .def("reverse", change(patron_ledger_reverse, "reverse"), arg("table"), arg("reading"),
           arg("options"), arg("progress"))
      .def("size", &Ledger::Size)
      .def("customers", &Ledger::Customers, arg("as_of"), arg("money"))
      .def("summary", &Ledger::Summary, arg("customer"), arg("options"))
      .def("transactions", &Ledger::Transactions, arg("as_of"), arg("money"))
      .def("rfm", &Ledger::Rfm, arg("options"), arg("only_touched"), arg("progress"));
}

}  // namespace patron::python
