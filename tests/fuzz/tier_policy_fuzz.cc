// Policies of tier programmes from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 32;
  patron_tier_policy *policy = Load(Envelope(data, size, kKind), patron_tier_policy_deserialize,
                                    patron_tier_policy_serialize);
  if (policy == nullptr) return 0;

  const int64_t ids[] = {3, 1, 3, 1, 3}, units[] = {500, 5, -100, 900, 0};
  const int32_t days[] = {0, 59, 100, 400, 430};
  const patron_column columns[] = {Column("customer_id", PATRON_TYPE_INT64, ids, 5),
                                   Column("date", PATRON_TYPE_DATE32, days, 5),
                                   Column("amount", PATRON_TYPE_INT64, units, 5)};
  patron_table *table = nullptr, *standings = nullptr, *changes = nullptr;
  patron_tier_book *book = nullptr;
  Require(patron_table_borrow(columns, 3, &table, nullptr) == PATRON_OK, "columns can be borrowed");
  Require(patron_tier_book_create(policy, nullptr, &book, nullptr) == PATRON_OK, "a book is made");
  Require(patron_tier_book_append(book, table, nullptr, nullptr, nullptr, nullptr) == PATRON_OK,
          "purchases can be added");
  const patron_status status = patron_tier_book_history(book, 800, PATRON_MONEY_FLOAT64, nullptr,
                                                        &standings, &changes, nullptr, nullptr);
  Require(status == PATRON_OK || standings == nullptr, "an output is untouched on failure");
  patron_table_free(standings);
  patron_table_free(changes);
  patron_tier_book_free(book);
  patron_table_free(table);
  patron_tier_policy_free(policy);
  return 0;
}
