// The register: records come all or none, values against a plain choice, and what an erasure leaves.
#include "patron/customers/register.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/field_catalogue.hpp"
#include "patron/customers/survivorship.hpp"

namespace patron::customers {
namespace {

const std::vector<std::string> kNames = {"name", "city"};

RecordBatch BatchOf(const std::vector<int64_t> &ids, const std::vector<std::string> &names,
                    Provenance from = {}) {
  RecordBatch batch;
  batch.provenance = std::move(from);
  batch.rows = static_cast<uint32_t>(ids.size());
  batch.integer_ids = ids;
  TextCells cells, cities;
  for (const std::string &name : names) {
    name.empty() ? cells.AddNull() : cells.Add(name);
    cities.AddNull();
  }
  batch.fields.push_back({0, std::move(cells)});
  batch.fields.push_back({1, std::move(cities)});
  return batch;
}

absl::Status Add(Register *reg, std::vector<RecordBatch> batches) {
  const absl::Status status = reg->Stage(std::move(batches), kNames, "id");
  if (status.ok()) reg->Commit();
  return status;
}

std::vector<RecordBatch> One(RecordBatch batch) {
  std::vector<RecordBatch> batches;
  batches.push_back(std::move(batch));
  return batches;
}

TEST(RegisterTest, RecordsOfDifferentKindsAreNeverOneEntity) {
  Register reg;
  ASSERT_TRUE(Add(&reg, One(BatchOf({1, 2}, {"a", "b"}))).ok());
  Provenance firms;
  firms.kind = EntityKind::kOrganisation;
  ASSERT_TRUE(Add(&reg, One(BatchOf({3, 4}, {"c", "d"}, firms))).ok());
  EXPECT_EQ(reg.KindOf(1), EntityKind::kPerson);
  EXPECT_EQ(reg.KindOf(2), EntityKind::kOrganisation);
  Register::Merged merged;
  const std::vector<std::pair<uint32_t, uint32_t>> pairs = {{0, 1}, {1, 2}, {2, 3}};
  EXPECT_EQ(
      reg.Merge(std::span(pairs).subspan(1), {}, false, &merged).message(),
      "merge: entity 2 is of kind person, entity 3 is of kind organisation; expected one kind");
  EXPECT_EQ(merged.merged, 0U);
  ASSERT_TRUE(reg.Merge(pairs, {}, true, &merged).ok());
  EXPECT_EQ(merged.merged, 2U);
  EXPECT_EQ(merged.refused, 1U);
  EXPECT_EQ(reg.log().EntityOf(1), 1U);
  EXPECT_EQ(reg.log().EntityOf(3), 3U);
}

TEST(RegisterTest, RecordsComeAllOrNone) {
  Register reg;
  ASSERT_TRUE(Add(&reg, One(BatchOf({1, 2}, {"a", "b"}))).ok());
  std::vector<RecordBatch> batches;
  batches.push_back(BatchOf({3, 4}, {"c", "d"}));
  batches.push_back(BatchOf({5, 3}, {"e", "f"}));
  EXPECT_EQ(Add(&reg, std::move(batches)).message(), "id: row 3 is 3 again; expected each id once");
  EXPECT_EQ(Add(&reg, One(BatchOf({6, 2}, {"g", "h"}))).message(),
            "id: row 1 is 2; the register has this id");
  EXPECT_EQ(reg.records(), 2U);
  EXPECT_EQ(reg.living_records(), 2U);
  EXPECT_EQ(reg.Find(3), RecordIndex::kUnknown);
  EXPECT_EQ(reg.Find(6), RecordIndex::kUnknown);
  // What is staged is not there until it is committed, and can be dropped.
  ASSERT_TRUE(reg.Stage(One(BatchOf({7}, {"i"})), kNames, "id").ok());
  EXPECT_EQ(reg.records(), 2U);
  reg.Drop();
  EXPECT_EQ(reg.Find(7), RecordIndex::kUnknown);
  ASSERT_TRUE(Add(&reg, One(BatchOf({3, 7}, {"c", "i"}))).ok());
  EXPECT_EQ(reg.Find(7), 3U);
  EXPECT_EQ(reg.field_names().size(), 2U);
}

TEST(RegisterTest, ManyIdsAreFoundAndErasedOnesAreNot) {
  Register reg;
  std::mt19937_64 random(4);
  std::map<int64_t, uint32_t> expected;
  for (int round = 0; round < 60; ++round) {
    std::vector<int64_t> ids;
    while (ids.size() < 100) {
      const auto id = static_cast<int64_t>(random() % 1'000'000) - 500'000;
      if (!expected.contains(id) && std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      expected[ids[i]] = static_cast<uint32_t>(reg.records() + i);
    }
    ASSERT_TRUE(Add(&reg, One(BatchOf(ids, std::vector<std::string>(100, "x")))).ok());
    const int64_t gone = ids[random() % ids.size()];
    Erasure erasure;
    erasure.records = {expected[gone]};
    ASSERT_TRUE(reg.Erase(std::move(erasure), {}).ok());
    expected.erase(gone);
    EXPECT_EQ(reg.Find(gone), RecordIndex::kUnknown);
  }
  EXPECT_EQ(reg.living_records(), expected.size());
  EXPECT_EQ(reg.log().entities(), expected.size());
  for (const auto &[id, record] : expected) ASSERT_EQ(reg.Find(id), record);
}

// The winner by a plain comparison of every value with every other.
TEST(SurvivorshipTest, TheWinnerIsThatOfAPlainChoice) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    Register reg;
    const auto n = static_cast<int64_t>(1 + random() % 8);
    for (int64_t id = 0; id < n; ++id) {
      const std::array<std::string, 4> words = {"a", "bb", "cc", "ddd"};
      Provenance from;
      from.trust = static_cast<double>(random() % 3) / 2;
      from.time = static_cast<int64_t>(random() % 3);
      from.verified = random() % 4 == 0;
      ASSERT_TRUE(Add(&reg, One(BatchOf({100 - id}, {words[random() % 4]}, from))).ok());
      Register::Merged merged;
      const std::pair<uint32_t, uint32_t> pair(0, static_cast<uint32_t>(id));
      ASSERT_TRUE(reg.Merge(std::span(&pair, 1), {}, false, &merged).ok());
    }
    Survivorship rules;
    std::ranges::shuffle(rules.standard.order, random);
    rules.standard.order.resize(random() % 7);
    // For each value the best of each key, compared in the order of the rules.
    std::map<std::string, std::array<int64_t, 6>> keys;
    std::map<std::string, int64_t> least_by_rules;
    for (uint32_t record = 0; record < reg.records(); ++record) {
      const RecordBatch &batch = reg.BatchOf(record);
      const std::string value(batch.fields[0].cells[0]);
      auto &own = keys[value];
      own[0] = std::max<int64_t>(own[0], batch.provenance.verified ? 1 : 0);
      own[1] = std::max(own[1], static_cast<int64_t>(batch.provenance.trust * 2));
      own[2] = std::max(own[2], batch.provenance.time);
      own[3] = 1;
      ++own[4];
      own[5] = static_cast<int64_t>(value.size());
    }
    std::vector<std::string> best;
    for (const auto &[value, own] : keys) {
      bool loses = false;
      for (const auto &[other, theirs] : keys) {
        for (const SurvivorRule rule : rules.standard.order) {
          const auto key = static_cast<size_t>(rule);
          if (own[key] == theirs[key]) continue;
          loses = loses || own[key] < theirs[key];
          break;
        }
      }
      if (!loses) best.push_back(value);
    }
    std::vector<uint32_t> records(reg.records());
    for (uint32_t i = 0; i < records.size(); ++i) records[i] = i;
    Survivors survivors(reg, rules, kLatest);
    const auto values = survivors.Choose(records);
    ASSERT_FALSE(values.empty());
    EXPECT_NE(std::ranges::find(best, values[0].value), best.end()) << values[0].value;
    EXPECT_EQ(values[0].losers, keys.size() - 1);
    EXPECT_EQ(std::ranges::count_if(values, [](const FieldValue &v) { return v.won; }), 1);
    if (best.size() == 1 && keys.size() > 1) {
      EXPECT_NE(values[0].reason, kById);
    }
  }
}

TEST(RegisterTest, WhatIsErasedIsGoneFromEachPlace) {
  Register reg;
  ASSERT_TRUE(Add(&reg, One(BatchOf({1, 2, 3}, {"Ann", "Bob", "Cy"}))).ok());
  Contact contact;
  contact.record = 1;
  contact.raw = "raw";
  contact.normalised = "key";
  ASSERT_TRUE(reg.AddContacts({contact}, {.time = 1, .actor = "x", .reason = "about Bob"}).ok());
  Tie tie;
  tie.from = 1;
  tie.to = 2;
  ASSERT_TRUE(reg.AddTies({tie}, {.time = 1, .actor = {}, .reason = {}}).ok());
  Register::Merged merged;
  const std::vector<std::pair<uint32_t, uint32_t>> pair = {{0, 1}};
  ASSERT_TRUE(
      reg.Merge(pair, {.time = 2, .actor = "x", .reason = "Bob is Ann"}, false, &merged).ok());
  Erasure erasure;
  erasure.records = {1};
  const auto touched = reg.Erase(std::move(erasure), {.time = 3, .actor = {}, .reason = {}});
  ASSERT_TRUE(touched.ok());
  EXPECT_EQ(touched->changes, (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_FALSE(reg.batches()[0].fields[0].cells.has(1));
  EXPECT_EQ(reg.batches()[0].integer_ids[1], 0);
  EXPECT_TRUE(reg.contacts()[0].erased);
  EXPECT_TRUE(reg.contacts()[0].raw.empty() && reg.contacts()[0].normalised.empty());
  EXPECT_TRUE(reg.ties()[0].erased);
  for (const RegisterChange &change : reg.changes()) EXPECT_EQ(change.note.reason, "");
  EXPECT_EQ(reg.log().RecordsOf(1), (std::vector<uint32_t>{0}));
}

TEST(RegisterTest, EvidenceStandsByTheMergesThatWereMade) {
  Register reg;
  ASSERT_TRUE(Add(&reg, One(BatchOf({1, 2, 3, 4, 5}, {"a", "b", "c", "d", "e"}))).ok());
  const std::vector<std::pair<uint32_t, uint32_t>> apart = {{2, 3}};
  ASSERT_TRUE(reg.AssertDifferent(apart, {}).ok());
  // The second pair is one entity already, and the third must stay apart.
  const std::vector<std::pair<uint32_t, uint32_t>> pairs = {{0, 1}, {1, 0}, {2, 3}, {3, 4}};
  const MergeEvidence evidence = {{"", "name"}, {1, 10, 2, 20, 3, 30, 4, 40}};
  Register::Merged merged;
  ASSERT_TRUE(reg.Merge(pairs, {}, true, &merged, &evidence).ok());
  EXPECT_EQ(merged.merged, 2U);
  EXPECT_EQ(merged.refused, 1U);
  const RegisterChange &change = reg.changes().back();
  const MergeEvidence *kept = reg.EvidenceOf(change);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(kept->fields, evidence.fields);
  EXPECT_EQ(kept->weights, (std::vector<double>{1, 10, 4, 40}));
  // A merge without evidence has none, and what is left of an erased one is what others say.
  const std::vector<std::pair<uint32_t, uint32_t>> more = {{0, 4}};
  ASSERT_TRUE(reg.Merge(more, {}, false, &merged).ok());
  EXPECT_EQ(reg.EvidenceOf(reg.changes().back()), nullptr);
  Erasure erasure;
  erasure.records = {4};
  const auto touched = reg.Erase(std::move(erasure), {});
  ASSERT_TRUE(touched.ok());
  EXPECT_NE(std::ranges::find(touched->changes, 2U), touched->changes.end());
  kept = reg.EvidenceOf(reg.changes()[2]);
  EXPECT_EQ(kept->Of(0)[1], 10);
  EXPECT_TRUE(std::isnan(kept->Of(1)[0]) && std::isnan(kept->Of(1)[1]));
}

}  // namespace
}  // namespace patron::customers
