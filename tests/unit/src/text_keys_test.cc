// Keys of names, e-mail addresses, organisations and addresses.
#include "customers/text_keys.hpp"

#include <string>

#include <gtest/gtest.h>

#include "customers/unicode.hpp"

namespace patron::customers {
namespace {

TEST(TextKeysTest, TextIsFolded) {
  EXPECT_EQ(ReadText("  ｚｈａｎｇ　 ＷＥＩ \t").key, "zhang wei");
  EXPECT_EQ(ReadText("Stra\xC3\x9F"
                     "e")
                .key,
            "strasse");
  EXPECT_EQ(ReadText("a\xE2\x80\x8B"
                     "b\xE2\x80\x8F"
                     "c\xEF\xBB\xBF")
                .key,
            "abc");  // Zero width, marks.
  EXPECT_EQ(ReadText("王(wang)伟(wei)").key, "王伟");
  EXPECT_EQ(ReadText("人(x1)").key, "人");
  EXPECT_EQ(ReadText("").key, "");
  EXPECT_FALSE(ReadText("人").damaged);
  for (const char *text : {"a\xFF", "人?", "\xEE\x80\x80", "\xEF\xBF\xBD"}) {
    EXPECT_TRUE(ReadText(text).damaged) << text;
  }
}

TEST(TextKeysTest, MarksWithoutEndAreCut) {
  std::string bomb = "a";
  for (int i = 0; i < 100'000; ++i) bomb += i % 2 == 0 ? "\xCC\x81" : "\xCC\xA3";
  EXPECT_LE(ReadText(bomb).key.size(), 64U);
}

TEST(TextKeysTest, NamesOfHanCharacters) {
  const NameKey plain = ReadName("張偉");
  EXPECT_EQ(plain.key, "张伟");
  EXPECT_EQ(plain.surname, "张");
  EXPECT_EQ(plain.given, "伟");
  EXPECT_EQ(plain.pinyin, "zhangwei");
  EXPECT_EQ(plain.reversed, "weizhang");
  EXPECT_EQ(ReadName("歐陽娜娜").surname, "欧阳");
  EXPECT_EQ(ReadName("歐陽").surname, "欧");  // Two characters are a surname and a given name.
  // Surnames are read in their own way.
  const std::pair<const char *, const char *> readings[] = {
      {"單雄信", "shanxiongxin"}, {"仇英", "qiuying"},    {"解缙", "xiejin"},
      {"曾国藩", "zengguofan"},   {"区寄", "ouji"},       {"查良镛", "zhaliangyong"},
      {"盖叫天", "gejiaotian"},   {"尉迟恭", "yuchigong"}};
  for (const auto &[name, pinyin] : readings) EXPECT_EQ(ReadName(name).pinyin, pinyin) << name;
  EXPECT_EQ(ReadName("阿凡提·买买提").key, "阿凡提买买提");
}

TEST(TextKeysTest, RomanisedNamesInAnyOrder) {
  for (const char *name : {"Zhang, Wei", "ZHANG Wei", "Wei ZHANG", "ｚｈａｎｇ， Wei"}) {
    EXPECT_EQ(ReadName(name).pinyin, "zhangwei") << name;
    EXPECT_FALSE(ReadName(name).ambiguous) << name;
  }
  EXPECT_EQ(ReadName("Xiaoming Li").pinyin, "lixiaoming");
  EXPECT_EQ(ReadName("Li Xiao-Ming").pinyin, "lixiaoming");
  EXPECT_TRUE(ReadName("Wei Zhang").ambiguous);  // Both are surnames.
  EXPECT_EQ(ReadName("Jos\xC3\xA9 Garc\xC3\xAD"
                     "a")
                .pinyin,
            "garciajose");
  EXPECT_EQ(ReadName("  ").key, "");
}

TEST(TextKeysTest, EmailAddresses) {
  EXPECT_EQ(ReadEmail(" Ann.Lee+x@Example.COM ").key, "ann.lee+x@example.com");
  EXPECT_EQ(ReadEmail("用户@例子.中国").domain, "xn--fsqu00a.xn--fiqs8s");
  for (const char *text : {"", "no", "@a.de", "a@", "a@b", "a..b@c.de", ".a@c.de", "a@-b.de",
                           "a b@c.de", "a@b..de", "a\xFF@b.de"}) {
    EXPECT_FALSE(ReadEmail(text).valid) << text;
  }
}

TEST(TextKeysTest, Organisations) {
  const OrganisationKey one = ReadOrganisation("騰訊科技（深圳）有限公司");
  EXPECT_EQ(one.core, "腾讯科技");
  EXPECT_EQ(one.place, "深圳");
  EXPECT_EQ(one.form, "有限公司");
  EXPECT_EQ(ReadOrganisation("北京百度网讯科技有限公司").core, "百度网讯科技");
  EXPECT_EQ(ReadOrganisation("廣州市某某集團股份有限公司").core, "某某");
  EXPECT_EQ(ReadOrganisation("ACME Co., Ltd.").core, "acme");
  EXPECT_EQ(ReadOrganisation("Apple Inc.").core, ReadOrganisation("APPLE INC").core);
  EXPECT_EQ(ReadOrganisation("有限公司").core, "有限公司");  // Nothing would be left.
}

TEST(TextKeysTest, Addresses) {
  const AddressKey one = ReadAddress("广东省深圳市南山区科技路二十三号三幢五单元");
  EXPECT_EQ(one.province, "广东");
  EXPECT_EQ(one.city, "深圳");
  EXPECT_EQ(one.district, "南山");
  EXPECT_EQ(one.rest, "科技路23号3栋5单元");
  EXPECT_EQ(ReadAddress("廣東深圳市南山區科技路２３號3号楼5單元").key, one.key);
  EXPECT_EQ(ReadAddress("一百零五号").rest, "105号");
  EXPECT_EQ(ReadAddress("北京市朝阳区一二三路八号").rest,
            "一二三路8号");  // The name of a road stays.
}

TEST(TextKeysTest, UnicodeAnswers) {
  EXPECT_EQ(Simplified(U'後'), U'后');
  EXPECT_EQ(Simplified(U'a'), U'a');
  EXPECT_EQ(Syllable(U'王'), "wang");
  EXPECT_EQ(Syllable(U'绿'), "lu");
  EXPECT_EQ(Syllable(U'a'), "");
  EXPECT_EQ(DomainToAscii(U"bücher.de"), "xn--bcher-kva.de");
}

}  // namespace
}  // namespace patron::customers
