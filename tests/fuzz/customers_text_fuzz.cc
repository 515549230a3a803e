// Keys and comparison of untrusted text.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"
#include "patron/c/customers_keys.h"
#include "patron/customers/measure.hpp"
#include "patron/customers/plain_distance.hpp"
#include "patron/customers/text_column.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

void TryKeys(const std::string &text) {
  const int32_t offsets[] = {0, static_cast<int32_t>(text.size())};
  patron_column values{};
  values.struct_size = sizeof values;
  values.type = PATRON_TYPE_TEXT;
  values.name = "values";
  values.length = 1;
  values.data = text.data();
  values.offsets = offsets;
  for (int32_t kind = 0; kind <= PATRON_KEYS_IDENTITY; ++kind) {
    patron_keys_options options;
    patron_keys_options_init(&options);
    options.kind = kind;
    patron_table *out = nullptr;
    const patron_status status = patron_keys_read(&values, &options, &out, nullptr);
    Require((status == PATRON_OK) == (out != nullptr), "an output is untouched on failure");
    Require(status == PATRON_OK || status == PATRON_INVALID_ARGUMENT,
            "bad text is INVALID_ARGUMENT");
    if (out != nullptr) Require(patron_table_rows(out) == 1, "one row a row");
    patron_table_free(out);
  }
}

// The fast kernels equal their definitions.
void TryDistances(const std::u32string &a, const std::u32string &b) {
  using namespace patron::customers;  // NOLINT
  CharacterPool pool;
  pool.Add(std::u32string_view(a));
  pool.Add(std::u32string_view(b));
  Require(LevenshteinDistance(pool[0], pool[1]) == plain::CountEdits(a, b, false), "Levenshtein");
  Require(OsaDistance(pool[0], pool[1]) == plain::CountEdits(a, b, true), "alignment");
  Require(DamerauDistance(pool[0], pool[1]) == plain::CountDamerau(a, b), "Damerau");
  Require(LcsLength(pool[0], pool[1]) == plain::CountLcs(a, b), "subsequence");
  for (int m = 0; m < static_cast<int>(Measure::kLevenshteinDistance); ++m) {
    const double value = Compare(static_cast<Measure>(m), pool[0], pool[1]);
    Require(value >= 0 && value <= 1, "a similarity is in [0, 1]");
  }
  const plain::JaroCounts c = plain::CountJaro(a, b);
  const auto matches = static_cast<double>(c.matches);
  double jaro = a.empty() && b.empty() ? 1 : 0;
  if (c.matches > 0) {
    jaro = (matches / static_cast<double>(a.size()) + matches / static_cast<double>(b.size()) +
            (matches - static_cast<double>(c.transpositions)) / matches) /
           3;
  }
  Require(std::abs(Compare(Measure::kJaro, pool[0], pool[1]) - jaro) < 1e-14, "Jaro");
  // A column of texts at once: one of each length up to that of b.
  CharacterPool rows;
  for (size_t n = 0; n <= std::min<size_t>(b.size(), 40); ++n) {
    rows.Add(std::u32string_view(b).substr(0, n));
    rows.Add(std::u32string_view(b).substr(b.size() - n));
  }
  for (const Measure measure : {Measure::kJaro, Measure::kJaroWinkler, Measure::kLevenshtein,
                                Measure::kOsaDistance, Measure::kJaccard}) {
    const TextColumn column(rows.all(), measure);
    std::vector<double> results(rows.size());
    column.CompareAll(pool[0], {}, std::nullopt, results);
    for (size_t i = 0; i < rows.size(); ++i) {
      Require(results[i] == Compare(measure, pool[0], rows[i]), "a column is its texts");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr size_t kMost = 400;
  const std::string text(reinterpret_cast<const char *>(data), size);
  TryKeys(text);
  const std::u32string points = patron::customers::ToCodePoints(text.substr(0, kMost));
  const size_t half = points.size() / 2;
  TryDistances(points.substr(0, half), points.substr(half));
  return 0;
}
