// NBD and Gamma-Gamma on the CDNOW sample against measured optima.
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/nbd.hpp"
#include "support/reference_data.hpp"

namespace patron::clv {
namespace {

class CdnowSampleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string path = patron::testing::ReferencePath("cdnow/summary_sample_rounded.csv");
    for (const std::string &line : patron::testing::LinesAfterHeader(path)) {
      const std::vector<std::string> fields = patron::testing::Fields(line, ',');
      const double x = std::stod(fields[1]), end = std::stod(fields[3]);
      counts_.push_back(x);
      // The table rounds days / 7 to two decimals.
      ends_.push_back(end);
      exact_ends_.push_back(std::round(end * 7) / 7);
      if (x > 0 && std::stod(fields[4]) > 0) {
        repeats_.push_back(x);
        spends_.push_back(std::stod(fields[4]));
      }
    }
    if (counts_.empty()) GTEST_SKIP() << "no reference data at " << path;
    ASSERT_EQ(counts_.size(), 2357u);
    ASSERT_EQ(repeats_.size(), 946u);
  }

  std::vector<double> counts_, ends_, exact_ends_, repeats_, spends_;
};

// BTYDplus on exact days / 7.
TEST_F(CdnowSampleTest, NbdEqualsTheReference) {
  const auto likelihood = NbdLikelihood::Make(counts_, exact_ends_);
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  const auto fit = FitModel(*likelihood, *Layout::Make(NbdLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->estimates[0], 0.384766, 5e-6);
  EXPECT_NEAR(fit->estimates[1], 12.07201, 2e-4);
  EXPECT_NEAR(fit->log_likelihood, -9763.6576, 6e-5);
  EXPECT_TRUE(fit->interior());
  EXPECT_LT(fit->optimum.gradient, 1e-9);
}

// An independent Newton optimum on the spends rounded to two decimals.
TEST_F(CdnowSampleTest, GammaGammaEqualsTheReference) {
  const auto likelihood = GammaGammaLikelihood::Make(repeats_, spends_);
  ASSERT_TRUE(likelihood.ok()) << likelihood.status();
  const auto fit = FitModel(*likelihood, *Layout::Make(GammaGammaLikelihood::kNames));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_NEAR(fit->estimates[0], 6.248802489, 6e-5);
  EXPECT_NEAR(fit->estimates[1], 3.744588453, 4e-5);
  EXPECT_NEAR(fit->estimates[2], 15.44774801, 2e-4);
  EXPECT_NEAR(fit->log_likelihood, -4055.923244, 1e-5);
  EXPECT_NEAR(fit->standard_errors[0], 1.189725806, 1e-3);
  EXPECT_NEAR(fit->standard_errors[1], 0.2901719181, 3e-4);
  EXPECT_NEAR(fit->standard_errors[2], 4.160134296, 4e-3);
}

// lifetimes 0.11.3 at its own estimates, which are those of the table.
TEST_F(CdnowSampleTest, ExpectedSpendsOfNamedCustomersEqualTheReference) {
  const GammaGammaParameters model{6.248802489, 3.744588453, 15.44774801};
  EXPECT_NEAR(MeanSpend(Posterior(model, 2, 22.35)), 24.658616, 1e-5 * 24);
  EXPECT_NEAR(MeanSpend(Posterior(model, 1, 11.77)), 18.911480, 1e-5 * 19);
  EXPECT_NEAR(MeanSpend(Posterior(model, 7, 73.74)), 71.462851, 1e-5 * 71);
  EXPECT_NEAR(MeanSpend(Posterior(model, 2, 25.55)), 27.282408, 1e-5 * 27);
  EXPECT_NEAR(MeanSpend(model), 35.17, 5e-3);
}

}  // namespace
}  // namespace patron::clv
