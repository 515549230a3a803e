// A sequence that grows piece by piece, so that nothing is moved to make room.
#ifndef PATRON_COMPLAINTS_PIECES_HPP_
#define PATRON_COMPLAINTS_PIECES_HPP_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"

namespace patron::complaints {

// Elements stay where they are while others are added, but for those of the first piece, which grows
// as a vector does: a sequence of few takes little. At most one piece is not full.
template <typename T, size_t kPiece = size_t{1} << 17>
class Pieces {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  size_t capacity() const {
    size_t elements = 0;
    for (const LargeVector<T> &piece : pieces_) elements += piece.capacity();
    return elements;
  }

  T &operator[](size_t i) { return pieces_[i / kPiece][i % kPiece]; }
  const T &operator[](size_t i) const { return pieces_[i / kPiece][i % kPiece]; }

  // If it throws, nothing has changed. Cost: O(1), and no element of a full piece is ever moved.
  T &push_back(const T &element) {
    if (size_ % kPiece == 0) {
      LargeVector<T> piece;
      if (size_ > 0) piece.reserve(kPiece);
      pieces_.push_back(std::move(piece));
    }
    LargeVector<T> &last = pieces_.back();
    try {
      last.push_back(element);
    } catch (...) {
      if (last.empty()) pieces_.pop_back();
      throw;
    }
    ++size_;
    return last.back();
  }

  // Drops the elements from `size` on. Does not allocate.
  void Truncate(size_t size) {
    if (size >= size_) return;
    while (pieces_.size() > (size + kPiece - 1) / kPiece) pieces_.pop_back();
    if (size > 0) pieces_.back().resize(size - (pieces_.size() - 1) * kPiece);
    size_ = size;
  }

  // Calls `body` with each element, in order.
  template <typename Body>
  void ForEach(const Body &body) {
    for (LargeVector<T> &piece : pieces_) std::ranges::for_each(piece, body);
  }
  template <typename Body>
  void ForEach(const Body &body) const {
    for (const LargeVector<T> &piece : pieces_) std::ranges::for_each(piece, body);
  }

 private:
  std::vector<LargeVector<T>> pieces_;
  size_t size_ = 0;
};

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_PIECES_HPP_
