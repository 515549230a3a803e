// Names, e-mail addresses, organisations and postal addresses as keys.
#include "customers/text_keys.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "customers/unicode.hpp"
#include "patron/customers/characters.hpp"

namespace patron::customers {
namespace {

// Compound surnames of the mainland, simplified.
constexpr std::array<std::u32string_view, 40> kCompound = {
    U"欧阳", U"司马", U"诸葛", U"上官", U"司徒", U"东方", U"夏侯", U"独孤", U"南宫", U"西门",
    U"慕容", U"皇甫", U"尉迟", U"公孙", U"轩辕", U"令狐", U"宇文", U"长孙", U"司空", U"鲜于",
    U"闾丘", U"申屠", U"太史", U"端木", U"百里", U"呼延", U"东郭", U"南门", U"公羊", U"澹台",
    U"公冶", U"宗政", U"濮阳", U"淳于", U"单于", U"太叔", U"公治", U"钟离", U"万俟", U"赫连"};

struct Reading {
  std::u32string_view surname;
  std::string_view pinyin;
};

// Where a surname is read in another way than the character alone.
constexpr std::array<Reading, 30> kReadings = {
    {{U"单", "shan"},     {U"仇", "qiu"},    {U"解", "xie"},      {U"曾", "zeng"},
     {U"区", "ou"},       {U"查", "zha"},    {U"盖", "ge"},       {U"任", "ren"},
     {U"朴", "piao"},     {U"翟", "zhai"},   {U"缪", "miao"},     {U"冼", "xian"},
     {U"褚", "chu"},      {U"召", "shao"},   {U"种", "chong"},    {U"华", "hua"},
     {U"员", "yun"},      {U"黑", "he"},     {U"繁", "po"},       {U"秘", "bi"},
     {U"乐", "yue"},      {U"覃", "qin"},    {U"柏", "bai"},      {U"哈", "ha"},
     {U"尉迟", "yuchi"},  {U"万俟", "moqi"}, {U"单于", "chanyu"}, {U"长孙", "zhangsun"},
     {U"澹台", "tantai"}, {U"宁", "ning"}}};

struct Readings {
  char32_t character;
  std::array<std::string_view, 2> pinyin;
};

// Characters of given names that are read in two ways.
constexpr std::array<Readings, 32> kTwoReadings = {
    {{U'乐', {"le", "yue"}},      {U'朝', {"chao", "zhao"}}, {U'长', {"zhang", "chang"}},
     {U'重', {"zhong", "chong"}}, {U'行', {"xing", "hang"}}, {U'茜', {"qian", "xi"}},
     {U'盛', {"sheng", "cheng"}}, {U'柏', {"bai", "bo"}},    {U'曾', {"zeng", "ceng"}},
     {U'娜', {"na", "nuo"}},      {U'蔚', {"wei", "yu"}},    {U'单', {"dan", "shan"}},
     {U'解', {"jie", "xie"}},     {U'召', {"zhao", "shao"}}, {U'觉', {"jue", "jiao"}},
     {U'都', {"dou", "du"}},      {U'藏', {"cang", "zang"}}, {U'传', {"chuan", "zhuan"}},
     {U'省', {"sheng", "xing"}},  {U'参', {"can", "shen"}},  {U'俞', {"yu", "shu"}},
     {U'车', {"che", "ju"}},      {U'厦', {"xia", "sha"}},   {U'会', {"hui", "kuai"}},
     {U'晟', {"sheng", "cheng"}}, {U'颉', {"jie", "xie"}},   {U'伽', {"jia", "qie"}},
     {U'奇', {"qi", "ji"}},       {U'卜', {"bu", "bo"}},     {U'莎', {"sha", "suo"}},
     {U'贾', {"jia", "gu"}},      {U'翟', {"zhai", "di"}}}};

// Syllables that are surnames of most people, for romanised names.
constexpr std::array<std::string_view, 100> kSurnameSyllables = {
    "wang",  "li",   "zhang", "liu",  "chen",  "yang",   "zhao", "huang", "zhou", "wu",
    "xu",    "sun",  "hu",    "zhu",  "gao",   "lin",    "he",   "guo",   "ma",   "luo",
    "liang", "song", "zheng", "xie",  "han",   "tang",   "feng", "yu",    "dong", "xiao",
    "cheng", "cao",  "yuan",  "deng", "fu",    "shen",   "zeng", "peng",  "lu",   "su",
    "jiang", "cai",  "jia",   "ding", "wei",   "xue",    "ye",   "yan",   "pan",  "du",
    "dai",   "xia",  "zhong", "tian", "ren",   "fan",    "fang", "shi",   "yao",  "tan",
    "liao",  "zou",  "xiong", "jin",  "hao",   "kong",   "bai",  "cui",   "kang", "mao",
    "qiu",   "qin",  "gu",    "hou",  "shao",  "meng",   "long", "wan",   "duan", "qian",
    "lei",   "yin",  "chang", "niu",  "wen",   "qiao",   "lai",  "gong",  "pang", "shan",
    "ou",    "ge",   "zha",   "mo",   "shang", "ouyang", "sima", "zhuge", "situ", "shangguan"};

bool IsSpace(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

// Drops "(pinyin)" behind Han characters.
std::u32string WithoutReadings(const std::u32string &text) {
  std::u32string kept;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' && !kept.empty() && IsHan(kept.back())) {
      size_t end = i + 1;
      while (end < text.size() &&
             (IsLetter(text[end]) || text[end] == ' ' || text[end] == '\'' ||
              (text[end] >= '1' && text[end] <= '5')) &&
             !IsHan(text[end])) {
        ++end;
      }
      if (end < text.size() && text[end] == ')' && end > i + 1) {
        i = end;
        continue;
      }
    }
    kept.push_back(text[i]);
  }
  return kept;
}

std::u32string FoldAndClean(std::string_view utf8, bool *damaged) {
  constexpr size_t kMostMarks = 30;
  std::u32string text;
  size_t marks = 0;
  ForEachCodePoint(utf8, [&](char32_t c) {
    marks = c >= 0x300 && IsMark(c) ? marks + 1 : 0;
    if (marks > kMostMarks) return;
    *damaged = *damaged || c == 0xFFFD || (c >= 0xE000 && IsPrivate(c));
    if (IsSpace(c)) {
      text.push_back(' ');
    } else if (!IsHidden(c)) {
      text.push_back(c);
    }
  });
  text = WithoutReadings(FoldText(text));
  std::u32string clean;
  for (size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    const bool beside_han =
        (i > 0 && IsHan(text[i - 1])) || (i + 1 < text.size() && IsHan(text[i + 1]));
    if (c == '?' && beside_han) *damaged = true;
    if (IsSpace(c) || IsHidden(c)) {
      if (!clean.empty() && clean.back() != ' ' && IsSpace(c)) clean.push_back(' ');
    } else {
      clean.push_back(c);
    }
  }
  while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  return clean;
}

std::u32string Simplify(std::u32string_view text, bool keep_spaces) {
  std::u32string simple;
  for (const char32_t c : text) {
    if (c != ' ' || keep_spaces) simple.push_back(Simplified(c));
  }
  return simple;
}

std::string SyllablesOf(std::u32string_view text) {
  std::string letters;
  for (const char32_t c : text) letters += Syllable(c);
  return letters;
}

std::string SurnamePinyin(std::u32string_view surname) {
  for (const Reading &reading : kReadings) {
    if (reading.surname == surname) return std::string(reading.pinyin);
  }
  return SyllablesOf(surname);
}

void ReadHanName(const std::u32string &text, NameKey &name) {
  const std::u32string simple = Simplify(text, false);
  name.key = ToUtf8(simple);
  const bool compound =
      simple.size() > 2 && std::ranges::find(kCompound, simple.substr(0, 2)) != kCompound.end();
  const size_t cut = std::min<size_t>(simple.size(), compound ? 2 : 1);
  const std::u32string surname = simple.substr(0, cut), given = simple.substr(cut);
  name.surname = ToUtf8(surname);
  name.given = ToUtf8(given);
  const std::string first = SurnamePinyin(surname), last = SyllablesOf(given);
  name.pinyin = first + last;
  name.reversed = last + first;
  constexpr size_t kMostSounds = 4;
  std::vector<std::string> sounds = {first};
  for (const char32_t c : given) {
    const std::string syllable = SyllablesOf({&c, 1});
    std::string other;
    for (const Readings &readings : kTwoReadings) {
      if (readings.character != c) continue;
      other = readings.pinyin[readings.pinyin[0] == syllable ? 1 : 0];
    }
    const size_t before = sounds.size();
    for (size_t i = 0; !other.empty() && i < before && sounds.size() < kMostSounds; ++i) {
      sounds.push_back(sounds[i] + other);
    }
    for (size_t i = 0; i < before; ++i) sounds[i] += syllable;
  }
  for (const std::string &sound : sounds) {
    name.sounds += (name.sounds.empty() ? "" : " ") + sound;
  }
}

// Letters of a word, without hyphens and apostrophes.
std::string Letters(std::u32string_view word) {
  std::string letters;
  for (const char c : ToAscii(word)) {
    if (c >= 'a' && c <= 'z') letters.push_back(c);
  }
  return letters;
}

void ReadRomanName(const std::u32string &text, std::string_view raw, NameKey &name) {
  std::vector<std::string> words;
  size_t comma = 0;
  std::u32string word;
  const auto finish = [&] {
    if (std::string letters = Letters(word); !letters.empty()) words.push_back(std::move(letters));
    word.clear();
  };
  for (const char32_t c : text) {
    if (c == ' ' || c == ',') {
      finish();
      if (c == ',' && comma == 0) comma = words.size();
    } else {
      word.push_back(c);
    }
  }
  finish();
  name.key = ToUtf8(text);
  if (words.empty()) return;
  const auto is_surname = [](const std::string &letters) {
    return std::ranges::find(kSurnameSyllables, letters) != kSurnameSyllables.end();
  };
  // Whether a word of the raw text is in capitals: "ZHANG Wei".
  const auto capitals = [&](bool first) {
    const size_t space = first ? raw.find(' ') : raw.rfind(' ');
    if (space == std::string_view::npos) return false;
    const std::string_view part = first ? raw.substr(0, space) : raw.substr(space + 1);
    return part.size() > 1 &&
           std::ranges::all_of(part, [](char c) { return c >= 'A' && c <= 'Z'; });
  };
  bool first = false;
  if (words.size() == 1) {
    name.ambiguous = true;
    first = true;
  } else if (comma > 0 && comma < words.size()) {
    first = true;
  } else if (capitals(true) != capitals(false)) {
    first = capitals(true);
  } else if (is_surname(words.front()) != is_surname(words.back())) {
    first = is_surname(words.front());
  } else {
    // The given name comes first in the languages that leave this open.
    name.ambiguous = is_surname(words.front());
  }
  const size_t size = comma > 0 && comma < words.size() ? comma : 1;
  const size_t begin = first ? 0 : words.size() - size;
  std::string surname, given;
  for (size_t i = 0; i < words.size(); ++i) {
    (i >= begin && i < begin + size ? surname : given) += words[i];
  }
  if (words.size() == 1) surname = words[0];
  name.surname = surname;
  name.given = given;
  name.pinyin = surname + given;
  name.reversed = given + surname;
  name.sounds = name.pinyin;
}

// What ends `text`, cut off; empty if nothing of `ends` does.
std::u32string CutEnd(std::u32string &text, const std::vector<std::u32string_view> &ends) {
  if (std::ranges::find(ends, text) != ends.end()) return {};  // Nothing would be left.
  for (const std::u32string_view end : ends) {
    if (text.size() > end.size() && text.ends_with(end)) {
      text.resize(text.size() - end.size());
      while (!text.empty() && (text.back() == ' ' || text.back() == ',' || text.back() == '.')) {
        text.pop_back();
      }
      return std::u32string(end);
    }
  }
  return {};
}

// Provinces and the larger cities, which organisations put before or behind their names.
constexpr std::array<std::u32string_view, 64> kPlaces = {
    U"内蒙古", U"黑龙江", U"北京",   U"天津", U"上海", U"重庆", U"河北", U"山西",
    U"辽宁",   U"吉林",   U"江苏",   U"浙江", U"安徽", U"福建", U"江西", U"山东",
    U"河南",   U"湖北",   U"湖南",   U"广东", U"海南", U"四川", U"贵州", U"云南",
    U"陕西",   U"甘肃",   U"青海",   U"台湾", U"广西", U"西藏", U"宁夏", U"新疆",
    U"香港",   U"澳门",   U"石家庄", U"深圳", U"广州", U"杭州", U"南京", U"苏州",
    U"成都",   U"武汉",   U"西安",   U"青岛", U"宁波", U"厦门", U"大连", U"沈阳",
    U"长沙",   U"郑州",   U"济南",   U"合肥", U"福州", U"无锡", U"佛山", U"东莞",
    U"珠海",   U"昆明",   U"哈尔滨", U"长春", U"南昌", U"贵阳", U"太原", U"中国"};

}  // namespace

TextKey ReadText(std::string_view utf8) {
  TextKey text;
  text.key = ToUtf8(FoldAndClean(utf8, &text.damaged));
  return text;
}

std::string HanKey(std::string_view utf8) {
  bool damaged = false;
  return ToUtf8(Simplify(FoldAndClean(utf8, &damaged), false));
}

NameKey ReadName(std::string_view utf8) {
  NameKey name;
  const std::u32string text = FoldAndClean(utf8, &name.damaged);
  if (text.empty()) return name;
  const auto han = std::ranges::count_if(text, IsHan);
  if (han > 0 && 2 * static_cast<size_t>(han) >= text.size()) {
    std::u32string letters;
    for (const char32_t c : text) {
      // The dot of names from other languages: 阿凡提·买买提.
      if (c != 0xB7 && c != 0x2022 && c != 0x30FB && c != 0x2027) letters.push_back(c);
    }
    ReadHanName(letters, name);
  } else {
    ReadRomanName(text, utf8, name);
  }
  return name;
}

EmailKey ReadEmail(std::string_view utf8) {
  constexpr size_t kMostLocal = 64, kMostDomain = 253;
  EmailKey email;
  bool damaged = false;
  const std::u32string text = FoldAndClean(utf8, &damaged);
  const size_t at = text.rfind('@');
  if (damaged || at == std::u32string::npos || at == 0 || at + 1 == text.size()) return email;
  const std::u32string local = text.substr(0, at);
  std::string domain = DomainToAscii(std::u32string_view(text).substr(at + 1));
  if (domain.ends_with('.')) domain.pop_back();
  const bool sound_local =
      local.size() <= kMostLocal && local.front() != '.' && local.back() != '.' &&
      local.find(U"..") == std::u32string::npos && std::ranges::all_of(local, [](char32_t c) {
        return c > 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(static_cast<char>(c)) !=
                   std::string_view::npos;
      });
  bool sound_domain = domain.size() <= kMostDomain && domain.find('.') != std::string::npos;
  size_t label = 0;
  for (size_t i = 0; sound_domain && i <= domain.size(); ++i) {
    if (i == domain.size() || domain[i] == '.') {
      sound_domain = label > 0 && label <= 63 && domain[i - 1] != '-' && domain[i - label] != '-';
      label = 0;
      continue;
    }
    const char c = domain[i];
    sound_domain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    ++label;
  }
  if (!sound_local || !sound_domain) return email;
  email.key = ToUtf8(local) + "@" + domain;
  email.domain = std::move(domain);
  email.valid = true;
  return email;
}

OrganisationKey ReadOrganisation(std::string_view utf8) {
  static const auto *const kForms = new std::vector<std::u32string_view>{
      U"股份有限公司", U"有限责任公司",   U"集团有限公司",  U"控股有限公司", U"有限公司",
      U"股份公司",     U"分公司",         U"总公司",        U"公司",         U"集团",
      U"合伙企业",     U"事务所",         U" incorporated", U" corporation", U" company limited",
      U" co., ltd",    U" co. ltd",       U" co.,ltd",      U" co ltd",      U" limited",
      U" company",     U" gmbh & co. kg", U" gmbh",         U" ltd",         U" inc",
      U" llc",         U" corp",          U" plc",          U" co",          U" ag",
      U" sa",          U" s.a",           U" bv",           U" kg"};
  OrganisationKey organisation;
  bool damaged = false;
  std::u32string text = Simplify(FoldAndClean(utf8, &damaged), true);
  while (!text.empty() && text.back() == '.') text.pop_back();
  std::u32string form;
  for (std::u32string cut = CutEnd(text, *kForms); !cut.empty(); cut = CutEnd(text, *kForms)) {
    form = cut + form;
  }
  // A place in brackets, wherever it stands, and one before the name.
  std::u32string place;
  for (const std::u32string_view known : kPlaces) {
    std::u32string bracketed(1, U'(');
    bracketed.append(known).push_back(U')');
    if (const size_t at = text.find(bracketed);
        at != std::u32string::npos && text.size() > bracketed.size()) {
      text.erase(at, bracketed.size());
      place = known;
    }
  }
  for (const std::u32string_view known : kPlaces) {
    if (text.starts_with(known) && text.size() > known.size() + 1) {
      size_t size = known.size();
      if (text[size] == U'省' || text[size] == U'市') ++size;
      if (text.size() < size + 2) break;
      text.erase(0, size);
      if (place.empty()) place = known;
      break;
    }
  }
  // Once more, for a form that stood before the bracket.
  for (std::u32string cut = CutEnd(text, *kForms); !cut.empty(); cut = CutEnd(text, *kForms)) {
    form = cut + form;
  }
  const bool han = std::ranges::any_of(text, IsHan);
  std::u32string core;
  for (const char32_t c : text) {
    if (c != ' ' || (!han && !core.empty() && core.back() != ' ')) core.push_back(c);
  }
  while (!core.empty() && core.back() == ' ') core.pop_back();
  while (!form.empty() && form.front() == ' ') form.erase(0, 1);
  organisation.core = ToUtf8(core);
  organisation.place = ToUtf8(place);
  organisation.form = ToUtf8(form);
  return organisation;
}

}  // namespace patron::customers
