// Mainland addresses and their parts.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "customers/divisions.hpp"
#include "customers/text_keys.hpp"
#include "patron/customers/characters.hpp"

namespace patron::customers {
namespace {

using CodePoints = std::u32string_view;

// A Han numeral from 0 to 9,999 as digits, such as 二十三 and 一二; empty if it is none.
std::u32string DigitsOf(std::u32string_view numeral) {
  constexpr std::u32string_view kDigits = U"〇一二三四五六七八九";
  std::u32string plain;
  uint32_t value = 0, digit = 0;
  bool places = false, pending = false;
  for (char32_t c : numeral) {
    if (c == U'零') c = U'〇';
    if (c == U'两') c = U'二';
    const size_t at = kDigits.find(c);
    if (at != std::u32string_view::npos) {
      digit = static_cast<uint32_t>(at);
      pending = true;
      plain.push_back(static_cast<char32_t>('0' + digit));
      continue;
    }
    const uint32_t unit = c == U'十' ? 10 : c == U'百' ? 100 : c == U'千' ? 1000 : 0;
    if (unit == 0) return {};
    value += (pending ? digit : 1) * unit;
    pending = false;
    places = true;
  }
  if (!places) return plain;
  if (pending) value += digit;
  std::u32string digits;
  for (const char c : std::to_string(value)) digits.push_back(static_cast<char32_t>(c));
  return digits;
}

// `text` with each `word` in it as `with`.
std::u32string Replaced(std::u32string_view text, std::u32string_view word, char32_t with) {
  std::u32string replaced;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, word.size()) == word) {
      replaced.push_back(with);
      i += word.size();
    } else {
      replaced.push_back(text[i++]);
    }
  }
  return replaced;
}

bool IsNumeral(char32_t c) {
  return std::u32string_view(U"〇零一二两三四五六七八九十百千").find(c) !=
         std::u32string_view::npos;
}

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }

bool IsOneOf(char32_t c, CodePoints characters) { return characters.find(c) != CodePoints::npos; }

// Han numerals before a word that counts are digits, and words for a building are one.
std::u32string Plain(CodePoints text) {
  std::u32string plain;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && IsNumeral(text[end])) ++end;
    const bool counts =
        end > i && end < text.size() && IsOneOf(text[end], U"号幢栋楼单层室座弄组村巷");
    const std::u32string digits = counts ? DigitsOf(text.substr(i, end - i)) : U"";
    if (!digits.empty()) {
      plain += digits;
      i = end;
    } else {
      plain += text.substr(i, std::max<size_t>(1, end - i));
      i = std::max(i + 1, end);
    }
  }
  for (const CodePoints word : {CodePoints(U"号楼"), CodePoints(U"幢")})
    plain = Replaced(plain, word, U'栋');
  return plain;
}

// Reads the parts of an address from its front.
class Reader {
 public:
  explicit Reader(CodePoints text) : rest_(text) {}

  CodePoints rest() const { return rest_; }
  bool Skip(CodePoints word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // What stands before the first of `ends` within `most` characters, and these are gone; empty if none
  // does.
  std::u32string Take(std::initializer_list<CodePoints> ends, size_t most) {
    for (size_t i = 1; i < rest_.size() && i <= most; ++i) {
      for (const CodePoints end : ends) {
        if (rest_.substr(i, end.size()) != end) continue;
        // 新镇路: no town, but a road that is named after one.
        const CodePoints behind = rest_.substr(i + end.size());
        if (!behind.empty() && IsOneOf(behind.front(), U"路街道巷")) continue;
        std::u32string part(rest_.substr(0, i));
        rest_.remove_prefix(i + end.size());
        return part;
      }
    }
    return {};
  }

  // The division whose name stands here, with its suffix, which may be left out unless a road has the
  // name (北京路), or `bare` says that it may not.
  const Division *TakeDivision(std::span<const Division> all, uint32_t within, bool bare) {
    for (const Division &division : all) {
      if (within != 0 && division.code / 100 != within) continue;
      const size_t size = SizeOf(division, bare);
      if (size == 0) continue;
      rest_.remove_prefix(size);
      return &division;
    }
    return nullptr;
  }

  // The same of the counties of a prefecture or province: the one whose name and suffix are longest; none
  // if there are two of them.
  const Division *TakeCounty(uint32_t within, bool bare) {
    // Without their suffixes they are not looked for everywhere; no name is as long as this.
    if (!bare && rest_.substr(0, 20).find_first_of(U"区县旗市", 2) == CodePoints::npos)
      return nullptr;
    const Division *found = nullptr;
    size_t longest = 0;
    for (const Division &county : CountiesWithin(within)) {
      // 东区 may be a part of any estate.
      if (county.name.size() < 2 && within == 0) continue;
      const size_t size = SizeOf(county, bare);
      if (size == 0 || size < longest) continue;
      found = size == longest ? nullptr : &county;
      longest = size;
    }
    if (found != nullptr) rest_.remove_prefix(longest);
    return found;
  }

  // The county of a prefecture whose name stands before its own (深圳南山).
  const Division *TakeCityAndCounty() {
    for (const Division &city : Prefectures()) {
      if (!rest_.starts_with(city.name)) continue;
      Reader behind(rest_.substr(city.name.size()));
      const Division *county = behind.TakeCounty(city.code, true);
      if (county == nullptr) continue;
      *this = behind;
      return county;
    }
    return nullptr;
  }

 private:
  // Characters of the name and suffix of a division that stand here; 0 if they do not.
  size_t SizeOf(const Division &division, bool bare) const {
    // The first character tells most apart, sooner than a comparison of any length.
    if (rest_.empty() || rest_.front() != division.name.front()) return 0;
    if (!rest_.starts_with(division.name)) return 0;
    const CodePoints behind = rest_.substr(division.name.size());
    for (const CodePoints suffix :
         {division.suffix, CodePoints(U"自治区"), CodePoints(U"自治州"), CodePoints(U"州"),
          CodePoints(U"自治县"), CodePoints(U"县"), CodePoints(U"自治旗"), CodePoints(U"旗")}) {
      if (division.suffix.ends_with(suffix) && behind.starts_with(suffix)) {
        return division.name.size() + suffix.size();
      }
    }
    if (division.suffix == U"区" && behind.starts_with(U"新区")) return division.name.size() + 2;
    const bool found = bare && division.name.size() > 1 && MayFollow(division, behind);
    return found ? division.name.size() : 0;
  }

  // Whether what follows a name without its suffix leaves it the name of a division.
  static bool MayFollow(const Division &division, CodePoints behind) {
    if (behind.empty() || IsOneOf(behind.front(), U"路街道巷镇乡村市州县区旗")) return false;
    if (division.code > 9999 && IsOneOf(behind.front(), U"门寺祠桥站")) return false;
    for (const CodePoints word :
         {CodePoints(U"大道"), CodePoints(U"东路"), CodePoints(U"西路"), CodePoints(U"南路"),
          CodePoints(U"北路"), CodePoints(U"中路"), CodePoints(U"藏族自治州")}) {
      if (behind.starts_with(word)) return false;
    }
    return division.code < 100 || behind.size() > 1;
  }

  CodePoints rest_;
};

// The digits, letters and hyphens that end before `end`.
CodePoints NumberBefore(CodePoints text, size_t end) {
  size_t begin = end;
  while (begin > 0 &&
         (IsDigit(text[begin - 1]) || (text[begin - 1] >= U'a' && text[begin - 1] <= U'z') ||
          text[begin - 1] == U'-' || text[begin - 1] == U'之')) {
    --begin;
  }
  return text.substr(begin, end - begin);
}

// Road, number, building, unit and room of what follows the district.
void ReadStreet(CodePoints text, AddressKey &address) {
  size_t digit = 0;
  while (digit < text.size() && !IsDigit(text[digit])) ++digit;
  size_t road = 0;
  for (size_t i = 1; i < digit; ++i) {
    if (IsOneOf(text[i], U"路街巷道") || text.substr(i - 1, 2) == U"胡同") road = i + 1;
  }
  address.road = ToUtf8(text.substr(0, road));
  CodePoints behind = text.substr(road);
  const auto take = [&](CodePoints word) {
    const size_t at = behind.find(word);
    if (at == CodePoints::npos) return std::string();
    const CodePoints number = NumberBefore(behind, at);
    if (number.empty()) return std::string();
    behind.remove_prefix(at + word.size());
    return ToUtf8(number);
  };
  const std::string lane = take(U"弄");
  address.number = take(U"号");
  if (!lane.empty()) address.number = lane + "弄" + address.number;
  address.building = take(U"栋");
  if (address.building.empty()) address.building = take(U"座");
  address.unit = take(U"单元");
  address.room = take(U"室");
  // 3-2-502: building, unit and room; 3-502: building and room; 502 at the end: the room.
  const CodePoints last = NumberBefore(behind, behind.size());
  if (!address.room.empty() || last.empty() || last != behind) return;
  std::array<CodePoints, 3> parts;
  size_t count = 0, begin = 0;
  for (size_t i = 0; i <= last.size(); ++i) {
    if (i < last.size() && last[i] != U'-') continue;
    if (count == parts.size() || i == begin) return;
    parts[count++] = last.substr(begin, i - begin);
    begin = i + 1;
  }
  address.room = ToUtf8(parts[count - 1]);
  if (count > 1 && address.building.empty()) address.building = ToUtf8(parts[0]);
  if (count > 2 && address.unit.empty()) address.unit = ToUtf8(parts[1]);
}

}  // namespace

AddressKey ReadAddress(std::string_view utf8) {
  AddressKey address;
  const std::u32string plain = Plain(ToCodePoints(HanKey(utf8)));
  Reader reader(plain);
  // A postal code, and the country.
  if (plain.size() > 6 && std::all_of(plain.begin(), plain.begin() + 6, IsDigit) &&
      !IsDigit(plain[6]) && !IsOneOf(plain[6], U"号栋单室弄-")) {
    reader = Reader(CodePoints(plain).substr(6));
  }
  if (!reader.Skip(U"中华人民共和国") && !reader.rest().starts_with(U"中国路")) {
    reader.Skip(U"中国");
  }
  const Division *province = reader.TakeDivision(Provinces(), 0, true);
  // 吉林市 is a city of its province.
  const bool municipal = province != nullptr && province->suffix == U"市";
  const Division *city = nullptr;
  if (municipal) {
    reader.Skip(std::u32string(province->name) + U"市");
    reader.Skip(U"市辖区");
  } else {
    city = reader.TakeDivision(Prefectures(), province == nullptr ? 0 : province->code,
                               province != nullptr);
  }
  const uint32_t within = city != nullptr ? city->code : province != nullptr ? province->code : 0;
  const Division *county = within == 0 ? reader.TakeCityAndCounty() : nullptr;
  if (county == nullptr) county = reader.TakeCounty(within, within != 0);
  // The divisions that what was found lies in.
  const uint32_t code = county != nullptr ? county->code / 100 : city != nullptr ? city->code : 0;
  const auto at = [](std::span<const Division> all, uint32_t wanted) {
    const auto found = std::ranges::find(all, wanted, &Division::code);
    return found == all.end() ? nullptr : &*found;
  };
  if (city == nullptr) city = at(Prefectures(), code);
  if (province == nullptr) province = at(Provinces(), code / 100);
  if (province != nullptr) address.province = ToUtf8(province->name);
  if (city != nullptr) address.city = ToUtf8(city->name);
  for (const Division *known : {province, city, county}) {
    if (known != nullptr) address.code = std::to_string(known->code);
  }
  if (city == nullptr && county == nullptr && !municipal) {
    address.city = ToUtf8(reader.Take({U"自治州", U"地区", U"市", U"盟"}, 6));
  }
  if (county != nullptr) {
    address.district = ToUtf8(county->name);
  } else {
    address.district =
        ToUtf8(city != nullptr
                   ? reader.Take({U"新区", U"自治县", U"自治旗", U"区", U"县", U"旗", U"市"}, 6)
                   : reader.Take({U"新区", U"自治县", U"自治旗", U"区", U"县", U"旗"}, 6));
  }
  address.rest = ToUtf8(reader.rest());
  address.key = address.province + address.city + address.district + address.rest;
  address.township = ToUtf8(reader.Take({U"街道", U"镇", U"乡"}, 8));
  ReadStreet(reader.rest(), address);
  return address;
}

}  // namespace patron::customers
