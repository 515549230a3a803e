// Lists of ids as messages, and back.
#ifndef PATRON_PROTO_IDS_HPP_
#define PATRON_PROTO_IDS_HPP_

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/column.hpp"
#include "patron/v1/ids.pb.h"

namespace patron::proto {

// Ids as kernels list them; text is borrowed from the message.
struct BorrowedIds {
  bool is_text = false;
  std::vector<int64_t> integers;
  std::vector<std::string_view> text;

  size_t size() const { return is_text ? text.size() : integers.size(); }
  IdSpan span() const {
    return is_text ? IdSpan(std::span<const std::string_view>(text))
                   : IdSpan(std::span<const int64_t>(integers));
  }

  // The same as another struct of these three members.
  template <typename List>
  List As() && {
    List list;
    list.is_text = is_text;
    list.integers = std::move(integers);
    list.text = std::move(text);
    return list;
  }
};

void WriteIds(const IdSpan &ids, v1::Ids &message);

// No ids are integers. Errors: DataLoss naming `what` for a message that WriteIds does not make,
// or, with `ascending`, ids that are not ascending and distinct.
absl::StatusOr<BorrowedIds> ReadIds(const v1::Ids &message, std::string_view what,
                                    bool ascending = true);

}  // namespace patron::proto

#endif  // PATRON_PROTO_IDS_HPP_
