#include "c_api/guard.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace patron::c_api {
namespace {

patron_error Dirty() {
  patron_error error;
  std::memset(&error, 0x55, sizeof error);
  return error;
}

TEST(GuardTest, StatusesCrossWithCodeAndMessage) {
  patron_error error = Dirty();
  EXPECT_EQ(Guard(&error, [] { return absl::NotFoundError("no such thing"); }), PATRON_NOT_FOUND);
  EXPECT_EQ(error.code, PATRON_NOT_FOUND);
  EXPECT_EQ(error.reserved, 0u);
  EXPECT_STREQ(error.message, "no such thing");
  EXPECT_EQ(Guard(&error, [] { return absl::OkStatus(); }), PATRON_OK);
  EXPECT_EQ(error.code, PATRON_OK);
  EXPECT_STREQ(error.message, "");
  EXPECT_EQ(Guard(nullptr, [] { return absl::NotFoundError("no such thing"); }), PATRON_NOT_FOUND);
}

TEST(GuardTest, NoExceptionCrosses) {
  patron_error error = Dirty();
  EXPECT_EQ(Guard(&error, []() -> absl::Status { throw std::bad_alloc(); }),
            PATRON_RESOURCE_EXHAUSTED);
  EXPECT_STREQ(error.message, "out of memory");
  EXPECT_EQ(Guard(&error,
                  []() -> absl::Status {
                    std::vector<int> much;
                    much.reserve(much.max_size() + 1);
                    return absl::OkStatus();
                  }),
            PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Guard(&error, []() -> absl::Status { throw std::runtime_error("odd"); }),
            PATRON_INTERNAL);
  EXPECT_STREQ(error.message, "odd");
  EXPECT_EQ(Guard(&error, []() -> absl::Status { throw 7; }), PATRON_INTERNAL);
}

TEST(FillTest, ControlCharactersAndBadBytesAreShownAsNumbers) {
  patron_error error;
  Fill(&error, PATRON_INTERNAL, std::string_view("a\n\0\x7F\xFF caf\xC3\xA9 \xC3", 13));
  EXPECT_STREQ(error.message, "a\\x0a\\x00\\x7f\\xff caf\xC3\xA9 \\xc3");
}

TEST(FillTest, LongMessagesAreCutBetweenCharacters) {
  constexpr size_t kRoom = sizeof(patron_error::message) - 1;
  patron_error error = Dirty();
  Fill(&error, PATRON_INTERNAL, std::string(kRoom, 'x'));
  EXPECT_EQ(std::string(error.message), std::string(kRoom, 'x'));
  Fill(&error, PATRON_INTERNAL, std::string(kRoom + 1, 'x'));
  EXPECT_EQ(std::string(error.message), std::string(kRoom - 3, 'x') + "...");
  // Characters of three bytes, at each distance from the end.
  for (size_t shift = 0; shift < 3; ++shift) {
    std::string text(shift, 'x');
    while (text.size() < 2 * kRoom) text += "\xE2\x82\xAC";
    Fill(&error, PATRON_INTERNAL, text);
    std::string shown = error.message;
    ASSERT_LE(shown.size(), kRoom);
    ASSERT_GT(shown.size(), kRoom - 3);
    ASSERT_EQ(shown.substr(shown.size() - 3), "...");
    shown.resize(shown.size() - 3);
    ASSERT_EQ((shown.size() - shift) % 3, 0u);
    ASSERT_EQ(text.substr(0, shown.size()), shown);
  }
  Fill(&error, PATRON_INTERNAL, std::string(kRoom, '\n'));
  EXPECT_EQ(std::strlen(error.message) % 4, 3u);  // Whole escapes and three dots.
}

struct Options {
  uint32_t struct_size;
  int32_t a;
  int64_t b;
};

struct NewerOptions {
  uint32_t struct_size;
  int32_t a;
  int64_t b;
  int64_t c;
};

TEST(OptionsTest, NullMeansTheDefaults) {
  Options full = {sizeof(Options), 1, 2};
  EXPECT_TRUE(ReadOptions<Options>("options", nullptr, &full).ok());
  EXPECT_EQ(full.a, 1);
  EXPECT_EQ(full.b, 2);
}

TEST(OptionsTest, AnOlderCallerKeepsTheNewDefaults) {
  Options full = {sizeof(Options), 1, 2};
  const Options older = {8, 7, 99};  // Knows only `a`.
  EXPECT_TRUE(ReadOptions("options", &older, &full).ok());
  EXPECT_EQ(full.a, 7);
  EXPECT_EQ(full.b, 2);
  EXPECT_EQ(full.struct_size, sizeof(Options));
}

TEST(OptionsTest, ANewerCallerMayNotAskForWhatIsUnknown) {
  Options full = {sizeof(Options), 1, 2};
  NewerOptions newer = {sizeof(NewerOptions), 7, 8, 0};
  EXPECT_TRUE(ReadOptions("options", reinterpret_cast<const Options *>(&newer), &full).ok());
  EXPECT_EQ(full.b, 8);
  EXPECT_EQ(full.struct_size, sizeof(Options));
  newer.c = 256;
  newer.a = 100;
  const absl::Status refused =
      ReadOptions("options", reinterpret_cast<const Options *>(&newer), &full);
  EXPECT_EQ(refused.message(),
            "options: 24 bytes with something in byte 17; this library knows the first 16 bytes");
  EXPECT_EQ(full.a, 7);
}

TEST(OptionsTest, ASizeThatIsNotSetIsRefused) {
  Options full = {sizeof(Options), 1, 2};
  const Options unset = {0, 7, 8};
  EXPECT_EQ(ReadOptions("options", &unset, &full).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(full.a, 1);
  EXPECT_EQ(CheckOut("report", &unset).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(CheckOut<Options>("report", nullptr).ok());
}

TEST(OptionsTest, ResultsFillWhatTheCallerHasRoomFor) {
  const Options result = {0, 3, 4};
  WriteOut<Options>(result, nullptr);
  Options older = {8, 0, 99};
  WriteOut(result, &older);
  EXPECT_EQ(older.struct_size, 8u);
  EXPECT_EQ(older.a, 3);
  EXPECT_EQ(older.b, 99);
  NewerOptions newer = {sizeof(NewerOptions), 0, 0, 77};
  WriteOut(result, reinterpret_cast<Options *>(&newer));
  EXPECT_EQ(newer.struct_size, sizeof(NewerOptions));
  EXPECT_EQ(newer.b, 4);
  EXPECT_EQ(newer.c, 0);
}

TEST(OptionsTest, EnumerationsKeepToTheirRange) {
  EXPECT_TRUE(CheckEnum("merge", 2, 3).ok());
  EXPECT_EQ(CheckEnum("merge", 3, 3).message(), "merge: 3; expected 0 to 2");
  EXPECT_FALSE(CheckEnum("merge", -1, 3).ok());
}

}  // namespace
}  // namespace patron::c_api
