// The index: whatever comes and goes, in any order, its clusters are those of all records at once.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/link_groups.hpp"
#include "patron/customers/link_index.hpp"

namespace patron::customers {
namespace {

constexpr size_t kColumns = 4;  // Name, phone, city, source.
using Cells = std::array<std::string, kColumns>;
using Names = std::pair<int, int>;  // Of two records, the lesser first.

// Codes of texts, by column.
class Coder {
 public:
  uint32_t Code(LinkRecords &records, size_t column, const std::string &text) {
    if (text.empty()) return kNoValue;
    auto &codes = codes_[column];
    const auto [at, fresh] = codes.emplace(text, static_cast<uint32_t>(codes.size()));
    if (fresh) records.columns[column].values.Add(text);
    return at->second;
  }

 private:
  std::array<std::map<std::string, uint32_t>, kColumns> codes_;
};

LinkField FieldOf(const std::string &column, const std::vector<std::string> &levels) {
  LinkField field;
  field.column = column;
  for (const std::string &level : levels) field.levels.push_back(*ParseLevel("level", level));
  return field;
}

LinkPlan PlanOf(uint32_t cap) {
  LinkPlan plan;
  plan.fields = {FieldOf("name", {"exact", "jaro_winkler >= 0.85"}), FieldOf("phone", {"exact"}),
                 FieldOf("city", {"exact", "levenshtein_distance <= 1"})};
  plan.fields[0].term_frequency = 1;
  plan.field_columns = {0, 1, 2};
  plan.blocks = {{"phone", {{.column = 1}}},
                 {"city + name[:1]", {{.column = 2}, {.column = 0, .begin = 0, .end = 1}}},
                 {"name[:3]", {{.column = 0, .begin = 0, .end = 3}}}};
  plan.cap = cap;
  return plan;
}

LinkModel ModelOf() {
  LinkModel model;
  model.match_rate = 0.05;
  model.fields = {{.m = {0.7, 0.2, 0.1}, .u = {0.06, 0.1, 0.84}, .equal = 0.06},
                  {.m = {0.8, 0.2}, .u = {0.05, 0.95}, .equal = 0.05},
                  {.m = {0.7, 0.1, 0.2}, .u = {0.2, 0.1, 0.7}, .equal = 0.2}};
  return model;
}

Cells RandomCells(std::mt19937_64 &random, size_t variety) {
  const std::vector<std::string> names = {"anna", "anne", "annie", "bob",  "bobby",  "robert",
                                          "cyd",  "cyda", "dan",   "dana", "daniel", "eve"};
  const auto some = [&](size_t of) { return static_cast<size_t>(random() % of); };
  Cells cells;
  cells[0] = some(12) == 0 ? "" : names[some(std::min(names.size(), variety))];
  cells[1] = some(5) == 0 ? "" : "1380000" + std::to_string(some(variety));
  cells[2] = some(8) == 0 ? "" : std::vector<std::string>{"bath", "bach", "york", "rome"}[some(4)];
  cells[3] = some(2) == 0 ? "shop" : "web";
  return cells;
}

// Everything that the index must have at the moment.
struct Expected {
  std::map<int, Cells> records;
  std::set<Names> together, apart, unlinked;
};

using Partition = std::set<std::set<int>>;

using Weights = std::map<Names, double>;  // Of pairs.

// By the batch functions, with the records in a random order.
Partition BatchOf(const Expected &expected, const LinkPlan &plan, const LinkModel &model,
                  const LinkTerms &terms, const IndexOptions &options, bool sources,
                  std::mt19937_64 &random, size_t *hubs, size_t *refusals, Weights *all) {
  std::vector<int> names;
  for (const auto &[name, cells] : expected.records) names.push_back(name);
  std::ranges::shuffle(names, random);
  if (sources) {
    std::ranges::stable_sort(names, {}, [&](int n) { return expected.records.at(n)[3]; });
  }
  LinkRecords records;
  Coder coder;
  records.columns.resize(kColumns);
  records.size = names.size();
  std::map<int, uint32_t> number;
  for (const int name : names) {
    number[name] = static_cast<uint32_t>(number.size());
    const Cells &cells = expected.records.at(name);
    for (size_t c = 0; c < kColumns; ++c) {
      records.columns[c].codes.push_back(coder.Code(records, c, cells[c]));
    }
    if (sources) records.sources.push_back(cells[3] == "web" ? 1 : 0);
  }
  auto found = FindPairs(records, plan, model,
                         FindOptions{.threshold = options.threshold, .terms = &terms}, {});
  EXPECT_TRUE(found.ok());
  std::vector<RecordPair> pairs;
  std::vector<double> weights;
  for (size_t p = 0; p < found->pairs.size(); ++p) {
    const int a = names[found->pairs[p].left], b = names[found->pairs[p].right];
    if (expected.unlinked.contains({std::min(a, b), std::max(a, b)})) continue;
    pairs.push_back(found->pairs[p]);
    weights.push_back(found->weights[p]);
  }
  const PairScorer scorer(records, plan, model, &terms);
  std::vector<double> by_field(plan.fields.size());
  for (uint32_t i = 0; all != nullptr && i < names.size(); ++i) {
    for (uint32_t j = i + 1; j < names.size(); ++j) {
      const Names pair = {std::min(names[i], names[j]), std::max(names[i], names[j])};
      (*all)[pair] = scorer.Score(i, j, by_field.data());
    }
  }
  GroupOptions group = {.threshold = options.threshold,
                        .cluster = {.most = options.most,
                                    .split_bridges = options.split_bridges,
                                    .prior = model.PriorWeight(),
                                    .must_link = {},
                                    .cannot_link = {}},
                        .hubs = options.hubs};
  for (const auto &[a, b] : expected.together)
    group.cluster.must_link.push_back({number.at(a), number.at(b)});
  for (const auto &[a, b] : expected.apart)
    group.cluster.cannot_link.push_back({number.at(a), number.at(b)});
  const auto before = [&](uint32_t i, uint32_t j) { return names[i] < names[j]; };
  const Groups groups = GroupRecords(records, plan, scorer, pairs, weights, group, before);
  *hubs += groups.hubs.size();
  *refusals += groups.clusters.refusals.size();
  EXPECT_EQ(groups.clusters.refusals.size(), groups.clusters.refused + groups.clusters.bridges);
  std::map<uint32_t, std::set<int>> clusters;
  for (size_t i = 0; i < names.size(); ++i) {
    clusters[groups.clusters.cluster_of[i]].insert(names[i]);
  }
  Partition partition;
  for (auto &[root, members] : clusters) partition.insert(std::move(members));
  return partition;
}

// Drives an index by the names of records.
class Driver {
 public:
  Driver(const LinkPlan &plan, const LinkModel &model, std::shared_ptr<const LinkTerms> terms,
         const IndexOptions &options, bool sources, const std::map<int, Cells> &first)
      : sources_(sources),
        index_(plan, model, std::move(terms), options,
               [this](uint32_t i, uint32_t j) { return names_[i] < names_[j]; }) {
    LinkRecords records;
    Coder coder;
    records.columns.resize(kColumns);
    std::vector<int> order;
    for (const auto &[name, cells] : first) order.push_back(name);
    if (sources) {
      std::ranges::stable_sort(order, {}, [&](int name) { return first.at(name)[3]; });
    }
    for (const int name : order) {
      const Cells &cells = first.at(name);
      for (size_t c = 0; c < kColumns; ++c) {
        records.columns[c].codes.push_back(coder.Code(records, c, cells[c]));
      }
      if (sources) records.sources.push_back(cells[3] == "web" ? 1 : 0);
      Note(name);
    }
    records.size = order.size();
    EXPECT_TRUE(index_.Build(std::move(records), {}).ok());
    entities_ = Entities();
  }

  void Add(const std::vector<std::pair<int, Cells>> &fresh) {
    std::vector<uint32_t> codes, sources;
    for (const auto &[name, cells] : fresh) {
      for (size_t c = 0; c < kColumns; ++c) {
        codes.push_back(cells[c].empty() ? kNoValue : index_.Encode(c, cells[c]));
      }
      if (sources_) sources.push_back(cells[3] == "web" ? 1 : 0);
      Note(name);
    }
    Check(index_.Add(codes, sources));
  }
  void Remove(int name) {
    const auto change = index_.Remove(number_.at(name));
    number_.erase(name);
    Check(change);
  }
  void Keep(const Names &pair, bool together) {
    const RecordPair own = {number_.at(pair.first), number_.at(pair.second)};
    Check(together ? index_.KeepTogether(own) : index_.KeepApart(own));
  }
  bool Unlink(const Names &pair) {
    const auto change = index_.Unlink({number_.at(pair.first), number_.at(pair.second)});
    if (!change.ok()) {
      EXPECT_EQ(change.status().code(), absl::StatusCode::kNotFound);
      return false;
    }
    Check(change);
    return true;
  }

  std::map<int, uint64_t> Entities() const {
    std::map<int, uint64_t> entities;
    for (const auto &[name, record] : number_) entities[name] = index_.entities().EntityOf(record);
    return entities;
  }
  Partition Clusters() const {
    std::map<uint64_t, std::set<int>> sets;
    for (const auto &[name, entity] : Entities()) sets[entity].insert(name);
    Partition partition;
    for (auto &[entity, members] : sets) partition.insert(std::move(members));
    return partition;
  }
  // Of all pairs of records, whatever hubs there are.
  Weights PairWeights() const {
    Weights weights;
    std::vector<double> by_field(index_.scorer().fields());
    for (const auto &[a, i] : number_) {
      for (const auto &[b, j] : number_) {
        if (a < b) weights[{a, b}] = index_.scorer().Score(i, j, by_field.data());
      }
    }
    return weights;
  }
  // The texts of a column that stand in memory.
  std::multiset<std::string> Texts(size_t column) const {
    std::multiset<std::string> texts;
    for (const Characters &text : index_.records().columns[column].values.all()) {
      if (text.size > 0) texts.insert(TextOf(text));
    }
    return texts;
  }
  const LinkIndex &index() const { return index_; }

 private:
  void Note(int name) {
    number_[name] = static_cast<uint32_t>(names_.size());
    names_.push_back(name);
  }

  // What a change says is what changed; ids survive by the rule.
  void Check(const absl::StatusOr<IndexChange> &change) {
    ASSERT_TRUE(change.ok()) << change.status();
    const std::map<int, uint64_t> now = Entities();
    std::map<uint64_t, std::set<int>> before, after;
    for (const auto &[name, entity] : entities_) {
      if (now.contains(name)) before[entity].insert(name);
    }
    for (const auto &[name, entity] : now) after[entity].insert(name);
    std::set<int> touched;
    for (const auto &row : change->touched) {
      const int name = names_[row.record];
      touched.insert(name);
      EXPECT_EQ(row.entity, now.at(name));
      EXPECT_EQ(row.before, entities_.contains(name) ? entities_.at(name) : 0);
      EXPECT_EQ(row.size, after.at(row.entity).size());
    }
    for (const auto &[entity, members] : after) {
      std::map<uint64_t, size_t> had;
      for (const int name : members) {
        if (entities_.contains(name)) ++had[entities_.at(name)];
      }
      const bool same = before.contains(entity) && before.at(entity) == members;
      if (!same) {
        for (const int name : members) EXPECT_TRUE(touched.contains(name)) << name;
      }
      // Nobody of the cluster had a larger share, unless that entity lives on elsewhere.
      for (const auto &[old, count] : had) {
        if (old == entity || after.contains(old)) continue;
        EXPECT_TRUE(count < had[entity] || (count == had[entity] && entity < old) ||
                    had[entity] == 0)
            << old << " " << entity;
      }
    }
    for (const auto &[old, members] : before) {
      const uint64_t heir = index_.entities().Resolve(old);
      EXPECT_TRUE(after.contains(heir));
      size_t most = 0, of_heir = 0;
      for (const auto &[entity, own] : after) {
        size_t shared = 0;
        for (const int name : own) shared += members.contains(name) ? 1 : 0;
        most = std::max(most, shared);
        if (entity == heir) of_heir = shared;
      }
      if (!after.contains(old)) {
        EXPECT_EQ(of_heir, most);
      }
    }
    // Splits and then merges lead a register from the partition before to the one after.
    std::map<int, uint64_t> replay;
    uint64_t fresh = 1'000'000;
    for (const auto &[name, entity] : now) {
      replay[name] = entities_.contains(name) ? entities_.at(name) : ++fresh;
    }
    std::map<std::pair<uint64_t, uint64_t>, uint64_t> parts;
    for (const auto &[record, entity] : change->splits) {
      uint64_t &part = parts[{replay.at(names_[record]), entity}];
      if (part == 0) part = ++fresh;
      replay[names_[record]] = part;
    }
    for (const auto &pair : change->merges) {
      const uint64_t from = replay.at(names_[pair.right]), to = replay.at(names_[pair.left]);
      for (auto &[name, entity] : replay) entity = entity == from ? to : entity;
    }
    for (const auto &[a, entity_a] : now) {
      for (const auto &[b, entity_b] : now) {
        ASSERT_EQ(entity_a == entity_b, replay.at(a) == replay.at(b)) << a << " " << b;
      }
    }
    entities_ = now;
  }

  bool sources_;
  std::vector<int> names_;          // By record.
  std::map<int, uint32_t> number_;  // Of those that are there.
  std::map<int, uint64_t> entities_;
  LinkIndex index_;
};

TEST(LinkIndexTest, AnyOrderOfComingAndGoingGivesTheClustersOfAllAtOnce) {
  size_t hubs = 0, refusals = 0, capped = 0, steps = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::mt19937_64 random(seed);
    const bool sources = seed % 4 == 3;
    const LinkPlan plan = PlanOf(seed % 3 == 0 ? 4 : seed % 3 == 1 ? 8 : 1000);
    const LinkModel model = ModelOf();
    const size_t variety = 6 + seed % 7;
    Expected expected;
    int next = 0;
    for (; next < static_cast<int>(seed % 5) * 8; ++next) {
      expected.records[next * 37 % 1009] = RandomCells(random, variety);
    }
    auto terms = std::make_shared<LinkTerms>();
    {
      LinkRecords reference;
      Coder coder;
      reference.columns.resize(kColumns);
      reference.size = 50;
      for (int i = 0; i < 50; ++i) {
        const Cells cells = RandomCells(random, variety);
        for (size_t c = 0; c < kColumns; ++c) {
          reference.columns[c].codes.push_back(coder.Code(reference, c, cells[c]));
        }
      }
      ASSERT_TRUE(CountTerms(reference, plan, terms.get()).ok());
    }
    const IndexOptions options = {
        .threshold = seed % 2 == 0 ? 0.0 : 1.5,
        .most = 3,
        .split_bridges = seed % 5 != 0,
        .hubs = seed % 3 == 2
                    ? std::vector<HubGuard>{}
                    : std::vector<HubGuard>{{.field = 1, .most = 2}, {.field = 2, .most = 3}},
        .must_link = {},
        .cannot_link = {}};
    Driver driver(plan, model, terms, options, sources, expected.records);
    const auto some_name = [&] {
      auto at = expected.records.begin();
      std::advance(at, static_cast<ptrdiff_t>(random() % expected.records.size()));
      return at->first;
    };
    for (int step = 0; step < 50; ++step) {
      const uint64_t kind = random() % 20;
      if (kind < 11 || expected.records.size() < 3) {
        std::vector<std::pair<int, Cells>> fresh;
        for (uint64_t i = 0; i <= (kind == 0 ? random() % 4 : 0); ++i, ++next) {
          fresh.emplace_back(next * 37 % 1009, RandomCells(random, variety));
        }
        driver.Add(fresh);
        for (const auto &[name, cells] : fresh) expected.records[name] = cells;
      } else if (kind < 15) {
        const int name = some_name();
        driver.Remove(name);
        expected.records.erase(name);
        for (auto *pairs : {&expected.together, &expected.apart, &expected.unlinked}) {
          std::erase_if(
              *pairs, [&](const Names &pair) { return pair.first == name || pair.second == name; });
        }
      } else {
        const int a = some_name(), b = some_name();
        if (a == b) continue;
        const Names pair = {std::min(a, b), std::max(a, b)};
        if (kind == 15) {
          driver.Keep(pair, true);
          expected.together.insert(pair);
        } else if (kind == 16) {
          driver.Keep(pair, false);
          expected.apart.insert(pair);
        } else if (driver.Unlink(pair)) {
          expected.unlinked.insert(pair);
        }
      }
      if (::testing::Test::HasFailure()) return;
      Weights weights;
      Weights *wanted = step % 5 == 4 ? &weights : nullptr;
      const Partition batch = BatchOf(expected, plan, model, *terms, options, sources, random,
                                      &hubs, &refusals, wanted);
      ASSERT_EQ(driver.Clusters(), batch) << "seed " << seed << ", step " << step;
      if (wanted != nullptr) {
        ASSERT_EQ(driver.PairWeights(), weights);  // To the bit.
      }
      for (size_t c = 0; c < kColumns; ++c) {
        std::set<std::string> living;
        for (const auto &[name, cells] : expected.records) {
          if (!cells[c].empty()) living.insert(cells[c]);
        }
        ASSERT_EQ(driver.Texts(c), std::multiset<std::string>(living.begin(), living.end()));
      }
      EXPECT_EQ(driver.index().alive_records(), expected.records.size());
      capped += plan.cap < 10 ? 1 : 0;
      ++steps;
    }
  }
  // The guards were at work.
  EXPECT_GT(hubs, 300U);
  EXPECT_GT(refusals, 150U);
  EXPECT_GT(capped, 500U);
  EXPECT_GT(steps, 2500U);
}

TEST(StableEntitiesTest, TheLargestShareSurvivesThenTheOldest) {
  StableEntities entities;
  const auto take = [&](std::vector<uint32_t> clusters) {
    std::vector<StableEntities::Row> rows;
    uint32_t most = 0;
    for (uint32_t i = 0; i < clusters.size(); ++i) {
      rows.push_back({i, clusters[i]});
      most = std::max(most, clusters[i] + 1);
    }
    const auto step = entities.Plan(rows, most);
    entities.Prepare(step);
    entities.Take(step);
    std::vector<uint64_t> now;
    for (uint32_t i = 0; i < clusters.size(); ++i) now.push_back(entities.EntityOf(i));
    return now;
  };
  for (int i = 0; i < 6; ++i) entities.AddRecord();
  EXPECT_EQ(take({0, 1, 1, 2, 3, 3}), (std::vector<uint64_t>{1, 2, 2, 3, 4, 4}));
  // {1} and {2 2} are one: 2 had more. {3} and {4 4}: 4 had more.
  EXPECT_EQ(take({0, 0, 0, 1, 1, 1}), (std::vector<uint64_t>{2, 2, 2, 4, 4, 4}));
  EXPECT_EQ(entities.Resolve(1), 2U);
  EXPECT_EQ(entities.Resolve(3), 4U);
  // As many each: the older.
  EXPECT_EQ(take({0, 0, 0, 0, 0, 0}), (std::vector<uint64_t>{2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(entities.Resolve(3), 2U);
  // Apart again: the retired id does not come back.
  EXPECT_EQ(take({0, 0, 1, 1, 1, 1}), (std::vector<uint64_t>{5, 5, 2, 2, 2, 2}));
  EXPECT_EQ(entities.Resolve(4), 2U);
  EXPECT_EQ(entities.Resolve(9), 0U);
}

TEST(LinkHubTest, PeopleAreCountedByTheRestOfTheEvidence) {
  // Seven records with one phone: three of Anna, two of Bob, one of Cyd, one of Dan: four people.
  LinkRecords records;
  Coder coder;
  records.columns.resize(kColumns);
  const std::vector<std::string> names = {"anna", "anna", "anna", "bob", "bob", "cyd", "dan"};
  records.size = names.size();
  for (const std::string &name : names) {
    const Cells cells = {name, "13800000000", name + "city", "shop"};
    for (size_t c = 0; c < kColumns; ++c) {
      records.columns[c].codes.push_back(coder.Code(records, c, cells[c]));
    }
  }
  LinkPlan plan = PlanOf(1000);
  plan.fields[0].term_frequency = 0;
  const LinkModel model = ModelOf();
  const PairScorer scorer(records, plan, model);
  const auto found = FindPairs(records, plan, model, -100, {});
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->pairs.size(), 21U);
  for (const uint32_t most : {3U, 4U}) {
    std::vector<double> weights = found->weights;
    const std::vector<HubGuard> guards = {{.field = 1, .most = most}};
    const auto hubs = TakeHubsOut(records, plan, scorer, guards, 1, found->pairs, weights);
    ASSERT_EQ(hubs.size(), most == 3 ? 1U : 0U);
    if (most == 4) {
      EXPECT_EQ(weights, found->weights);
      continue;
    }
    EXPECT_EQ(hubs[0].people, 4U);
    EXPECT_EQ(hubs[0].records, 7U);
    for (size_t p = 0; p < weights.size(); ++p) {
      EXPECT_DOUBLE_EQ(weights[p], found->weights[p] - 4);  // log2(0.8 / 0.05).
    }
  }
}

}  // namespace
}  // namespace patron::customers
