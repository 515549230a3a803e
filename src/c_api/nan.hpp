// The double of what is not known.
#ifndef PATRON_SRC_C_API_NAN_HPP_
#define PATRON_SRC_C_API_NAN_HPP_

#include <limits>

namespace patron::c_api {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_NAN_HPP_
