// Generated people of the mainland, whose truth is known.
#ifndef PATRON_CUSTOMERS_PEOPLE_HPP_
#define PATRON_CUSTOMERS_PEOPLE_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/people_names.hpp"

namespace patron::customers {

// What was done to a record, as bits.
enum class PersonError : uint16_t {
  kHomophone = 0,  // Another character of the same sound in the given name.
  kVariant,        // Traditional characters.
  kRomanised,      // Latin letters, in either order.
  kReversed,       // The given name first.
  kTypo,           // Another character in the given name.
  kDamaged,        // A character lost, or its reading behind it in brackets.
  kNewPhone,
  kSharedPhone,  // The phone of the household. No error of the record.
  kPhoneForm,    // Written in another way.
  kNewAddress,
  kAddressForm,
  kBirthError,  // Day and month exchanged, or one digit wrong.
};
inline constexpr std::array kPersonErrorNames = std::to_array<std::string_view>(
    {"homophone", "variant", "romanised", "reversed", "typo", "damaged", "new_phone",
     "shared_phone", "phone_form", "new_address", "address_form", "birth_error"});

// Shares are probabilities. Errors befall each record of a person but the first, each on its own.
struct PeopleOptions {
  int64_t people = 1000;  // 0 to 100,000,000.
  uint64_t seed = 42;
  double repeat = 0.4;        // That a person has one more record, again and again; below 1.
  double household = 0.3;     // That a person lives with the one before, at one address.
  double shared_phone = 0.2;  // That such a person has the phone of the household.
  double homophone = 0.05, variant = 0.1, romanised = 0.05, reversed = 0.03, typo = 0.03;
  double damaged = 0.03, new_phone = 0.1, phone_form = 0.3, new_address = 0.1, address_form = 0.3;
  double birth_error = 0.05;
  double missing = 0.05;  // No phone, birth date or address, each.
};

// Rows in an order that says nothing of the truth. Empty texts are missing.
struct People {
  std::vector<std::string> name, phone, birth, address;
  std::vector<int64_t> person, household;  // From 1.
  std::vector<uint16_t> errors;            // Bits of PersonError.
};

// Generates people. Surnames occur as often as in the population (people_names.hpp); the rest is made
// up. Equal options give equal rows on any number of threads. Errors: InvalidArgument for an option out
// of its range; ResourceExhausted if a task ran out of memory; Cancelled. Cost: O(records log records).
absl::StatusOr<People> GeneratePeople(const PeopleOptions &options,
                                      const Execution &execution = {});

namespace detail {

// Draws of one person or record, one after another.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t stream) : random_(seed, stream) {}
  bool Chance(double share) { return random_.Uniform(next_++) < share; }
  size_t Below(size_t bound) { return static_cast<size_t>(random_.Below(next_++, bound)); }
  template <typename List>
  const auto &One(const List &list) {
    return list[Below(list.size())];
  }

 private:
  RandomStream random_;
  uint32_t next_ = 0;
};

struct PersonName {
  size_t surname;
  std::vector<size_t> given;  // Places in kGiven.
};

struct PersonAddress {
  size_t place, road, number, building, unit, room;
};

// Surnames by their shares.
class Surnames {
 public:
  Surnames() {
    double sum = 0;
    for (size_t i = 0; i < people::kSurnames.size(); ++i) {
      constexpr double kStart = 112, kRatio = 10.0 / 112;
      const double at = (static_cast<double>(i) - 16) / 83;
      sum +=
          i < people::kFirstShares.size() ? people::kFirstShares[i] : kStart * std::pow(kRatio, at);
      sums_.push_back(sum);
    }
  }
  size_t At(size_t of_million) const {
    const double point = static_cast<double>(of_million) / 1e6 * sums_.back();
    return static_cast<size_t>(std::ranges::upper_bound(sums_, point) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

inline std::string Capital(std::string word) {
  if (!word.empty() && word[0] >= 'a') word[0] = static_cast<char>(word[0] - 'a' + 'A');
  return word;
}

inline std::string WidenDigits(std::string_view text) {
  std::string wide;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      wide += "\xEF\xBC";
      wide += static_cast<char>(0x90 + (c - '0'));
    } else {
      wide += c;
    }
  }
  return wide;
}

// 1 to 999 in Han numerals.
inline std::string HanNumeral(size_t n) {
  static constexpr std::array kDigits = {"〇", "一", "二", "三", "四",
                                         "五", "六", "七", "八", "九"};
  std::string text;
  if (n >= 100) text = std::string(kDigits[n / 100]) + "百";
  const size_t tens = n / 10 % 10, ones = n % 10;
  if (tens > 0) {
    if (n >= 20) text += kDigits[tens];
    text += "十";
  } else if (n >= 100 && ones > 0) {
    text += "零";
  }
  if (ones > 0) text += kDigits[ones];
  return text;
}

inline std::string RomanName(const PersonName &name, Draws &draws) {
  std::string surname = Capital(people::kSurnames[name.surname].pinyin), given;
  for (const size_t at : name.given) given += people::kGiven[at].pinyin;
  given = Capital(given);
  switch (draws.Below(4)) {
    case 0: return surname + " " + given;
    case 1: return surname + ", " + given;
    case 2:
      for (char &c : surname) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
      return surname + " " + given;
    default: return given + " " + surname;
  }
}

inline std::string WriteName(const PersonName &name, bool traditional, bool reversed, bool damaged,
                             Draws &draws) {
  const auto of = [&](const people::Character &character) {
    return std::string(traditional ? character.traditional : character.simplified);
  };
  const std::string surname = of(people::kSurnames[name.surname]);
  std::vector<std::string> given;
  for (const size_t at : name.given) given.push_back(of(people::kGiven[at]));
  if (damaged) {
    const size_t at = draws.Below(given.size());
    switch (draws.Below(3)) {
      case 0: given[at] = "?"; break;
      case 1: given[at] = "\xEF\xBF\xBD"; break;
      default: given[at] += std::string("(") + people::kGiven[name.given[at]].pinyin + ")"; break;
    }
  }
  std::string text;
  for (const std::string &one : given) text += one;
  return reversed ? text + surname : surname + text;
}

inline std::string WriteAddress(const PersonAddress &address, bool other_form, Draws &draws) {
  const people::Place &place = people::kPlaces[address.place];
  const bool suffixes = !other_form || draws.Chance(0.5);
  const bool municipal = *place.city == '\0';
  std::string text = place.province;
  if (suffixes) text += municipal ? "市" : "省";
  if (!municipal) text += std::string(place.city) + (suffixes ? "市" : "");
  text += std::string(place.district) + "区" + people::kRoads[address.road];
  const bool han = other_form && draws.Chance(0.4);
  text += (han ? HanNumeral(address.number) : std::to_string(address.number)) + "号";
  static constexpr std::array kBuildings = {"幢", "号楼", "栋"};
  text += std::to_string(address.building) + kBuildings[other_form ? draws.Below(3) : 2];
  if (!other_form || draws.Chance(0.5)) text += std::to_string(address.unit) + "单元";
  text += std::to_string(address.room) + "室";
  return other_form && !han && draws.Chance(0.4) ? WidenDigits(text) : text;
}

inline std::string DrawPhone(Draws &draws) {
  static constexpr std::array kPrefixes = {"130", "131", "133", "135", "136", "137", "138", "139",
                                           "150", "151", "152", "155", "158", "159", "176", "177",
                                           "180", "182", "186", "187", "188", "189", "198", "199"};
  std::string phone = draws.One(kPrefixes);
  const std::string rest = std::to_string(draws.Below(100'000'000));
  return phone + std::string(8 - rest.size(), '0') + rest;
}

inline std::string WritePhone(const std::string &phone, Draws &draws) {
  const std::string parts[] = {phone.substr(0, 3), phone.substr(3, 4), phone.substr(7)};
  switch (draws.Below(5)) {
    case 0: return "+86 " + parts[0] + " " + parts[1] + " " + parts[2];
    case 1: return "0086" + phone;
    case 2: return parts[0] + "-" + parts[1] + "-" + parts[2];
    case 3: return WidenDigits(phone);
    default: return "86" + phone;
  }
}

inline PersonAddress DrawAddress(Draws &draws) {
  PersonAddress address{};
  address.place = draws.Below(people::kPlaces.size());
  address.road = draws.Below(people::kRoads.size());
  address.number = 1 + draws.Below(300);
  address.building = 1 + draws.Below(30);
  address.unit = 1 + draws.Below(4);
  address.room = 100 * (1 + draws.Below(30)) + 1 + draws.Below(4);
  return address;
}

inline std::string WriteDate(size_t year, size_t month, size_t day) {
  const auto two = [](size_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(year) + "-" + two(month) + "-" + two(day);
}

// The truth of one household: drawn from the stream of the person who began it.
struct Home {
  PersonAddress address;
  std::string phone;
};

class PeopleMaker {
 public:
  explicit PeopleMaker(const PeopleOptions &options) : o_(options) {}

  void Make(uint64_t person, People &rows) const {
    const uint64_t first = HouseholdOf(person);
    Draws home_draws(o_.seed, 4 * first + 1);
    const Home home = {DrawAddress(home_draws), DrawPhone(home_draws)};
    Draws draws(o_.seed, 4 * person + 2);
    PersonName name{surnames_.At(draws.Below(1'000'000)), {}};
    const bool two = draws.Chance(0.8);
    name.given.push_back(draws.Below(people::kGiven.size()));
    if (two) name.given.push_back(draws.Below(people::kGiven.size()));
    const std::string own_phone = DrawPhone(draws);
    const bool shared = person != first && draws.Chance(o_.shared_phone);
    const std::string phone = person == first || shared ? home.phone : own_phone;
    const size_t year = 1940 + draws.Below(70), month = 1 + draws.Below(12),
                 day = 1 + draws.Below(28);
    Add(rows, person, first, WriteName(name, false, false, false, draws), phone,
        WriteDate(year, month, day), WriteAddress(home.address, false, draws),
        shared ? Bit(PersonError::kSharedPhone) : uint16_t{0});
    for (uint64_t copy = 1; draws.Chance(o_.repeat); ++copy) {
      Draws own(o_.seed ^ 0x9E3779B97F4A7C15ULL, person << 16 | copy);
      uint16_t errors = shared ? Bit(PersonError::kSharedPhone) : 0;
      const auto happens = [&](double share, PersonError error) {
        const bool does = own.Chance(share);
        if (does) errors |= Bit(error);
        return does;
      };
      PersonName written = name;
      if (own.Chance(o_.homophone) && Rename(written, true, own)) {
        errors |= Bit(PersonError::kHomophone);
      }
      if (own.Chance(o_.typo) && Rename(written, false, own)) errors |= Bit(PersonError::kTypo);
      const bool variant = own.Chance(o_.variant), reversed = own.Chance(o_.reversed);
      const bool damaged = own.Chance(o_.damaged);
      std::string text;
      if (happens(o_.romanised, PersonError::kRomanised)) {
        text = RomanName(written, own);
      } else {
        text = WriteName(written, variant, reversed, damaged, own);
        if (variant && IsTraditional(written, text)) errors |= Bit(PersonError::kVariant);
        if (reversed) errors |= Bit(PersonError::kReversed);
        if (damaged) errors |= Bit(PersonError::kDamaged);
      }
      const bool new_phone = happens(o_.new_phone, PersonError::kNewPhone);
      std::string number = new_phone ? DrawPhone(own) : phone;
      if (new_phone) errors &= static_cast<uint16_t>(~Bit(PersonError::kSharedPhone));
      if (happens(o_.phone_form, PersonError::kPhoneForm)) number = WritePhone(number, own);
      const bool moved = happens(o_.new_address, PersonError::kNewAddress);
      const PersonAddress address = moved ? DrawAddress(own) : home.address;
      const bool form = happens(o_.address_form, PersonError::kAddressForm);
      std::string place = WriteAddress(address, form, own);
      std::string birth = WriteDate(year, month, day);
      if (happens(o_.birth_error, PersonError::kBirthError)) {
        if (day <= 12 && day != month && own.Chance(0.5)) {
          birth = WriteDate(year, day, month);
        } else {
          birth = WriteDate(year - year % 10 + (year % 10 + 1 + own.Below(9)) % 10, month, day);
        }
      }
      for (std::string *cell : {&number, &birth, &place}) {
        if (own.Chance(o_.missing)) cell->clear();
      }
      Add(rows, person, first, std::move(text), std::move(number), std::move(birth),
          std::move(place), errors);
    }
  }

 private:
  static uint16_t Bit(PersonError error) {
    return static_cast<uint16_t>(1U << static_cast<uint16_t>(error));
  }

  // The person who began the household.
  uint64_t HouseholdOf(uint64_t person) const {
    while (person > 1 && Draws(o_.seed, 4 * person).Chance(o_.household)) --person;
    return person;
  }

  // Whether what was written has a character that is another one in the other script.
  static bool IsTraditional(const PersonName &name, const std::string &text) {
    const auto differs = [&](const people::Character &character) {
      return std::string_view(character.simplified) != character.traditional &&
             text.find(character.traditional) != std::string::npos;
    };
    return differs(people::kSurnames[name.surname]) ||
           std::ranges::any_of(name.given, [&](size_t at) { return differs(people::kGiven[at]); });
  }

  // Another character in the given name, of the same sound or of another; false if there is none.
  static bool Rename(PersonName &name, bool same_sound, Draws &draws) {
    const size_t at = draws.Below(name.given.size());
    const std::string_view sound = people::kGiven[name.given[at]].pinyin;
    std::vector<size_t> others;
    for (size_t c = 0; c < people::kGiven.size(); ++c) {
      if (c != name.given[at] && (people::kGiven[c].pinyin == sound) == same_sound) {
        others.push_back(c);
      }
    }
    if (others.empty()) return false;
    name.given[at] = draws.One(others);
    return true;
  }

  static void Add(People &rows, uint64_t person, uint64_t household, std::string name,
                  std::string phone, std::string birth, std::string address, uint16_t errors) {
    rows.name.push_back(std::move(name));
    rows.phone.push_back(std::move(phone));
    rows.birth.push_back(std::move(birth));
    rows.address.push_back(std::move(address));
    rows.person.push_back(static_cast<int64_t>(person));
    rows.household.push_back(static_cast<int64_t>(household));
    rows.errors.push_back(errors);
  }

  PeopleOptions o_;
  Surnames surnames_;
};

inline absl::Status CheckPeople(const PeopleOptions &o) {
  constexpr int64_t kMost = 100'000'000;
  if (o.people < 0 || o.people > kMost) {
    return InvalidOption("people", std::to_string(o.people), "0 to 100000000");
  }
  if (!(o.repeat >= 0 && o.repeat <= 0.99)) {
    return InvalidOption("repeat", FormatNumber(o.repeat), "0 to 0.99");
  }
  for (const auto &[name, share] : {std::pair("household", o.household),
                                    {"shared_phone", o.shared_phone},
                                    {"homophone", o.homophone},
                                    {"variant", o.variant},
                                    {"romanised", o.romanised},
                                    {"reversed", o.reversed},
                                    {"typo", o.typo},
                                    {"damaged", o.damaged},
                                    {"new_phone", o.new_phone},
                                    {"phone_form", o.phone_form},
                                    {"new_address", o.new_address},
                                    {"address_form", o.address_form},
                                    {"birth_error", o.birth_error},
                                    {"missing", o.missing}}) {
    if (!(share >= 0 && share <= 1)) return InvalidOption(name, FormatNumber(share), "0 to 1");
  }
  if (o.household > 0.99) return InvalidOption("household", FormatNumber(o.household), "0 to 0.99");
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<People> GeneratePeople(const PeopleOptions &options,
                                             const Execution &execution) {
  PATRON_RETURN_IF_ERROR(detail::CheckPeople(options));
  const detail::PeopleMaker maker(options);
  const auto people = static_cast<size_t>(options.people);
  constexpr size_t kTogether = 4096;
  People all;
  const auto append = [](auto &to, auto &from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  for (size_t done = 0; done < people;) {
    const size_t parts = std::min(execution.workers(), (people - done + kTogether - 1) / kTogether);
    const size_t round = std::min(people - done, parts * kTogether);
    std::vector<People> drawn(parts);
    std::vector<absl::Status> statuses(parts);
    ParallelFor(execution, parts, [&](size_t p) {
      const Range part = PartOf(round, parts, p);
      try {
        for (size_t i = part.begin; i < part.end; ++i) maker.Make(done + i + 1, drawn[p]);
      } catch (const std::bad_alloc &) {  // Tasks do not throw.
        statuses[p] = absl::ResourceExhaustedError("out of memory");
      }
    });
    for (const absl::Status &status : statuses) PATRON_RETURN_IF_ERROR(status);
    for (People &part : drawn) {
      append(all.name, part.name);
      append(all.phone, part.phone);
      append(all.birth, part.birth);
      append(all.address, part.address);
      append(all.person, part.person);
      append(all.household, part.household);
      append(all.errors, part.errors);
    }
    done += round;
    PATRON_RETURN_IF_ERROR(ReportProgress(execution, done, people));
  }
  // A row's place is drawn as well.
  const size_t rows = all.person.size();
  const RandomStream places(options.seed ^ 0xD1B54A32D192ED03ULL);
  std::vector<std::pair<uint64_t, uint32_t>> order(rows);
  for (size_t i = 0; i < rows; ++i) {
    order[i] = {places.Bits(static_cast<uint32_t>(i)), static_cast<uint32_t>(i)};
  }
  std::ranges::sort(order);
  const auto arrange = [&](auto &column) {
    auto arranged = column;
    for (size_t i = 0; i < rows; ++i) arranged[i] = std::move(column[order[i].second]);
    column = std::move(arranged);
  };
  arrange(all.name);
  arrange(all.phone);
  arrange(all.birth);
  arrange(all.address);
  arrange(all.person);
  arrange(all.household);
  arrange(all.errors);
  return all;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_PEOPLE_HPP_
