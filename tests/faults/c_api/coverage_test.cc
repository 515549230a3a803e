// Every exported function that allocates is tried by one of the tests of this program.
#include "faults/failing_allocator.hpp"

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "support/folders.hpp"

namespace patron::faults {
namespace {

bool AllocatesNothing(const std::string &name) {
  static const std::set<std::string> *const names =
      new std::set<std::string>{"patron_abi_version",
                                "patron_abi_version_min",
                                "patron_access_log_head",
                                "patron_access_log_verify",
                                "patron_aft_get_info",
                                "patron_bytes_data",
                                "patron_bytes_size",
                                "patron_calendar_zone",
                                "patron_casebook_get_size",
                                "patron_clv_likelihood_ratio",
                                "patron_clv_model_get_info",
                                "patron_clv_model_limit",
                                "patron_clv_model_time_unit",
                                "patron_clv_score",
                                "patron_complaint_estimate_pyramid",
                                "patron_complaint_recovery_value",
                                "patron_consent_reason_name",
                                "patron_consents_get_size",
                                "patron_consents_may",
                                "patron_cox_get_info",
                                "patron_defaults_at",
                                "patron_defaults_count",
                                "patron_defaults_get",
                                "patron_defaults_reset",
                                "patron_discrete_hazard_get_info",
                                "patron_ledger_get_size",
                                "patron_link_index_resolve",
                                "patron_link_index_size",
                                "patron_linker_match_rate",
                                "patron_log_get_summary",
                                "patron_markov_mobility",
                                "patron_net_promoter_change",
                                "patron_repurchase_rate",
                                "patron_retention_elasticity",
                                "patron_second_lifetime_value",
                                "patron_register_entity",
                                "patron_register_get_size",
                                "patron_register_resolve",
                                "patron_state_columns",
                                "patron_state_kind",
                                "patron_status_name",
                                "patron_table_batches",
                                "patron_table_column",
                                "patron_table_columns",
                                "patron_table_find",
                                "patron_table_name",
                                "patron_table_rows",
                                "patron_value_lifetime_value",
                                "patron_value_retention_multiple",
                                "patron_value_retention_value",
                                "patron_version_string",
                                "patron_word_of_mouth_balance"};
  return name.ends_with("_free") || name.ends_with("_init") || names->contains(name);
}

// Looks when all tests of the program have run.
class Coverage : public ::testing::Environment {
 public:
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) != "*") return;
    std::ifstream symbols(testing::SourceFolder() + "/bindings/c/symbols.txt");
    EXPECT_TRUE(symbols.good());
    for (std::string name; std::getline(symbols, name);) {
      if (!name.starts_with("patron_") || AllocatesNothing(name)) continue;
      EXPECT_TRUE(Tried().contains(name)) << name << " was not tried";
    }
  }
};

const ::testing::Environment *const kCoverage =
    ::testing::AddGlobalTestEnvironment(new Coverage);  // NOLINT: the program owns it.

}  // namespace
}  // namespace patron::faults
