// Keeping and winning back customers, work lists, referral, and what customers are worth in all.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "columns.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

// Calls `function(patron_table **, patron_error *)` and gives its table.
template <typename Function>
py::object TableOf(Function function) {
  patron_table *out = nullptr;
  ErrorText error;
  Check(function(&out, &error), error);
  return ToPython(TablePtr(out));
}

py::object ChurnReasons() {
  return TableOf([](auto out, auto error) { return patron_churn_reasons(out, error); });
}

double RetentionElasticity(py::handle retention, py::handle discount) {
  double out = 0;
  ErrorText error;
  Check(patron_retention_elasticity(Number(retention, "retention"), Number(discount, "discount"),
                                    &out, &error),
        error);
  return out;
}

double SecondLifetimeValue(py::handle margin, py::handle retention, py::handle discount,
                           py::handle periods) {
  double out = 0;
  ErrorText error;
  Check(patron_second_lifetime_value(Number(margin, "margin"), Number(retention, "retention"),
                                     Number(discount, "discount"), Integer(periods, "periods"),
                                     &out, &error),
        error);
  return out;
}

py::object SaveOffers(py::handle table) {
  const InputTable input(table,
                         {{"p_churn", Role::kNumber},
                          {"save_rate", Role::kNumber},
                          {"value", Role::kNumber},
                          {"offer", Role::kNumber}},
                         "customers");
  return TableOf([&](auto out, auto error) { return patron_save_offers(input.get(), out, error); });
}

py::object WinBack(py::handle table, py::handle half_life_days, py::handle factors,
                   py::handle curable) {
  patron_win_back_options options;
  patron_win_back_options_init(&options);
  options.half_life_days = Number(half_life_days, "half_life_days");
  for (py::ssize_t i = 0; i < 8; ++i) {
    const py::handle factor = PyTuple_GET_ITEM(factors.ptr(), i);
    if (!factor.is_none()) options.by_reason[i] = Number(factor, "by_reason");
    if (!curable.is_none()) {
      options.curable[i] = py::handle(PyTuple_GET_ITEM(curable.ptr(), i)).cast<bool>() ? 1 : 0;
    }
  }
  const InputTable input(table,
                         {{"p_win", Role::kNumber},
                          {"second_value", Role::kNumber},
                          {"days_since_loss", Role::kNumber},
                          {"offer", Role::kNumber},
                          {"contact_cost", Role::kNumber},
                          {"reason", Role::kText}},
                         "customers");
  return TableOf(
      [&](auto out, auto error) { return patron_win_back(input.get(), &options, out, error); });
}

py::tuple WorkLists(py::handle table, py::handle loyalty, py::handle risk, py::handle value_share,
                    py::handle satisfaction) {
  patron_work_list_options options;
  patron_work_list_options_init(&options);
  options.loyalty = Number(loyalty, "loyalty");
  options.risk = Number(risk, "risk");
  options.value_share = Number(value_share, "value_share");
  options.satisfaction = Number(satisfaction, "satisfaction");
  const InputTable input(table,
                         {{"customer_id", Role::kId},
                          {"loyalty", Role::kNumber},
                          {"risk", Role::kNumber},
                          {"value", Role::kNumber},
                          {"satisfaction", Role::kNumber}},
                         "customers");
  uint64_t overlap[16] = {};
  py::object items = TableOf([&](auto out, auto error) {
    return patron_work_lists(input.get(), &options, out, overlap, error);
  });
  py::list both;
  for (const uint64_t count : overlap) both.append(count);
  return py::make_tuple(items, both);
}

py::object ReferralValue(py::handle table, py::handle discount) {
  const InputTable input(table,
                         {{"referrer", Role::kId},
                          {"margin", Role::kNumber},
                          {"referral_cost", Role::kNumber},
                          {"marketing_cost", Role::kNumber},
                          {"acquisition_saving", Role::kNumber},
                          {"period", Role::kNumber},
                          {"would_have_come", Role::kCount}},
                         "referrals");
  const double rate = Number(discount, "discount");
  return TableOf(
      [&](auto out, auto error) { return patron_referral_value(input.get(), rate, out, error); });
}

double WordOfMouth(py::handle arguments) {
  patron_word_of_mouth words;
  patron_word_of_mouth_init(&words);
  Arguments next(arguments);
  words.good = next.Real("good");
  words.bad = next.Real("bad");
  words.value = next.Real("value");
  const auto optional = [&](double &to, const char *name) {
    const py::handle given = next.Next();
    if (!given.is_none()) to = Number(given, name);
  };
  optional(words.tell_good, "tell_good");
  optional(words.tell_bad, "tell_bad");
  optional(words.circle, "circle");
  words.conversion_good = next.Real("conversion_good");
  words.loss_bad = next.Real("loss_bad");
  const auto context = Runtime::Get().serial();
  double out = 0;
  ErrorText error;
  Check(patron_word_of_mouth_balance(&words, context.get(), &out, &error), error);
  return out;
}

py::object ReferralCredit(py::handle table, py::handle weights) {
  const std::vector<double> shares = Numbers(weights, "weights");
  const InputTable input(
      table, {{"customer_id", Role::kId}, {"referred_by", Role::kId}, {"value", Role::kNumber}},
      "customers");
  return TableOf([&](auto out, auto error) {
    return patron_referral_credit(input.get(), shares.data(), shares.size(), out, error);
  });
}

py::object CustomerWorth(py::handle table) {
  const InputTable input(table,
                         {{"customer_id", Role::kId},
                          {"parent", Role::kId},
                          {"purchase_value", Role::kNumber},
                          {"referral_value", Role::kNumber},
                          {"retention_value", Role::kNumber},
                          {"cost_to_serve", Role::kNumber}},
                         "customers");
  return TableOf(
      [&](auto out, auto error) { return patron_customer_worth(input.get(), out, error); });
}

}  // namespace

void DefineRetention(py::module_ &m) {
  using py::arg;
  m.def("churn_reasons", ChurnReasons);
  m.def("retention_elasticity", RetentionElasticity, arg("retention"), arg("discount"));
  m.def("second_lifetime_value", SecondLifetimeValue, arg("margin"), arg("retention"),
        arg("discount"), arg("periods"));
  m.def("save_offers", SaveOffers, arg("customers"));
  m.def("win_back", WinBack, arg("customers"), arg("half_life_days"), arg("by_reason"),
        arg("curable"));
  m.def("work_lists", WorkLists, arg("customers"), arg("loyalty"), arg("risk"), arg("value_share"),
        arg("satisfaction"));
  m.def("referral_value", ReferralValue, arg("referrals"), arg("discount"));
  m.def("word_of_mouth_balance", WordOfMouth, arg("words"));
  m.def("referral_credit", ReferralCredit, arg("customers"), arg("weights"));
  m.def("customer_worth", CustomerWorth, arg("customers"));
}

}  // namespace patron::python
