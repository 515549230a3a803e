// Reading of the reference data for golden tests: where they are, and CSV lines, zipped or not.
#ifndef PATRON_TESTS_SUPPORT_REFERENCE_DATA_HPP_
#define PATRON_TESTS_SUPPORT_REFERENCE_DATA_HPP_

#include <zlib.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/folders.hpp"

namespace patron::testing {

// A file of the reference data.
inline std::string ReferencePath(std::string_view name) {
  return SharedDataFolder() + "/" + std::string(name);
}

// The lines of a file after its first, without line ends; empty if there is no such file.
inline std::vector<std::string> LinesAfterHeader(const std::string &path) {
  std::vector<std::string> lines;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return lines;
  char buffer[4096];
  bool header = true;
  while (gzgets(file, buffer, sizeof buffer) != nullptr) {
    std::string_view line = buffer;
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (!header && !line.empty()) lines.emplace_back(line);
    header = false;
  }
  gzclose(file);
  return lines;
}

inline std::vector<std::string> Fields(const std::string &line, char separator) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == separator) {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  return fields;
}

// What the Online Retail invoices say of one customer; amounts in thousandths of a pound.
struct InvoiceTotals {
  int64_t net = 0;
  int64_t gross = 0;      // Purchases alone.
  int64_t purchases = 0;  // Invoices.
  int64_t credit_notes = 0;
  int64_t lines = 0;  // Of both.
};

// By customer id, ascending; empty if the data are absent.
inline std::map<int64_t, InvoiceTotals> OnlineRetailCustomers() {
  std::map<int64_t, InvoiceTotals> customers;
  for (const std::string &line : LinesAfterHeader(ReferencePath("online_retail/invoices.csv.gz"))) {
    const std::vector<std::string> fields = Fields(line, ',');
    InvoiceTotals &totals = customers[std::stoll(fields[0])];
    const int64_t amount = std::stoll(fields[5]);
    const bool credit = fields.back() == "1";
    totals.net += amount;
    totals.lines += std::stoll(fields[3]);
    (credit ? totals.credit_notes : totals.purchases) += 1;
    if (!credit) totals.gross += amount;
  }
  return customers;
}

}  // namespace patron::testing

#endif  // PATRON_TESTS_SUPPORT_REFERENCE_DATA_HPP_
