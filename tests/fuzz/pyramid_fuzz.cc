// Pyramid definitions from untrusted bytes.
#include <cstddef>
#include <cstdint>

#include "bytes_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  constexpr uint8_t kKind = 2;
  patron_pyramid *pyramid =
      Load(Envelope(data, size, kKind), patron_pyramid_deserialize, patron_pyramid_serialize);
  if (pyramid == nullptr) return 0;

  const int64_t ids[] = {3, 1, 2, 4, 5}, units[] = {5, 5, -1, 900, 0}, statuses[] = {0, 0, 0, 1, 0};
  const double values[] = {5.5, 5.5, -1, 1e300, 0};
  for (const bool money : {false, true}) {
    const patron_column columns[] = {Column("customer_id", PATRON_TYPE_INT64, ids, 5),
                                     money ? Column("value", PATRON_TYPE_INT64, units, 5)
                                           : Column("value", PATRON_TYPE_FLOAT64, values, 5),
                                     Column("status", PATRON_TYPE_INT64, statuses, 5)};
    patron_table *customers = nullptr, *tiers = nullptr, *members = nullptr;
    Require(patron_table_borrow(columns, 3, &customers, nullptr) == PATRON_OK,
            "columns can be borrowed");
    patron_pyramid_options options;
    patron_pyramid_options_init(&options);
    options.decimals = 2;
    options.status = "status";
    Require(
        patron_pyramid_build(pyramid, customers, &options, &tiers, &members, nullptr) == PATRON_OK,
        "customers can be placed");
    patron_table_free(tiers);
    patron_table_free(members);
    patron_table_free(customers);
  }
  patron_pyramid_free(pyramid);
  return 0;
}
