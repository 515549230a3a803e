// What a linker compares: fields with levels of agreement, as data.
#ifndef PATRON_CUSTOMERS_LINK_FIELDS_HPP_
#define PATRON_CUSTOMERS_LINK_FIELDS_HPP_

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/customers/measure.hpp"

namespace patron::customers {

// Kinds of level beyond the measures of text. Values are read from the text of the cells.
enum class LevelKind {
  kMeasure,     // A measure at a threshold.
  kDifference,  // |a - b| of two numbers at most a threshold.
  kPercent,     // |a - b| / max(|a|, |b|) in percent at most.
  kDays,        // Days between two dates, as 2024-02-29 or 20240229, at most.
  kSwapped,     // Dates that are equal once day and month of one are exchanged.
  kKilometres,  // Great-circle distance of two places "latitude,longitude" in degrees, at most.
  kReversed,    // Equal texts once the words of one, or the characters of one word, are reversed.
};

struct Level {
  LevelKind kind = LevelKind::kMeasure;
  Measure measure = Measure::kExact;
  double threshold = 1;  // Reached by similarities of at least it, by distances of at most it.
  std::string text;      // As it was written.
};

// "exact", "swapped", "reversed", or a name and a threshold: "jaro_winkler >= 0.9",
// "levenshtein_distance <= 1", "difference <= 2", "percent <= 5", "days <= 30", "kilometres <= 1".
// Errors: InvalidArgument naming `name`.
absl::StatusOr<Level> ParseLevel(std::string_view name, std::string_view text);

enum class Missing {
  kNull,  // A field without a value on either side says nothing: factor 1.
  kElse,  // It disagrees.
};

// One field: its levels from strictest to loosest. Below the last one is "else".
struct LinkField {
  std::string column;
  std::vector<Level> levels;
  Missing missing = Missing::kNull;
  double term_frequency = 0;        // Power of the adjustment of equal values; 0 = none.
  double fuzzy_term_frequency = 0;  // The same of the other levels but "else".
};

// Levels of a pair: kNull, then 0 for the first level, ..., levels.size() for "else".
inline constexpr int kNullLevel = -1;

// Errors: InvalidArgument for no field or level, more than 62 levels in one, or a level that no pair
// reaches because an earlier one takes all.
absl::Status CheckFields(const std::vector<LinkField> &fields);

namespace detail {

// The number that the text is, if it is one.
inline std::optional<double> NumberIn(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

inline std::string AsciiOf(const Characters &text) {
  std::string ascii;
  for (size_t i = 0; i < text.size; ++i) {
    const char32_t c = text[i];
    // Full-width forms of digits, signs and letters.
    const char32_t half = c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
    ascii.push_back(half < 0x80 ? static_cast<char>(half) : '\x1A');
  }
  return ascii;
}

struct DateParts {
  int year, month, day;

  // Days since 0000-03-01 (Hinnant's algorithm).
  int64_t Days() const {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t yoe = y - era * 400;
    const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy;
  }
};

// 2024-02-29, 2024/2/29, 2024.2.29 or 20240229. Day and month are not checked against each other, as
// records with both exchanged are what is looked for.
inline std::optional<DateParts> DateIn(std::string_view text) {
  std::array<int, 3> parts = {0, 0, 0};
  const auto number = [](std::string_view digits, int *value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
    return error == std::errc() && end == digits.data() + digits.size() && *value >= 0;
  };
  if (const size_t time = text.find_first_of("T "); time != std::string_view::npos && time > 0) {
    text = text.substr(0, time);
  }
  if (text.size() == 8 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    if (!number(text.substr(0, 4), &parts[0]) || !number(text.substr(4, 2), &parts[1]) ||
        !number(text.substr(6, 2), &parts[2])) {
      return std::nullopt;
    }
  } else {
    for (size_t k = 0; k < 3; ++k) {
      const size_t end = k < 2 ? text.find_first_of("-/.") : text.size();
      if (end == std::string_view::npos || !number(text.substr(0, end), &parts[k])) {
        return std::nullopt;
      }
      text.remove_prefix(k < 2 ? end + 1 : end);
    }
  }
  if (parts[0] > 9999 || parts[1] < 1 || parts[1] > 31 || parts[2] < 1 || parts[2] > 31) {
    return std::nullopt;
  }
  return DateParts{parts[0], parts[1], parts[2]};
}

inline double Kilometres(double lat_a, double lon_a, double lat_b, double lon_b) {
  constexpr double kRadian = 3.14159265358979323846 / 180;
  constexpr double kEarth = 6371.0088;  // Mean radius, IUGG.
  const double dy = std::sin((lat_b - lat_a) * kRadian / 2);
  const double dx = std::sin((lon_b - lon_a) * kRadian / 2);
  const double h = dy * dy + std::cos(lat_a * kRadian) * std::cos(lat_b * kRadian) * dx * dx;
  return 2 * kEarth * std::asin(std::sqrt(std::min(1.0, h)));
}

inline bool AreReversed(const Characters &a, const Characters &b) {
  const auto words = [](const Characters &text) {
    std::vector<std::u32string> list;
    bool inside = false;
    for (size_t i = 0; i < text.size; ++i) {
      if (IsSpace(text[i]) || text[i] == ',') {
        inside = false;
        continue;
      }
      if (!inside) list.emplace_back();
      inside = true;
      list.back().push_back(text[i]);
    }
    return list;
  };
  auto of_a = words(a);
  auto of_b = words(b);
  if (of_a.size() != of_b.size() || of_a.empty()) return false;
  if (of_a.size() == 1) {
    // A name without spaces: a rotation puts the surname last.
    const std::u32string &one = of_a[0], &two = of_b[0];
    if (one.size() != two.size() || one.size() < 2 || one.size() > 4) return false;
    for (size_t cut = 1; cut < one.size(); ++cut) {
      if (one.substr(cut) + one.substr(0, cut) == two) return true;
    }
    return false;
  }
  std::ranges::sort(of_a);
  std::ranges::sort(of_b);
  return of_a == of_b;
}

// Whether two different values reach a level that is no measure.
inline bool ReachesKind(const Level &level, const Characters &a, const Characters &b) {
  if (level.kind == LevelKind::kReversed) return AreReversed(a, b);
  const std::string left = AsciiOf(a), right = AsciiOf(b);
  switch (level.kind) {
    case LevelKind::kDifference:
    case LevelKind::kPercent: {
      const auto x = NumberIn(left), y = NumberIn(right);
      if (!x || !y) return false;
      const double difference = std::abs(*x - *y);
      if (level.kind == LevelKind::kDifference) return difference <= level.threshold;
      return 100 * difference <= level.threshold * std::max(std::abs(*x), std::abs(*y));
    }
    case LevelKind::kDays:
    case LevelKind::kSwapped: {
      const auto x = DateIn(left), y = DateIn(right);
      if (!x || !y) return false;
      if (level.kind == LevelKind::kSwapped) {
        return x->year == y->year && x->month == y->day && x->day == y->month;
      }
      return static_cast<double>(std::abs(x->Days() - y->Days())) <= level.threshold;
    }
    case LevelKind::kKilometres: {
      std::array<double, 4> places = {};
      for (size_t k = 0; k < 2; ++k) {
        const std::string &text = k == 0 ? left : right;
        const size_t comma = text.find_first_of(", ");
        if (comma == std::string::npos) return false;
        const auto lat = NumberIn(std::string_view(text).substr(0, comma));
        const auto lon = NumberIn(std::string_view(text).substr(comma + 1));
        if (!lat || !lon || std::abs(*lat) > 90 || std::abs(*lon) > 360) return false;
        places[2 * k] = *lat;
        places[2 * k + 1] = *lon;
      }
      return Kilometres(places[0], places[1], places[2], places[3]) <= level.threshold;
    }
    case LevelKind::kMeasure:
    case LevelKind::kReversed: break;
  }
  return false;
}

inline bool Reaches(const Level &level, double value) {
  return IsDistance(level.measure) ? value <= level.threshold : value >= level.threshold;
}

}  // namespace detail

inline absl::StatusOr<Level> ParseLevel(std::string_view name, std::string_view text) {
  constexpr std::string_view kExpected =
      "exact, swapped, reversed, or a measure with its threshold, such as 'jaro_winkler >= 0.9' or "
      "'levenshtein_distance <= 1'";
  const auto wrong = [&] { return InvalidOption(name, Quoted(text), kExpected); };
  std::string compact;
  for (const char c : text) {
    if (c != ' ') compact.push_back(c);
  }
  Level level;
  level.text = std::string(text);
  const size_t sign = compact.find_first_of("<>");
  if (sign == std::string::npos) {
    if (compact == "exact") return level;
    level.threshold = 0;
    if (compact == "swapped") {
      level.kind = LevelKind::kSwapped;
      return level;
    }
    if (compact == "reversed") {
      level.kind = LevelKind::kReversed;
      return level;
    }
    return wrong();
  }
  const std::string_view word = std::string_view(compact).substr(0, sign);
  if (compact.size() < sign + 3 || compact[sign + 1] != '=') return wrong();
  const auto threshold = detail::NumberIn(std::string_view(compact).substr(sign + 2));
  if (!threshold || *threshold < 0) return wrong();
  level.threshold = *threshold;
  bool down = true;
  if (word == "difference") {
    level.kind = LevelKind::kDifference;
  } else if (word == "percent") {
    level.kind = LevelKind::kPercent;
  } else if (word == "days") {
    level.kind = LevelKind::kDays;
  } else if (word == "kilometres") {
    level.kind = LevelKind::kKilometres;
  } else {
    const auto measure = MeasureNamed(word);
    if (!measure || *measure == Measure::kExact) return wrong();
    level.measure = *measure;
    down = IsDistance(*measure);
    if (!down && *measure != Measure::kLcsLength && (*threshold > 1 || *threshold == 0)) {
      return wrong();
    }
  }
  if (compact[sign] != (down ? '<' : '>')) return wrong();
  return level;
}

inline absl::Status CheckFields(const std::vector<LinkField> &fields) {
  if (fields.empty()) return absl::InvalidArgumentError("fields: none; expected at least one");
  constexpr size_t kMostLevels = 62;
  for (size_t k = 0; k < fields.size(); ++k) {
    const LinkField &field = fields[k];
    const std::string name = absl::StrCat("fields[", k, "]");
    for (size_t other = 0; other < k; ++other) {
      if (fields[other].column == field.column) {
        return InvalidOption(name, Quoted(field.column) + " again", "each column once");
      }
    }
    if (field.levels.empty() || field.levels.size() > kMostLevels) {
      return InvalidOption(name + ".levels", absl::StrCat(field.levels.size()), "1 to 62 levels");
    }
    for (const double power : {field.term_frequency, field.fuzzy_term_frequency}) {
      if (!(power >= 0 && power <= 1)) {
        return InvalidOption(name + ".term_frequency", FormatNumber(power), "0 to 1");
      }
    }
    for (size_t later = 1; later < field.levels.size(); ++later) {
      const Level &level = field.levels[later];
      for (size_t earlier = 0; earlier < later; ++earlier) {
        const Level &before = field.levels[earlier];
        if (before.kind != level.kind || before.measure != level.measure) continue;
        const bool down = level.kind != LevelKind::kMeasure || IsDistance(level.measure);
        const bool looser =
            level.kind != LevelKind::kSwapped && level.kind != LevelKind::kReversed &&
            (down ? level.threshold > before.threshold : level.threshold < before.threshold);
        if (!looser) {
          return InvalidOption(absl::StrCat(name, ".levels[", later, "]"), Quoted(level.text),
                               absl::StrCat("a looser level than ", Quoted(before.text),
                                            ", which takes all its pairs"));
        }
      }
      if (level.kind == LevelKind::kMeasure && level.measure == Measure::kExact) {
        return InvalidOption(absl::StrCat(name, ".levels[", later, "]"), "'exact'",
                             "exact as the first level");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_FIELDS_HPP_
