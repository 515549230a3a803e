// The wall between C++ and C: statuses, exceptions and structs with a size, as the C interface has them.
#ifndef PATRON_SRC_C_API_GUARD_HPP_
#define PATRON_SRC_C_API_GUARD_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/c/base.h"

namespace patron::c_api {

// Writes `code` and `message` to `error` (which may be null) and returns the code. Control characters
// and bytes that are not UTF-8 are written as \xNN; a message that is too long ends in "...". Never
// allocates.
patron_status Fill(patron_error *error, patron_status code, std::string_view message) noexcept;

// Empties `error`, which may be null.
inline patron_status Clear(patron_error *error) noexcept {
  if (error != nullptr) {
    error->code = PATRON_OK;
    error->reserved = 0;
    error->message[0] = '\0';
  }
  return PATRON_OK;
}

// Runs `body`, which returns an absl::Status, and turns its status or exception into a patron_status.
// On success `error` is cleared.
template <typename Body>
patron_status Guard(patron_error *error, Body &&body) noexcept {
  static_assert(std::is_same_v<std::invoke_result_t<Body>, absl::Status>);
  try {
    const absl::Status status = std::forward<Body>(body)();
    if (status.ok()) return Clear(error);
    const absl::string_view message = status.message();
    return Fill(error, static_cast<patron_status>(status.code()), {message.data(), message.size()});
  } catch (const std::bad_alloc &) {
    return Fill(error, PATRON_RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::length_error &) {
    return Fill(error, PATRON_RESOURCE_EXHAUSTED, "out of memory: more than can be addressed");
  } catch (const std::exception &exception) {
    return Fill(error, PATRON_INTERNAL, exception.what());
  } catch (...) {
    return Fill(error, PATRON_INTERNAL, "unknown exception");
  }
}

// Errors: InvalidArgument naming the argument if `pointer` is null.
inline absl::Status RequirePointer(std::string_view name, const void *pointer) {
  if (pointer != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(Text(name), ": NULL; expected a pointer"));
}

// Copies the options of a caller over `full`, which holds the defaults; null leaves them. A shorter
// struct, of an older caller, leaves the default of each field that it lacks.
// Errors: InvalidArgument if struct_size is not set, or if a longer struct has something in its tail.
template <typename T>
absl::Status ReadOptions(std::string_view name, const T *caller, T *full) {
  static_assert(std::is_trivially_copyable_v<T> && offsetof(T, struct_size) == 0);
  if (caller == nullptr) return absl::OkStatus();
  const size_t size = caller->struct_size;
  if (size < sizeof(uint32_t)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Text(name), ": struct_size is ", size, "; expected the size that its init function sets"));
  }
  const auto *bytes = reinterpret_cast<const unsigned char *>(caller);
  for (size_t i = sizeof(T); i < size; ++i) {
    if (bytes[i] != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(Text(name), ": ", size, " bytes with something in byte ", i,
                       "; this library knows the first ", sizeof(T), " bytes"));
    }
  }
  std::memcpy(static_cast<void *>(full), bytes, std::min(size, sizeof(T)));
  full->struct_size = sizeof(T);
  return absl::OkStatus();
}

// Copies element `index` of an array of structs to `full`. The struct_size of the first one is the
// distance between them, and that of each. A shorter struct leaves fields of `full` as they are.
// Errors: as ReadOptions, and InvalidArgument for sizes that differ or do not keep the alignment.
template <typename T>
absl::Status ReadElement(std::string_view name, const T *array, size_t index, T *full) {
  const size_t stride = array->struct_size;
  const auto *at = reinterpret_cast<const unsigned char *>(array) + index * stride;
  T element{};
  std::memcpy(&element.struct_size, at, sizeof element.struct_size);
  if (stride < sizeof(uint32_t) || stride % alignof(T) != 0 || element.struct_size != stride) {
    return absl::InvalidArgumentError(
        absl::StrCat(Text(name), ": struct_size is ", element.struct_size,
                     "; expected the size of the struct, the same in the whole array"));
  }
  return ReadOptions(name, reinterpret_cast<const T *>(at), full);
}

// Errors: InvalidArgument if `out` is not null and its struct_size is not set.
template <typename T>
absl::Status CheckOut(std::string_view name, const T *out) {
  static_assert(std::is_trivially_copyable_v<T> && offsetof(T, struct_size) == 0);
  if (out == nullptr || out->struct_size >= sizeof(uint32_t)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(Text(name), ": struct_size is ", out->struct_size,
                                                 "; expected the size of the struct"));
}

// Copies `result` to `out`, as much as it has room for; a longer struct, of a newer caller, gets zeros
// in its tail. Null is left alone. Its struct_size stays.
template <typename T>
void WriteOut(const T &result, T *out) {
  if (out == nullptr) return;
  const uint32_t size = out->struct_size;
  if (size == sizeof(T)) {  // As nearly always; the compiler then keeps `result` in registers.
    *out = result;
    out->struct_size = size;
    return;
  }
  auto *to = reinterpret_cast<unsigned char *>(out);
  const auto *from = reinterpret_cast<const unsigned char *>(&result);
  constexpr size_t kStart = sizeof(uint32_t);
  const size_t known = std::min<size_t>(size, sizeof(T));
  if (known > kStart) std::memcpy(to + kStart, from + kStart, known - kStart);
  if (size > sizeof(T)) std::memset(to + sizeof(T), 0, size - sizeof(T));
}

// The options field of an enumeration. Errors: InvalidArgument outside [0, count).
inline absl::Status CheckEnum(std::string_view name, int32_t value, int32_t count) {
  if (value >= 0 && value < count) return absl::OkStatus();
  return InvalidOption(name, std::to_string(value), "0 to " + std::to_string(count - 1));
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_GUARD_HPP_
