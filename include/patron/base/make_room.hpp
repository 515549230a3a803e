// Room in a vector ahead of what is added, so that adding it does not allocate.
#ifndef PATRON_BASE_MAKE_ROOM_HPP_
#define PATRON_BASE_MAKE_ROOM_HPP_

#include <algorithm>
#include <cstddef>

namespace patron {

// Room for `more` further elements. Capacity at least doubles where it grows, so that many small calls
// cost O(1) an element. Throws std::bad_alloc without effect.
template <typename Vector>
void MakeRoom(Vector &vector, size_t more) {
  const size_t wanted = vector.size() + more;
  if (wanted > vector.capacity()) vector.reserve(std::max(wanted, 2 * vector.capacity()));
}

}  // namespace patron

#endif  // PATRON_BASE_MAKE_ROOM_HPP_
