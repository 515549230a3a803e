#include "arrow/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

namespace patron::arrow {
namespace {

std::string Encode(uint32_t point) {
  std::string bytes;
  const auto add = [&](uint32_t byte) { bytes.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6);
    add(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  } else {
    add(0xF0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3F));
    add(0x80 | (point >> 6 & 0x3F));
    add(0x80 | (point & 0x3F));
  }
  return bytes;
}

TEST(TextTest, EveryCharacterIsUtf8AndNothingElseOfItsLengthIs) {
  std::set<std::string> sound;
  for (uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    const std::string text = Encode(point);
    ASSERT_TRUE(IsUtf8(text)) << point;
    if (text.size() <= 3) sound.insert(text);
  }
  // All strings of up to two bytes, and all of three that begin with a lead of three.
  size_t counted = 0;
  std::string text;
  for (int a = 0; a < 256; ++a) {
    text.assign(1, static_cast<char>(a));
    ASSERT_EQ(IsUtf8(text), sound.contains(text)) << a;
    counted += IsUtf8(text) ? 1 : 0;
    for (int b = 0; b < 256; ++b) {
      text = {static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(IsUtf8(text), sound.contains(text) || (a < 0x80 && b < 0x80)) << a << " " << b;
      if (a < 0xE0 || a > 0xEF) continue;
      for (int c = 0; c < 256; ++c) {
        text = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
        ASSERT_EQ(IsUtf8(text), sound.contains(text)) << a << " " << b << " " << c;
      }
    }
  }
  EXPECT_EQ(counted, 128u);
}

TEST(TextTest, FourBytesKeepToTheUnicodeRange) {
  EXPECT_FALSE(IsUtf8("\xF0\x8F\xBF\xBF"));  // Overlong.
  EXPECT_TRUE(IsUtf8("\xF0\x90\x80\x80"));
  EXPECT_TRUE(IsUtf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xF5\x80\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xF1\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xF1\x80\x80z"));
}

TEST(TextTest, TextMayBeCutAnywhereButInACharacter) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  EXPECT_TRUE(IsUtf8(text));
  EXPECT_TRUE(IsUtf8(text.substr(0, 3)));
  EXPECT_FALSE(IsUtf8(text.substr(0, 2)));
  EXPECT_FALSE(IsUtf8(text.substr(2)));
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8(std::string("\0", 1)));
}

TEST(TextTest, AsciiIsSeenInEveryPlace) {
  EXPECT_TRUE(IsAscii(""));
  for (size_t length = 1; length <= 40; ++length) {
    std::string text(length, 'x');
    ASSERT_TRUE(IsAscii(text));
    for (size_t at = 0; at < length; ++at) {
      text.assign(length, 'x');
      text[at] = '\x80';
      ASSERT_FALSE(IsAscii(text)) << at;
    }
  }
}

}  // namespace
}  // namespace patron::arrow
