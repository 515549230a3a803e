// Models of categories from untrusted bytes.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 20;
  patron_category_model *model =
      Load(Envelope(data, size, kKind), patron_category_deserialize, patron_category_serialize);
  if (model == nullptr) return 0;

  const char characters[] = "lateLate \xE6\x8A\x95\xE8\xAF\x89";
  const int32_t offsets[] = {0, 4, 4, sizeof characters - 1};
  patron_column column = Column("text", PATRON_TYPE_TEXT, characters, 3);
  column.offsets = offsets;
  patron_table *table = nullptr, *suggested = nullptr;
  Require(patron_table_borrow(&column, 1, &table, nullptr) == PATRON_OK, "columns can be borrowed");
  Require(patron_category_suggest(model, table, nullptr, 0.5, &suggested, nullptr) == PATRON_OK,
          "it can be asked");
  Require(patron_table_rows(suggested) == 3, "and answers");
  patron_table_free(suggested);
  patron_table_free(table);
  patron_category_free(model);
  return 0;
}
