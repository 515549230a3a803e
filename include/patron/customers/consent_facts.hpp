// The facts of one person, the first of them where the person stands.
#ifndef PATRON_CUSTOMERS_CONSENT_FACTS_HPP_
#define PATRON_CUSTOMERS_CONSENT_FACTS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "patron/customers/consent.hpp"

namespace patron::customers {

// A fact as it is kept.
struct ConsentFact {
  int64_t time, expires;
  uint32_t line, purpose;
  uint32_t fields, channels;  // Scopes of Purposes.
  uint32_t detail;            // Place of its texts.
  ConsentStatus status;
  uint8_t basis;
  bool sensitive, minor;
};

namespace detail {

// A list of facts with room for a few without memory of their own, so that a question finds them where
// it finds the person. A call that throws changes nothing.
class ConsentFacts {
 public:
  ConsentFacts() = default;
  ConsentFacts(ConsentFacts &&other) noexcept
      : size_(std::exchange(other.size_, 0)),
        room_(std::exchange(other.room_, kFew)),
        few_(other.few_),
        many_(std::move(other.many_)) {}
  ConsentFacts &operator=(ConsentFacts &&other) noexcept {
    few_ = other.few_;
    many_ = std::move(other.many_);
    size_ = std::exchange(other.size_, 0);
    room_ = std::exchange(other.room_, kFew);
    return *this;
  }

  std::span<const ConsentFact> all() const {
    return {room_ == kFew ? few_.data() : many_.get(), size_};
  }

  void Insert(size_t at, const ConsentFact &fact) {
    if (size_ == room_) {
      auto wider = std::make_unique<ConsentFact[]>(size_t{room_} * 2);
      std::ranges::copy(all(), wider.get());
      many_ = std::move(wider);
      room_ *= 2;
    }
    ConsentFact *facts = room_ == kFew ? few_.data() : many_.get();
    std::copy_backward(facts + at, facts + size_, facts + size_ + 1);
    facts[at] = fact;
    ++size_;
  }

  void Erase(size_t at) {
    ConsentFact *facts = room_ == kFew ? few_.data() : many_.get();
    std::copy(facts + at + 1, facts + size_, facts + at);
    --size_;
  }

 private:
  static constexpr uint32_t kFew = 2;
  uint32_t size_ = 0, room_ = kFew;
  std::array<ConsentFact, kFew> few_{};
  std::unique_ptr<ConsentFact[]> many_;  // Once there have been more.
};

}  // namespace detail
}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CONSENT_FACTS_HPP_
