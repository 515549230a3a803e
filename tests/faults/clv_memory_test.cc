// Memory that fits and predictions take beside their input, counted by the byte.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "patron/c/patron.h"

extern "C" {
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);
}

namespace {

std::atomic<int64_t> bytes{0};
std::atomic<int64_t> most{0};

void Count(int64_t change) {
  const int64_t now = bytes.fetch_add(change) + change;
  for (int64_t seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
  }
}
int64_t SizeOf(void *block) {
  return block == nullptr ? 0 : static_cast<int64_t>(malloc_usable_size(block));
}
void *Counted(void *block) {
  Count(SizeOf(block));
  return block;
}

}  // namespace

extern "C" {

void *malloc(size_t size) { return Counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return Counted(__libc_calloc(count, size)); }
void *realloc(void *pointer, size_t size) {
  const int64_t before = SizeOf(pointer);
  void *block = __libc_realloc(pointer, size);
  if (block != nullptr || size == 0) Count(SizeOf(block) - before);
  return block;
}
void *memalign(size_t alignment, size_t size) { return Counted(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
  *out = memalign(alignment, size);
  return *out == nullptr ? 12 : 0;
}
void free(void *pointer) {
  Count(-SizeOf(pointer));
  __libc_free(pointer);
}

}  // extern "C"

namespace patron::faults {
namespace {

// Customers whose times are whole days, so that many are alike, or all different.
class ClvMemoryTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < kRows; ++i) {
      uint64_t z = (i + 1) * 0x9E3779B97F4A7C15;
      const auto next = [&z] {
        z ^= z >> 31;
        z *= 0xBF58476D1CE4E5B9;
        return static_cast<double>(z >> 11) * 0x1p-53;
      };
      const double T = 27 + (GetParam() ? 12 * next() : std::floor(84 * next()) / 7);
      const double x = std::floor(-2 * std::log(1 - next()) * next());
      const double share = next();
      share_.push_back(next());
      x_.push_back(x);
      T_.push_back(T);
      recency_.push_back(x == 0 ? 0 : GetParam() ? T * share : std::floor(7 * T * share) / 7);
    }
    for (const double share : share_) {
      young_.push_back(GetParam() ? std::log(share) : share < 0.5 ? 1 : 0);
      near_.push_back(GetParam() ? share * share : std::floor(8 * share) / 4);
    }
    const auto column = [](const char *name, const std::vector<double> &values) {
      patron_column c{};
      c.struct_size = sizeof c;
      c.type = PATRON_TYPE_FLOAT64;
      c.name = name;
      c.length = static_cast<int64_t>(values.size());
      c.data = values.data();
      return c;
    };
    const patron_column columns[] = {column("frequency", x_), column("recency", recency_),
                                     column("T", T_), column("young", young_),
                                     column("near", near_)};
    ASSERT_EQ(patron_table_borrow(columns, 5, &table_, nullptr), PATRON_OK);
  }
  void TearDown() override { patron_table_free(table_); }

  // Bytes a row that `call` had allocated at once.
  template <typename Call>
  static double PeakOf(const Call &call) {
    const int64_t before = bytes.load();
    most.store(before);
    call();
    return static_cast<double>(most.load() - before) / kRows;
  }

  static constexpr size_t kRows = 1'000'000;
  std::vector<double> x_, recency_, T_, share_, young_, near_;
  patron_table *table_ = nullptr;
};

TEST_P(ClvMemoryTest, FitsTakeNoMoreThanSixtyFourBytesARow) {
  for (const int32_t kind : {PATRON_CLV_BG_NBD, PATRON_CLV_MBG_NBD, PATRON_CLV_PARETO_NBD}) {
    patron_clv_terms terms;
    patron_clv_terms_init(&terms);
    terms.kind = kind;
    patron_clv_model *model = nullptr;
    const double peak = PeakOf([&] {
      ASSERT_EQ(patron_clv_fit(table_, nullptr, &terms, nullptr, &model, nullptr), PATRON_OK);
    });
    patron_clv_model_free(model);
    EXPECT_GT(peak, 1) << kind;
    EXPECT_LE(peak, 64) << kind;
  }
}

TEST_P(ClvMemoryTest, FitsWithCovariatesTakeNoMoreThanSixtyFourBytesARow) {
  const char *const names[] = {"young", "near", "T"};
  for (const size_t count : {size_t{2}, size_t{3}}) {
    patron_clv_terms terms;
    patron_clv_terms_init(&terms);
    terms.kind = PATRON_CLV_PARETO_NBD;
    terms.transaction_covariates = names;
    terms.transaction_covariate_count = count;
    terms.dropout_covariates = names;
    terms.dropout_covariate_count = 2;
    patron_clv_model *model = nullptr;
    const double peak = PeakOf([&] {
      ASSERT_EQ(patron_clv_fit(table_, nullptr, &terms, nullptr, &model, nullptr), PATRON_OK);
    });
    patron_clv_model_free(model);
    EXPECT_GT(peak, 1) << count;
    EXPECT_LE(peak, 64) << count;
  }
}

TEST_P(ClvMemoryTest, PredictionsTakeNoMoreThanSixtyFourBytesARow) {
  patron_clv_terms terms;
  patron_clv_terms_init(&terms);
  terms.kind = PATRON_CLV_PARETO_NBD;
  const double values[] = {0.55, 10.6, 0.6, 11.7};
  patron_clv_model *model = nullptr;
  ASSERT_EQ(patron_clv_model_create(&terms, values, 4, &model, nullptr), PATRON_OK);
  patron_clv_predict_options options;
  patron_clv_predict_options_init(&options);
  options.horizon = 39;
  patron_table *out = nullptr;
  const double peak = PeakOf([&] {
    ASSERT_EQ(patron_clv_predict(model, table_, nullptr, &options, &out, nullptr), PATRON_OK);
  });
  patron_table_free(out);
  patron_clv_model_free(model);
  EXPECT_GT(peak, 16);  // The two columns of the result.
  EXPECT_LE(peak, 64);
}

INSTANTIATE_TEST_SUITE_P(Rows, ClvMemoryTest, ::testing::Values(false, true),
                         [](const auto &info) { return info.param ? "Different" : "Alike"; });

}  // namespace
}  // namespace patron::faults
