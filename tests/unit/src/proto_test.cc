// The messages: what they are, byte by byte, and what is refused.
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/columns.hpp"
#include "c_api/rfm.hpp"
#include "c_api/summary.hpp"
#include "patron/value/customer_totals.hpp"
#include "patron/value/ledger.hpp"
#include "patron/value/pyramid_definition.hpp"
#include "patron/value/segments.hpp"
#include "patron/value/transactions.hpp"
#include "proto/crc32c.hpp"
#include "proto/envelope.hpp"
#include "proto/ledger.hpp"
#include "proto/pyramid.hpp"
#include "proto/segments.hpp"
#include "proto/state.hpp"
#include "state/state.hpp"

namespace patron::proto {
namespace {

using namespace std::string_view_literals;  // NOLINT: bytes with zeros among them.

// Castagnoli's polynomial, a bit at a time.
uint32_t SlowCrc(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78u : 0);
  }
  return ~crc;
}

std::string LowFirst(uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  return bytes;
}

// Field 1 to 4, as the description of the envelope has them; payloads below 128 bytes.
std::string Enveloped(uint32_t format, uint32_t kind, std::string_view payload) {
  const uint32_t crc = SlowCrc(LowFirst(format) + LowFirst(kind) + std::string(payload));
  return std::string("\x08") + static_cast<char>(format) + "\x10" + static_cast<char>(kind) +
         "\x1D" + LowFirst(crc) + "\x22" + static_cast<char>(payload.size()) + std::string(payload);
}

// A field of bytes or of packed numbers, below 128 bytes.
std::string Field(int number, std::string_view bytes) {
  std::string tag;
  const int value = number << 3 | 2;
  if (value >= 0x80) tag += static_cast<char>((value & 0x7F) | 0x80);
  tag += static_cast<char>(value >= 0x80 ? value >> 7 : value);
  return tag + static_cast<char>(bytes.size()) + std::string(bytes);
}

template <typename Status>
std::string Refusal(const Status &result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss) << result.status();
  return std::string(result.status().message());
}

TEST(Crc32cTest, IsThatOfTheCatalogue) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4.
  EXPECT_EQ(Crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(Crc32c("56789", Crc32c("1234")), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
  const std::string text = "a text of some length, that is no multiple of eight";
  EXPECT_EQ(Crc32c(text), SlowCrc(text));
}

value::PyramidDefinition Floors() {
  value::PyramidDefinition definition;
  definition.method = value::PyramidMethod::kValueFloor;
  definition.tiers = {{"a", 1.0}};
  return definition;
}

std::string FloorsPayload() {
  return std::string("\x08\x01\x10\x00"sv) + Field(3, "a") + Field(4, "\0\0\0\0\0\0\xF0\x3F"sv) +
         Field(5, "") + Field(6, "inactive") + Field(6, "prospects") + Field(6, "suspects");
}

TEST(ProtoTest, APyramidByteByByte) {
  const absl::StatusOr<std::string> bytes = Wrap(v1::KIND_PYRAMID, ToMessage(Floors()));
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, Enveloped(1, 2, FloorsPayload()));
  v1::Pyramid message;
  ASSERT_TRUE(Unwrap(*bytes, v1::KIND_PYRAMID, message).ok());
  const auto again = FromMessage(message);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToMessage(*again).SerializeAsString(), FloorsPayload());
}

TEST(ProtoTest, SegmentsByteByByte) {
  value::SegmentRules rules;
  rules.recency_bins = rules.frequency_bins = rules.monetary_bins = 5;
  rules.others = "o";
  rules.rules = {{"s", {1, 2}, {1, 5}, {-1, 5}, std::nullopt}};
  rules.rules.push_back({"t", {1, 1}, {1, 1}, {1, 1}, value::ScoreRange{0, 3}});
  const std::string payload = std::string("\x08\x05\x10\x05\x18\x05") + Field(4, "o") +
                              Field(5, "s") + Field(5, "t") +
                              Field(6, "\x02\x04\x02\x0A\x01\x0A\x02\x02\x02\x02\x02\x02") +
                              Field(7, "\x01") + Field(8, "\x00\x06"sv);
  const absl::StatusOr<std::string> bytes = Wrap(v1::KIND_SEGMENTS, ToMessage(rules));
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, Enveloped(1, 1, payload));
  v1::Segments message;
  ASSERT_TRUE(Unwrap(*bytes, v1::KIND_SEGMENTS, message).ok());
  const auto again = FromMessage(message);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToMessage(*again).SerializeAsString(), payload);
}

// One sale of 3.00 by customer 7 in order "x", taken back in part, and a reversal that waits.
value::Ledger OneSale() {
  value::Ledger ledger({}, 2);
  const std::vector<int64_t> id = {1}, customer = {7}, time = {5}, amount = {300};
  const std::vector<std::string_view> order = {"x"};
  EXPECT_TRUE(ledger
                  .Append({.transaction = std::span(id),
                           .customer = std::span(customer),
                           .time = time,
                           .amount = amount,
                           .order = std::span(order),
                           .numbers = {}})
                  .ok());
  const std::vector<int64_t> reversal = {2, 3}, target = {1, 9}, then = {6, -1}, taken = {100, 0};
  const std::vector<uint8_t> has_amount = {1, 0};
  EXPECT_TRUE(ledger
                  .Reverse({.transaction = std::span(reversal),
                            .time = then,
                            .target = std::span(target),
                            .has_target = {},
                            .amount = taken,
                            .has_amount = has_amount,
                            .customer = {},
                            .has_customer = {},
                            .order = {},
                            .has_order = {},
                            .numbers = {}},
                           {.unknown = value::UnknownTargets::kHold})
                  .ok());
  return ledger;
}

std::string Integer(std::string_view zigzag) { return Field(1, zigzag) + Field(3, ""); }

TEST(ProtoTest, ALedgerByteByByte) {
  const std::string none = Field(3, "");
  const std::string payload =
      std::string("\x08\x02") + Field(2, "UTC") + Field(3, Integer("\x0E")) +
      Field(4, Field(2, "\x01") + Field(3, "x")) + Field(5, Integer("\x02")) + Field(6, "\x00"sv) +
      Field(7, "\x01") + Field(8, "\5\0\0\0\0\0\0\0"sv) + Field(9, "\xD8\x04") +
      Field(10, Integer("\x04")) + Field(11, "\x00"sv) + Field(12, "\6\0\0\0\0\0\0\0"sv) +
      Field(13, "\xC8\x01") + Field(14, Integer("\x06")) + Field(15, Integer("\x12")) +
      Field(16, "\x00"sv) + Field(17, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF") + Field(18, "\x00"sv);
  const value::Ledger ledger = OneSale();
  const auto message = ToMessage(ledger.Content(), 2, "UTC");
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->SerializeAsString(), payload);
  const auto content = FromMessage(*message);
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(*content, ledger.Content());
  // An empty one has the scalars and the lists of ids, and nothing else.
  const auto empty = ToMessage(value::Ledger({}, 0).Content(), 0, "UTC");
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->SerializeAsString(), std::string("\x08\x00"sv) + Field(2, "UTC") +
                                            Field(3, none) + Field(4, none) + Field(5, none) +
                                            Field(10, none) + Field(14, none) + Field(15, none));
}

state::TransactionColumns Columns() {
  auto columns = c_api::ReadColumns(nullptr);
  EXPECT_TRUE(columns.ok());
  return *columns;
}

state::RfmState SomeRfm(std::initializer_list<int64_t> times) {
  auto request = c_api::ReadRfm(nullptr, 4);
  EXPECT_TRUE(request.ok());
  auto state = state::NewRfmState(Columns(), *request);
  EXPECT_TRUE(state.ok());
  const std::vector<int64_t> time = times, customer(time.size(), 7), amount(time.size(), 100);
  value::TransactionBatch batch;
  batch.customer = std::span<const int64_t>(customer);
  batch.time = time;
  batch.amount = amount;
  EXPECT_TRUE(state->totals.Update(batch, 0).ok());
  return *std::move(state);
}

TEST(ProtoTest, AnEmptyConcentrationByteByByte) {
  const auto message = ToMessage(state::NewConcentrationState(Columns()));
  ASSERT_TRUE(message.ok());
  const std::string columns =
      Field(1, "customer_id") + Field(2, "amount") + std::string("\x18\x00\x20\x04\x28\x00"sv);
  const std::string counts = std::string("\x08\0\x10\0\x18\0\x20\0\x28\0\x30\0"sv);
  EXPECT_EQ(message->SerializeAsString(),
            Field(1, columns) + Field(2, counts) + Field(3, Field(3, "")));
}

TEST(ProtoTest, StatesReadBack) {
  const auto rfm = ToMessage(SomeRfm({1, 2}));
  ASSERT_TRUE(rfm.ok());
  const auto rfm_again = FromMessage(*rfm);
  ASSERT_TRUE(rfm_again.ok()) << rfm_again.status();
  EXPECT_EQ(ToMessage(*rfm_again)->SerializeAsString(), rfm->SerializeAsString());

  const auto request = c_api::ReadSummary(nullptr, Columns());
  ASSERT_TRUE(request.ok());
  const auto summary = state::NewSummaryState(Columns(), *request);
  ASSERT_TRUE(summary.ok());
  const auto message = ToMessage(*summary);
  ASSERT_TRUE(message.ok());
  const auto summary_again = FromMessage(*message);
  ASSERT_TRUE(summary_again.ok()) << summary_again.status();
  EXPECT_EQ(ToMessage(*summary_again)->SerializeAsString(), message->SerializeAsString());
}

TEST(ProtoTest, EqualRowsInAnyOrderGiveEqualBytes) {
  EXPECT_EQ(ToMessage(SomeRfm({1, 2, 3}))->SerializeAsString(),
            ToMessage(SomeRfm({3, 1, 2}))->SerializeAsString());
  EXPECT_NE(ToMessage(SomeRfm({1, 2, 3}))->SerializeAsString(),
            ToMessage(SomeRfm({1, 2, 4}))->SerializeAsString());
}

TEST(ProtoTest, PurchasesHaveATime) {
  constexpr int64_t kNone = std::numeric_limits<int64_t>::min();
  const auto good = ToMessage(SomeRfm({5}));
  ASSERT_TRUE(good.ok());
  ASSERT_TRUE(FromMessage(*good).ok());
  v1::RfmState message = *good;
  message.set_last(0, kNone);
  EXPECT_EQ(Refusal(FromMessage(message)), "bytes: last: no purchase at that time");
  message.set_last_row(kNone);
  EXPECT_EQ(Refusal(FromMessage(message)),
            "bytes: last row: a time without a row, or rows without a time");
  message = *good;
  message.set_last(0, 6);
  EXPECT_EQ(Refusal(FromMessage(message)), "bytes: last: no purchase at that time");
  message = *ToMessage(SomeRfm({}));
  message.set_last_row(5);
  EXPECT_EQ(Refusal(FromMessage(message)),
            "bytes: last row: a time without a row, or rows without a time");
}

// Field 100, which no message has.
constexpr std::string_view kUnknown = "\xA0\x06\x01";

template <typename Message>
Message WithUnknownField(const Message &message) {
  Message more;
  EXPECT_TRUE(more.ParseFromString(message.SerializeAsString() + std::string(kUnknown)));
  return more;
}

TEST(ProtoTest, UnknownFieldsAreRefused) {
  EXPECT_NE(Refusal(FromMessage(WithUnknownField(ToMessage(Floors())))).find("unknown field"),
            std::string::npos);
  const auto rules = value::PresetSegmentRules(value::SegmentPreset::kGrid);
  EXPECT_NE(Refusal(FromMessage(WithUnknownField(ToMessage(*rules)))).find("unknown field"),
            std::string::npos);
  const value::Ledger ledger = OneSale();
  const auto facts = ToMessage(ledger.Content(), 2, "UTC");
  EXPECT_NE(Refusal(FromMessage(WithUnknownField(*facts))).find("unknown field"),
            std::string::npos);
  EXPECT_NE(Refusal(FromMessage(WithUnknownField(*ToMessage(SomeRfm({1}))))).find("unknown field"),
            std::string::npos);
  const auto empty = ToMessage(state::NewConcentrationState(Columns()));
  EXPECT_NE(Refusal(FromMessage(WithUnknownField(*empty))).find("unknown field"),
            std::string::npos);
}

TEST(EnvelopeTest, OnlyThisFormatInCanonicalFormWithItsChecksumIsRead) {
  const std::string payload = FloorsPayload();
  const std::string good = Enveloped(1, 2, payload);
  ASSERT_TRUE(OpenEnvelope(good).ok());
  EXPECT_EQ(Refusal(OpenEnvelope(Enveloped(2, 2, payload))), "bytes: format 2; expected 1");
  EXPECT_EQ(Refusal(OpenEnvelope(Enveloped(1, 0, payload))), "bytes: kind 0; expected a known one");
  std::string wrong = good;
  wrong.back() ^= 1;
  EXPECT_EQ(Refusal(OpenEnvelope(wrong)), "bytes: checksum does not match");
  EXPECT_EQ(Refusal(OpenEnvelope(good + std::string(kUnknown))),
            "bytes: envelope is not in canonical form");
  // The same number in two bytes, and the same fields in another order.
  const std::string longer = std::string("\x08\x81\x00"sv) + good.substr(2);
  EXPECT_EQ(Refusal(OpenEnvelope(longer)), "bytes: envelope is not in canonical form");
  const std::string swapped = good.substr(2, 2) + good.substr(0, 2) + good.substr(4);
  EXPECT_EQ(Refusal(OpenEnvelope(swapped)), "bytes: envelope is not in canonical form");
  EXPECT_EQ(Refusal(OpenEnvelope(good.substr(0, good.size() - 1))),
            "bytes: not an envelope of patron.v1");
  EXPECT_EQ(Refusal(OpenEnvelope("")), "bytes: not an envelope of patron.v1");

  v1::Segments other;
  const absl::Status kind = Unwrap(good, v1::KIND_SEGMENTS, other);
  EXPECT_EQ(kind.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(kind.message(), "bytes: this is a pyramid; expected segments");
  v1::Pyramid message;
  const std::string loose = std::string("\x08\x81\x00"sv) + payload.substr(2);
  EXPECT_EQ(Unwrap(Enveloped(1, 2, loose), v1::KIND_PYRAMID, message).message(),
            "bytes: payload is not in canonical form");
}

}  // namespace
}  // namespace patron::proto
