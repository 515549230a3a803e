// What an index keeps of records that were removed: nothing, wherever one looks in memory.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "patron/customers/link_index.hpp"
#include "patron/customers/text_codes.hpp"
#include "patron/customers/text_digest.hpp"

namespace patron::customers {
namespace {

// Texts that stand in memory only while they are wanted: a seed makes their characters.
class Marker {
 public:
  Marker(uint32_t seed, char32_t first) : seed_(seed), first_(first) {}

  static constexpr size_t kSize = 24;
  char32_t At(size_t i) const {
    uint32_t h = (seed_ + static_cast<uint32_t>(i)) * 0x9E3779B1U;
    h ^= h >> 15;
    return first_ + h % 20;
  }

  // Gives the text as UTF-8 to `use`, and wipes it.
  template <typename Use>
  void With(Use use) const {
    std::array<char, 3 * kSize> bytes;
    size_t size = 0;
    for (size_t i = 0; i < kSize; ++i) {
      const char32_t c = At(i);
      if (c < 0x80) {
        bytes[size++] = static_cast<char>(c);
        continue;
      }
      bytes[size++] = static_cast<char>(0xE0 | c >> 12);
      bytes[size++] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
      bytes[size++] = static_cast<char>(0x80 | (c & 0x3F));
    }
    use(std::string_view(bytes.data(), size));
    Wipe(bytes.data(), bytes.size());
  }

  // Whether code points 2 to 9 stand at `bytes`, in `width` bytes each, or as UTF-8 of three.
  bool StandsAt(const unsigned char *bytes, size_t width) const {
    for (size_t i = 0; i < 8; ++i, bytes += width) {
      const char32_t c = At(i + 2);
      bool same = false;
      if (width == 3) {
        same = bytes[0] == (0xE0 | c >> 12) && bytes[1] == (0x80 | (c >> 6 & 0x3F)) &&
               bytes[2] == (0x80 | (c & 0x3F));
      } else {
        same = bytes[0] == (c & 0xFF) && (width < 2 || bytes[1] == c >> 8) &&
               (width < 4 || (bytes[2] == 0 && bytes[3] == 0));
      }
      if (!same) return false;
    }
    return true;
  }

 private:
  uint32_t seed_;
  char32_t first_;
};

// How often the markers stand in the memory of this process; none if it cannot be read, or is too much,
// as that of a sanitizer is.
std::optional<size_t> CountInMemory(const std::vector<Marker> &markers) {
  std::ifstream maps("/proc/self/maps");
  const int memory = open("/proc/self/mem", O_RDONLY);
  if (!maps || memory < 0) {
    if (memory >= 0) close(memory);
    return std::nullopt;
  }
  constexpr size_t kPiece = 1 << 20, kTail = 64;
  static std::vector<unsigned char> piece(kPiece);
  // Markers, and how wide their characters are, by their first byte.
  std::array<std::vector<std::pair<Marker, size_t>>, 256> by_first;
  for (const Marker &marker : markers) {
    const char32_t c = marker.At(2);
    for (const size_t width : {1, 2, 3, 4}) {
      if (width == (c < 0x80 ? 3 : 1)) continue;
      by_first[width == 3 ? 0xE0 | c >> 12 : c & 0xFF].emplace_back(marker, width);
    }
  }
  std::vector<std::pair<uintptr_t, uintptr_t>> regions;
  uintptr_t bytes = 0;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights) != 3) continue;
    if (rights[0] != 'r' || rights[1] != 'w') continue;
    regions.emplace_back(begin, end);
    bytes += end - begin;
  }
  if (bytes > uintptr_t{1} << 30) regions.clear();
  size_t found = 0;
  for (const auto &[begin, end] : regions) {
    for (uintptr_t at = begin; at < end; at += kPiece - kTail) {
      const size_t size = std::min<size_t>(kPiece, end - at);
      const ssize_t got = pread(memory, piece.data(), size, static_cast<off_t>(at));
      const auto own = reinterpret_cast<uintptr_t>(piece.data());
      // What is too near the end belongs to the next piece.
      for (ssize_t i = 0; i + static_cast<ssize_t>(kTail) <= got; ++i) {
        const auto &likely = by_first[piece[static_cast<size_t>(i)]];
        const uintptr_t here = at + static_cast<uintptr_t>(i);
        if (likely.empty() || (here >= own && here < own + kPiece)) continue;
        found += static_cast<size_t>(std::ranges::count_if(likely, [&](const auto &one) {
          return one.first.StandsAt(&piece[static_cast<size_t>(i)], one.second);
        }));
      }
    }
  }
  close(memory);
  std::ranges::fill(piece, static_cast<unsigned char>(0));
  if (regions.empty()) return std::nullopt;
  return found;
}

LinkField FieldOf(const std::string &column, const std::vector<std::string> &levels) {
  LinkField field;
  field.column = column;
  for (const std::string &level : levels) field.levels.push_back(*ParseLevel("level", level));
  field.term_frequency = 1;
  return field;
}

// Fields of Latin and of Han texts, both in keys, one in parts.
LinkPlan PlanOf() {
  LinkPlan plan;
  plan.fields = {FieldOf("mail", {"exact", "levenshtein_distance <= 2"}),
                 FieldOf("name", {"exact", "jaro_winkler >= 0.9"})};
  plan.field_columns = {0, 1};
  plan.blocks = {{"mail[:12]", {{.column = 0, .begin = 0, .end = 12}}},
                 {"name[:12]", {{.column = 1, .begin = 0, .end = 12}}},
                 {"city + name[1:20]", {{.column = 2}, {.column = 1, .begin = 1, .end = 20}}},
                 {"city", {{.column = 2}}}};
  return plan;
}

LinkModel ModelOf() {
  LinkModel model;
  model.match_rate = 0.05;
  model.fields = {{.m = {0.7, 0.2, 0.1}, .u = {0.06, 0.1, 0.84}, .equal = 0.06},
                  {.m = {0.7, 0.2, 0.1}, .u = {0.06, 0.1, 0.84}, .equal = 0.06}};
  return model;
}

class LinkErasureTest : public ::testing::Test {
 protected:
  LinkErasureTest()
      : index_(PlanOf(), ModelOf(), nullptr,
               {.threshold = 0,
                .hubs = {{.field = 0, .most = 2}},
                .must_link = {},
                .cannot_link = {}}) {
    LinkRecords records;
    records.columns.resize(3);
    for (uint32_t i = 0; i < 40; ++i) {
      const Marker mail(1000 + i, 'a'), name(2000 + i, U'\u5f20');
      mail.With([&](std::string_view text) { records.columns[0].values.Add(text); });
      name.With([&](std::string_view text) { records.columns[1].values.Add(text); });
      records.columns[0].codes.push_back(i);
      records.columns[1].codes.push_back(i);
      records.columns[2].codes.push_back(0);
      first_.push_back(mail);
      first_.push_back(name);
    }
    records.columns[2].values.Add("Bath");
    records.size = 40;
    EXPECT_TRUE(index_.Build(std::move(records), {}).ok());
  }

  uint32_t Add(const Marker &mail, const Marker &name) {
    std::array<uint32_t, 3> codes;
    mail.With([&](std::string_view text) { codes[0] = index_.Encode(0, text); });
    name.With([&](std::string_view text) { codes[1] = index_.Encode(1, text); });
    codes[2] = index_.Encode(2, "Bath");
    EXPECT_TRUE(index_.Add(codes, {}).ok());
    return static_cast<uint32_t>(index_.records().size - 1);
  }

  std::vector<Marker> first_;
  LinkIndex index_;
};

TEST_F(LinkErasureTest, TheLastRecordTakesItsValuesWithIt) {
  const Marker mail(7, 'a'), name(9000, U'\u5f20');
  const std::vector<Marker> both = {mail, name};
  const auto before = CountInMemory(both);
  if (!before.has_value()) GTEST_SKIP() << "memory cannot be read";
  EXPECT_EQ(*before, 0U);
  const uint32_t one = Add(mail, name), two = Add(mail, name);
  EXPECT_EQ(index_.entities().EntityOf(one), index_.entities().EntityOf(two));
  EXPECT_GE(*CountInMemory(both), 5U);  // Each value, and its parts in keys.
  ASSERT_TRUE(index_.KeepApart({one, 3}).ok());
  ASSERT_TRUE(index_.Remove(one).ok());
  EXPECT_GE(*CountInMemory(both), 5U);  // The other record has them.
  ASSERT_TRUE(index_.Remove(two).ok());
  EXPECT_EQ(*CountInMemory(both), 0U);
}

TEST_F(LinkErasureTest, RecordsThatTheModelWasLearnedFromGoAsWell) {
  if (!CountInMemory(first_).has_value()) GTEST_SKIP() << "memory cannot be read";
  EXPECT_GE(*CountInMemory(first_), 40U * 5);
  for (uint32_t i = 0; i < 40; ++i) ASSERT_TRUE(index_.Remove(i).ok());
  EXPECT_EQ(index_.alive_records(), 0U);
  EXPECT_EQ(*CountInMemory(first_), 0U);
  // A value that comes back weighs what it did.
  const uint32_t one = Add(first_[4], first_[5]), two = Add(first_[4], first_[5]);
  EXPECT_EQ(index_.entities().EntityOf(one), index_.entities().EntityOf(two));
  std::vector<double> by_field(2);
  index_.scorer().Score(one, two, by_field.data());
  // log2(0.7 / 0.06), and log2(0.06 / (1 / 40)) for one record of 40.
  for (const double weight : by_field) EXPECT_NEAR(weight, 4.807354922057604, 1e-12);
}

TEST_F(LinkErasureTest, ValuesOfNoRecordAreForgotten) {
  const Marker mail(7, 'a'), name(9000, U'\u5f20');
  const std::vector<Marker> both = {mail, name};
  if (!CountInMemory(both).has_value()) GTEST_SKIP() << "memory cannot be read";
  mail.With([&](std::string_view text) { index_.Encode(0, text); });
  name.With([&](std::string_view text) { index_.Encode(1, text); });
  EXPECT_GE(*CountInMemory(both), 2U);
  index_.ForgetUnused();
  EXPECT_EQ(*CountInMemory(both), 0U);
  EXPECT_EQ(index_.records().columns[0].values.size(), 41U);
  Add(name, mail);
  EXPECT_EQ(index_.records().columns[0].values.size(), 42U);
}

TEST(TextCodesTest, ForgottenCodesAreGivenAgain) {
  CharacterPool pool;
  TextCodes codes;
  const auto code = [&](std::u32string_view text) {
    const Characters view = {
        .data = text.data(), .size = static_cast<uint32_t>(text.size()), .wide = true};
    const uint32_t known = codes.Find(pool, view);
    return known == TextCodes::kUnknown ? codes.Add(pool, view) : known;
  };
  EXPECT_EQ(code(U"Ann"), 0U);
  EXPECT_EQ(code(U"Bob"), 1U);
  EXPECT_EQ(code(U"\u5f20\u4f1f"), 2U);
  EXPECT_EQ(code(U"Ann"), 0U);
  const void *room = pool[0].data;
  codes.Forget(pool, 0);
  EXPECT_EQ(pool[0].size, 0U);
  codes.Forget(pool, 2);
  codes.Forget(pool, 1);
  EXPECT_EQ(code(U"a text that has no room there"), 3U);
  EXPECT_EQ(code(U"\u5f20\u73ae\u73ae"), 1U);  // The last that was forgotten, as wide as it was.
  EXPECT_EQ(code(U"Cy"), 2U);
  EXPECT_EQ(code(U"Ann"), 0U);
  EXPECT_EQ(pool[0].data, room);
  EXPECT_EQ(code(U"Bob"), 4U);
  EXPECT_EQ(code(U""), 5U);
  codes.Forget(pool, 5);
  EXPECT_EQ(code(U"Cy"), 2U);
}

TEST(TextCodesTest, ComingAndGoingDoesNotGrow) {
  CharacterPool pool;
  TextCodes codes;
  std::vector<uint32_t> held;
  for (uint32_t i = 0; i < 20'000; ++i) {
    const std::u32string text = ToCodePoints(std::to_string(i));
    const Characters view = {
        .data = text.data(), .size = static_cast<uint32_t>(text.size()), .wide = true};
    held.push_back(codes.Add(pool, view));
    if (i >= 100) codes.Forget(pool, held[i - 100]);
  }
  EXPECT_EQ(pool.size(), 101U);
  for (uint32_t i = 19'900; i < 20'000; ++i) {
    const std::u32string text = ToCodePoints(std::to_string(i));
    EXPECT_EQ(codes.Find(pool, {text.data(), static_cast<uint32_t>(text.size()), true}), held[i]);
  }
}

TEST(TextDigestTest, IsSipHashOfCodePoints) {
  // By libsodium's siphashx24 of the texts as UTF-32LE; the first also by the paper's vectors.
  const TextDigester digester(0x0706050403020100U, 0x0F0E0D0C0B0A0908U);
  const std::vector<std::pair<std::u32string, std::string>> known = {
      {U"", "a3817f04ba25a8e66df67214c7550293"},
      {U"a", "2508bea7139fe127c7205555222c5c98"},
      {U"\u5f20\u4f1f", "f22395b1bf29ea06ff66554d01f536f4"},
      {U"Ann Lee!", "7843250066aa11a51a87eb875c068bf2"},
      {U"zhang@example.com", "7384e9660272f8f350a5331df622b142"}};
  CharacterPool pool;
  for (const auto &[text, expected] : known) {
    const TextDigest digest = digester.Of(pool[pool.Add(text)]);
    std::string hex;
    for (const char byte : digest) {
      char two[3];
      std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<uint8_t>(byte)));
      hex += two;
    }
    EXPECT_EQ(hex, expected);
  }
  EXPECT_NE(TextDigester().Of(pool[1]), TextDigester().Of(pool[1]));
}

}  // namespace
}  // namespace patron::customers
