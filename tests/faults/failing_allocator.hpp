// Replaces the allocator of the program, so that allocation n can fail and what is left is counted.
//
// Include in exactly one source of a program. It stands in for malloc and its relatives in the
// program and in all shared objects loaded with it; operator new of the standard library calls
// malloc.
#ifndef PATRON_TESTS_FAULTS_FAILING_ALLOCATOR_HPP_
#define PATRON_TESTS_FAULTS_FAILING_ALLOCATOR_HPP_

#include <cerrno>
#include <cstddef>

#include "faults/fail_allocation.hpp"

extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);
}

extern "C" {

void *malloc(size_t size) {
  if (patron::faults::ShouldFail()) return nullptr;
  return patron::faults::Counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  if (patron::faults::ShouldFail()) return nullptr;
  return patron::faults::Counted(__libc_calloc(count, size));
}

void *realloc(void *pointer, size_t size) {
  if (patron::faults::ShouldFail()) return nullptr;
  void *block = __libc_realloc(pointer, size);
  if (pointer == nullptr) return patron::faults::Counted(block);
  if (block == nullptr && size == 0) patron::faults::live.fetch_sub(1, std::memory_order_relaxed);
  return block;
}

void *memalign(size_t alignment, size_t size) {
  if (patron::faults::ShouldFail()) return nullptr;
  return patron::faults::Counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
  void *block = memalign(alignment, size);
  if (block == nullptr) return ENOMEM;
  *out = block;
  return 0;
}

void free(void *pointer) {
  if (pointer != nullptr) patron::faults::live.fetch_sub(1, std::memory_order_relaxed);
  __libc_free(pointer);
}

}  // extern "C"

#endif  // PATRON_TESTS_FAULTS_FAILING_ALLOCATOR_HPP_
