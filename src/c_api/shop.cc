// A shop to try things on.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/c/value.h"
#include "patron/value/shop.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace value = patron::value;

namespace {

absl::StatusOr<arrow::Table> Transactions(value::Shop &shop) {
  constexpr int kCents = 2;
  std::vector<double> amounts(shop.cents.size());
  patron::CurrencyFromUnits(shop.cents, kCents, amounts);
  arrow::TableBuilder builder;
  builder.AddInt64("customer_id", std::move(shop.customer));
  builder.AddInt64("transaction_id", std::move(shop.transaction));
  builder.AddInt64("order_id", std::move(shop.order));
  builder.AddTimestamp("date", std::move(shop.time));
  builder.AddFloat64("amount", std::move(amounts));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Truth(value::Shop &shop) {
  std::vector<int64_t> customers(shop.rate.size());
  std::iota(customers.begin(), customers.end(), int64_t{1});
  std::vector<uint8_t> alive(shop.lost.size());
  for (size_t i = 0; i < alive.size(); ++i) alive[i] = shop.lost[i] >= shop.end;
  arrow::TableBuilder builder;
  builder.AddInt64("customer_id", std::move(customers));
  builder.AddFloat64("rate", std::move(shop.rate));
  builder.AddTimestamp("joined", std::move(shop.joined));
  builder.AddTimestamp("lost", std::move(shop.lost));
  builder.AddFloat64("mean_spend", std::move(shop.mean_spend));
  builder.AddBool("alive_at_end", alive);
  return builder.Finish();
}

}  // namespace

extern "C" void patron_shop_options_init(patron_shop_options *options) {
  const value::ShopOptions standard;
  *options = {};
  options->struct_size = sizeof *options;
  options->days = standard.days;
  options->customers = standard.customers;
  options->seed = standard.seed;
  options->start = standard.start;
  options->orders_a_year = standard.orders_a_year;
  options->mean_spend = standard.mean_spend;
  options->lifetime_years = standard.lifetime_years;
  options->refund_rate = standard.refund_rate;
}

extern "C" patron_status patron_value_simulate_shop(const patron_shop_options *options,
                                                    patron_table **transactions,
                                                    patron_table **truth, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("transactions", transactions));
    patron_shop_options full;
    patron_shop_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    const value::ShopOptions asked{.customers = full.customers,
                                   .days = full.days,
                                   .start = full.start,
                                   .seed = full.seed,
                                   .orders_a_year = full.orders_a_year,
                                   .mean_spend = full.mean_spend,
                                   .lifetime_years = full.lifetime_years,
                                   .refund_rate = full.refund_rate};
    PATRON_ASSIGN_OR_RETURN(value::Shop shop,
                            value::SimulateShop(asked, c_api::ToExecution(full.context)));
    PATRON_ASSIGN_OR_RETURN(arrow::Table rows, Transactions(shop));
    std::unique_ptr<patron_table> rows_table = c_api::NewTable(std::move(rows));
    if (truth != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table known, Truth(shop));
      *truth = c_api::NewTable(std::move(known)).release();
    }
    *transactions = rows_table.release();
    return absl::OkStatus();
  });
}
