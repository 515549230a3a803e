// Casebooks from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 18;
  constexpr int64_t kNow = 1'717'398'000'000'000;
  patron_casebook *book =
      Load(Envelope(data, size, kKind), patron_casebook_deserialize, patron_casebook_serialize);
  if (book == nullptr) return 0;
  Require(patron_casebook_verify(book, 0, nullptr, nullptr) == PATRON_OK, "what loads is sound");

  // Answers may fail, but do not crash.
  patron_table *table = nullptr;
  const auto take = [&](patron_status status) {
    if (status == PATRON_OK) patron_table_free(table);
  };
  take(patron_casebook_cases(book, PATRON_MONEY_UNITS, &table, nullptr));
  take(patron_casebook_events(book, PATRON_MONEY_FLOAT64, &table, nullptr));
  take(patron_casebook_as_of(book, kNow, kNow, PATRON_MONEY_UNITS, &table, nullptr));
  take(patron_casebook_clocks(book, PATRON_CLOCKS_ALL, kNow, 0, &table, nullptr));
  take(patron_casebook_timeline(book, 1, nullptr, PATRON_MONEY_UNITS, &table, nullptr));
  take(patron_casebook_timeline(book, 0, "A", PATRON_MONEY_UNITS, &table, nullptr));
  take(patron_casebook_policies(book, &table, nullptr));
  take(patron_casebook_calendars(book, &table, nullptr));
  int64_t next = 0;
  (void)patron_casebook_next_instant(book, &next, nullptr);
  if (patron_casebook_advance(book, kNow, nullptr, nullptr) == PATRON_OK) {
    const std::string bytes =
        Serialized(patron_casebook_serialize, static_cast<const patron_casebook *>(book));
    patron_casebook *again = Load(bytes, patron_casebook_deserialize, patron_casebook_serialize);
    Require(again != nullptr, "what is written can be read");
    patron_casebook_free(again);
  }
  (void)patron_casebook_erase_customer(book, 1, nullptr, nullptr);
  (void)patron_casebook_erase_customer(book, 0, "c", nullptr);
  Require(patron_casebook_verify(book, 0, nullptr, nullptr) == PATRON_OK, "it stays sound");
  patron_casebook_free(book);
  return 0;
}
