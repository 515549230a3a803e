// Policies of complaints at the C interface.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using PolicyPointer = std::unique_ptr<patron_policy, decltype(&patron_policy_free)>;

PolicyPointer Preset(const char *name) {
  patron_policy *policy = nullptr;
  Error error;
  EXPECT_EQ(patron_policy_preset(name, 4, &policy, error.get()), PATRON_OK) << error.message();
  return {policy, patron_policy_free};
}

std::string Taken(patron_bytes *bytes) {
  std::string text(static_cast<const char *>(patron_bytes_data(bytes)), patron_bytes_size(bytes));
  patron_bytes_free(bytes);
  return text;
}

std::string Json(const patron_policy *policy) {
  return BytesOf<patron_policy>(patron_policy_to_json, policy);
}

// A policy of that text, or the message why not.
std::pair<PolicyPointer, std::string> FromJson(const std::string &text) {
  auto *policy = Untouched<patron_policy>();
  Error error;
  const patron_status status =
      patron_policy_from_json(text.data(), text.size(), &policy, error.get());
  if (status == PATRON_OK) return {PolicyPointer(policy, patron_policy_free), ""};
  EXPECT_EQ(status, PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(policy, Untouched<patron_policy>());
  return {PolicyPointer(nullptr, patron_policy_free), error.message()};
}

std::string Replaced(std::string text, std::string_view old, std::string_view with) {
  const size_t at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return at == std::string::npos ? text : text.replace(at, old.size(), with);
}

// The smallest policy: a complaint comes and is over.
constexpr char kSmall[] = R"({
  "name": "small", "version": "1",
  "states": [{"name": "OPEN"}, {"name": "OVER", "kind": "closed"}],
  "events": [{"name": "come", "kind": "receive"}, {"name": "go", "kind": "withdraw"}],
  "transitions": [
    {"event": "come", "to": "OPEN"},
    {"event": "go", "from": ["OPEN"], "to": "OVER", "guards": ["no_hold"]}],
  "roles": [{"name": "clerk"}],
  "authority": [{"role": "clerk", "events": ["come", "go"], "single": null}]
})";

TEST(PolicyTest, JsonAndBytesGiveThePolicyBack) {
  for (const char *name :
       {"default", "disp", "disp-payments", "cfpb", "rg271", "rg271-super", "12315"}) {
    const PolicyPointer policy = Preset(name);
    const std::string text = Json(policy.get());
    const auto [again, message] = FromJson(text);
    ASSERT_NE(again, nullptr) << message;
    EXPECT_EQ(Json(again.get()), text);
    const std::string bytes = BytesOf<patron_policy>(patron_policy_serialize, policy.get());
    EXPECT_EQ(BytesOf<patron_policy>(patron_policy_serialize, again.get()), bytes);
    patron_policy *read = nullptr;
    ASSERT_EQ(patron_policy_deserialize(bytes.data(), bytes.size(), &read, nullptr), PATRON_OK);
    EXPECT_EQ(Json(read), text);
    patron_policy_free(read);
  }
  EXPECT_EQ(Json(Preset(nullptr).get()), Json(Preset("default").get()));
  EXPECT_NE(Json(Preset("disp").get()), Json(Preset("cfpb").get()));
}

TEST(PolicyTest, OnlyWhatWasWrittenLoads) {
  const auto [small, message] = FromJson(kSmall);
  ASSERT_NE(small, nullptr) << message;
  ExpectOnlyTheseBytesLoad<patron_policy>(
      patron_policy_deserialize, BytesOf<patron_policy>(patron_policy_serialize, small.get()));
}

TEST(PolicyTest, FieldsOfJsonAreReadAsTheyAreMeant) {
  const auto [small, message] = FromJson(kSmall);
  ASSERT_NE(small, nullptr) << message;
  const std::string text = Json(small.get());
  EXPECT_NE(
      text.find(
          R"({"event": "go", "from": ["OPEN"], "move": "to", "to": "OVER", "guards": ["no_hold"], "remember": false})"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"("single": null, "of_case": null)"), std::string::npos) << text;
  // Escapes, a pair of surrogates among them.
  const auto [named, ignored] =
      FromJson(Replaced(kSmall, "\"small\"", "\"a\\u00e9\\\"\\ud83d\\ude00\\n\""));
  ASSERT_NE(named, nullptr) << ignored;
  EXPECT_NE(Json(named.get()).find("\"a\u00e9\\\"\U0001F600\\u000a\""), std::string::npos)
      << Json(named.get());
}

TEST(PolicyTest, SaysWhatIsWrongInJson) {
  const auto message = [](std::string_view old, std::string_view with) {
    return FromJson(Replaced(kSmall, old, with)).second;
  };
  EXPECT_EQ(FromJson("").second, "json: line 1, column 1: the end; expected a value");
  EXPECT_EQ(FromJson("[]").second, "policy: a list; expected an object");
  EXPECT_EQ(FromJson("{\"name\": 1.5}").second,
            "json: line 1, column 10: '1.5'; expected a whole number below 2^63");
  EXPECT_EQ(FromJson("{\"name\": 9223372036854775808}").second,
            "json: line 1, column 10: '9223372036854775808'; expected a whole number below 2^63");
  EXPECT_EQ(FromJson("{\"name\": \"\xff\"}").second,
            "json: line 1, column 1: bytes that are not UTF-8; expected UTF-8");
  EXPECT_EQ(FromJson(std::string(40, '[')).second,
            "json: line 1, column 34: one more level; expected 32 at most");
  EXPECT_EQ(message("\"version\": \"1\"", "\"name\": \"1\""),
            "json: line 2, column 26: a second 'name'; expected each key once");
  EXPECT_EQ(message("\"closed\"", "\"gone\""),
            "states[1].kind: 'gone'; expected open, decided, closed, merged, external, void");
  EXPECT_EQ(message("\"no_hold\"", "\"luck\""),
            "transitions[1].guards: 'luck'; expected guards, such as decision or approval");
  EXPECT_EQ(message("\"guards\"", "\"guard\""),
            "transitions[1]: the key 'guard'; expected keys of a policy");
  EXPECT_EQ(message("\"withdraw\"", "\"leave\""),
            "events[1].kind: 'leave'; expected a kind of event, such as receive, or other");
  EXPECT_EQ(message("{\"name\": \"clerk\"}", "\"clerk\""), "roles[0]: text; expected an object");
  // What contradicts itself is refused in the words of the rule.
  EXPECT_EQ(message("\"to\": \"OVER\"", "\"to\": \"GONE\""),
            "policy: transition go: 'GONE'; expected a state");
}

TEST(PolicyTest, TheCheckerGivesATable) {
  const auto [small, message] =
      FromJson(Replaced(kSmall, "\"guards\": [\"no_hold\"]", "\"guards\": []"));
  ASSERT_NE(small, nullptr) << message;
  patron_table *raw = nullptr;
  Error error;
  ASSERT_EQ(patron_policy_check(small.get(), &raw, error.get()), PATRON_OK);
  const Table findings(raw);
  EXPECT_EQ(Texts(findings, "problem"), std::vector<std::string>{"no_guard"});
  EXPECT_EQ(Texts(findings, "subject"), std::vector<std::string>{"transition go from OPEN"});
  EXPECT_EQ(Texts(findings, "message"), std::vector<std::string>{"lacks the guard no_hold"});
  ASSERT_EQ(patron_policy_check(Preset("default").get(), &raw, error.get()), PATRON_OK);
  const Table none(raw);
  EXPECT_EQ(patron_table_rows(none.get()), 0);
}

TEST(PolicyTest, DrawsItself) {
  patron_bytes *bytes = nullptr;
  ASSERT_EQ(patron_policy_graph(FromJson(kSmall).first.get(), &bytes, nullptr), PATRON_OK);
  EXPECT_EQ(Taken(bytes),
            "digraph \"small\" {\n  rankdir=TB;\n  node [shape=box, style=rounded];\n"
            "  start [shape=point];\n  \"OPEN\";\n  \"OVER\" [peripheries=2];\n"
            "  \"OPEN\" -> \"OVER\" [label=\"go [no_hold]\"];\n"
            "  start -> \"OPEN\" [label=\"come\"];\n}\n");
}

TEST(PolicyTest, RefusesBadArguments) {
  Error error;
  auto *policy = Untouched<patron_policy>();
  EXPECT_EQ(patron_policy_preset("iso", 4, &policy, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(
      error.message(),
      "preset: 'iso'; expected default, disp, disp-payments, cfpb, rg271, rg271-super, 12315");
  EXPECT_EQ(patron_policy_preset(nullptr, 10, &policy, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_policy_preset(nullptr, 4, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_policy_from_json(nullptr, 0, &policy, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_policy_from_json("{}", 2, nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(policy, Untouched<patron_policy>());
  auto *table = Untouched<patron_table>();
  EXPECT_EQ(patron_policy_check(nullptr, &table, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(table, Untouched<patron_table>());
  auto *bytes = Untouched<patron_bytes>();
  EXPECT_EQ(patron_policy_graph(nullptr, &bytes, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(bytes, Untouched<patron_bytes>());
  patron_policy_free(nullptr);
}

}  // namespace
}  // namespace patron::c_api_test
