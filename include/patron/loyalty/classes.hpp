// Classes of loyalty, each with its reason; "undetermined" where what is known does not decide.
#ifndef PATRON_LOYALTY_CLASSES_HPP_
#define PATRON_LOYALTY_CLASSES_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

enum class ClassScheme {
  kDickBasu,     // Attitude and patronage (1994).
  kJonesSasser,  // Satisfaction, loyalty and whether one is bound (1995).
  kOliver,       // Four stages, cognitive to action (1999).
  kTextbook,     // Attitude, and at least three repeat purchases.
  kPotential,    // The same, with those whose purchases are still to come.
};

struct ClassOptions {
  ClassScheme scheme = ClassScheme::kDickBasu;
  bool medians = false;  // kDickBasu: cuts are the medians of what is known.
  double cut = std::numeric_limits<double>::quiet_NaN();  // NaN: 0.5, or 4 of 1 to 5.
  double repeats = 3;
};

struct Classes {
  std::vector<std::string> names;    // Of the scheme; "undetermined" is the last.
  std::vector<int32_t> codes;        // Of each row.
  std::vector<std::string> reasons;  // Distinct ones.
  std::vector<int32_t> reason_codes;
  std::vector<int64_t> counts;  // Customers in each class.
};

// The columns that a scheme reads, in order. Of kJonesSasser the last, bound, may be left out.
std::span<const std::string_view> ColumnsOf(ClassScheme scheme);

// Classifies rows; columns are as ColumnsOf says, NaN where a value is not known.
//
// Errors: InvalidArgument for values outside their scale (0 to 1; 1 to 5; bound 0 or 1; repeats 0 or
// more), a cut outside it, repeats that are not above 0; FailedPrecondition for medians of a column that
// is known of nobody. Cost: O(n).
absl::StatusOr<Classes> Classify(std::span<const std::span<const double>> columns,
                                 const ClassOptions &options);

namespace detail {

inline constexpr std::string_view kDickBasuColumns[] = {"attitude", "patronage"};
inline constexpr std::string_view kJonesSasserColumns[] = {"satisfaction", "loyalty", "bound"};
inline constexpr std::string_view kOliverColumns[] = {"cognitive", "affective", "conative",
                                                      "action"};
inline constexpr std::string_view kRepeatColumns[] = {"repeats", "attitude"};

// Low, high, or not known.
enum class Side : uint8_t { kLow, kHigh, kUnknown };
inline Side SideOf(double value, double cut) {
  if (std::isnan(value)) return Side::kUnknown;
  return value >= cut ? Side::kHigh : Side::kLow;
}

inline std::string Words(std::string_view name, Side side, double cut) {
  switch (side) {
    case Side::kLow: return absl::StrCat(Text(name), " below ", FormatNumber(cut));
    case Side::kHigh: return absl::StrCat(Text(name), " at least ", FormatNumber(cut));
    case Side::kUnknown: break;
  }
  return absl::StrCat(Text(name), " is not known");
}

// Gathers classes and reasons; a reason is made once, when its key first comes.
class ClassBuilder {
 public:
  ClassBuilder(std::vector<std::string> names, size_t rows) {
    classes_.names = std::move(names);
    classes_.names.emplace_back("undetermined");
    classes_.counts.resize(classes_.names.size());
    classes_.codes.reserve(rows);
    classes_.reason_codes.reserve(rows);
  }
  int32_t undetermined() const { return static_cast<int32_t>(classes_.names.size()) - 1; }

  template <typename Reason>
  void Add(int32_t code, uint32_t key, Reason reason) {
    if (key >= known_.size()) known_.resize(key + 1, -1);
    if (known_[key] < 0) {
      known_[key] = static_cast<int32_t>(classes_.reasons.size());
      classes_.reasons.push_back(reason());
    }
    classes_.codes.push_back(code);
    classes_.reason_codes.push_back(known_[key]);
    ++classes_.counts[static_cast<size_t>(code)];
  }
  Classes Finish() { return std::move(classes_); }

 private:
  Classes classes_;
  std::vector<int32_t> known_;
};

inline uint32_t KeyOf(Side a, Side b, uint32_t more = 0) {
  return (static_cast<uint32_t>(a) * 3 + static_cast<uint32_t>(b)) * 8 + more;
}

inline absl::StatusOr<double> MedianOfKnown(std::string_view name, std::span<const double> values) {
  std::vector<double> known;
  for (const double v : values) {
    if (!std::isnan(v)) known.push_back(v);
  }
  if (known.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(Text(name), ": known of none of ", values.size(), " rows; expected a median"));
  }
  std::ranges::sort(known);
  const size_t half = known.size() / 2;
  return known.size() % 2 == 1 ? known[half] : (known[half - 1] + known[half]) / 2;
}

inline absl::StatusOr<Classes> DickBasu(std::span<const std::span<const double>> columns,
                                        const ClassOptions &options, double cut) {
  double cuts[2] = {cut, cut};
  for (size_t c = 0; c < 2 && options.medians; ++c) {
    PATRON_ASSIGN_OR_RETURN(cuts[c], MedianOfKnown(kDickBasuColumns[c], columns[c]));
  }
  ClassBuilder builder({"true", "latent", "spurious", "none"}, columns[0].size());
  for (size_t i = 0; i < columns[0].size(); ++i) {
    const Side attitude = SideOf(columns[0][i], cuts[0]), buys = SideOf(columns[1][i], cuts[1]);
    int32_t code = builder.undetermined();
    if (attitude != Side::kUnknown && buys != Side::kUnknown) {
      code = (attitude == Side::kHigh ? 0 : 2) + (buys == Side::kHigh ? 0 : 1);
    }
    // Attitude high: true or latent; low: spurious or none.
    builder.Add(code, KeyOf(attitude, buys), [&] {
      return absl::StrCat(Words("attitude", attitude, cuts[0]), ", ",
                          Words("patronage", buys, cuts[1]));
    });
  }
  return builder.Finish();
}

inline Classes JonesSasser(std::span<const std::span<const double>> columns, double cut) {
  ClassBuilder builder({"loyalist", "apostle", "mercenary", "hostage", "defector", "terrorist"},
                       columns[0].size());
  const bool has_bound = columns.size() > 2;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    const double satisfied = columns[0][i], loyal = columns[1][i];
    const Side s = SideOf(satisfied, cut), l = SideOf(loyal, cut);
    const bool bound = has_bound && columns[2][i] == 1;
    const bool best = satisfied == 5 && loyal == 5, worst = satisfied == 1 && loyal == 1;
    int32_t code = builder.undetermined();
    if (s == Side::kHigh && l == Side::kHigh) code = best ? 1 : 0;
    if (s == Side::kHigh && l == Side::kLow) code = 2;
    if (s == Side::kLow && l == Side::kHigh) code = 3;
    // Who is bound stays, however dissatisfied: no defector while that lasts.
    if (s == Side::kLow && l == Side::kLow) code = bound ? 3 : worst ? 5 : 4;
    if (s == Side::kLow && l == Side::kUnknown && bound) code = 3;
    const uint32_t more = (bound ? 1U : 0U) + (best ? 2U : 0U) + (worst ? 4U : 0U);
    builder.Add(code, KeyOf(s, l, more), [&] {
      return absl::StrCat(Words("satisfaction", s, cut), ", ", Words("loyalty", l, cut),
                          best    ? ", both 5"
                          : worst ? ", both 1"
                                  : "",
                          bound ? ", bound" : "");
    });
  }
  return builder.Finish();
}

inline Classes Oliver(std::span<const std::span<const double>> columns, double cut) {
  // What each stage is open to, after Oliver's table of vulnerabilities.
  constexpr std::string_view kVulnerable[] = {
      "open to any offer", "open to better features or prices, real or imagined",
      "open to dissatisfaction and to liking for others", "open to counterarguments and trial",
      "open to what makes others easier to get"};
  ClassBuilder builder({"none", "cognitive", "affective", "conative", "action"}, columns[0].size());
  for (size_t i = 0; i < columns[0].size(); ++i) {
    size_t stage = 0;
    while (stage < 4 && SideOf(columns[stage][i], cut) == Side::kHigh) ++stage;
    const bool unknown = stage < 4 && std::isnan(columns[stage][i]);
    const int32_t code = unknown ? builder.undetermined() : static_cast<int32_t>(stage);
    builder.Add(code, static_cast<uint32_t>(stage * 2 + (unknown ? 1 : 0)), [&] {
      if (unknown) {
        return absl::StrCat(Text(kOliverColumns[stage]), " is not known, all before it reached");
      }
      const std::string last = stage == 4 ? std::string("all stages reached")
                                          : Words(kOliverColumns[stage], Side::kLow, cut);
      return absl::StrCat(last, "; ", Text(kVulnerable[stage]));
    });
  }
  return builder.Finish();
}

inline Classes ByRepeats(std::span<const std::span<const double>> columns,
                         const ClassOptions &options, double cut) {
  const bool potential = options.scheme == ClassScheme::kPotential;
  ClassBuilder builder(potential
                           ? std::vector<std::string>{"loyal", "potentially loyal", "not loyal"}
                           : std::vector<std::string>{"loyal", "not loyal"},
                       columns[0].size());
  const int32_t not_loyal = builder.undetermined() - 1;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    const Side buys = SideOf(columns[0][i], options.repeats), likes = SideOf(columns[1][i], cut);
    int32_t code = builder.undetermined();
    if (buys == Side::kHigh && likes == Side::kHigh) {
      code = 0;
    } else if (likes == Side::kLow || (!potential && buys == Side::kLow)) {
      code = not_loyal;  // Whatever the other one is.
    } else if (buys == Side::kLow && likes == Side::kHigh) {
      code = 1;
    }
    builder.Add(code, KeyOf(buys, likes), [&] {
      return absl::StrCat(Words("repeats", buys, options.repeats), ", ",
                          Words("attitude", likes, cut));
    });
  }
  return builder.Finish();
}

inline absl::Status CheckScale(std::string_view name, std::span<const double> values, double low,
                               double high) {
  uint64_t bad = 0;
  size_t first = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || (values[i] >= low && values[i] <= high)) continue;
    if (bad++ == 0) first = i;
  }
  if (bad == 0) return absl::OkStatus();
  return InvalidRow(name, first, FormatNumber(values[first]),
                    std::isinf(high) ? absl::StrCat(FormatNumber(low), " or more")
                                     : absl::StrCat(FormatNumber(low), " to ", FormatNumber(high)),
                    bad);
}

}  // namespace detail

inline std::span<const std::string_view> ColumnsOf(ClassScheme scheme) {
  switch (scheme) {
    case ClassScheme::kDickBasu: return detail::kDickBasuColumns;
    case ClassScheme::kJonesSasser: return detail::kJonesSasserColumns;
    case ClassScheme::kOliver: return detail::kOliverColumns;
    default: break;
  }
  return detail::kRepeatColumns;
}

inline absl::StatusOr<Classes> Classify(std::span<const std::span<const double>> columns,
                                        const ClassOptions &options) {
  const bool five = options.scheme == ClassScheme::kJonesSasser;
  const double low = five ? 1 : 0, high = five ? 5 : 1;
  const double cut = std::isnan(options.cut) ? (five ? 4 : 0.5) : options.cut;
  if (!(cut > low && cut <= high)) {
    return InvalidOption(
        "cut", FormatNumber(cut),
        absl::StrCat("above ", FormatNumber(low), ", at most ", FormatNumber(high)));
  }
  if (!(options.repeats > 0) || !std::isfinite(options.repeats)) {
    return InvalidOption("repeats", FormatNumber(options.repeats), "a finite number above 0");
  }
  const auto names = ColumnsOf(options.scheme);
  for (size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].size() != columns[0].size()) {
      return InvalidOption(names[c], absl::StrCat(columns[c].size(), " rows"),
                           absl::StrCat(columns[0].size(), " as in ", Text(names[0])));
    }
    const bool count = names[c] == "repeats", flag = names[c] == "bound";
    PATRON_RETURN_IF_ERROR(detail::CheckScale(names[c], columns[c], count || flag ? 0 : low,
                                              count  ? std::numeric_limits<double>::infinity()
                                              : flag ? 1
                                                     : high));
  }
  switch (options.scheme) {
    case ClassScheme::kDickBasu: return detail::DickBasu(columns, options, cut);
    case ClassScheme::kJonesSasser: return detail::JonesSasser(columns, cut);
    case ClassScheme::kOliver: return detail::Oliver(columns, cut);
    default: break;
  }
  return detail::ByRepeats(columns, options, cut);
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_CLASSES_HPP_
