// Ids of codes, as a column.
#ifndef PATRON_SRC_C_API_IDS_HPP_
#define PATRON_SRC_C_API_IDS_HPP_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"

namespace patron::c_api {

// The ids of `codes`, borrowed from an index that must stand as long.
class IdsOfCodes {
 public:
  IdsOfCodes(const IdIndex &index, std::span<const uint32_t> codes) : is_text_(index.is_text()) {
    if (is_text_) {
      text_.reserve(codes.size());
      for (const uint32_t code : codes) text_.push_back(index.text(code));
    } else {
      integers_.reserve(codes.size());
      for (const uint32_t code : codes) integers_.push_back(index.integer(code));
    }
  }

  IdSpan span() const {
    return is_text_ ? IdSpan(std::span<const std::string_view>(text_))
                    : IdSpan(std::span<const int64_t>(integers_));
  }

 private:
  bool is_text_;
  std::vector<int64_t> integers_;
  std::vector<std::string_view> text_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_IDS_HPP_
