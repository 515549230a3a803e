// Growing arrays whose elements never move: appending stays cheap however much is there.
#ifndef PATRON_VALUE_LEDGER_BLOCKS_HPP_
#define PATRON_VALUE_LEDGER_BLOCKS_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include "patron/base/large_vector.hpp"

namespace patron::value::detail::ledger {

// An array in blocks: the first ones double in size, later ones have kBlock elements each.
template <typename T>
class BlockArray {
 public:
  size_t size() const { return size_; }

  T &operator[](size_t i) { return *At(i); }
  const T &operator[](size_t i) const { return *At(i); }

  // Appends copies of `value`, or drops elements from the end. If an allocation fails
  // (std::bad_alloc) the array is as it was; dropping does not allocate.
  void Resize(size_t size, const T &value) {
    size_t blocks = blocks_.size();
    try {
      while (size > 0 && Place(size - 1).block >= blocks_.size()) {
        blocks_.reserve(blocks_.size() + 1);
        LargeVector<T> block;
        block.reserve(BlockSize(blocks_.size()));
        blocks_.push_back(std::move(block));
      }
    } catch (...) {
      blocks_.resize(blocks);
      throw;
    }
    while (size_ < size) {
      const Position at = Place(size_);
      const size_t count = std::min(BlockSize(at.block) - at.offset, size - size_);
      blocks_[at.block].insert(blocks_[at.block].end(), count, value);
      size_ += count;
    }
    while (size_ > size) {
      const Position last = Place(size_ - 1);
      const size_t count = std::min(last.offset + 1, size_ - size);
      blocks_[last.block].resize(last.offset + 1 - count, value);
      size_ -= count;
    }
    while (!blocks_.empty() && blocks_.back().empty()) blocks_.pop_back();
  }

  size_t memory_bytes() const {
    size_t bytes = 0;
    for (const auto &block : blocks_) bytes += block.capacity() * sizeof(T);
    return bytes;
  }

 private:
  // A full block has 4 MiB at least: enough for large pages.
  static constexpr size_t kBlock = std::bit_ceil((size_t{4} << 20) / sizeof(T));
  static constexpr int kBlockBits = std::bit_width(kBlock) - 1;
  static constexpr int kFirstBits = 6;
  static constexpr size_t kSmallBlocks = static_cast<size_t>(kBlockBits - kFirstBits) + 1;
  static_assert(kBlockBits > kFirstBits);

  struct Position {
    size_t block;
    size_t offset;
  };

  static size_t BlockSize(size_t block) {
    return size_t{1} << (block == 0             ? kFirstBits
                         : block < kSmallBlocks ? kFirstBits - 1 + static_cast<int>(block)
                                                : kBlockBits);
  }
  static Position Place(size_t i) {
    if (i >= kBlock) return {kSmallBlocks - 1 + (i >> kBlockBits), i & (kBlock - 1)};
    const auto block = static_cast<size_t>(std::bit_width(i >> kFirstBits));
    return {block, block == 0 ? i : i - (size_t{1} << (kFirstBits - 1 + static_cast<int>(block)))};
  }
  T *At(size_t i) const {
    const Position at = Place(i);
    return const_cast<T *>(blocks_[at.block].data()) + at.offset;
  }

  std::vector<LargeVector<T>> blocks_;
  size_t size_ = 0;
};

}  // namespace patron::value::detail::ledger

#endif  // PATRON_VALUE_LEDGER_BLOCKS_HPP_
