// Keys of names, e-mail addresses, organisations and addresses.
#include "customers/text_keys.hpp"

#include <array>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "customers/divisions.hpp"
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

TEST(TextKeysTest, CharactersOfTwoReadingsGiveUpToFourSounds) {
  const auto sounds = [](const char *name) {
    std::set<std::string> all;
    std::istringstream words(ReadName(name).sounds);
    for (std::string word; words >> word;) all.insert(word);
    return all;
  };
  EXPECT_EQ(sounds("张伟"), (std::set<std::string>{"zhangwei"}));
  EXPECT_EQ(sounds("张乐"), (std::set<std::string>{"zhangle", "zhangyue"}));
  EXPECT_EQ(sounds("单朝乐"),
            (std::set<std::string>{"shanchaole", "shanchaoyue", "shanzhaole", "shanzhaoyue"}));
  EXPECT_EQ(sounds("李乐朝长").size(), 4U);
  EXPECT_EQ(sounds("Zhang, Wei"), (std::set<std::string>{"zhangwei"}));
  for (const char *name : {"张乐", "王茜", "李长行"}) {
    EXPECT_TRUE(sounds(name).contains(ReadName(name).pinyin)) << name;
  }
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

TEST(TextKeysTest, AddressesInTheirParts) {
  const AddressKey one = ReadAddress("广东省深圳市南山区粤海街道科技路二十三号三幢五单元1201室");
  EXPECT_EQ(one.code, "440305");
  EXPECT_EQ(one.township, "粤海");
  EXPECT_EQ(one.road, "科技路");
  EXPECT_EQ(one.number, "23");
  EXPECT_EQ(one.building, "3");
  EXPECT_EQ(one.unit, "5");
  EXPECT_EQ(one.room, "1201");
  EXPECT_EQ(one.key, "广东深圳南山粤海街道科技路23号3栋5单元1201室");
  // Suffixes may be left out, and the province may be.
  for (const char *text :
       {"广东深圳南山区粤海街道科技路23号3号楼5单元1201室",
        "深圳市南山区粤海街道科技路23号3栋5单元1201室", "深圳南山粤海街道科技路23号3栋5单元1201室",
        "518000中国广东省深圳市南山区粤海街道科技路２３号３幢５单元１２０１室",
        "廣東省深圳市南山區粵海街道科技路23號3棟5單元1201室"}) {
    EXPECT_EQ(ReadAddress(text).key, one.key) << text;
    EXPECT_EQ(ReadAddress(text).code, "440305") << text;
    EXPECT_EQ(ReadAddress(text).room, "1201") << text;
  }
  // Municipalities, prefectures of other kinds, and namesakes.
  for (const char *text : {"北京市朝阳区人民路1号", "北京朝阳区人民路1号",
                           "北京市北京市朝阳区人民路1号", "北京市市辖区朝阳区人民路1号"}) {
    EXPECT_EQ(ReadAddress(text).key, "北京朝阳人民路1号") << text;
    EXPECT_EQ(ReadAddress(text).code, "110105") << text;
  }
  const std::pair<const char *, std::array<const char *, 4>> known[] = {
      {"湖北省恩施土家族苗族自治州来凤县", {"湖北", "恩施", "来凤", "422827"}},
      {"恩施州来凤县翔凤镇", {"湖北", "恩施", "来凤", "422827"}},
      {"内蒙古自治区锡林郭勒盟多伦县", {"内蒙古", "锡林郭勒", "多伦", "152531"}},
      {"新疆维吾尔自治区喀什地区疏附县", {"新疆", "喀什", "疏附", "653121"}},
      {"新疆喀什地区疏附县", {"新疆", "喀什", "疏附", "653121"}},
      {"吉林省吉林市船营区", {"吉林", "吉林", "船营", "220204"}},
      {"吉林市船营区", {"吉林", "吉林", "船营", "220204"}},
      {"吉林长春市朝阳区", {"吉林", "长春", "朝阳", "220104"}},
      {"青海省海南藏族自治州共和县", {"青海", "海南", "共和", "632521"}},
      {"海南省海口市龙华区", {"海南", "海口", "龙华", "460106"}},
      {"江苏省苏州市昆山市玉山镇", {"江苏", "苏州", "昆山", "320583"}},
      {"上海市浦东新区张杨路", {"上海", "", "浦东", "310115"}},
      {"西藏自治区那曲市色尼区", {"西藏", "那曲", "色尼", "540602"}},
      {"香港特别行政区中西区", {"香港", "", "中西", "81"}},
      // A county that is known tells where it lies, unless there are two of that name.
      {"昆山市玉山镇", {"江苏", "苏州", "昆山", "320583"}},
      {"江苏省昆山市玉山镇", {"江苏", "苏州", "昆山", "320583"}},
      {"海淀区中关村大街1号", {"北京", "", "海淀", "110108"}},
      {"朝阳区人民路1号", {"", "", "朝阳", ""}},
      {"深圳市龙华新区龙观路", {"广东", "深圳", "龙华", "440309"}},
      // Administered by its province.
      {"湖北省仙桃市干河街道", {"湖北", "", "仙桃", "429004"}},
      // Namesakes of their prefecture, and of each other.
      {"湖南长沙县黄兴镇", {"湖南", "长沙", "长沙", "430121"}},
      {"新疆伊犁州伊宁县", {"新疆", "伊犁", "伊宁", "654021"}},
      {"新疆伊犁州伊宁市", {"新疆", "伊犁", "伊宁", "654002"}},
      // Autonomous ones with all of their name, and without.
      {"湖北宜昌长阳土家族自治县龙舟坪镇", {"湖北", "宜昌", "长阳", "420528"}},
      {"湖北宜昌长阳县龙舟坪镇", {"湖北", "宜昌", "长阳", "420528"}},
      {"甘肃省临夏回族自治州东乡族自治县", {"甘肃", "临夏", "东乡", "622926"}},
      {"重庆市忠县忠州街道", {"重庆", "", "忠", "500233"}},
      // No division: a gate of the city, and a road.
      {"北京朝阳门外大街1号", {"北京", "", "", "11"}},
      {"深圳市南山大道5号", {"广东", "深圳", "", "4403"}},
      {"深圳南山大道5号", {"", "", "", ""}},
      {"东区3栋", {"", "", "东", ""}}};
  for (const auto &[text, parts] : known) {
    const AddressKey read = ReadAddress(text);
    EXPECT_EQ(read.province, parts[0]) << text;
    EXPECT_EQ(read.city, parts[1]) << text;
    EXPECT_EQ(read.district, parts[2]) << text;
    EXPECT_EQ(read.code, parts[3]) << text;
  }
  // A road that is named after a place is none of them.
  for (const char *text : {"北京路12号", "南京东路100号", "大同路5号", "中国路3号"}) {
    const AddressKey read = ReadAddress(text);
    EXPECT_EQ(read.code, "") << text;
    EXPECT_EQ(read.city, "") << text;
    EXPECT_NE(read.road, "") << text;
  }
  EXPECT_EQ(ReadAddress("人民路12弄3号502").number, "12弄3");
  EXPECT_EQ(ReadAddress("人民路12弄3号502").room, "502");
  const AddressKey dashes = ReadAddress("人民路8号3-2-502");
  EXPECT_EQ(dashes.building + "/" + dashes.unit + "/" + dashes.room, "3/2/502");
  EXPECT_EQ(ReadAddress("").key, "");
  EXPECT_EQ(ReadAddress("市").key, "市");
}

// How many there were of each kind at the end of 2021, by the Ministry of Civil Affairs.
TEST(DivisionsTest, CountiesAreThoseOfTheYear2021) {
  std::map<std::u32string, size_t> kinds;
  uint32_t before = 0;
  for (const Division &county : CountiesWithin(0)) {
    EXPECT_LT(before, county.code);
    before = county.code;
    EXPECT_FALSE(county.name.empty());
    const std::u32string suffix(county.suffix);
    const bool own = suffix.size() > 3 && suffix.find(U"自治") != std::u32string::npos;
    ++kinds[own ? suffix.substr(suffix.size() - 3) : suffix];
  }
  EXPECT_EQ(CountiesWithin(0).size(), 2843U);
  EXPECT_EQ(kinds[U"区"] + kinds[U"新区"], 977U);
  EXPECT_EQ(kinds[U"市"], 394U);
  EXPECT_EQ(kinds[U"县"], 1301U);
  EXPECT_EQ(kinds[U"自治县"], 117U);
  EXPECT_EQ(kinds[U"旗"], 49U);
  EXPECT_EQ(kinds[U"自治旗"], 3U);
  EXPECT_EQ(kinds[U"特区"] + kinds[U"林区"], 2U);
  EXPECT_EQ(CountiesWithin(4403).size(), 9U);
  EXPECT_EQ(CountiesWithin(46).size(), 25U);
  EXPECT_TRUE(CountiesWithin(99).empty());
}

TEST(DivisionsTest, AreThoseOfTheStandard) {
  EXPECT_EQ(Provinces().size(), 34U);
  EXPECT_EQ(Prefectures().size(), 333U);
  size_t cities = 0;
  for (const Division &division : Prefectures()) cities += division.suffix == U"市" ? 1 : 0;
  EXPECT_EQ(cities,
            293U);  // Of the yearbook of 2020; 7 regions, 30 autonomous prefectures, 3 leagues.
  for (size_t i = 1; i < Prefectures().size(); ++i) {
    EXPECT_LT(Prefectures()[i - 1].code, Prefectures()[i].code);
  }
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
