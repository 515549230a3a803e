// Two ends.
#ifndef PATRON_BASE_INTERVAL_HPP_
#define PATRON_BASE_INTERVAL_HPP_

namespace patron {

struct Interval {
  double lower;
  double upper;
};

}  // namespace patron

#endif  // PATRON_BASE_INTERVAL_HPP_
