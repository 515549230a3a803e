// Whether a value is what its field says.
#ifndef PATRON_SRC_CUSTOMERS_VALIDITY_HPP_
#define PATRON_SRC_CUSTOMERS_VALIDITY_HPP_

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace patron::customers {

enum class FieldKind {
  kText = 0,
  kName = 1,
  kPhone = 2,     // Fits the numbering plan.
  kEmail = 3,     // Has a sound form and domain.
  kIdentity = 4,  // Its check digit is right.
  kAddress = 5,
  kJob = 6,
  kNumber = 7,  // Reads as a finite number.
  kDate = 8,    // A day of the calendar, 2024-02-29.
};
inline constexpr std::array<std::string_view, 9> kFieldKinds = {
    "text", "name", "phone", "email", "identity", "address", "job", "number", "date"};

// Days after which nothing is left of a value's timeliness in Ballou's linear form, by kind; 0 = not timed.
// Conventions of Patron.
inline constexpr std::array<double, 9> kVolatilityDays = {
    0, 30 * 365.25, 3 * 365.25, 4 * 365.25, 0, 5 * 365.25, 2 * 365.25, 0, 0};

// Whether text is such a value; text with signs of damage never is.
bool IsValid(std::string_view text, FieldKind kind, std::string_view region);

// A regular expression of ICU that whole values must match.
class TextPattern {
 public:
  // Errors: InvalidArgument saying what is wrong with it.
  static absl::StatusOr<TextPattern> Compile(std::string_view expression);
  ~TextPattern();
  TextPattern(TextPattern &&) noexcept;
  TextPattern &operator=(TextPattern &&) noexcept;

  // Errors: ResourceExhausted if it takes too long or too much.
  absl::StatusOr<bool> Matches(std::string_view text) const;

 private:
  struct State;
  explicit TextPattern(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_VALIDITY_HPP_
