// Sequences in pieces: what is added, what is dropped, and that nothing moves.
#include "patron/base/pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace patron {
namespace {

TEST(PiecesTest, HoldsWhatAVectorWould) {
  Pieces<int64_t, 8> pieces;
  std::vector<int64_t> expected;
  uint64_t random = 1;
  for (int round = 0; round < 200; ++round) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const auto count = static_cast<size_t>(random >> 60);
    for (size_t i = 0; i < count; ++i) {
      expected.push_back(round * 100 + static_cast<int64_t>(i));
      EXPECT_EQ(pieces.push_back(expected.back()), expected.back());
    }
    // All lengths around the border of a piece are cut to.
    if (round % 3 == 0) {
      const size_t size = expected.size() - std::min<size_t>(expected.size(), random >> 58 & 15);
      expected.resize(size);
      pieces.Truncate(size);
    }
    ASSERT_EQ(pieces.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(pieces[i], expected[i]) << round;
    std::vector<int64_t> visited;
    pieces.ForEach([&](int64_t one) { visited.push_back(one); });
    ASSERT_EQ(visited, expected);
    ASSERT_GE(pieces.capacity(), pieces.size());
    ASSERT_LE(pieces.capacity(), pieces.size() + 16);
  }
  pieces.Truncate(pieces.size() + 1);  // Longer than it is: nothing to drop.
  EXPECT_EQ(pieces.size(), expected.size());
  pieces.Truncate(0);
  EXPECT_TRUE(pieces.empty());
}

TEST(PiecesTest, ElementsOfFullPiecesStay) {
  Pieces<int64_t, 4> pieces;
  for (int64_t i = 0; i < 4; ++i) pieces.push_back(i);
  const int64_t *const first = &pieces[0];
  for (int64_t i = 4; i < 6; ++i) pieces.push_back(i);
  const int64_t *const fifth = &pieces[4];
  for (int64_t i = 6; i < 1000; ++i) pieces.push_back(i);
  EXPECT_EQ(&pieces[0], first);
  EXPECT_EQ(&pieces[4], fifth);
  EXPECT_EQ(first[3], 3);
}

TEST(PiecesTest, SortAcrossTheirEdges) {
  std::mt19937_64 random(3);
  Pieces<int, 4096> pieces;
  std::vector<int> values;
  for (int i = 0; i < 10'000; ++i) {
    values.push_back(static_cast<int>(random() % 3000));
    pieces.push_back(values.back());
  }
  ASSERT_EQ(pieces.size(), values.size());
  std::sort(values.begin(), values.end());
  std::sort(pieces.begin(), pieces.end());
  for (size_t i = 0; i < values.size(); ++i) {
    pieces.LetGoBefore(i);
    ASSERT_EQ(pieces[i], values[i]) << i;
  }
}

}  // namespace
}  // namespace patron
