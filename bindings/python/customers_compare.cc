// Texts compared.
#include <pybind11/pybind11.h>

#include <limits>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kMeasures[] = {{"exact", PATRON_MEASURE_EXACT},
                                {"jaro", PATRON_MEASURE_JARO},
                                {"jaro_winkler", PATRON_MEASURE_JARO_WINKLER},
                                {"levenshtein", PATRON_MEASURE_LEVENSHTEIN},
                                {"osa", PATRON_MEASURE_OSA},
                                {"damerau", PATRON_MEASURE_DAMERAU},
                                {"indel", PATRON_MEASURE_INDEL},
                                {"lcs", PATRON_MEASURE_LCS},
                                {"jaccard", PATRON_MEASURE_JACCARD},
                                {"cosine", PATRON_MEASURE_COSINE},
                                {"tokens", PATRON_MEASURE_TOKENS},
                                {"levenshtein_distance", PATRON_MEASURE_LEVENSHTEIN_DISTANCE},
                                {"osa_distance", PATRON_MEASURE_OSA_DISTANCE},
                                {"damerau_distance", PATRON_MEASURE_DAMERAU_DISTANCE},
                                {"indel_distance", PATRON_MEASURE_INDEL_DISTANCE},
                                {"lcs_length", PATRON_MEASURE_LCS_LENGTH}};

// Packed as (measure, n, boost, prefix_weight, cutoff).
patron_compare_options CompareOptions(py::handle packed) {
  patron_compare_options options;
  patron_compare_options_init(&options);
  Arguments next(packed);
  options.measure = next.Word("measure", kMeasures);
  options.n = next.Int32("n");
  options.boost = next.Real("boost");
  options.prefix_weight = next.Real("prefix_weight");
  const py::handle cutoff = next.Next();
  if (!cutoff.is_none()) options.cutoff = Number(cutoff, "cutoff");
  return options;
}

double CompareTexts(const std::string &left, const std::string &right, py::handle packed) {
  const patron_compare_options options = CompareOptions(packed);
  double value = 0;
  ErrorText error;
  Check(patron_compare_texts(left.data(), left.size(), right.data(), right.size(), &options, &value,
                             &error),
        error);
  return value;
}

py::object CompareColumns(py::handle left, py::handle right, py::handle packed, bool each,
                          py::handle progress) {
  patron_compare_options options = CompareOptions(packed);
  const InputColumn a("left", left, Role::kText), b("right", right, Role::kText);
  const int64_t pairs =
      each && b.rows() > 0 && a.rows() < std::numeric_limits<int64_t>::max() / b.rows()
          ? a.rows() * b.rows()
          : a.rows();
  Call call(pairs, progress, "compare");
  options.context = call.context();
  patron_table *out = nullptr;
  const auto function = each ? patron_compare_all : patron_compare_rows;
  call.Run([&](patron_error *error) { return function(a.get(), b.get(), &options, &out, error); });
  return ToPython(TablePtr(out));
}

}  // namespace

void DefineCompare(py::module_ &m) {
  using py::arg;
  m.def("compare_texts", CompareTexts, arg("left"), arg("right"), arg("options"));
  m.def("compare_columns", CompareColumns, arg("left"), arg("right"), arg("options"), arg("each"),
        arg("progress"));
}

}  // namespace patron::python
