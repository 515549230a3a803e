// Customer tables of the reference data: recency, orders and revenue, computed in the plainest way.
#ifndef PATRON_TESTS_GOLDEN_VALUE_RFM_TABLES_HPP_
#define PATRON_TESTS_GOLDEN_VALUE_RFM_TABLES_HPP_

#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/folders.hpp"

namespace patron::value::rfm_tables {

// Customers ascending by id; revenue in units of 10^-4, and in currency as a program that adds up
// doubles in row order has it.
struct CustomerTable {
  std::vector<std::string> ids;
  std::vector<int32_t> recency;
  std::vector<int64_t> orders;
  std::vector<int64_t> revenue;
  std::vector<double> revenue_in_doubles;
};

inline std::filesystem::path DataFolder() { return testing::SharedDataFolder(); }

// The fields of each line but the header. No field of these files is quoted.
inline std::vector<std::vector<std::string>> ReadCsv(const std::filesystem::path &path) {
  std::vector<std::vector<std::string>> rows;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return rows;
  char line[4096];
  bool header = true;
  while (gzgets(file, line, sizeof line) != nullptr) {
    std::string_view rest = line;
    while (!rest.empty() && (rest.back() == '\n' || rest.back() == '\r')) rest.remove_suffix(1);
    if (std::exchange(header, false) || rest.empty()) continue;
    std::vector<std::string> fields;
    for (size_t comma = 0; comma != rest.npos; rest.remove_prefix(comma + 1)) {
      comma = rest.find(',');
      fields.emplace_back(rest.substr(0, comma));
      if (comma == rest.npos) break;
    }
    rows.push_back(std::move(fields));
  }
  gzclose(file);
  return rows;
}

inline int32_t Day(int year, unsigned month, unsigned day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

inline int32_t Day(const std::string &iso) {
  return Day(std::stoi(iso.substr(0, 4)), static_cast<unsigned>(std::stoi(iso.substr(5, 2))),
             static_cast<unsigned>(std::stoi(iso.substr(8, 2))));
}

inline int64_t Money(const std::string &decimal) {
  return std::llround(std::stod(decimal) * 10000.0);
}

// Sums orders up by customer. Ids that are numbers sort as numbers, others by bytes.
class TableBuilder {
 public:
  void Add(const std::string &id, int32_t day, int64_t orders, int64_t revenue) {
    const bool number = id.find_first_not_of("0123456789") == id.npos;
    State &state = states_[{number ? std::stoll(id) : 0, id}];
    state.last = std::max(state.last, day);
    state.orders += orders;
    state.revenue += revenue;
    state.revenue_in_doubles += static_cast<double>(revenue) / 10000.0;
  }

  CustomerTable Build(int32_t as_of) const {
    CustomerTable table;
    for (const auto &[id, state] : states_) {
      table.ids.push_back(id.second);
      table.recency.push_back(as_of - state.last);
      table.orders.push_back(state.orders);
      table.revenue.push_back(state.revenue);
      table.revenue_in_doubles.push_back(state.revenue_in_doubles);
    }
    return table;
  }

 private:
  struct State {
    int32_t last = INT32_MIN;
    int64_t orders = 0;
    int64_t revenue = 0;
    double revenue_in_doubles = 0;
  };
  std::map<std::pair<int64_t, std::string>, State> states_;
};

// Purchase invoices of a positive amount, as of 2011-12-10.
inline CustomerTable OnlineRetail() {
  TableBuilder builder;
  for (const auto &row : ReadCsv(DataFolder() / "online_retail" / "invoices.csv.gz")) {
    const int64_t milli = std::stoll(row[5]);
    if (row[7] == "0" && milli > 0) builder.Add(row[0], Day(row[2]), 1, milli * 10);
  }
  return builder.Build(Day(2011, 12, 10));
}

// As of 2006-12-31.
inline CustomerTable SampleOrders() {
  TableBuilder builder;
  for (const auto &row : ReadCsv(DataFolder() / "rfm_sample" / "orders.csv")) {
    builder.Add(row[0], Day(row[1]), 1, Money(row[2]));
  }
  return builder.Build(Day(2006, 12, 31));
}

inline CustomerTable SampleCustomers() {
  TableBuilder builder;
  for (const auto &row : ReadCsv(DataFolder() / "rfm_sample" / "customers.csv.gz")) {
    builder.Add(row[0], -std::stoi(row[4]), std::stoll(row[3]), Money(row[1]));
  }
  return builder.Build(0);
}

// As of 1998-07-01.
inline CustomerTable Cdnow() {
  TableBuilder builder;
  for (const auto &row : ReadCsv(DataFolder() / "cdnow" / "transactions_full.csv")) {
    builder.Add(row[0], Day(row[1]), 1, Money(row[3]));
  }
  return builder.Build(Day(1998, 7, 1));
}

}  // namespace patron::value::rfm_tables

#endif  // PATRON_TESTS_GOLDEN_VALUE_RFM_TABLES_HPP_
