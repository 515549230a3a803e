// Messages: the checksum, the envelope, and contents that no writer writes.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/crc32c.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/ledger.hpp"
#include "proto/pyramid.hpp"
#include "proto/segments.hpp"
#include "proto/state.hpp"

namespace patron::proto {
namespace {

using ::testing::HasSubstr;

std::string_view Message(const absl::Status &status) {
  return {status.message().data(), status.message().size()};
}

// ---- The checksum: vectors of RFC 3720, appendix B.4, and the usual check value ----

TEST(Crc32cTest, GivesThePublishedValues) {
  std::string rising(32, '\0');
  for (size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<char>(i);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c(rising), 0x46DD794Eu);
  EXPECT_EQ(Crc32c({rising.rbegin(), rising.rend()}), 0x113FDB5Cu);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32cTest, GoesOnWhereItStopped) {
  const std::string text = "a checksum can be taken piece by piece";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), Crc32c(text));
  }
}

// ---- The envelope ----

v1::Pyramid SomePyramid() {
  value::PyramidDefinition definition;
  definition.tiers = {{"gold", 0.25}, {"rest", 1.0}};
  return ToMessage(definition);
}

// An envelope of these fields with a checksum that fits.
std::string Seal(uint32_t format, uint32_t kind, const std::string &payload) {
  std::string sealed;
  for (const uint32_t number : {format, kind}) {
    for (int i = 0; i < 4; ++i) sealed += static_cast<char>(number >> 8 * i & 0xFF);
  }
  sealed += payload;
  v1::Envelope envelope;
  envelope.set_format(format);
  envelope.set_kind(v1::KIND_PYRAMID);
  envelope.set_crc32c(Crc32c(sealed));
  envelope.set_payload(payload);
  std::string bytes = envelope.SerializeAsString();
  bytes[3] = static_cast<char>(kind);
  return bytes;
}

TEST(EnvelopeTest, SizeIsKnownBeforeWriting) {
  for (const size_t length : {size_t{1}, size_t{100}, size_t{200}, size_t{20'000}}) {
    v1::Pyramid message = SomePyramid();
    message.set_losses(std::string(length, 'x'));
    EXPECT_EQ(Wrap(v1::KIND_PYRAMID, message)->size(), *WrappedSize(message));
  }
}

TEST(EnvelopeTest, SaysWhatIsWrong) {
  const std::string payload = SomePyramid().SerializeAsString();
  v1::Pyramid message;
  const auto refusal = [&](const std::string &bytes) {
    const absl::Status status = Unwrap(bytes, v1::KIND_PYRAMID, message);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    return std::string(Message(status));
  };
  EXPECT_TRUE(Unwrap(Seal(1, v1::KIND_PYRAMID, payload), v1::KIND_PYRAMID, message).ok());
  EXPECT_EQ(refusal(""), "bytes: not an envelope of patron.v1");
  EXPECT_EQ(refusal("no bytes of ours"), "bytes: not an envelope of patron.v1");
  EXPECT_EQ(refusal(Seal(2, v1::KIND_PYRAMID, payload)), "bytes: format 2; expected 1");
  EXPECT_EQ(refusal(Seal(1, 0, payload)), "bytes: kind 0; expected 1 to 6");
  EXPECT_EQ(refusal(Seal(1, 7, payload)), "bytes: not an envelope of patron.v1");
  EXPECT_EQ(refusal(Seal(1, v1::KIND_LEDGER, payload)),
            "bytes: this is a ledger; expected a pyramid");
  std::string broken = Seal(1, v1::KIND_PYRAMID, payload);
  broken.back() = static_cast<char>(broken.back() ^ 1);
  EXPECT_EQ(refusal(broken), "bytes: checksum does not match");
  EXPECT_EQ(refusal(Seal(1, v1::KIND_PYRAMID, payload) + std::string("\x28\x01", 2)),
            "bytes: envelope is not in canonical form");
  EXPECT_EQ(refusal(Seal(1, v1::KIND_PYRAMID, "\xFF")), "bytes: payload cannot be read");
  EXPECT_EQ(refusal(Seal(1, v1::KIND_PYRAMID, "")), "bytes: payload cannot be read");
  // The method once more, in front: readers of Protobuf take the last one.
  EXPECT_EQ(refusal(Seal(1, v1::KIND_PYRAMID, std::string("\x08\x01", 2) + payload)),
            "bytes: payload is not in canonical form");
}

TEST(EnvelopeTest, UnknownFieldsAreSeenByTheReaderOfThePayload) {
  v1::Pyramid message;
  const std::string payload = SomePyramid().SerializeAsString() + std::string("\x78\x01", 2);
  ASSERT_TRUE(Unwrap(Seal(1, v1::KIND_PYRAMID, payload), v1::KIND_PYRAMID, message).ok());
  EXPECT_EQ(Message(FromMessage(message).status()), "bytes: pyramid: unknown field");
}

// ---- Ids ----

v1::Ids Integers(std::initializer_list<int64_t> ids) {
  v1::Ids message;
  message.mutable_text();
  for (const int64_t id : ids) message.add_integer(id);
  return message;
}

v1::Ids Texts(std::initializer_list<std::string_view> ids) {
  v1::Ids message;
  message.mutable_text();
  for (const std::string_view id : ids) {
    message.add_length(static_cast<uint32_t>(id.size()));
    message.mutable_text()->append(id);
  }
  return message;
}

TEST(IdsTest, OnlyAscendingDistinctIdsOfOneKindAreRead) {
  EXPECT_TRUE(ReadIds(Integers({-3, 0, 7}), "ids").ok());
  EXPECT_TRUE(ReadIds(Texts({"a", "b", "ä"}), "ids").ok());
  EXPECT_TRUE(ReadIds(Integers({2, 1, 2}), "ids", false).ok());
  const auto refusal = [](const v1::Ids &message) {
    const absl::Status status = ReadIds(message, "ids").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    return std::string(Message(status));
  };
  EXPECT_EQ(refusal(Integers({1, 1})), "bytes: ids: not ascending and distinct");
  EXPECT_EQ(refusal(Integers({2, 1})), "bytes: ids: not ascending and distinct");
  EXPECT_EQ(refusal(Texts({"b", "a"})), "bytes: ids: not ascending and distinct");
  EXPECT_EQ(refusal(Texts({""})), "bytes: ids: lengths do not fit the text");
  EXPECT_EQ(refusal(Texts({"\xFF"})), "bytes: ids: an id is not UTF-8");
  v1::Ids message = Texts({"a"});
  message.set_length(0, std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(refusal(message), "bytes: ids: lengths do not fit the text");
  message = Texts({"a"});
  message.mutable_text()->append("b");
  EXPECT_EQ(refusal(message), "bytes: ids: lengths do not fit the text");
  message = Texts({"a"});
  message.add_integer(1);
  EXPECT_EQ(refusal(message), "bytes: ids: integers and text at once");
  message = Integers({1});
  message.set_text("a");
  EXPECT_EQ(refusal(message), "bytes: ids: integers and text at once");
}

// ---- Rules and tiers ----

TEST(SegmentsMessageTest, RefusesContentsThatNoTableHas) {
  const v1::Segments good = ToMessage(*value::PresetSegmentRules(value::SegmentPreset::kPutler));
  EXPECT_TRUE(FromMessage(good).ok());
  const auto refused = [&](auto change) {
    v1::Segments message = good;
    change(message);
    EXPECT_EQ(FromMessage(message).status().code(), absl::StatusCode::kDataLoss);
  };
  refused([](v1::Segments &m) { m.mutable_bounds()->RemoveLast(); });
  refused([](v1::Segments &m) { m.add_segment("one more"); });
  refused([](v1::Segments &m) { m.set_segment(0, ""); });
  refused([](v1::Segments &m) { m.set_segment(0, "\xC3"); });
  refused([](v1::Segments &m) { m.set_others(""); });
  refused([](v1::Segments &m) { m.set_recency_bins(std::numeric_limits<uint32_t>::max()); });
  refused([](v1::Segments &m) { m.set_mean_rule(1, m.mean_rule(0)); });
  refused([](v1::Segments &m) { m.set_mean_rule(m.mean_rule_size() - 1, 1000); });
  refused([](v1::Segments &m) { m.add_mean_bounds(1); });
}

TEST(PyramidMessageTest, RefusesContentsThatNoPyramidHas) {
  EXPECT_TRUE(FromMessage(SomePyramid()).ok());
  const auto refused = [&](auto change) {
    v1::Pyramid message = SomePyramid();
    change(message);
    EXPECT_EQ(FromMessage(message).status().code(), absl::StatusCode::kDataLoss);
  };
  refused([](v1::Pyramid &m) { m.set_cut(0, std::nan("")); });
  refused([](v1::Pyramid &m) { m.set_cut(0, 2); });
  refused([](v1::Pyramid &m) { m.set_cut(1, 0.9); });
  refused([](v1::Pyramid &m) { m.add_cut(1); });
  refused([](v1::Pyramid &m) { m.set_tier(1, "gold"); });
  refused([](v1::Pyramid &m) { m.set_tier(1, "\xFF"); });
  refused([](v1::Pyramid &m) { m.clear_tier(); });
  refused([](v1::Pyramid &m) { m.mutable_status_tier()->RemoveLast(); });
  refused([](v1::Pyramid &m) { m.set_boundary(v1::Pyramid::INCLUDING); });
}

// ---- Ledgers ----

v1::Ledger SomeLedger() {
  v1::Ledger m;
  m.set_decimals(2);
  m.set_zone("UTC");
  *m.mutable_customers() = Texts({"x", "y"});
  *m.mutable_orders() = Integers({5});
  *m.mutable_transaction() = Integers({1, 2});
  m.add_customer(1);
  m.add_customer(0);
  m.add_order(1);
  m.add_order(1);
  m.add_time(10);
  m.add_time(20);
  m.add_amount(100);
  m.add_amount(200);
  *m.mutable_reversal() = Integers({3});
  m.add_target(1);
  m.add_reversal_time(30);
  m.add_reversal_amount(50);
  *m.mutable_held() = Integers({4});
  *m.mutable_held_target() = Integers({99});
  m.add_held_customer(0);
  m.add_held_time(40);
  m.add_held_amount(0);
  return m;
}

absl::StatusOr<value::Ledger> Ledger(const v1::Ledger &message) {
  PATRON_ASSIGN_OR_RETURN(const value::LedgerContent content, FromMessage(message));
  return value::Ledger::FromContent(content);
}

TEST(LedgerMessageTest, RefusesContentsThatNoLedgerHas) {
  const absl::StatusOr<value::Ledger> good = Ledger(SomeLedger());
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(ToMessage(good->Content(), 2, "UTC")->SerializeAsString(),
            SomeLedger().SerializeAsString());
  const auto refused = [&](const char *what, auto change) {
    v1::Ledger message = SomeLedger();
    change(message);
    EXPECT_FALSE(Ledger(message).ok()) << what;
  };
  refused("decimals", [](v1::Ledger &m) { m.set_decimals(10); });
  refused("zone", [](v1::Ledger &m) { m.set_zone(""); });
  refused("unused customer", [](v1::Ledger &m) {
    *m.mutable_customers() = Texts({"x", "y", "z"});
  });
  refused("unsorted customers", [](v1::Ledger &m) { *m.mutable_customers() = Texts({"y", "x"}); });
  refused("unknown customer", [](v1::Ledger &m) { m.set_customer(0, 2); });
  refused("no customer",
          [](v1::Ledger &m) { m.set_customer(0, std::numeric_limits<uint32_t>::max()); });
  refused("unknown order", [](v1::Ledger &m) { m.set_order(0, 3); });
  refused("unused order", [](v1::Ledger &m) { *m.mutable_orders() = Integers({5, 6}); });
  refused("one id twice", [](v1::Ledger &m) { *m.mutable_reversal() = Integers({2}); });
  refused("other kinds of ids", [](v1::Ledger &m) { *m.mutable_reversal() = Texts({"3"}); });
  refused("fewer times", [](v1::Ledger &m) { m.mutable_time()->RemoveLast(); });
  refused("more amounts", [](v1::Ledger &m) { m.add_amount(1); });
  refused("least amount",
          [](v1::Ledger &m) { m.set_amount(0, std::numeric_limits<int64_t>::min()); });
  refused("no time", [](v1::Ledger &m) { m.set_time(0, value::kNoTime); });
  refused("unknown target", [](v1::Ledger &m) { m.set_target(0, 2); });
  refused("nothing reversed", [](v1::Ledger &m) { m.set_reversal_amount(0, 0); });
  refused("too much reversed", [](v1::Ledger &m) { m.set_reversal_amount(0, 201); });
  refused("held for a known one", [](v1::Ledger &m) { *m.mutable_held_target() = Integers({2}); });
  refused("held below zero", [](v1::Ledger &m) { m.set_held_amount(0, -1); });
}

// ---- States ----

v1::RfmState SomeRfmState() {
  v1::RfmState m;
  v1::Columns &columns = *m.mutable_columns();
  columns.set_customer("c");
  columns.set_amount("a");
  columns.set_skip_nulls(false);
  columns.set_decimals(2);
  columns.set_amount_decimals(0);
  columns.set_time("t");
  columns.set_zone("UTC");
  columns.set_order("o");
  m.set_method(0);
  for (int d = 0; d < 3; ++d) {
    m.add_bins(5);
    m.add_high_is_best(d > 0);
    m.add_weights(1);
  }
  m.set_closed_left(false);
  m.set_frequency(0);
  m.set_monetary(0);
  m.set_refund_rule(0);
  m.set_zeros(0);
  m.set_money(0);
  m.set_as_of(value::kNoTime);
  m.set_window_days(0);
  v1::RowCounts &counts = *m.mutable_counts();
  counts.set_rows(4);
  counts.set_used(3);
  counts.set_skipped_null(1);
  counts.set_skipped_late(0);
  counts.set_skipped_zero(0);
  counts.set_refunds(0);
  m.set_last_row(500);
  *m.mutable_customers() = Integers({7, 8});
  for (const uint64_t sum : {100, 50}) m.add_sum_low(sum);
  for (int i = 0; i < 2; ++i) m.add_sum_high(0);
  for (const int64_t last : {500, 400}) m.add_last(last);
  for (const uint64_t purchases : {2, 1}) m.add_purchases(purchases);
  for (const uint32_t keys : {2, 1}) m.add_keys(keys);
  for (const int64_t key : {0, 1, 1}) m.add_key(key);
  m.set_text_orders(true);
  *m.mutable_order_text() = Texts({"p", "q"});
  return m;
}

TEST(StateMessageTest, RefusesTotalsThatNoRowsHave) {
  const absl::StatusOr<c_api::RfmState> good = FromMessage(SomeRfmState());
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(ToMessage(*good)->SerializeAsString(), SomeRfmState().SerializeAsString());
  const auto refused = [&](const char *what, auto change) {
    v1::RfmState message = SomeRfmState();
    change(message);
    EXPECT_EQ(FromMessage(message).status().code(), absl::StatusCode::kDataLoss) << what;
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  refused("a name", [](v1::RfmState &m) { m.mutable_columns()->set_customer(""); });
  refused("not UTF-8", [](v1::RfmState &m) { m.mutable_columns()->set_order("\xFF"); });
  refused("no time", [](v1::RfmState &m) { m.mutable_columns()->clear_time(); });
  refused("a zone", [](v1::RfmState &m) { m.mutable_columns()->set_zone("Nowhere/Land"); });
  refused("decimals", [](v1::RfmState &m) { m.mutable_columns()->set_decimals(1u << 31); });
  refused("orders that are not read", [](v1::RfmState &m) { m.mutable_columns()->clear_order(); });
  refused("a method", [](v1::RfmState &m) { m.set_method(8); });
  refused("bins", [](v1::RfmState &m) { m.set_bins(0, 101); });
  refused("four bins", [](v1::RfmState &m) { m.add_bins(5); });
  refused("a weight", [](v1::RfmState &m) { m.set_weights(1, std::nan("")); });
  refused("a cut", [](v1::RfmState &m) { m.add_cuts(1); });
  refused("cuts that are missing", [](v1::RfmState &m) { m.set_method(7); });
  refused("a window", [](v1::RfmState &m) { m.set_window_days(3); });
  refused("rows", [](v1::RfmState &m) { m.mutable_counts()->set_rows(3); });
  refused("too many rows", [](v1::RfmState &m) { m.mutable_counts()->set_rows((1ull << 62) + 1); });
  refused("counts past 64 bits", [](v1::RfmState &m) {
    m.mutable_counts()->set_used(~0ull);
    m.mutable_counts()->set_skipped_null(5);
  });
  refused("a sum", [](v1::RfmState &m) { m.set_sum_high(0, kMost); });
  refused("the least sum",
          [](v1::RfmState &m) { m.set_sum_high(0, std::numeric_limits<int64_t>::min()); });
  refused("fewer sums", [](v1::RfmState &m) { m.mutable_sum_low()->RemoveLast(); });
  refused("purchases", [](v1::RfmState &m) { m.set_purchases(0, 3); });
  refused("purchases past 64 bits", [](v1::RfmState &m) { m.set_purchases(0, ~0ull); });
  refused("a last one after all rows", [](v1::RfmState &m) { m.set_last(0, 501); });
  refused("a last one of nobody", [](v1::RfmState &m) { m.set_purchases(1, 0); });
  refused("customers", [](v1::RfmState &m) { *m.mutable_customers() = Integers({8, 7}); });
  refused("keys", [](v1::RfmState &m) { m.set_keys(0, 3); });
  refused("many keys",
          [](v1::RfmState &m) { m.set_keys(1, std::numeric_limits<uint32_t>::max()); });
  refused("no keys", [](v1::RfmState &m) { m.set_keys(1, 0); });
  refused("one key twice", [](v1::RfmState &m) { m.set_key(1, 0); });
  refused("an unknown order", [](v1::RfmState &m) { m.set_key(2, 2); });
  refused("an order below all", [](v1::RfmState &m) { m.set_key(0, -1); });
  refused("an unused order", [](v1::RfmState &m) {
    *m.mutable_order_text() = Texts({"p", "q", "r"});
  });
  refused("text that is not said", [](v1::RfmState &m) { m.set_text_orders(false); });
  refused("a key too many", [](v1::RfmState &m) { m.add_key(9); });
  refused("days of text", [](v1::RfmState &m) { m.set_frequency(1); });
  refused("a day", [](v1::RfmState &m) {
    m.set_frequency(1);
    m.set_text_orders(false);
    *m.mutable_order_text() = Integers({});
    m.set_key(1, kMost);
  });
}

}  // namespace
}  // namespace patron::proto
