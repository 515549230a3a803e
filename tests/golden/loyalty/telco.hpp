// The telecom customers of the reference data, with the covariates that its figures are about.
#ifndef PATRON_TESTS_GOLDEN_LOYALTY_TELCO_HPP_
#define PATRON_TESTS_GOLDEN_LOYALTY_TELCO_HPP_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "patron/loyalty/risk_table.hpp"
#include "support/reference_data.hpp"

namespace patron::loyalty::testing {

// Groups of text, numbered in the order of the text.
struct GroupsOfText {
  std::vector<std::string> names;
  std::vector<uint32_t> codes;

  explicit GroupsOfText(const std::vector<std::string> &texts) : names(texts) {
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string &text : texts) {
      codes.push_back(static_cast<uint32_t>(std::ranges::lower_bound(names, text) - names.begin()));
    }
  }
  Groups get() const { return {codes, names.size()}; }
};

// All columns as text, and those that matter as numbers; empty if the data are absent.
struct Telco {
  std::vector<double> tenure;
  std::vector<uint8_t> churned;
  std::vector<std::string> gender, senior, partner, internet, contract, paperless, payment;
  std::vector<double> monthly_charges;

  Telco() {
    const std::string path = patron::testing::ReferencePath("telco_churn/telco_churn.csv.gz");
    for (const std::string &line : patron::testing::LinesAfterHeader(path)) {
      const std::vector<std::string> fields = patron::testing::Fields(line, ',');
      gender.push_back(fields[1]);
      senior.push_back(fields[2]);
      partner.push_back(fields[3]);
      tenure.push_back(std::stod(fields[5]));
      internet.push_back(fields[8]);
      contract.push_back(fields[15]);
      paperless.push_back(fields[16]);
      payment.push_back(fields[17]);
      monthly_charges.push_back(std::stod(fields[18]));
      churned.push_back(fields[20] == "Yes" ? 1 : 0);
    }
  }

  bool empty() const { return tenure.empty(); }
  Observed observed() const { return {tenure, churned}; }

  static std::vector<double> Is(const std::vector<std::string> &column, std::string_view value) {
    std::vector<double> indicator;
    for (const std::string &text : column) indicator.push_back(text == value ? 1 : 0);
    return indicator;
  }
  // ContractOneYear, ContractTwoYear, Senior, PartnerYes, PaperlessYes, ElectronicCheck, FiberOptic,
  // NoInternet, MonthlyCharges.
  std::vector<std::vector<double>> Covariates() const {
    return {Is(contract, "One year"),    Is(contract, "Two year"), Is(senior, "1"),
            Is(partner, "Yes"),          Is(paperless, "Yes"),     Is(payment, "Electronic check"),
            Is(internet, "Fiber optic"), Is(internet, "No"),       monthly_charges};
  }
};

}  // namespace patron::loyalty::testing

#endif  // PATRON_TESTS_GOLDEN_LOYALTY_TELCO_HPP_
