// Which allocation is to fail, and what is left. The allocator that obeys is failing_allocator.hpp.
#ifndef PATRON_TESTS_FAULTS_FAIL_ALLOCATION_HPP_
#define PATRON_TESTS_FAULTS_FAIL_ALLOCATION_HPP_

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace patron::faults {

// While `armed`, allocations are counted, and number `fail_at` fails, on any thread; with
// `fail_on` all later ones as well.
inline std::atomic<bool> armed{false};
inline std::atomic<bool> fail_on{false};
inline std::atomic<int64_t> allocations{0};
inline std::atomic<int64_t> fail_at{-1};
inline std::atomic<bool> failed{false};

// Blocks that are allocated and not freed, armed or not.
inline std::atomic<int64_t> live{0};

inline bool ShouldFail() {
  if (!armed.load(std::memory_order_relaxed)) return false;
  const int64_t number = allocations.fetch_add(1);
  if (fail_on.load() ? number < fail_at.load() : number != fail_at.load()) return false;
  failed.store(true);
  errno = ENOMEM;
  return true;
}

inline void *Counted(void *block) {
  if (block != nullptr) live.fetch_add(1, std::memory_order_relaxed);
  return block;
}

// Lets allocation number `n` fail from here to the end of the scope; with `on` all later ones too.
class FailAllocation {
 public:
  explicit FailAllocation(int64_t n, bool on = false) {
    fail_on = on;
    allocations = 0;
    failed = false;
    fail_at = n;
    armed = true;
  }
  ~FailAllocation() { armed = false; }
  FailAllocation(const FailAllocation &) = delete;
  FailAllocation &operator=(const FailAllocation &) = delete;
};

}  // namespace patron::faults

#endif  // PATRON_TESTS_FAULTS_FAIL_ALLOCATION_HPP_
