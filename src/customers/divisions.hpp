// Provinces, prefectures and counties by their codes.
#ifndef PATRON_SRC_CUSTOMERS_DIVISIONS_HPP_
#define PATRON_SRC_CUSTOMERS_DIVISIONS_HPP_

#include <cstdint>
#include <span>
#include <string_view>

namespace patron::customers {

// "广东" and "省" under 44; "深圳" and "市" under 4403; "恩施" and "土家族苗族自治州" under 4228; "南山" and
// "区" under 440305.
struct Division {
  uint32_t code;  // Two digits of a province, four of a prefecture, six of a county.
  std::u32string_view name, suffix;
};

// By code.
std::span<const Division> Provinces();
std::span<const Division> Prefectures();
// Those of a prefecture or a province; all for 0.
std::span<const Division> CountiesWithin(uint32_t prefix);

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_DIVISIONS_HPP_
