// patron._core.TierPolicy and TierBook.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "day.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"
#include "transactions.hpp"

namespace patron::python {

namespace {

constexpr Choice kMetrics[] = {{"sum", PATRON_TIER_SUM}, {"purchases", PATRON_TIER_PURCHASES}};
constexpr Choice kWindows[] = {{"trailing_days", PATRON_WINDOW_TRAILING_DAYS},
                               {"trailing_months", PATRON_WINDOW_TRAILING_MONTHS},
                               {"calendar", PATRON_WINDOW_CALENDAR},
                               {"anniversary", PATRON_WINDOW_ANNIVERSARY},
                               {"lifetime", PATRON_WINDOW_LIFETIME}};
constexpr Choice kPeriods[] = {{"day", PATRON_PERIOD_DAY},
                               {"week", PATRON_PERIOD_WEEK},
                               {"month", PATRON_PERIOD_MONTH},
                               {"quarter", PATRON_PERIOD_QUARTER},
                               {"year", PATRON_PERIOD_YEAR}};
constexpr Choice kCalendars[] = {{"period", PATRON_EVALUATE_PERIODS},
                                 {"every_days", PATRON_EVALUATE_EVERY_DAYS},
                                 {"days", PATRON_EVALUATE_ON_DAYS},
                                 {"anniversary", PATRON_EVALUATE_ANNIVERSARIES}};
constexpr Choice kPromotions[] = {{"evaluation", PATRON_PROMOTE_AT_EVALUATION},
                                  {"purchase", PATRON_PROMOTE_AT_PURCHASE}};
constexpr Choice kDemotions[] = {{"never", PATRON_DEMOTE_NEVER},
                                 {"one_level", PATRON_DEMOTE_ONE_LEVEL},
                                 {"to_earned", PATRON_DEMOTE_TO_EARNED}};

std::string_view WordOf(std::span<const Choice> choices, int32_t value) {
  for (const Choice &choice : choices) {
    if (choice.value == value) return choice.word;
  }
  return "";
}

class TierPolicy {
 public:
  explicit TierPolicy(patron_tier_policy *handle) : handle_(handle) {}

  const patron_tier_policy *get() const { return handle_.get(); }

  static std::unique_ptr<TierPolicy> Create(py::handle names, py::handle floors,
                                            py::handle entitlements, py::handle arguments) {
    std::vector<py::object> kept;
    std::vector<const char *> texts;
    for (const py::handle name : names) {
      kept.push_back(py::reinterpret_borrow<py::object>(name));
      const char *text = Name(name, "levels");
      if (text == nullptr) RaiseType("levels: expected a str, not NoneType");
      texts.push_back(text);
    }
    const std::vector<double> limits = Numbers(floors, "levels");
    patron_tier_policy_options options;
    patron_tier_policy_options_init(&options);
    Arguments next(arguments);
    options.decimals = next.Int32("decimals");
    options.metric = next.Word("metric", kMetrics);
    options.window = next.Word("window", kWindows);
    options.length = next.Int32("length");
    options.window_period = next.Word("window_period", kPeriods);
    options.calendar = next.Word("evaluate", kCalendars);
    options.calendar_period = next.Word("evaluate", kPeriods);
    options.every_days = next.Int32("evaluate");
    std::vector<int32_t> days;
    for (const py::handle day : next.Next()) days.push_back(Day(day, "evaluate"));
    options.days = days.data();
    options.day_count = days.size();
    options.begin = Day(next.Next(), "begin");
    options.promotion = next.Word("promotion", kPromotions);
    options.demotion = next.Word("demotion", kDemotions);
    options.margin = next.Real("margin");
    options.grace = next.Int32("grace");
    options.stay_days = next.Int32("stay_days");
    options.revoke_on_return = next.Next().cast<bool>() ? 1 : 0;
    const InputTable input(entitlements, {{"tier", Role::kText}, {"entitlement", Role::kText}},
                           "entitlements");
    patron_tier_policy *handle = nullptr;
    ErrorText error;
    Check(patron_tier_policy_create(texts.data(), limits.data(), texts.size(), input.get(),
                                    &options, &handle, &error),
          error);
    return std::make_unique<TierPolicy>(handle);
  }

  static std::unique_ptr<TierPolicy> FromBytes(py::handle bytes) {
    return std::make_unique<TierPolicy>(Deserialized(bytes, patron_tier_policy_deserialize));
  }

  py::bytes ToBytes() const { return Serialized(get(), patron_tier_policy_serialize); }

  py::tuple Show() const {
    auto o = Sized<patron_tier_policy_options>();
    patron_table *levels = nullptr, *entitlements = nullptr;
    ErrorText error;
    Check(patron_tier_policy_show(get(), &o, &levels, &entitlements, &error), error);
    TablePtr own_levels(levels), own_entitlements(entitlements);
    py::list days;
    for (size_t i = 0; i < o.day_count; ++i) days.append(o.days[i]);
    const py::object begin =
        o.begin == PATRON_NO_DAY ? py::object(py::none()) : py::object(py::int_(o.begin));
    py::tuple options =
        py::make_tuple(o.decimals, WordOf(kMetrics, o.metric), WordOf(kWindows, o.window), o.length,
                       WordOf(kPeriods, o.window_period), WordOf(kCalendars, o.calendar),
                       WordOf(kPeriods, o.calendar_period), o.every_days, days, begin,
                       WordOf(kPromotions, o.promotion), WordOf(kDemotions, o.demotion), o.margin,
                       o.grace, o.stay_days, o.revoke_on_return != 0);
    return py::make_tuple(options, ToPython(std::move(own_levels)),
                          ToPython(std::move(own_entitlements)));
  }

 private:
  struct Free {
    void operator()(patron_tier_policy *handle) const { patron_tier_policy_free(handle); }
  };
  std::unique_ptr<patron_tier_policy, Free> handle_;
};

class TierBook {
 public:
  explicit TierBook(patron_tier_book *handle) : book_(handle) {}

  static std::unique_ptr<TierBook> Create(const TierPolicy &policy, py::handle zone) {
    patron_tier_book *handle = nullptr;
    ErrorText error;
    Check(patron_tier_book_create(policy.get(), Name(zone, "zone"), &handle, &error), error);
    return std::make_unique<TierBook>(handle);
  }

  void Append(py::handle table, py::handle reading_arguments, py::handle reverses,
              py::handle progress) {
    const Reading reading(reading_arguments);
    const char *target = Name(reverses, "reverses");
    const InputTable input(table, reading.Wants(target), "transactions");
    Call call(input.rows(), progress, "append");
    const auto lock = book_.Lock();
    call.Run([&](patron_error *error) {
      return patron_tier_book_append(book_.get(), input.get(), reading.get(), target,
                                     call.context(), error);
    });
    rows_ += input.rows();
  }

  void Set(py::handle table, py::handle customer) {
    const char *name = Name(customer, "customer");
    const InputTable input(table,
                           {{name, Role::kId},
                            {"tier", Role::kText},
                            {"kind", Role::kText},
                            {"start", Role::kTime},
                            {"end", Role::kTime}},
                           "by_hand");
    const auto lock = book_.Lock();
    ErrorText error;
    Check(patron_tier_book_set(book_.get(), input.get(), name, &error), error);
  }

  py::tuple History(py::handle until, py::handle money, py::handle progress) {
    const int32_t day = Day(until, "until");
    const int32_t form = Choose(money, "money", kMoney);
    const auto lock = book_.Lock();
    Call call(rows_, progress, "tiers");
    patron_table *standings = nullptr, *changes = nullptr;
    auto counts = Sized<patron_tier_counts>();
    call.Run([&](patron_error *error) {
      return patron_tier_book_history(book_.get(), day, form, call.context(), &standings, &changes,
                                      &counts, error);
    });
    TablePtr own_standings(standings), own_changes(changes);
    return py::make_tuple(
        ToPython(std::move(own_standings)), ToPython(std::move(own_changes)),
        py::make_tuple(counts.until, counts.customers, counts.evaluations, counts.changes,
                       counts.promotions, counts.demotions, counts.reversals));
  }

  py::tuple Standing(py::handle customer, py::handle until) {
    const int32_t day = Day(until, "until");
    const bool text = py::isinstance<py::str>(customer);
    const char *name = text ? Name(customer, "customer") : nullptr;
    const int64_t id = text ? 0 : Integer(customer, "customer");
    const auto lock = book_.Lock();
    auto s = Sized<patron_tier_standing>();
    ErrorText error;
    Check(patron_tier_book_standing(book_.get(), id, name, day, &s, &error), error);
    return py::make_tuple(s.level, s.automatic, s.by_hand != 0, s.since, s.metric,
                          s.evaluations_below);
  }

 private:
  Exclusive<patron_tier_book, patron_tier_book_free> book_;
  int64_t rows_ = 0;
};

}  // namespace

void DefineTiers(py::module_ &m) {
  using py::arg;
  DefineClass<TierPolicy>(m, "TierPolicy")
      .def_static("create", &TierPolicy::Create, arg("names"), arg("floors"), arg("entitlements"),
                  arg("options"))
      .def_static("from_bytes", &TierPolicy::FromBytes, arg("data"))
      .def("to_bytes", &TierPolicy::ToBytes)
      .def("show", &TierPolicy::Show);
  DefineClass<TierBook>(m, "TierBook")
      .def_static("create", &TierBook::Create, arg("policy"), arg("zone"))
      .def("append", &TierBook::Append, arg("table"), arg("reading"), arg("reverses"),
           arg("progress"))
      .def("set", &TierBook::Set, arg("table"), arg("customer"))
      .def("history", &TierBook::History, arg("until"), arg("money"), arg("progress"))
      .def("standing", &TierBook::Standing, arg("customer"), arg("until"));
}

}  // namespace patron::python
