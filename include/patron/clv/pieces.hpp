// A growing array in pieces, so that adding to it moves nothing and that pieces can be let go of.
#ifndef PATRON_CLV_PIECES_HPP_
#define PATRON_CLV_PIECES_HPP_

#include <compare>
#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

namespace patron::clv::detail {

template <typename T>
class Pieces {
 public:
  static constexpr size_t kPiece = 4096;

  size_t size() const { return size_; }
  T &operator[](size_t i) { return pieces_[i / kPiece][i % kPiece]; }
  const T &operator[](size_t i) const { return pieces_[i / kPiece][i % kPiece]; }
  void Add(const T &value) {
    if (size_ % kPiece == 0) pieces_.push_back(std::make_unique<T[]>(kPiece));
    pieces_[size_ / kPiece][size_ % kPiece] = value;
    ++size_;
  }
  // Nothing before i is asked for again.
  void LetGoBefore(size_t i) {
    if (i % kPiece == 0 && i > 0) pieces_[i / kPiece - 1].reset();
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
  std::vector<std::unique_ptr<T[]>> pieces_;
  size_t size_ = 0;
};

}  // namespace patron::clv::detail

#endif  // PATRON_CLV_PIECES_HPP_
