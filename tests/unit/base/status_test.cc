#include "patron/base/status.hpp"

#include <array>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace patron {
namespace {

TEST(StatusTest, NamesColumnRowValueAndExpectation) {
  EXPECT_EQ(InvalidRow("amount", 3, "nan", "a finite number", 2).message(),
            "amount: row 3 is nan; expected a finite number (2 rows in all)");
  EXPECT_EQ(InvalidRow("amount", 3, "nan", "a finite number").message(),
            "amount: row 3 is nan; expected a finite number");
  EXPECT_EQ(InvalidOption("bins", "101", "2 to 100").message(), "bins: 101; expected 2 to 100");
}

TEST(StatusTest, FindsTheFirstNumberThatIsNotFinite) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(CheckFinite("x", std::array{1.0, -0.0, 1e308}).ok());
  EXPECT_TRUE(CheckFinite("x", {}).ok());
  EXPECT_EQ(CheckFinite("x", std::array{1.0, -inf, std::nan("")}).message(),
            "x: row 1 is -inf; expected a finite number (2 rows in all)");
}

TEST(StatusTest, ShowsNumbersThatReadBackEqual) {
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(FormatNumber(12), "12");
  EXPECT_EQ(FormatNumber(std::nan("")), "nan");
  EXPECT_EQ(std::stod(FormatNumber(1.0 / 3)), 1.0 / 3);
}

TEST(StatusTest, QuotedTextIsPrintable) {
  EXPECT_EQ(Quoted("客户 a"), "'客户 a'");
  EXPECT_EQ(Quoted(std::string("a\0\n\xff", 4)), "'a\\x00\\x0a\\xff'");
  EXPECT_EQ(Quoted("\xe5\xae"), "'\\xe5\\xae'");  // A character cut in two.
  const std::string shown = Quoted(std::string(1000, 'x'));
  EXPECT_LT(shown.size(), 100u);
  EXPECT_NE(shown.find("(1000 bytes)"), std::string::npos);
}

}  // namespace
}  // namespace patron
