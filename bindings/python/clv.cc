// patron._core.ClvModel and the functions of patron.clv.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "clv.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Choice kParameterScales[] = {{"log", PATRON_SCALE_LOG},
                                       {"natural", PATRON_SCALE_NATURAL}};

// NaN is how the library is told that an option is not given, so nobody may say it.
double NumberOr(py::handle value, const char *option, double otherwise) {
  if (value.is_none()) return otherwise;
  const double number = Number(value, option);
  if (std::isnan(number)) RaiseInvalid(std::string(option) + ": nan; expected a number");
  return number;
}

// What takes long on a few rows too: it lets other threads run.
int64_t AtLeastLarge(int64_t rows) { return std::max(rows, kRowsToReleaseGil); }

uint64_t Seed(py::handle value) {
  const int64_t seed = Integer(value, "seed");
  if (seed < 0) RaiseInvalid("seed: " + std::to_string(seed) + "; expected at least 0");
  return static_cast<uint64_t>(seed);
}

py::array_t<double> ArrayOf(const std::vector<double> &values) {
  return py::array_t<double>(static_cast<py::ssize_t>(values.size()), values.data());
}

py::array_t<double> SquareOf(const std::vector<double> &values, size_t size) {
  const auto n = static_cast<py::ssize_t>(size);
  return py::array_t<double>({n, n}, values.data());
}

// The numbers of a result that Python gave, which must be so many.
void CopyNumbers(py::handle values, const char *name, double *to, size_t count) {
  const auto array = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(values);
  if (!array) throw py::error_already_set();
  if (static_cast<size_t>(array.size()) != count) {
    RaiseInvalid(std::string(name) + ": " + std::to_string(array.size()) + " numbers; expected " +
                 std::to_string(count));
  }
  std::memcpy(to, array.data(), count * sizeof *to);
}

py::tuple PartTuple(const patron_clv_part &part, const std::vector<double> &gradient,
                    const std::vector<double> &hessian) {
  return py::make_tuple(part.value, part.weight, ArrayOf(gradient),
                        SquareOf(hessian, gradient.size()));
}

// What sums the parts of a likelihood, in Python.
struct Summer {
  py::object function;
  std::unique_ptr<py::error_already_set> raised;
};

patron_status SumParts(void *user, const double *point, size_t count, patron_clv_part *out,
                       double *gradient, double *hessian, patron_error *) {
  auto *summer = static_cast<Summer *>(user);
  try {
    const auto size = static_cast<py::ssize_t>(count);
    const py::tuple part = summer->function(py::array_t<double>(size, point));
    if (part.size() != 4) {
      RaiseInvalid("total: " + std::to_string(part.size()) +
                   " values; expected value, weight, gradient and Hessian");
    }
    out->value = Number(part[0], "value");
    out->weight = Number(part[1], "weight");
    CopyNumbers(part[2], "gradient", gradient, count);
    CopyNumbers(part[3], "hessian", hessian, count * count);
    return PATRON_OK;
  } catch (py::error_already_set &problem) {
    summer->raised = std::make_unique<py::error_already_set>(std::move(problem));
  } catch (py::builtin_exception &problem) {
    problem.set_error();
    summer->raised = std::make_unique<py::error_already_set>();
  }
  return PATRON_CANCELLED;
}

}  // namespace

ClvColumns::ClvColumns(py::handle arguments) {
  patron_clv_columns_init(&columns_);
  Arguments next(arguments);
  const auto name = [&](const char *option, const char *&into) {
    const char *text = next.Text(option);
    if (text != nullptr) into = text;
  };
  name("customer", columns_.customer);
  name("frequency", columns_.frequency);
  name("recency", columns_.recency);
  name("T", columns_.age);
  name("monetary_value", columns_.monetary_value);
  name("weights", columns_.weight);
  name("log_intervals", columns_.log_intervals);
  name("churned", columns_.churned);
  name("survived_before", columns_.survived_before);
  columns_.any_history = next.Int32("any_history");
}

std::vector<Wanted> ClvColumns::Wants(int32_t kind, std::initializer_list<const char *> further,
                                      const std::vector<const char *> &covariates) const {
  const patron_clv_columns &c = columns_;
  std::vector<Wanted> wanted = {{c.customer, Role::kId}, {c.weight, Role::kNumber}};
  const auto add = [&](std::initializer_list<const char *> names) {
    for (const char *name : names) wanted.push_back({name, Role::kNumber});
  };
  if (kind == PATRON_CLV_GAMMA_GAMMA) {
    add({c.frequency, c.monetary_value});
  } else if (kind == PATRON_CLV_SBG || kind == PATRON_CLV_BETA_DISCRETE_WEIBULL) {
    add({c.age, c.survived_before});
    wanted.push_back({c.churned, Role::kAny});
  } else {
    add({c.frequency, c.recency, c.age, c.log_intervals});
  }
  add(further);
  for (const char *name : covariates) wanted.push_back({name, Role::kNumber});
  return wanted;
}

ClvTerms::ClvTerms(py::handle arguments) {
  patron_clv_terms_init(&terms_);
  Arguments next(arguments);
  terms_.kind = next.Int32("kind");
  terms_.regularity = next.Int32("k");
  ReadNames(next.Next(), "transaction_covariates", transaction_);
  ReadNames(next.Next(), "dropout_covariates", dropout_);
  ReadNames(next.Next(), "equal_covariates", equal_);
  terms_.penalty_transaction = next.Real("penalty");
  terms_.penalty_dropout = next.Real("penalty");
  const py::handle penalties = next.Next();
  if (!penalties.is_none()) penalties_ = Numbers(penalties, "penalty");
  terms_.time_unit = next.Text("time_unit");
  terms_.transaction_covariates = transaction_.data();
  terms_.transaction_covariate_count = transaction_.size();
  terms_.dropout_covariates = dropout_.data();
  terms_.dropout_covariate_count = dropout_.size();
  terms_.equal_covariates = equal_.data();
  terms_.equal_covariate_count = equal_.size();
  terms_.parameter_penalties = penalties_.empty() ? nullptr : penalties_.data();
  terms_.parameter_penalty_count = penalties_.size();
}

void ClvTerms::ReadNames(py::handle names, const char *option, std::vector<const char *> &into) {
  for (const py::handle name : py::reinterpret_borrow<py::tuple>(names)) {
    const char *text = Name(name, option);
    if (text == nullptr) RaiseType(std::string(option) + ": expected a str, not NoneType");
    into.push_back(text);
  }
}

std::vector<const char *> ClvTerms::Covariates() const {
  std::vector<const char *> all = transaction_;
  all.insert(all.end(), dropout_.begin(), dropout_.end());
  return all;
}

namespace {

// Start, bounds and iterations of a fit: the tuple (start, lower, max_iterations), any None.
class FitOptions {
 public:
  explicit FitOptions(py::handle arguments) {
    patron_clv_fit_options_init(&options_);
    Arguments next(arguments);
    const py::handle start = next.Next(), lower = next.Next(), iterations = next.Next();
    if (!start.is_none()) start_ = Numbers(start, "start");
    if (!lower.is_none()) lower_ = Numbers(lower, "lower");
    if (!iterations.is_none()) options_.max_iterations = Integer32(iterations, "max_iterations");
    options_.start = start_.empty() ? nullptr : start_.data();
    options_.start_count = start_.size();
    options_.lower = lower_.empty() ? nullptr : lower_.data();
    options_.lower_count = lower_.size();
  }
  patron_clv_fit_options *get() { return &options_; }

 private:
  patron_clv_fit_options options_;
  std::vector<double> start_, lower_;
};

// A finished model: nothing changes it, so threads may share it.
class ClvModel {
 public:
  explicit ClvModel(patron_clv_model *handle) : model_(handle, patron_clv_model_free) {
    patron_clv_model_info info = Info();
    kind_ = info.kind;
  }

  const patron_clv_model *get() const { return model_.get(); }

  static std::unique_ptr<ClvModel> Fit(py::handle term_arguments, py::handle table,
                                       py::handle column_arguments, py::handle option_arguments,
                                       py::handle progress) {
    const ClvTerms terms(term_arguments);
    const ClvColumns columns(column_arguments);
    FitOptions options(option_arguments);
    const InputTable input(table, columns.Wants(terms.get()->kind, {}, terms.Covariates()),
                           "summary");
    Call call(AtLeastLarge(input.rows()), progress, "fit");
    options.get()->context = call.context();
    patron_clv_model *handle = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_fit(input.get(), columns.get(), terms.get(), options.get(), &handle, error);
    });
    return std::make_unique<ClvModel>(handle);
  }

  static std::unique_ptr<ClvModel> FitParts(py::handle term_arguments, py::handle sample,
                                            py::handle column_arguments,
                                            py::handle option_arguments, py::object function) {
    const ClvTerms terms(term_arguments);
    const ClvColumns columns(column_arguments);
    FitOptions options(option_arguments);
    const InputTable input(sample, columns.Wants(terms.get()->kind, {}, terms.Covariates()),
                           "sample");
    const auto context = Runtime::Get().serial();
    options.get()->context = context.get();
    Summer summer{std::move(function), nullptr};
    patron_clv_model *handle = nullptr;
    ErrorText error;
    const patron_status status = patron_clv_fit_parts(
        input.get(), columns.get(), terms.get(), options.get(), SumParts, &summer, &handle, &error);
    if (summer.raised) throw py::error_already_set(std::move(*summer.raised));
    Check(status, error);
    return std::make_unique<ClvModel>(handle);
  }

  static std::unique_ptr<ClvModel> Create(py::handle term_arguments, py::handle values) {
    const ClvTerms terms(term_arguments);
    const std::vector<double> numbers = Numbers(values, "parameters");
    patron_clv_model *handle = nullptr;
    ErrorText error;
    Check(patron_clv_model_create(terms.get(), numbers.data(), numbers.size(), &handle, &error),
          error);
    return std::make_unique<ClvModel>(handle);
  }

  static std::unique_ptr<ClvModel> FromBytes(py::handle bytes) {
    return std::make_unique<ClvModel>(Deserialized(bytes, patron_clv_model_deserialize));
  }

  py::bytes ToBytes() const {
    return Serialized<patron_clv_model>(model_.get(), patron_clv_model_serialize);
  }

  py::tuple InfoTuple() const {
    const patron_clv_model_info i = Info();
    return py::make_tuple(i.kind, i.regularity, i.fitted != 0, i.converged != 0, i.iterations,
                          i.evaluations, i.parameters, i.own_parameters, i.rows, i.customers,
                          i.log_likelihood, i.aic, i.bic, i.gradient, i.newton_decrement);
  }

  py::tuple Limits() const {
    py::list limits;
    for (size_t i = 0;; ++i) {
      const char *limit = patron_clv_model_limit(get(), i);
      if (limit == nullptr) return py::tuple(limits);
      limits.append(py::str(limit));
    }
  }

  py::object TimeUnit() const {
    const char *unit = patron_clv_model_time_unit(get());
    if (unit == nullptr) return py::none();
    return py::str(unit);
  }

  py::object Parameters(py::handle level, py::handle scale) const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_clv_model_parameters(get(), Number(level, "level"),
                                      Choose(scale, "scale", kParameterScales), &out, &error),
          error);
    return ToPython(TablePtr(out));
  }

  py::object Covariance(py::handle scale) const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(
        patron_clv_model_covariance(get(), Choose(scale, "scale", kParameterScales), &out, &error),
        error);
    return ToPython(TablePtr(out));
  }

  py::object Predict(py::handle table, py::handle column_arguments, py::handle covariates,
                     py::handle option_arguments, const ClvModel *spend,
                     py::handle progress) const {
    const ClvColumns columns(column_arguments);
    patron_clv_predict_options options = PredictOptions(option_arguments, spend);
    const patron_clv_columns &c = *columns.get();
    const bool values = spend != nullptr;
    const InputTable input(
        table,
        columns.Wants(kind_, {values ? c.frequency : nullptr, values ? c.monetary_value : nullptr},
                      ClvTerms::Names(covariates)),
        "summary");
    Call call(input.rows(), progress, "predict");
    options.context = call.context();
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_predict(get(), input.get(), &c, &options, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  // The figures of one customer, in the order of the outputs; nan where not asked for.
  py::tuple Score(py::handle customer, py::handle transaction, py::handle dropout,
                  py::handle option_arguments, const ClvModel *spend) const {
    patron_clv_predict_options options = PredictOptions(option_arguments, spend);
    const auto numbers = [](py::handle values) {
      return py::len(values) == 0 ? std::vector<double>() : Numbers(values, "covariates");
    };
    const std::vector<double> purchase_values = numbers(transaction);
    const std::vector<double> dropout_values = numbers(dropout);
    auto who = Sized<patron_clv_customer>();
    Arguments next(customer);
    who.frequency = next.Real("frequency");
    who.recency = next.Real("recency");
    who.age = next.Real("T");
    who.monetary_value = next.Real("monetary_value");
    who.churned = next.Int32("churned");
    who.transaction_covariates = purchase_values.empty() ? nullptr : purchase_values.data();
    who.dropout_covariates = dropout_values.empty() ? nullptr : dropout_values.data();
    auto r = Sized<patron_clv_score_result>();
    ErrorText error;
    Check(patron_clv_score(get(), &who, &options, &r, &error), error);
    return py::make_tuple(r.p_alive, r.expected_purchases, r.no_purchase, r.discounted_purchases,
                          r.expected_spend, r.lifetime_value);
  }

  py::object Counts(py::handle table, py::handle column_arguments, py::handle covariates,
                    py::handle horizon, py::handle most, py::handle progress) const {
    const ClvColumns columns(column_arguments);
    const double within = Number(horizon, "horizon");
    const int32_t last = Integer32(most, "most");
    const InputTable input(table, columns.Wants(kind_, {}, ClvTerms::Names(covariates)), "summary");
    Call call(input.rows() * (int64_t{last} + 1), progress, "pmf");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_counts(get(), input.get(), columns.get(), within, last, call.context(),
                               &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::object NewCustomers(py::handle table, py::handle column_arguments, py::handle covariates,
                          py::handle option_arguments, py::handle progress) const {
    const ClvColumns columns(column_arguments);
    patron_clv_new_options options;
    patron_clv_new_options_init(&options);
    Arguments next(option_arguments);
    options.standard_errors = next.Int32("standard_errors");
    options.most = next.Int32("most");
    options.discount_rate = NumberOr(next.Next(), "discount_rate", kNaN);
    options.discount_period = NumberOr(next.Next(), "discount_period", kNaN);
    options.discount_horizon = NumberOr(next.Next(), "discount_horizon", 0);
    const InputTable input(table, OfAge(columns, covariates), "T");
    Call call(input.rows() * (options.most < 0 ? 1 : int64_t{options.most} + 1), progress,
              "new_customers");
    options.context = call.context();
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_new_customers(get(), input.get(), columns.get(), &options, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::tuple Profile(py::handle table, py::handle column_arguments, py::handle covariates,
                    py::handle parameter, py::handle level, py::handle progress) const {
    const ClvColumns columns(column_arguments);
    const char *name = Name(parameter, "parameter");
    const double inside = Number(level, "level");
    const InputTable input(table, columns.Wants(kind_, {}, ClvTerms::Names(covariates)), "summary");
    Call call(AtLeastLarge(input.rows()), progress, "profile_interval");
    double lower = 0, upper = 0;
    call.Run([&](patron_error *error) {
      return patron_clv_profile(get(), input.get(), columns.get(), name, inside, call.context(),
                                &lower, &upper, error);
    });
    return py::make_tuple(lower, upper);
  }

  py::object LogLikelihoods(py::handle table, py::handle column_arguments, py::handle covariates,
                            py::handle progress) const {
    const ClvColumns columns(column_arguments);
    const InputTable input(table, columns.Wants(kind_, {}, ClvTerms::Names(covariates)), "summary");
    Call call(input.rows(), progress, "log_likelihood");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_log_likelihoods(get(), input.get(), columns.get(), call.context(), &out,
                                        error);
    });
    return ToPython(TablePtr(out));
  }

  py::object Tracking(py::handle table, py::handle column_arguments, py::handle covariates,
                      py::handle purchases, py::handle option_arguments,
                      py::handle progress) const {
    const ClvColumns columns(column_arguments);
    patron_clv_tracking_options options;
    patron_clv_tracking_options_init(&options);
    Arguments next(option_arguments);
    options.period = next.Real("period");
    options.periods = next.Int("periods");
    options.purchase_time = next.Text("time");
    std::vector<Wanted> wanted = OfAge(columns, covariates);
    wanted.push_back({columns.get()->weight, Role::kNumber});
    const InputTable input(table, wanted, "summary");
    std::unique_ptr<InputTable> times;
    if (!purchases.is_none()) {
      times = std::make_unique<InputTable>(
          purchases, std::initializer_list<Wanted>{{options.purchase_time, Role::kNumber}},
          "purchases");
    }
    Call call(input.rows(), progress, "tracking");
    options.context = call.context();
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_tracking(get(), input.get(), columns.get(), times ? times->get() : nullptr,
                                 &options, &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::object FrequencyTable(py::handle table, py::handle column_arguments, py::handle covariates,
                            py::handle most, py::handle progress) const {
    const ClvColumns columns(column_arguments);
    const int32_t last = Integer32(most, "most");
    const InputTable input(table, columns.Wants(kind_, {}, ClvTerms::Names(covariates)), "summary");
    Call call(input.rows(), progress, "frequency_table");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_frequency_table(get(), input.get(), columns.get(), last, call.context(),
                                        &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::tuple Holdout(py::handle table, py::handle column_arguments, py::handle covariates,
                    py::handle option_arguments, const ClvModel *spend, py::handle progress) const {
    const ClvColumns columns(column_arguments);
    patron_clv_holdout_options options = HoldoutOptions(option_arguments, spend);
    const InputTable input(table, HoldoutWants(columns, kind_, covariates, options), "summary");
    Call call(AtLeastLarge(input.rows()), progress, "holdout");
    options.context = call.context();
    auto r = Sized<patron_clv_holdout_result>();
    patron_table *calibration = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_holdout(get(), input.get(), columns.get(), &options, &r, &calibration,
                                error);
    });
    return py::make_tuple(
        py::make_tuple(r.customers, r.actual, r.predicted, r.mae, r.rmse, r.bias, r.relative_bias,
                       r.log_score, r.rank_correlation, r.top_decile_share, r.top_decile_best),
        ToPython(TablePtr(calibration)));
  }

  py::tuple Simulate(py::handle table, py::handle column_arguments, py::handle covariates,
                     const ClvModel *spend, py::handle seed, bool with_transactions,
                     py::handle progress) const {
    const ClvColumns columns(column_arguments);
    const uint64_t of = Seed(seed);
    std::vector<Wanted> wanted = OfAge(columns, covariates);
    if (kind_ == PATRON_CLV_GAMMA_GAMMA) wanted[1] = {columns.get()->frequency, Role::kNumber};
    const InputTable input(table, wanted, "T");
    Call call(input.rows(), progress, "simulate");
    patron_table *summary = nullptr, *transactions = nullptr;
    call.Run([&](patron_error *error) {
      return patron_clv_simulate(get(), spend == nullptr ? nullptr : spend->get(), input.get(),
                                 columns.get(), of, call.context(), &summary,
                                 with_transactions ? &transactions : nullptr, error);
    });
    TablePtr own_summary(summary), own_transactions(transactions);
    return py::make_tuple(ToPython(std::move(own_summary)), ToPython(std::move(own_transactions)));
  }

  py::tuple LikelihoodRatio(const ClvModel &full) const {
    auto r = Sized<patron_clv_likelihood_ratio_result>();
    ErrorText error;
    Check(patron_clv_likelihood_ratio(get(), full.get(), &r, &error), error);
    return py::make_tuple(r.statistic, r.degrees, r.p_value);
  }

  static patron_clv_predict_options PredictOptions(py::handle arguments, const ClvModel *spend) {
    patron_clv_predict_options options;
    patron_clv_predict_options_init(&options);
    Arguments next(arguments);
    options.outputs = static_cast<uint32_t>(next.Int32("outputs"));
    options.standard_errors = next.Int32("standard_errors");
    options.start = next.Real("start");
    options.horizon = NumberOr(next.Next(), "horizon", kNaN);
    options.later = next.Real("later");
    options.discount_rate = NumberOr(next.Next(), "discount_rate", kNaN);
    options.discount_period = NumberOr(next.Next(), "discount_period", kNaN);
    options.discount_horizon = NumberOr(next.Next(), "discount_horizon", 0);
    options.margin = next.Real("margin");
    options.spend = spend == nullptr ? nullptr : spend->get();
    return options;
  }

  static patron_clv_holdout_options HoldoutOptions(py::handle arguments, const ClvModel *spend) {
    patron_clv_holdout_options options;
    patron_clv_holdout_options_init(&options);
    Arguments next(arguments);
    options.actual = next.Text("actual");
    options.duration = next.Text("duration");
    options.actual_value = next.Text("actual_value");
    options.log_score = next.Int32("log_score");
    options.spend = spend == nullptr ? nullptr : spend->get();
    return options;
  }

  static std::vector<Wanted> HoldoutWants(const ClvColumns &columns, int32_t kind,
                                          py::handle covariates,
                                          const patron_clv_holdout_options &options) {
    const bool values = options.spend != nullptr;
    return columns.Wants(kind,
                         {options.actual, options.duration, options.actual_value,
                          values ? columns.get()->frequency : nullptr,
                          values ? columns.get()->monetary_value : nullptr},
                         ClvTerms::Names(covariates));
  }

 private:
  patron_clv_model_info Info() const {
    auto info = Sized<patron_clv_model_info>();
    ErrorText error;
    Check(patron_clv_model_get_info(get(), &info, &error), error);
    return info;
  }

  // The customer, T and the covariates.
  static std::vector<Wanted> OfAge(const ClvColumns &columns, py::handle covariates) {
    std::vector<Wanted> wanted = {{columns.get()->customer, Role::kId},
                                  {columns.get()->age, Role::kNumber}};
    for (const char *name : ClvTerms::Names(covariates)) wanted.push_back({name, Role::kNumber});
    return wanted;
  }

  std::unique_ptr<patron_clv_model, void (*)(patron_clv_model *)> model_;
  int32_t kind_ = 0;
};

py::object Compare(const py::list &models, py::handle table, py::handle column_arguments,
                   py::handle covariates, py::handle option_arguments, const ClvModel *spend,
                   py::handle progress) {
  const ClvColumns columns(column_arguments);
  patron_clv_holdout_options options = ClvModel::HoldoutOptions(option_arguments, spend);
  std::vector<const patron_clv_model *> handles;
  for (const py::handle model : models) handles.push_back(model.cast<const ClvModel &>().get());
  std::unique_ptr<InputTable> input;
  if (!table.is_none()) {
    input = std::make_unique<InputTable>(
        table, ClvModel::HoldoutWants(columns, PATRON_CLV_BG_NBD, covariates, options), "summary");
  }
  Call call(input ? AtLeastLarge(input->rows()) : 0, progress, "compare");
  options.context = call.context();
  patron_table *out = nullptr;
  call.Run([&](patron_error *error) {
    return patron_clv_compare(handles.data(), handles.size(), input ? input->get() : nullptr,
                              columns.get(), &options, &out, error);
  });
  return ToPython(TablePtr(out));
}

py::tuple Likelihood(py::handle term_arguments, py::handle table, py::handle column_arguments,
                     py::handle point, bool derivatives, py::handle progress) {
  const ClvTerms terms(term_arguments);
  const ClvColumns columns(column_arguments);
  const std::vector<double> at = Numbers(point, "point");
  const InputTable input(table, columns.Wants(terms.get()->kind, {}, terms.Covariates()),
                         "summary");
  Call call(input.rows(), progress, "likelihood");
  auto part = Sized<patron_clv_part>();
  std::vector<double> gradient(derivatives ? at.size() : 0);
  std::vector<double> hessian(gradient.size() * gradient.size());
  call.Run([&](patron_error *error) {
    return patron_clv_likelihood(input.get(), columns.get(), terms.get(), at.data(), at.size(),
                                 call.context(), &part, derivatives ? gradient.data() : nullptr,
                                 derivatives ? hessian.data() : nullptr, error);
  });
  return PartTuple(part, gradient, hessian);
}

}  // namespace

void DefineClv(py::module_ &m) {
  using py::arg;
  DefineClass<ClvModel>(m, "ClvModel")
      .def_static("fit", &ClvModel::Fit, arg("terms"), arg("table"), arg("columns"), arg("options"),
                  arg("progress"))
      .def_static("fit_parts", &ClvModel::FitParts, arg("terms"), arg("sample"), arg("columns"),
                  arg("options"), arg("total"))
      .def_static("create", &ClvModel::Create, arg("terms"), arg("values"))
      .def_static("from_bytes", &ClvModel::FromBytes, arg("data"))
      .def("to_bytes", &ClvModel::ToBytes)
      .def("info", &ClvModel::InfoTuple)
      .def("limits", &ClvModel::Limits)
      .def("time_unit", &ClvModel::TimeUnit)
      .def("parameters", &ClvModel::Parameters, arg("level"), arg("scale"))
      .def("covariance", &ClvModel::Covariance, arg("scale"))
      .def("predict", &ClvModel::Predict, arg("table"), arg("columns"), arg("covariates"),
           arg("options"), arg("spend"), arg("progress"))
      .def("score", &ClvModel::Score, arg("customer"), arg("transaction"), arg("dropout"),
           arg("options"), arg("spend"))
      .def("counts", &ClvModel::Counts, arg("table"), arg("columns"), arg("covariates"),
           arg("horizon"), arg("most"), arg("progress"))
      .def("new_customers", &ClvModel::NewCustomers, arg("table"), arg("columns"),
           arg("covariates"), arg("options"), arg("progress"))
      .def("profile", &ClvModel::Profile, arg("table"), arg("columns"), arg("covariates"),
           arg("parameter"), arg("level"), arg("progress"))
      .def("log_likelihoods", &ClvModel::LogLikelihoods, arg("table"), arg("columns"),
           arg("covariates"), arg("progress"))
      .def("tracking", &ClvModel::Tracking, arg("table"), arg("columns"), arg("covariates"),
           arg("purchases"), arg("options"), arg("progress"))
      .def("frequency_table", &ClvModel::FrequencyTable, arg("table"), arg("columns"),
           arg("covariates"), arg("most"), arg("progress"))
      .def("holdout", &ClvModel::Holdout, arg("table"), arg("columns"), arg("covariates"),
           arg("options"), arg("spend"), arg("progress"))
      .def("simulate", &ClvModel::Simulate, arg("table"), arg("columns"), arg("covariates"),
           arg("spend"), arg("seed"), arg("transactions"), arg("progress"))
      .def("likelihood_ratio", &ClvModel::LikelihoodRatio, arg("full"));
  m.def("clv_compare", Compare, arg("models"), arg("table"), arg("columns"), arg("covariates"),
        arg("options"), arg("spend"), arg("progress"));
  m.def("clv_likelihood", Likelihood, arg("terms"), arg("table"), arg("columns"), arg("point"),
        arg("derivatives"), arg("progress"));
}

}  // namespace patron::python
