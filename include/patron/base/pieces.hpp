// A sequence that grows piece by piece, so that nothing is moved to make room.
#ifndef PATRON_BASE_PIECES_HPP_
#define PATRON_BASE_PIECES_HPP_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"

namespace patron {

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

  // Gives back the piece that ends before element i: nothing of it is asked for again.
  void LetGoBefore(size_t i) {
    if (i % kPiece == 0 && i > 0) pieces_[i / kPiece - 1] = {};
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

  // For std::sort.
  class Iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = T *;
    using reference = T &;

    Iterator() = default;
    Iterator(Pieces *pieces, difference_type at) : pieces_(pieces), at_(at) {}

    T &operator*() const { return (*pieces_)[static_cast<size_t>(at_)]; }
    T *operator->() const { return &**this; }
    T &operator[](difference_type i) const { return *(*this + i); }
    Iterator &operator+=(difference_type i) {
      at_ += i;
      return *this;
    }
    Iterator &operator-=(difference_type i) { return *this += -i; }
    Iterator &operator++() { return *this += 1; }
    Iterator &operator--() { return *this -= 1; }
    Iterator operator++(int) { return {pieces_, at_++}; }
    Iterator operator--(int) { return {pieces_, at_--}; }
    friend Iterator operator+(Iterator a, difference_type i) { return a += i; }
    friend Iterator operator+(difference_type i, Iterator a) { return a += i; }
    friend Iterator operator-(Iterator a, difference_type i) { return a -= i; }
    friend difference_type operator-(Iterator a, Iterator b) { return a.at_ - b.at_; }
    friend bool operator==(Iterator a, Iterator b) { return a.at_ == b.at_; }
    friend auto operator<=>(Iterator a, Iterator b) { return a.at_ <=> b.at_; }

   private:
    Pieces *pieces_ = nullptr;
    difference_type at_ = 0;
  };
  Iterator begin() { return {this, 0}; }
  Iterator end() { return {this, static_cast<std::ptrdiff_t>(size_)}; }

 private:
  std::vector<LargeVector<T>> pieces_;
  size_t size_ = 0;
};

}  // namespace patron

#endif  // PATRON_BASE_PIECES_HPP_
