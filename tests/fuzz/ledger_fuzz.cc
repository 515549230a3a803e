// Ledgers from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 3;
  patron_ledger *ledger =
      Load(Envelope(data, size, kKind), patron_ledger_deserialize, patron_ledger_serialize);
  if (ledger == nullptr) return 0;

  // Answers may fail, as sums or times may be too large, but do not crash.
  for (const int64_t as_of : {PATRON_NO_TIME, int64_t{0}, int64_t{1'300'000'000'000'000}}) {
    patron_table *table = nullptr;
    if (patron_ledger_customers(ledger, as_of, PATRON_MONEY_UNITS, &table, nullptr) == PATRON_OK) {
      patron_table_free(table);
    }
    if (patron_ledger_transactions(ledger, as_of, PATRON_MONEY_FLOAT64, &table, nullptr) ==
        PATRON_OK) {
      patron_table_free(table);
    }
  }
  for (const int32_t frequency : {PATRON_FREQUENCY_ORDERS, PATRON_FREQUENCY_DAYS}) {
    patron_rfm_options options;
    patron_rfm_options_init(&options);
    options.frequency = frequency;
    options.monetary =
        frequency == PATRON_FREQUENCY_DAYS ? PATRON_MONETARY_MEAN : PATRON_MONETARY_SUM;
    patron_table *scores = nullptr, *bins = nullptr;
    if (patron_ledger_rfm(ledger, &options, 0, &scores, &bins, nullptr) == PATRON_OK) {
      patron_table_free(scores);
      patron_table_free(bins);
    }
  }

  // A further fact, as integers; it may conflict, or be of another kind.
  const int64_t one[] = {1}, time[] = {86'400'000'000};
  const double amount[] = {2.5};
  const patron_column columns[] = {Column("transaction_id", PATRON_TYPE_INT64, one, 1),
                                   Column("customer_id", PATRON_TYPE_INT64, one, 1),
                                   Column("date", PATRON_TYPE_TIMESTAMP_US, time, 1),
                                   Column("amount", PATRON_TYPE_FLOAT64, amount, 1)};
  patron_table *rows = nullptr;
  Require(patron_table_borrow(columns, 4, &rows, nullptr) == PATRON_OK, "columns can be borrowed");
  if (patron_ledger_append(ledger, rows, nullptr, nullptr, nullptr, nullptr) == PATRON_OK) {
    const std::string bytes =
        Serialized(patron_ledger_serialize, static_cast<const patron_ledger *>(ledger));
    patron_ledger *again = Load(bytes, patron_ledger_deserialize, patron_ledger_serialize);
    Require(again != nullptr, "what is written can be read");
    patron_ledger_free(again);
  }
  patron_table_free(rows);
  patron_ledger_free(ledger);
  return 0;
}
