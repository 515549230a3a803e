// Linkers.
#include <pybind11/pybind11.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "customers.hpp"
#include "customers_records.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

// Pairs that a record is compared with, as far as the choice of threads goes.
constexpr int64_t kPairs = 64;

constexpr Wanted kPairColumns[] = {
    {"left", Role::kId}, {"right", Role::kId}, {"weight", Role::kNumber}};

constexpr Choice kMissing[] = {{"null", PATRON_MISSING_NULL}, {"else", PATRON_MISSING_ELSE}};

// Texts of nested tuples, kept for a call.
class Rules {
 public:
  Rules(py::handle rules, const char *name) {
    for (const py::handle rule : rules) {
      std::vector<const char *> &parts = parts_.emplace_back();
      for (const py::handle part : rule) parts.push_back(Name(part, name));
    }
    for (const std::vector<const char *> &parts : parts_) {
      auto rule = Sized<patron_link_rule>();
      rule.parts = parts.data();
      rule.part_count = parts.size();
      rules_.push_back(rule);
    }
  }
  const patron_link_rule *data() const { return rules_.data(); }
  size_t size() const { return rules_.size(); }

 private:
  std::deque<std::vector<const char *>> parts_;
  std::vector<patron_link_rule> rules_;
};

class Linker {
 public:
  explicit Linker(patron_linker *handle) : handle_(handle) {}

  // Fields are packed as (column, levels, missing, term_frequency, fuzzy_term_frequency), options as
  // (id, source, cap, recall, most_pairs).
  static std::unique_ptr<Linker> Make(py::handle fields, py::handle blocks, py::handle training,
                                      py::handle certain, py::handle packed) {
    std::deque<std::vector<const char *>> levels;
    std::vector<patron_link_field> read;
    for (const py::handle field : fields) {
      Arguments next(field);
      auto one = Sized<patron_link_field>();
      one.column = next.Text("column");
      std::vector<const char *> &own = levels.emplace_back();
      for (const py::handle level : next.Next()) own.push_back(Name(level, "level"));
      one.levels = own.data();
      one.level_count = own.size();
      one.missing = next.Word("missing", kMissing);
      one.term_frequency = next.Real("term_frequency");
      one.fuzzy_term_frequency = next.Real("fuzzy_term_frequency");
      read.push_back(one);
    }
    const Rules block_rules(blocks, "blocks"), training_rules(training, "training"),
        certain_rules(certain, "certain");
    patron_linker_options options;
    patron_linker_options_init(&options);
    Arguments next(packed);
    options.id = next.Text("id");
    options.source = next.Text("source");
    const int64_t cap = next.Int("cap");
    if (cap < 2 || cap > 0xFFFFFFFF)
      RaiseInvalid("cap: " + std::to_string(cap) + "; expected 2 or more");
    options.cap = static_cast<uint32_t>(cap);
    options.recall = next.Real("recall");
    const int64_t most = next.Int("most_pairs");
    if (most < 1) RaiseInvalid("most_pairs: " + std::to_string(most) + "; expected 1 or more");
    options.most_pairs = static_cast<uint64_t>(most);
    options.fields = read.data();
    options.field_count = read.size();
    options.blocks = block_rules.data();
    options.block_count = block_rules.size();
    options.training = training_rules.data();
    options.training_count = training_rules.size();
    options.certain = certain_rules.data();
    options.certain_count = certain_rules.size();
    patron_linker *linker = nullptr;
    ErrorText error;
    Check(patron_linker_create(&options, &linker, &error), error);
    return std::make_unique<Linker>(linker);
  }

  void Fit(py::handle table, py::handle other, py::handle columns, py::handle progress) {
    const Records left(table, columns, "table"), right(other, columns, "other");
    Call call(kPairs * (left.rows() + right.rows()), progress, "fit");
    const auto hold = handle_.Lock();
    call.Run([&](patron_error *error) {
      return patron_linker_fit(handle_.get(), left.get(), right.get(), call.context(), error);
    });
  }

  py::object Plan(py::handle table, py::handle other, py::handle columns) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    patron_table *out = nullptr;
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_linker_plan(handle_.get(), left.get(), right.get(), nullptr, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object Parameters() const {
    const auto hold = handle_.Lock();
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_linker_parameters(handle_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  void SetParameters(py::handle table, py::handle match_rate) {
    const InputTable input(table,
                           {{"field", Role::kText},
                            {"level", Role::kText},
                            {"m", Role::kNumber},
                            {"u", Role::kNumber}},
                           "parameters");
    const double rate = Number(match_rate, "match_rate");
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_linker_set_parameters(handle_.get(), input.get(), rate, &error), error);
  }

  double MatchRate() const {
    const auto hold = handle_.Lock();
    double rate = 0;
    ErrorText error;
    Check(patron_linker_match_rate(handle_.get(), &rate, &error), error);
    return rate;
  }

  py::tuple Rounds() const {
    const auto hold = handle_.Lock();
    patron_table *rounds = nullptr, *warnings = nullptr;
    ErrorText error;
    Check(patron_linker_rounds(handle_.get(), &rounds, &warnings, &error), error);
    TablePtr own_rounds(rounds), own_warnings(warnings);
    return py::make_tuple(ToPython(std::move(own_rounds)), ToPython(std::move(own_warnings)));
  }

  py::tuple Predict(py::handle table, py::handle other, py::handle columns, py::handle threshold,
                    bool one_to_one, py::handle progress) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    patron_predict_options options;
    patron_predict_options_init(&options);
    options.threshold = Number(threshold, "threshold");
    options.matching = one_to_one ? PATRON_LINK_ONE_TO_ONE : PATRON_LINK_ALL;
    Call call(kPairs * (left.rows() + right.rows()), progress, "predict");
    options.context = call.context();
    patron_table *out = nullptr;
    uint64_t compared = 0;
    const auto hold = handle_.Lock();
    call.Run([&](patron_error *error) {
      return patron_linker_predict(handle_.get(), left.get(), right.get(), &options, &out,
                                   &compared, error);
    });
    return py::make_tuple(ToPython(TablePtr(out)), compared);
  }

  py::object Explain(py::handle table, py::handle other, py::handle columns,
                     py::handle pairs) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    const InputTable wanted(pairs, {{"left", Role::kId}, {"right", Role::kId}}, "pairs");
    patron_table *out = nullptr;
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_linker_explain(handle_.get(), left.get(), right.get(), wanted.get(), nullptr, &out,
                                &error),
          error);
    return ToPython(TablePtr(out));
  }

  // Options are packed as Guards.
  py::tuple Cluster(py::handle table, py::handle other, py::handle columns, py::handle pairs,
                    py::handle packed) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    const InputTable found(pairs, kPairColumns, "pairs");
    patron_cluster_options options;
    patron_cluster_options_init(&options);
    const Guards guards(packed, options);
    auto report = Sized<patron_cluster_report>();
    patron_table *out = nullptr;
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_linker_cluster(handle_.get(), left.get(), right.get(), found.get(), &options, &out,
                                &report, &error),
          error);
    return py::make_tuple(ToPython(TablePtr(out)), report.clusters, report.refused, report.bridges,
                          report.review);
  }

  py::tuple Refusals(py::handle table, py::handle other, py::handle columns, py::handle pairs,
                     py::handle packed) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    const InputTable found(pairs, kPairColumns, "pairs");
    patron_cluster_options options;
    patron_cluster_options_init(&options);
    const Guards guards(packed, options);
    patron_table *refusals = nullptr, *hubs = nullptr;
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_linker_refusals(handle_.get(), left.get(), right.get(), found.get(), &options,
                                 &refusals, &hubs, &error),
          error);
    TablePtr own_refusals(refusals), own_hubs(hubs);
    return py::make_tuple(ToPython(std::move(own_refusals)), ToPython(std::move(own_hubs)));
  }

  py::object Sweep(py::handle table, py::handle other, py::handle columns, py::handle pairs,
                   py::handle truth, py::handle thresholds, py::handle level) const {
    const Records left(table, columns, "table"), right(other, columns, "other");
    const InputTable found(pairs, kPairColumns, "pairs");
    patron_sweep_options options;
    patron_sweep_options_init(&options);
    std::unique_ptr<InputColumn> people;
    if (!truth.is_none()) {
      people = std::make_unique<InputColumn>("truth", truth, Role::kId);
      options.truth = people->get();
    }
    std::vector<double> wanted;
    for (const py::handle one : thresholds) wanted.push_back(Number(one, "thresholds"));
    options.thresholds = wanted.data();
    options.threshold_count = static_cast<uint32_t>(wanted.size());
    options.level = Number(level, "level");
    patron_table *out = nullptr;
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_linker_sweep(handle_.get(), left.get(), right.get(), found.get(), &options, &out,
                              &error),
          error);
    return ToPython(TablePtr(out));
  }

  std::unique_ptr<LinkIndex> Index(py::handle table, py::handle columns, py::handle packed,
                                   py::handle progress) const {
    const Records records(table, columns, "table");
    patron_link_index_options options;
    patron_link_index_options_init(&options);
    const Guards guards(packed, options);
    Call call(kPairs * records.rows(), progress, "index");
    options.context = call.context();
    patron_link_index *index = nullptr;
    const auto hold = handle_.Lock();
    call.Run([&](patron_error *error) {
      return patron_link_index_create(handle_.get(), records.get(), &options, &index, error);
    });
    return std::make_unique<LinkIndex>(index);
  }

 private:
  mutable Exclusive<patron_linker, patron_linker_free> handle_;
};

py::tuple MeasureLinks(py::handle found, py::handle truth, py::handle level) {
  const InputColumn clusters("found", found, Role::kId), people("truth", truth, Role::kId);
  auto q = Sized<patron_link_quality>();
  ErrorText error;
  Check(patron_link_measure(clusters.get(), people.get(), Number(level, "level"), &q, &error),
        error);
  return py::make_tuple(q.records, q.clusters, q.people, q.truth_pairs, q.found_pairs,
                        q.right_pairs, q.precision,
                        py::make_tuple(q.precision_low, q.precision_high), q.recall,
                        py::make_tuple(q.recall_low, q.recall_high), q.f1, q.bcubed_precision,
                        q.bcubed_recall, q.bcubed_f1, q.exact, q.over_merged, q.under_merged);
}

}  // namespace

void DefineLinker(py::module_ &m) {
  using py::arg;
  DefineClass<Linker>(m, "Linker")
      .def_static("make", &Linker::Make, arg("fields"), arg("blocks"), arg("training"),
                  arg("certain"), arg("options"))
      .def("fit", &Linker::Fit, arg("table"), arg("other"), arg("columns"), arg("progress"))
      .def("plan", &Linker::Plan, arg("table"), arg("other"), arg("columns"))
      .def("parameters", &Linker::Parameters)
      .def("set_parameters", &Linker::SetParameters, arg("parameters"), arg("match_rate"))
      .def("match_rate", &Linker::MatchRate)
      .def("rounds", &Linker::Rounds)
      .def("predict", &Linker::Predict, arg("table"), arg("other"), arg("columns"),
           arg("threshold"), arg("one_to_one"), arg("progress"))
      .def("explain", &Linker::Explain, arg("table"), arg("other"), arg("columns"), arg("pairs"))
      .def("cluster", &Linker::Cluster, arg("table"), arg("other"), arg("columns"), arg("pairs"),
           arg("options"))
      .def("refusals", &Linker::Refusals, arg("table"), arg("other"), arg("columns"), arg("pairs"),
           arg("options"))
      .def("sweep", &Linker::Sweep, arg("table"), arg("other"), arg("columns"), arg("pairs"),
           arg("truth"), arg("thresholds"), arg("level"))
      .def("index", &Linker::Index, arg("table"), arg("columns"), arg("options"), arg("progress"));
  m.def("measure_links", MeasureLinks, arg("found"), arg("truth"), arg("level"));
}

}  // namespace patron::python
