// The complaint pyramid: how many problems stand behind the complaints that are seen.
#ifndef PATRON_COMPLAINTS_COMPLAINT_PYRAMID_HPP_
#define PATRON_COMPLAINTS_COMPLAINT_PYRAMID_HPP_

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/normal.hpp"
#include "patron/base/proportion.hpp"
#include "patron/base/status.hpp"

namespace patron::complaints {

// A published share of problems that reach the register. It depends on how much is lost: of small
// problems 3 % are voiced, of losses of 142 dollars on average 69 % (Goodman and Newman), so own
// figures by severity are better than any of these.
struct VoiceRate {
  std::string_view name;
  double rate;
  std::string_view source;
};
inline constexpr std::array<VoiceRate, 4> kVoiceRates = {{
    {"four_percent", 0.04, "the common figure of 4 % who complain"},
    {"tarp", 1.0 / 27, "TARP: 1 of 27"},
    {"british_airways", 0.08, "British Airways: 8 % reach customer relations"},
    {"british_airways_front_line", 0.31,
     "British Airways: 8 % reach customer relations, 23 % tell an employee"},
}};

// What is known of the share of problems that reach the register.
struct VoiceShare {
  double rate = std::numeric_limits<double>::quiet_NaN();  // Known; or from the sample if NaN.
  double reported = 0,
         asked = 0;  // Sample: of `asked` with a problem, so many are in the register.
};

struct ComplaintPyramid {
  double rate, rate_lower, rate_upper;
  double multiplier, multiplier_lower, multiplier_upper;  // 1 / rate.
  double problems, problems_lower, problems_upper;        // Who had one.
  double silent, silent_lower, silent_upper;              // Who had one and is not in the register.
};

// Who stands behind `complaints` in the register. The interval of the rate is Wilson's if it comes
// from a sample, and has no width if it is known. That of the problems adds that as many complaints
// could have been others by chance: for a known rate it has the probability `level`, for a sample at
// least that, since both bounds are taken at their far ends. Errors: InvalidArgument for a rate
// outside (0, 1], an empty or impossible sample, and negative complaints.
absl::StatusOr<ComplaintPyramid> EstimateComplaintPyramid(double complaints,
                                                          const VoiceShare &share,
                                                          double level = 0.95);

// What share of one level of the pyramid is found on the next, from the widest to the top. `counts`
// are whole numbers, at most those of the level below. Element i is about level i + 1 of level i.
struct PyramidConversion {
  std::vector<double> share, lower, upper;  // Wilson's interval; NaN on an empty level.
};
absl::StatusOr<PyramidConversion> ConvertLevels(std::span<const double> counts,
                                                double level = 0.95);

inline absl::StatusOr<ComplaintPyramid> EstimateComplaintPyramid(double complaints,
                                                                 const VoiceShare &share,
                                                                 double level) {
  if (!(complaints >= 0) || std::isinf(complaints)) {
    return InvalidOption("complaints", FormatNumber(complaints), "0 or more");
  }
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  const double z = NormalQuantile(0.5 + 0.5 * level);
  ComplaintPyramid pyramid{};
  if (std::isnan(share.rate)) {
    if (!(share.asked > 0) || std::isinf(share.asked)) {
      return InvalidOption("asked", FormatNumber(share.asked), "more than 0, or a rate");
    }
    if (!(share.reported > 0 && share.reported <= share.asked)) {
      return InvalidOption("reported", FormatNumber(share.reported),
                           absl::StrCat("above 0, at most ", FormatNumber(share.asked)));
    }
    const Interval interval = WilsonInterval(share.reported, share.asked, z);
    pyramid.rate = share.reported / share.asked;
    pyramid.rate_lower = interval.lower;
    pyramid.rate_upper = interval.upper;
  } else {
    if (!(share.rate > 0 && share.rate <= 1)) {
      return InvalidOption("rate", FormatNumber(share.rate), "above 0, at most 1");
    }
    pyramid.rate = pyramid.rate_lower = pyramid.rate_upper = share.rate;
  }
  pyramid.multiplier = 1 / pyramid.rate;
  pyramid.multiplier_lower = 1 / pyramid.rate_upper;
  pyramid.multiplier_upper = 1 / pyramid.rate_lower;
  pyramid.problems = complaints / pyramid.rate;
  pyramid.problems_lower = WholeInterval(complaints, pyramid.rate_upper, z).lower;
  pyramid.problems_upper = WholeInterval(complaints, pyramid.rate_lower, z).upper;
  pyramid.silent = pyramid.problems - complaints;
  pyramid.silent_lower = pyramid.problems_lower - complaints;
  pyramid.silent_upper = pyramid.problems_upper - complaints;
  return pyramid;
}

inline absl::StatusOr<PyramidConversion> ConvertLevels(std::span<const double> counts,
                                                       double level) {
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "a number between 0 and 1");
  }
  const double z = NormalQuantile(0.5 + 0.5 * level);
  PyramidConversion conversion;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!(counts[i] >= 0) || counts[i] != std::floor(counts[i]) || std::isinf(counts[i])) {
      return InvalidRow("counts", i, FormatNumber(counts[i]), "a whole number, 0 or more");
    }
    if (i == 0) continue;
    if (counts[i] > counts[i - 1]) {
      return InvalidRow(
          "counts", i, FormatNumber(counts[i]),
          absl::StrCat("at most ", FormatNumber(counts[i - 1]), ", the count of the level below"));
    }
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    const bool empty = counts[i - 1] == 0;
    const Interval interval =
        empty ? Interval{kNaN, kNaN} : WilsonInterval(counts[i], counts[i - 1], z);
    conversion.share.push_back(empty ? kNaN : counts[i] / counts[i - 1]);
    conversion.lower.push_back(interval.lower);
    conversion.upper.push_back(interval.upper);
  }
  return conversion;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_COMPLAINT_PYRAMID_HPP_
