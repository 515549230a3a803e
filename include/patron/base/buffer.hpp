// Memory for numbers that are about to be written: not set to zero, on large pages if large.
#ifndef PATRON_BASE_BUFFER_HPP_
#define PATRON_BASE_BUFFER_HPP_

#include <cstddef>
#include <memory>
#include <type_traits>

#include "patron/base/large_vector.hpp"

namespace patron {

struct BufferDeleter {
  template <typename T>
  void operator()(T *block) const {
    LargePageAllocator<T>().deallocate(block, 0);
  }
};

template <typename T>
using Buffer = std::unique_ptr<T[], BufferDeleter>;

// Room for `count` numbers. Throws std::bad_alloc, as containers do.
template <typename T>
Buffer<T> MakeBuffer(size_t count) {
  static_assert(std::is_arithmetic_v<T>);
  return Buffer<T>(LargePageAllocator<T>().allocate(count));
}

}  // namespace patron

#endif  // PATRON_BASE_BUFFER_HPP_
