// Telephone and identity numbers.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "patron/customers/identity_number.hpp"
#include "patron/customers/phone.hpp"

namespace patron::customers {
namespace {

TEST(PhoneTest, WhatPeopleWrite) {
  for (const char *text : {"13800138000", "+86 138 0013 8000", "0086-138-0013-8000",
                           "１３８００１３８０００", "86 13800138000",
                           "\xE2\x80\x8E+86\xC2\xA0"
                           "138.0013.8000"}) {
    const Phone phone = ReadPhone(text, "CN");
    EXPECT_EQ(phone.e164, "+8613800138000") << text;
    EXPECT_TRUE(phone.identity);
  }
  EXPECT_EQ(ReadPhone("13800138000 转 801", "CN").extension, "801");
  EXPECT_EQ(ReadPhone("010-65529988分机12", "CN").extension, "12");
  EXPECT_EQ(ReadPhone("010-65529988x7", "CN").extension, "7");
  EXPECT_EQ(ReadPhone("0755-2345678", "CN").type, PhoneType::kFixedLine);
}

TEST(PhoneTest, ServicesTellNobodyApart) {
  for (const char *text : {"95519", "12345", "400-810-1234", "800-810-1234", "110"}) {
    EXPECT_FALSE(ReadPhone(text, "CN").identity) << text;
  }
  EXPECT_TRUE(ReadPhone("110", "CN").e164.empty());
}

TEST(PhoneTest, WhatIsNone) {
  for (const char *text : {"", "hello", "13800138000 Ann", "+", "++86 13800138000 a", "0",
                           "+0123456789", "+123456", "1234567890123456789"}) {
    EXPECT_TRUE(ReadPhone(text, "CN").e164.empty()) << text;
  }
  EXPECT_TRUE(ReadPhone("13800138000", "").e164.empty());  // No country is assumed.
  EXPECT_TRUE(ReadPhone(std::string(1 << 20, '1'), "CN").e164.empty());
  EXPECT_TRUE(IsPhoneRegion(""));
  EXPECT_FALSE(IsPhoneRegion("XX"));
}

TEST(PhoneTest, CountriesWithoutAPlanKeepTheirNumber) {
  const Phone phone = ReadPhone("+49 30 1234567", "CN");
  EXPECT_EQ(phone.e164, "+49301234567");
  EXPECT_FALSE(phone.valid);
}

TEST(IdentityNumberTest, CheckDigits) {
  // The examples of the standards, and one digit of each changed.
  const struct {
    const char *text;
    IdentityKind kind;
    bool valid;
  } cases[] = {{"11010519491231002X", IdentityKind::kResident, true},
               {"110105194912310021", IdentityKind::kResident, false},
               {"11010519491231002x", IdentityKind::kResident, true},
               {"9144030071526726XG", IdentityKind::kSocialCredit, true},
               {"9144030071526726XH", IdentityKind::kSocialCredit, false},
               {"5299 00T8 BM49 AURS DO55", IdentityKind::kLegalEntity, true},
               {"529900T8BM49AURSDO56", IdentityKind::kLegalEntity, false},
               {"12345", IdentityKind::kNone, false},
               {"", IdentityKind::kNone, false},
               {"１１０１０５１９４９１２３１００２Ｘ", IdentityKind::kResident, true}};
  for (const auto &c : cases) {
    const IdentityNumber number = ReadIdentityNumber(c.text);
    EXPECT_EQ(number.kind, c.kind) << c.text;
    EXPECT_EQ(number.valid, c.valid) << c.text;
  }
}

}  // namespace
}  // namespace patron::customers
