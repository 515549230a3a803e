// Loyalty indices from untrusted bytes.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 24;
  patron_loyalty_index *index = Load(Envelope(data, size, kKind), patron_loyalty_index_deserialize,
                                     patron_loyalty_index_serialize);
  if (index == nullptr) return 0;

  patron_table *components = nullptr;
  Require(patron_loyalty_index_components(index, &components, nullptr) == PATRON_OK,
          "components can be listed");
  patron_column names{};
  names.struct_size = sizeof names;
  Require(patron_table_column(components, 0, 0, &names, nullptr) == PATRON_OK, "they have names");
  // Customers with those columns, at odd values.
  const double values[] = {0, -1e308, 0.5, 1e308, std::numeric_limits<double>::quiet_NaN()};
  std::vector<std::string> texts;
  const auto *offsets = static_cast<const int32_t *>(names.offsets) + names.offset;
  const auto *characters = static_cast<const char *>(names.data);
  for (int64_t i = 0; i < names.length; ++i) {
    texts.emplace_back(characters + offsets[i], characters + offsets[i + 1]);
  }
  bool whole = true;  // A name with a zero byte cannot be given from C.
  std::vector<patron_column> columns;
  for (const std::string &text : texts) {
    whole = whole && text.find('\0') == std::string::npos;
    columns.push_back(Column(text.c_str(), PATRON_TYPE_FLOAT64, values, 5));
  }
  patron_table *customers = nullptr, *scores = nullptr;
  if (whole &&
      patron_table_borrow(columns.data(), columns.size(), &customers, nullptr) == PATRON_OK) {
    Require(patron_loyalty_index_score(index, customers, nullptr, &scores, nullptr) == PATRON_OK,
            "customers can be scored");
  }
  patron_table_free(scores);
  patron_table_free(customers);
  patron_table_free(components);
  patron_loyalty_index_free(index);
  return 0;
}
