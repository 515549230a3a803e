// Ids of records that come and go, against a map.
#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/link_ids.hpp"

namespace patron::c_api {
namespace {

TEST(LinkIdsTest, RecordsAreFoundByTheIdsTheyHave) {
  for (const bool is_text : {false, true}) {
    std::mt19937_64 random(is_text ? 1 : 2);
    LinkIds ids(is_text);
    std::map<int64_t, uint32_t> record_of;
    const auto text = [](int64_t id) {
      return std::string(static_cast<size_t>(id % 40) + 1, 'x') + std::to_string(id);
    };
    for (int step = 0; step < 4000; ++step) {
      const auto id = static_cast<int64_t>(random() % 300);
      const std::string own = text(id);
      const std::string_view view = own;
      const IdSpan one = is_text ? IdSpan(std::span<const std::string_view>(&view, 1))
                                 : IdSpan(std::span<const int64_t>(&id, 1));
      const auto known = record_of.find(id);
      ASSERT_EQ(ids.Find(one, 0), known == record_of.end() ? LinkIds::kUnknown : known->second);
      if (known != record_of.end()) {
        ids.Forget(known->second);
        record_of.erase(known);
      } else {
        record_of[id] = static_cast<uint32_t>(ids.records());
        ids.Append(one, 0);
        if (random() % 4 == 0) {
          ids.Truncate(ids.records() - 1);
          record_of.erase(id);
        }
      }
      if (step % 100 != 0) continue;
      for (const auto &[a, i] : record_of) {
        const IdList list = ids.List({i});
        if (is_text) {
          EXPECT_EQ(list.text[0], text(a));
        } else {
          EXPECT_EQ(list.integers[0], a);
        }
        for (const auto &[b, j] : record_of) {
          ASSERT_EQ(ids.Less(i, j), is_text ? text(a) < text(b) : a < b);
        }
      }
    }
    // Of the other kind.
    const std::string_view none = "1";
    const int64_t number = 1;
    EXPECT_EQ(ids.Find(is_text ? IdSpan(std::span<const int64_t>(&number, 1))
                               : IdSpan(std::span<const std::string_view>(&none, 1)),
                       0),
              LinkIds::kUnknown);
  }
}

TEST(LinkIdsTest, ForgottenTextIsOverwritten) {
  LinkIds ids(true);
  const std::vector<std::string_view> names = {"ann@example.com", "bob@example.com"};
  const IdSpan span(names);
  ids.Append(span, 0);
  ids.Append(span, 1);
  const std::string_view ann = ids.List({0}).text[0];
  ids.Forget(0);
  // Where it stood; the first bytes say which place was forgotten before.
  EXPECT_TRUE(std::ranges::all_of(ann.substr(4), [](char c) { return c == 0; }));
  EXPECT_EQ(ids.List({1}).text[0], "bob@example.com");
  LinkIds numbers(false);
  const std::vector<int64_t> phones = {13800138000};
  numbers.Append(IdSpan(phones), 0);
  numbers.Forget(0);
  EXPECT_EQ(numbers.List({0}).integers[0], 0);
}

}  // namespace
}  // namespace patron::c_api
