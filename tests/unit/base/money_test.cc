#include "patron/base/money.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace patron {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

int64_t Units(double value, int decimals = 4) {
  int64_t units = 0;
  EXPECT_EQ(UnitsFromDouble(value, decimals, units), MoneyProblem::kNone) << value;
  return units;
}

// Half-even rounding of value x 10^decimals by integers alone: value is m x 2^e.
Int128 ExactUnits(double value, int decimals) {
  int exponent = 0;
  const auto mantissa = static_cast<int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  exponent -= 53;
  const Int128 product = static_cast<Int128>(mantissa) * PowerOfTen(decimals);
  if (exponent >= 0) return product << exponent;
  const int shift = -exponent;
  if (shift > 100) return 0;
  const Int128 floor = product >> shift;
  const Int128 rest = product - (floor << shift);
  const Int128 half = static_cast<Int128>(1) << (shift - 1);
  if (rest > half || (rest == half && (floor & 1) != 0)) return floor + 1;
  return floor;
}

uint64_t Next(uint64_t &state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state ^ (state >> 29);
}

TEST(MoneyTest, PricesAreWhatTheyAreWritten) {
  EXPECT_EQ(Units(12.34), 123400);
  EXPECT_EQ(Units(-0.1), -1000);
  EXPECT_EQ(Units(0.0), 0);
  EXPECT_EQ(Units(-0.0), 0);
  EXPECT_EQ(Units(19.99, 2), 1999);
  EXPECT_EQ(Units(1.0, 0), 1);
  EXPECT_EQ(Units(1e-9, 9), 1);
}

TEST(MoneyTest, TheMiddleGoesToTheEvenUnit) {
  // Exact binary fractions: 0.03125 x 10^4 = 312.5, 0.09375 x 10^4 = 937.5.
  EXPECT_EQ(Units(0.03125), 312);
  EXPECT_EQ(Units(0.09375), 938);
  EXPECT_EQ(Units(-0.03125), -312);
  EXPECT_EQ(Units(-0.09375), -938);
  EXPECT_EQ(Units(0.5, 0), 0);
  EXPECT_EQ(Units(1.5, 0), 2);
  EXPECT_EQ(Units(2.5, 0), 2);
  EXPECT_EQ(Units(-2.5, 0), -2);
}

TEST(MoneyTest, AProductThatOnlyRoundsToTheMiddleIsNotInTheMiddle) {
  // 0.00005 is stored as 5.00000000000000023960868011929E-5: above half a unit, though x 10^4 gives 0.5.
  ASSERT_EQ(0.00005 * 1e4, 0.5);
  EXPECT_EQ(Units(0.00005), 1);
  EXPECT_EQ(Units(-0.00005), -1);
  // 1.005 is stored as 1.00499999999999989...: below the middle, though x 10^2 gives 100.49999999999999.
  EXPECT_EQ(Units(1.005, 2), 100);
  // 0.285 and 0.575 are stored a little below what is written.
  EXPECT_EQ(Units(0.285, 2), 28);
  EXPECT_EQ(Units(0.575, 2), 57);
}

TEST(MoneyTest, RoundsAsExactIntegersDo) {
  uint64_t state = 1;
  for (int i = 0; i < 200'000; ++i) {
    const int decimals = static_cast<int>(Next(state) % 10);
    // Magnitudes from far below a unit to the end of the range, and middles between two units.
    double value =
        std::ldexp(static_cast<double>(Next(state) >> 11), static_cast<int>(Next(state) % 90) - 85);
    if (i % 3 == 0) {
      value = (static_cast<double>(Next(state) >> (12 + Next(state) % 50)) + 0.5) /
              static_cast<double>(PowerOfTen(decimals));
    }
    if (i % 2 == 0) value = -value;
    const Int128 expected = ExactUnits(value, decimals);
    int64_t units = 0;
    const MoneyProblem problem = UnitsFromDouble(value, decimals, units);
    if (expected > kMaxMoney || expected < -kMaxMoney) {
      ASSERT_EQ(problem, MoneyProblem::kOutOfRange) << value << " " << decimals;
    } else {
      ASSERT_EQ(problem, MoneyProblem::kNone) << value << " " << decimals;
      ASSERT_EQ(units, static_cast<int64_t>(expected)) << std::hexfloat << value << " " << decimals;
    }
  }
}

TEST(MoneyTest, RefusesWhatIsNoAmount) {
  int64_t units = 7;
  EXPECT_EQ(UnitsFromDouble(kNan, 4, units), MoneyProblem::kNotFinite);
  EXPECT_EQ(UnitsFromDouble(kInfinity, 4, units), MoneyProblem::kNotFinite);
  EXPECT_EQ(UnitsFromDouble(-kInfinity, 4, units), MoneyProblem::kNotFinite);
  EXPECT_EQ(UnitsFromDouble(1e300, 4, units), MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDouble(922337203685477.75, 4, units), MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDouble(-0x1p63, 0, units),
            MoneyProblem::kOutOfRange);  // Has no positive twin.
  EXPECT_EQ(units, 7);
}

TEST(MoneyTest, LargeAmountsKeepEveryUnit) {
  // The largest doubles below 2^63 units.
  EXPECT_EQ(Units(0x1.fffffffffffffp62, 0), 9223372036854774784);
  EXPECT_EQ(Units(-0x1.fffffffffffffp62, 0), -9223372036854774784);
  // 922337203685477.5 x 10^4.
  EXPECT_EQ(Units(922337203685477.5), 9223372036854775000);
}

TEST(MoneyTest, DecimalsRescale) {
  int64_t units = 0;
  EXPECT_EQ(UnitsFromDecimal(1234, 2, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(units, 123400);
  EXPECT_EQ(UnitsFromDecimal(12, -2, 4, units), MoneyProblem::kNone);  // 1200
  EXPECT_EQ(units, 12'000'000);
  EXPECT_EQ(UnitsFromDecimal(123'450, 5, 4, units), MoneyProblem::kNone);  // 1.2345|0
  EXPECT_EQ(units, 12345);
  EXPECT_EQ(UnitsFromDecimal(5, 5, 4, units), MoneyProblem::kNone);  // Half a unit.
  EXPECT_EQ(units, 0);
  EXPECT_EQ(UnitsFromDecimal(15, 5, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(units, 2);
  EXPECT_EQ(UnitsFromDecimal(-15, 5, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(units, -2);
  EXPECT_EQ(UnitsFromDecimal(-25, 5, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(units, -2);
}

TEST(MoneyTest, DecimalsAtTheEndsOfTheirRange) {
  int64_t units = 0;
  Int128 most = 1;
  for (int i = 0; i < 38; ++i) most *= 10;
  --most;  // 38 nines, the largest decimal128.
  EXPECT_EQ(UnitsFromDecimal(most, 38, 4, units), MoneyProblem::kNone);  // A little below 1.
  EXPECT_EQ(units, 10'000);
  EXPECT_EQ(UnitsFromDecimal(most, 42, 4, units),
            MoneyProblem::kNone);  // 0.9999... units of 10^-4.
  EXPECT_EQ(units, 1);
  EXPECT_EQ(UnitsFromDecimal(most, 43, 4, units), MoneyProblem::kNone);  // A tenth of that.
  EXPECT_EQ(units, 0);
  EXPECT_EQ(UnitsFromDecimal(most, 0, 0, units), MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDecimal(-most, -1000, 9, units), MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDecimal(0, -1000, 9, units), MoneyProblem::kNone);
  EXPECT_EQ(units, 0);
  EXPECT_EQ(UnitsFromDecimal(most, 1000, 0, units), MoneyProblem::kNone);
  EXPECT_EQ(units, 0);
  EXPECT_EQ(UnitsFromDecimal(kMaxMoney, 4, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(units, kMaxMoney);
  EXPECT_EQ(UnitsFromDecimal(Int128{kMaxMoney} + 1, 4, 4, units), MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDecimal(std::numeric_limits<int64_t>::min(), 4, 4, units),
            MoneyProblem::kOutOfRange);
  EXPECT_EQ(UnitsFromDecimal(kMaxMoney / 10'000, 0, 4, units), MoneyProblem::kNone);
  EXPECT_EQ(UnitsFromDecimal(kMaxMoney / 10'000 + 1, 0, 4, units), MoneyProblem::kOutOfRange);
}

TEST(MoneyTest, DecimalBytesAreLittleEndianTwosComplement) {
  std::array<unsigned char, 16> bytes{};
  bytes[0] = 0x39;
  bytes[1] = 0x30;
  EXPECT_EQ(LoadDecimal128(bytes.data()), 12345);
  bytes.fill(0xFF);
  EXPECT_EQ(LoadDecimal128(bytes.data()), -1);
  bytes.fill(0);
  bytes[8] = 1;
  EXPECT_TRUE(LoadDecimal128(bytes.data()) == static_cast<Int128>(1) << 64);
}

TEST(MoneyTest, ColumnsConvertAsValuesDo) {
  // Longer than a block, with middles, large amounts and negative ones in it.
  std::vector<double> values;
  uint64_t state = 9;
  for (int i = 0; i < 5000; ++i) {
    values.push_back(
        static_cast<double>(static_cast<int64_t>(Next(state) % 2'000'001) - 1'000'000) / 64.0);
  }
  values[2000] = 0x1p52;
  for (const int decimals : {0, 4, 9}) {
    std::vector<int64_t> units(values.size());
    const size_t done = UnitsFromDoubles(values, decimals, units);
    const size_t sound = decimals == 0 ? values.size() : 2000;  // 2^52 x 10^4 is past the range.
    ASSERT_EQ(done, sound);
    for (size_t i = 0; i < done; ++i) {
      ASSERT_EQ(units[i], static_cast<int64_t>(ExactUnits(values[i], decimals))) << values[i];
    }
  }
}

TEST(MoneyTest, ColumnsStopAtTheFirstThatIsNoAmount) {
  for (const double bad : {kNan, kInfinity, -kInfinity, 1e18, -1e18}) {
    std::vector<double> values(3000, 1.25);
    std::vector<int64_t> units(3000);
    values[2500] = bad;
    values[2700] = bad;
    EXPECT_EQ(UnitsFromDoubles(values, 4, units), 2500u) << bad;
    EXPECT_EQ(units[2499], 12500);
  }
  std::vector<int64_t> none;
  EXPECT_EQ(UnitsFromDoubles({}, 4, none), 0u);
}

TEST(MoneyTest, CurrencyIsTheNearestDouble) {
  EXPECT_EQ(CurrencyFromUnits(Int128{123400}, 4), 12.34);
  EXPECT_EQ(CurrencyFromUnits(Int128{-1}, 4), -0.0001);
  EXPECT_EQ(CurrencyFromUnits(Int128{0}, 9), 0.0);
  // Correctly rounded decimal literals beyond 2^53 units.
  EXPECT_EQ(CurrencyFromUnits(Int128{9223372036854775807}, 4), 922337203685477.5807);
  EXPECT_EQ(CurrencyFromUnits(Int128{-9223372036854775807}, 9), -9223372036.854775807);
  EXPECT_EQ(CurrencyFromUnits(Int128{9007199254740993}, 4), 900719925474.0993);
  EXPECT_EQ(CurrencyFromUnits(Int128{9007199254740993}, 0), 9007199254740992.0);  // Tie to even.
  EXPECT_EQ(CurrencyFromUnits(Int128{9007199254740995}, 0), 9007199254740996.0);
  const Int128 sum = static_cast<Int128>(9223372036854775807) * 1'000'003;
  EXPECT_EQ(CurrencyFromUnits(sum, 4), 922339970697088637132.7421);  // By the decimal module.
  const Int128 least = static_cast<Int128>(1) << 126;
  EXPECT_EQ(CurrencyFromUnits(-least * 2, 0), -0x1p127);
}

TEST(MoneyTest, EveryAmountReturnsFromItsDouble) {
  uint64_t state = 5;
  for (int i = 0; i < 100'000; ++i) {
    const int decimals = static_cast<int>(Next(state) % 10);
    const auto units = static_cast<int64_t>(Next(state) >> (12 + Next(state) % 52));  // Below 2^52.
    ASSERT_EQ(Units(CurrencyFromUnits(Int128{units}, decimals), decimals), units);
  }
}

TEST(MoneyTest, MeansAreRoundedOnce) {
  EXPECT_EQ(MeanFromUnits(10'000, 3, 4), 1.0 / 3.0);
  EXPECT_EQ(MeanFromUnits(-20'000, 3, 4), -2.0 / 3.0);
  EXPECT_EQ(MeanFromUnits(Int128{9007199254740993} * 3, 3, 0), 9007199254740992.0);
  EXPECT_NEAR(MeanFromUnits(Int128{kMaxMoney} * 1000, uint64_t{1} << 60, 9),
              9223372036.854775807 * 1000 / 0x1p60, 1e-20);
}

TEST(MoneyTest, SumsNarrowOrAreRefused) {
  int64_t units = 3;
  EXPECT_TRUE(NarrowMoney(kMaxMoney, units));
  EXPECT_EQ(units, kMaxMoney);
  EXPECT_TRUE(NarrowMoney(-Int128{kMaxMoney}, units));
  EXPECT_EQ(units, -kMaxMoney);
  EXPECT_FALSE(NarrowMoney(Int128{kMaxMoney} + 1, units));
  EXPECT_FALSE(NarrowMoney(-Int128{kMaxMoney} - 1, units));
  EXPECT_EQ(units, -kMaxMoney);
}

TEST(MoneyTest, TextShowsEveryPlace) {
  EXPECT_EQ(FormatMoney(123400, 4), "12.3400");
  EXPECT_EQ(FormatMoney(-5, 4), "-0.0005");
  EXPECT_EQ(FormatMoney(0, 2), "0.00");
  EXPECT_EQ(FormatMoney(-42, 0), "-42");
  EXPECT_EQ(FormatMoney(kMaxMoney, 4), "922337203685477.5807");
  EXPECT_EQ(FormatMoney(static_cast<Int128>(1) << 126, 0),
            "85070591730234615865843651857942052864");
  EXPECT_EQ(FormatMoney(-(static_cast<Int128>(1) << 126) * 2, 9),
            "-170141183460469231731687303715.884105728");
}

TEST(MoneyTest, MessagesNameTheRange) {
  const absl::Status range = InvalidMoney("amount", 3, "1e+300", MoneyProblem::kOutOfRange, 4);
  EXPECT_EQ(range.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(range.message(),
            "amount: row 3 is 1e+300; expected an amount between -922337203685477.5807 and "
            "922337203685477.5807");
  const absl::Status finite = InvalidMoney("amount", 0, "nan", MoneyProblem::kNotFinite, 4, 2);
  EXPECT_EQ(finite.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(finite.message(), "amount: row 0 is nan; expected a finite number (2 rows in all)");
}

TEST(MoneyTest, DecimalsAreZeroToNine) {
  EXPECT_TRUE(CheckDecimals("decimals", 0).ok());
  EXPECT_TRUE(CheckDecimals("decimals", 9).ok());
  EXPECT_EQ(CheckDecimals("decimals", 10).message(), "decimals: 10; expected 0 to 9");
  EXPECT_FALSE(CheckDecimals("decimals", -1).ok());
}

}  // namespace
}  // namespace patron
