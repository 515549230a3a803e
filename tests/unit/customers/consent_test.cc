// Consent: what decides at an instant, whatever the order in which it was told.
#include "patron/customers/consent_book.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

using Reason = ConsentReason;
using Status = ConsentStatus;

const SubjectId kAnn{std::string_view("ann")};

ConsentBook BookOf(std::vector<PurposeRow> purposes) {
  ConsentBook book;
  for (size_t i = 0; i < purposes.size(); ++i) {
    EXPECT_TRUE(book.purposes().Add(purposes[i], i).ok());
  }
  return book;
}

ConsentRow Row(Status status, int64_t time, std::string_view purpose = "news") {
  ConsentRow row;
  row.subject = kAnn;
  row.purpose = purpose;
  row.status = status;
  row.time = time;
  return row;
}

Permission Ask(const ConsentBook &book, int64_t time, std::string_view field = {},
               std::string_view channel = {}, std::string_view purpose = "news") {
  return book.May({kAnn, book.purposes().Find(purpose), field, channel, time});
}

TEST(ConsentTest, WithdrawalHoldsFromItsInstant) {
  ConsentBook book = BookOf({{.name = "news"}});
  const std::vector<ConsentRow> rows = {Row(Status::kGranted, 100), Row(Status::kWithdrawn, 200)};
  ASSERT_EQ(book.Record(rows)->recorded, 2U);
  EXPECT_EQ(Ask(book, 99).reason, Reason::kNotYet);
  EXPECT_EQ(Ask(book, 99).since, 100);
  EXPECT_TRUE(Ask(book, 100).allowed);
  EXPECT_TRUE(Ask(book, 199).allowed);
  const Permission after = Ask(book, 200);
  EXPECT_FALSE(after.allowed);
  EXPECT_EQ(after.reason, Reason::kWithdrawn);
  EXPECT_EQ(after.line, 1U);
  EXPECT_EQ(after.since, 200);
  // Told again, nothing is new.
  EXPECT_EQ(book.Record(rows)->duplicates, 2U);
  EXPECT_EQ(book.facts(), 2U);
}

TEST(ConsentTest, AnEndIsTheFirstInstantWithout) {
  ConsentBook book = BookOf({{.name = "news"}});
  ConsentRow row = Row(Status::kGranted, 100);
  row.expires = 150;
  ASSERT_TRUE(book.Record(std::span(&row, 1)).ok());
  EXPECT_EQ(Ask(book, 149).until, 150);
  EXPECT_EQ(Ask(book, 150).reason, Reason::kExpired);
  EXPECT_EQ(Ask(book, 150).since, 150);
  row.expires = 100;
  EXPECT_EQ(book.Record(std::span(&row, 1)).status().message(),
            "expires_at: row 0 is 1970-01-01T00:00:00.000100Z; expected an instant after "
            "1970-01-01T00:00:00.000100Z, when the consent begins");
}

TEST(ConsentTest, ScopesOfFieldsAndChannels) {
  ConsentBook book =
      BookOf({{.name = "news", .fields = "email, name,phone", .channels = "email,sms"}});
  ConsentRow row = Row(Status::kGranted, 1);
  row.fields = "name,email";
  row.channels = "email";
  ASSERT_TRUE(book.Record(std::span(&row, 1)).ok());
  EXPECT_TRUE(Ask(book, 5, "email", "email").allowed);
  EXPECT_EQ(Ask(book, 5, "phone", "email").reason, Reason::kOutOfScope);
  EXPECT_EQ(Ask(book, 5, "email", "sms").reason, Reason::kOutOfScope);
  EXPECT_EQ(Ask(book, 5, "birth", "email").reason, Reason::kFieldOutside);
  EXPECT_EQ(Ask(book, 5, "email", "post").reason, Reason::kChannelOutside);
  EXPECT_FALSE(Ask(book, 5).allowed) << "not all fields, not all channels";
  row.fields = "phone";
  ASSERT_TRUE(book.Record(std::span(&row, 1)).ok());
  EXPECT_TRUE(Ask(book, 5, {}, "email").allowed) << "two consents cover all fields together";
  EXPECT_FALSE(Ask(book, 5).allowed);
  // A withdrawal for a channel leaves the others.
  ConsentRow all = Row(Status::kGranted, 10), off = Row(Status::kWithdrawn, 20);
  off.channels = "sms";
  ASSERT_TRUE(book.Record(std::vector<ConsentRow>{all, off}).ok());
  EXPECT_TRUE(Ask(book, 15).allowed);
  EXPECT_TRUE(Ask(book, 25, "phone", "email").allowed);
  EXPECT_EQ(Ask(book, 25, "phone", "sms").reason, Reason::kWithdrawn);
  EXPECT_EQ(Ask(book, 25).reason, Reason::kWithdrawn) << "all channels were asked for";
  row.fields = "birth";
  EXPECT_EQ(book.Record(std::span(&row, 1)).status().message(),
            "fields: row 0 is 'birth'; expected some of email,name,phone, as the purpose has");
}

TEST(ConsentTest, SensitiveFieldsNeedAConsentOfTheirOwn) {
  ConsentBook book = BookOf({{.name = "news", .fields = "name,health", .sensitive = "health"}});
  ConsentRow row = Row(Status::kGranted, 1);
  ASSERT_TRUE(book.Record(std::span(&row, 1)).ok());
  EXPECT_TRUE(Ask(book, 5, "name").allowed);
  EXPECT_EQ(Ask(book, 5, "health").reason, Reason::kNotSeparate);
  EXPECT_FALSE(Ask(book, 5).allowed);
  row.sensitive = true;
  row.time = 2;
  ASSERT_TRUE(book.Record(std::span(&row, 1)).ok());
  EXPECT_TRUE(Ask(book, 5, "health").allowed);
  EXPECT_TRUE(Ask(book, 5).allowed);
  ConsentRow off = Row(Status::kWithdrawn, 10);
  off.sensitive = true;
  ASSERT_TRUE(book.Record(std::span(&off, 1)).ok());
  EXPECT_TRUE(Ask(book, 15, "name").allowed);
  EXPECT_EQ(Ask(book, 15, "health").reason, Reason::kWithdrawn);
}

TEST(ConsentTest, BasesThatNobodyCanTakeBack) {
  ConsentBook book = BookOf({{.name = "news", .bases = "consent,contract"}});
  ConsentRow contract = Row(Status::kGranted, 1), consent = Row(Status::kGranted, 2);
  contract.basis = static_cast<uint8_t>(LawfulBasis::kContract);
  contract.expires = 50;
  ASSERT_TRUE(
      book.Record(std::vector<ConsentRow>{contract, consent, Row(Status::kDenied, 10)}).ok());
  EXPECT_EQ(Ask(book, 5).basis, static_cast<uint8_t>(LawfulBasis::kConsent)) << "it lasts longer";
  const Permission after = Ask(book, 20);
  EXPECT_TRUE(after.allowed) << "the contract stands";
  EXPECT_EQ(after.basis, static_cast<uint8_t>(LawfulBasis::kContract));
  EXPECT_EQ(Ask(book, 50).reason, Reason::kDenied);
  ConsentRow other = Row(Status::kGranted, 1);
  other.basis = static_cast<uint8_t>(LawfulBasis::kPublicTask);
  EXPECT_EQ(book.Record(std::span(&other, 1)).status().message(),
            "basis: row 0 is public_task; expected what the purpose may rest on: consent,contract");
}

TEST(ConsentTest, WhatIsRefusedChangesNothing) {
  ConsentBook book = BookOf({{.name = "news"}});
  ConsentRow minor = Row(Status::kGranted, 1);
  minor.minor = true;
  EXPECT_EQ(
      book.Record(std::vector<ConsentRow>{Row(Status::kGranted, 1), minor}).status().message(),
      "guardian: row 1 is null; expected who agreed for the minor");
  EXPECT_EQ(book.facts(), 0U);
  EXPECT_FALSE(Ask(book, 5).allowed);
  const ConsentRow unknown = Row(Status::kGranted, 1, "other");
  EXPECT_EQ(book.Record(std::span(&unknown, 1)).status().message(),
            "purpose: row 0 is 'other'; expected a purpose that has been added");
  ConsentRow integer = Row(Status::kGranted, 1);
  ASSERT_TRUE(book.Record(std::span(&integer, 1)).ok());
  integer.subject = SubjectId(int64_t{7});
  EXPECT_EQ(book.Record(std::span(&integer, 1)).status().message(),
            "subject: integers; expected text as before");
  EXPECT_FALSE(book.purposes().Add({.name = "news"}, 0).ok());
  EXPECT_FALSE(book.purposes().Add({.name = "a", .bases = "whim"}, 0).ok());
  EXPECT_FALSE(book.purposes().Add({.name = "a", .fields = "x,,y"}, 0).ok());
  EXPECT_FALSE(book.purposes().Add({.name = "a", .fields = "x", .sensitive = "y"}, 0).ok());
}

// The definition, word by word: for each basis the last fact, by time and then by what forbids.
bool Allowed(const std::vector<ConsentRow> &rows, const SubjectId &subject, std::string_view field,
             std::string_view channel, int64_t time) {
  const auto has = [](std::string_view list, std::string_view name) {
    return list.empty() ||
           (',' + std::string(list) + ',').find(',' + std::string(name) + ',') != std::string::npos;
  };
  std::map<int, const ConsentRow *> last;
  const auto later = [](const ConsentRow &a, const ConsentRow &b) {
    if (a.time != b.time) return a.time > b.time;
    if (a.status != b.status) return a.status > b.status;
    return a.expires < b.expires;
  };
  for (const ConsentRow &row : rows) {
    if (row.time > time || row.subject != subject || !has(row.fields, field) ||
        !has(row.channels, channel)) {
      continue;
    }
    for (const int basis : {0, 1, 5}) {
      const bool grant = row.status == Status::kGranted;
      const int own = row.basis == kAnyBasis ? (grant ? 0 : -1) : row.basis;
      if (own != basis && !(own == -1 && basis != 1)) continue;
      const ConsentRow *&place = last[basis];
      if (place == nullptr || later(row, *place)) place = &row;
    }
  }
  return std::ranges::any_of(last, [&](const auto &item) {
    return item.second->status == Status::kGranted && item.second->expires > time;
  });
}

TEST(ConsentTest, AnyOrderOfTellingGivesTheSameAnswers) {
  std::mt19937 random(7);
  const auto pick = [&](auto &from) { return from[random() % std::size(from)]; };
  const std::string_view kScopes[] = {"", "", "a", "b", "a,b"};
  const uint8_t kBases[] = {kAnyBasis, 0, 1, 5};
  for (int round = 0; round < 200; ++round) {
    std::vector<ConsentRow> rows;
    for (int i = 0; i < 40; ++i) {
      ConsentRow row;
      row.subject = SubjectId(static_cast<int64_t>(random() % 3));
      row.purpose = "news";
      row.status = static_cast<Status>(random() % 4);
      row.basis = pick(kBases);
      row.fields = pick(kScopes);
      row.channels = pick(kScopes);
      row.time = static_cast<int64_t>(random() % 12);
      if (row.status == Status::kGranted && random() % 2 == 0) {
        row.expires = row.time + 1 + static_cast<int64_t>(random() % 6);
      }
      rows.push_back(row);
    }
    const PurposeRow purpose{.name = "news", .bases = "consent,contract,legitimate_interests"};
    ConsentBook one = BookOf({purpose}), other = BookOf({purpose});
    ASSERT_TRUE(one.Record(rows).ok());
    std::vector<ConsentRow> shuffled = rows;
    std::ranges::shuffle(shuffled, random);
    for (const ConsentRow &row : shuffled) ASSERT_TRUE(other.Record(std::span(&row, 1)).ok());
    ASSERT_EQ(one.facts(), other.facts());
    for (int64_t subject = 0; subject < 3; ++subject) {
      for (int64_t time = -1; time < 20; ++time) {
        for (const std::string_view field : {"a", "b", "c"}) {
          for (const std::string_view channel : {"a", "c"}) {
            const ConsentBook::Question question{SubjectId(subject), 0, field, channel, time};
            const Permission first = one.May(question), second = other.May(question);
            ASSERT_EQ(first.allowed, Allowed(rows, SubjectId(subject), field, channel, time));
            ASSERT_EQ(first.allowed, second.allowed);
            ASSERT_EQ(first.reason, second.reason);
            ASSERT_EQ(first.since, second.since);
            ASSERT_EQ(first.until, second.until);
          }
        }
      }
    }
  }
}

TEST(ConsentTest, ManyPersonsComeAndGo) {
  std::mt19937 random(11);
  ConsentBook book = BookOf({{.name = "news"}});
  std::map<int64_t, uint64_t> facts;
  for (int64_t step = 0; step < 20'000; ++step) {
    const auto id = static_cast<int64_t>(random() % 700) * 65536;
    if (random() % 3 == 0) {
      EXPECT_EQ(book.Erase(SubjectId(id)), facts[id]);
      facts[id] = 0;
    } else {
      ConsentRow row = Row(Status::kGranted, step);
      row.subject = SubjectId(id);
      row.evidence = "a long piece of evidence that is kept";
      ASSERT_EQ(book.Record(std::span(&row, 1))->recorded, 1U);
      ++facts[id];
    }
    const auto other = static_cast<int64_t>(random() % 700) * 65536;
    ASSERT_EQ(book.May({SubjectId(other), 0, {}, {}, 1'000'000}).allowed, facts[other] > 0);
    ASSERT_EQ(book.Entries(SubjectId(other)).size(), facts[other]);
  }
  uint64_t sum = 0, persons = 0;
  for (const auto &[id, count] : facts) {
    sum += count;
    persons += count > 0 ? 1 : 0;
  }
  EXPECT_EQ(book.facts(), sum);
  EXPECT_EQ(book.subjects(), persons);
  EXPECT_EQ(book.Entries().size(), sum);
}

TEST(ConsentTest, TextsOfAnyLengthAreToldApart) {
  // Texts that differ in length alone, around what a line holds; and zero bytes, which are bytes as others.
  std::vector<std::string> ids;
  for (size_t length = 1; length <= 34; ++length) {
    ids.emplace_back(length, 'a');
    ids.push_back(std::string(length - 1, 'a') + 'b');
    ids.emplace_back(length, '\0');
  }
  std::mt19937 random(12);
  ConsentBook book = BookOf({{.name = "news"}});
  std::map<std::string, uint64_t> facts;
  for (int64_t step = 0; step < 5'000; ++step) {
    const std::string &id = ids[random() % ids.size()];
    if (random() % 3 == 0) {
      EXPECT_EQ(book.Erase(SubjectId(std::string_view(id))), facts[id]);
      facts[id] = 0;
    } else {
      ConsentRow row = Row(Status::kGranted, step);
      row.subject = SubjectId(std::string_view(id));
      ASSERT_EQ(book.Record(std::span(&row, 1))->recorded, 1U);
      ++facts[id];
    }
    const std::string &other = ids[random() % ids.size()];
    const SubjectId asked{std::string_view(other)};
    ASSERT_EQ(book.May({asked, 0, {}, {}, 1'000'000}).allowed, facts[other] > 0) << other;
    ASSERT_EQ(book.Entries(asked).size(), facts[other]) << other;
  }
  std::map<std::string, uint64_t> found;
  for (const ConsentBook::Entry &entry : book.Entries()) ++found[std::string(entry.subject.text)];
  std::erase_if(facts, [](const auto &one) { return one.second == 0; });
  EXPECT_EQ(found, facts);
  // An integer is no text.
  EXPECT_FALSE(book.May({SubjectId(int64_t{97}), 0, {}, {}, 1'000'000}).allowed);
}

}  // namespace
}  // namespace patron::customers
