// Vectors whose memory the kernel may back with large pages: random access misses the TLB less.
#ifndef PATRON_BASE_LARGE_VECTOR_HPP_
#define PATRON_BASE_LARGE_VECTOR_HPP_

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace patron {

// Allocates as std::allocator does, but aligns blocks of 4 MiB and more to 2 MiB and asks for large
// pages where the system grants them on request. Throws std::bad_alloc on failure.
template <typename T>
class LargePageAllocator {
 public:
  using value_type = T;

  LargePageAllocator() = default;
  template <typename U>
  LargePageAllocator(const LargePageAllocator<U> &) {}  // NOLINT: converting, as allocators do.

  T *allocate(size_t count) {
    if (count > std::numeric_limits<size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
    size_t bytes = count * sizeof(T);
    void *block = nullptr;
    if (bytes < kLarge) {
      if constexpr (alignof(T) <= alignof(std::max_align_t)) {
        block = std::malloc(bytes == 0 ? 1 : bytes);
      } else {
        block = std::aligned_alloc(alignof(T), bytes == 0 ? alignof(T) : bytes);
      }
    } else {
      bytes = (bytes + kPage - 1) / kPage * kPage;
      block = std::aligned_alloc(kPage, bytes);
#if defined(__linux__)
      if (block != nullptr) madvise(block, bytes, MADV_HUGEPAGE);
#endif
    }
    if (block == nullptr) throw std::bad_alloc();
    return static_cast<T *>(block);
  }
  void deallocate(T *block, size_t) { std::free(block); }

  friend bool operator==(const LargePageAllocator &, const LargePageAllocator &) { return true; }

 private:
  static constexpr size_t kLarge = size_t{4} << 20;
  static constexpr size_t kPage = size_t{2} << 20;
};

template <typename T>
using LargeVector = std::vector<T, LargePageAllocator<T>>;

}  // namespace patron

#endif  // PATRON_BASE_LARGE_VECTOR_HPP_
