// Instructions that this processor may have beyond those of the build, and functions made of them.
#ifndef PATRON_SRC_C_API_INSTRUCTIONS_HPP_
#define PATRON_SRC_C_API_INSTRUCTIONS_HPP_

// Clang does not always make a part of a function what it calls for other instructions.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define PATRON_WIDE_KERNELS
// No pack crosses a call: all of them are inside the functions below these words.
#pragma GCC diagnostic ignored "-Wpsabi"

// Before a function, in [[ ]]. Instructions are set for it alone, and all that it calls becomes a part
// of it: nothing that other functions share is ever compiled for them.
#define PATRON_AVX2 gnu::target("avx2"), gnu::flatten
#define PATRON_AVX512 gnu::target("avx2,avx512f,avx512dq,avx512vl"), gnu::flatten

namespace patron::c_api {

inline bool HasAvx2() { return __builtin_cpu_supports("avx2"); }
inline bool HasAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

}  // namespace patron::c_api
#endif

#endif  // PATRON_SRC_C_API_INSTRUCTIONS_HPP_
