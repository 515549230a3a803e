// The life of a customer relationship: potential, prospect, new, mature, dormant, lost, won back.
#ifndef PATRON_LOYALTY_LIFECYCLE_HPP_
#define PATRON_LOYALTY_LIFECYCLE_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

enum class LifeStage : uint8_t {
  kNone,
  kPotential,  // Known of, not spoken to.
  kProspect,   // Spoken to.
  kNew,        // Has bought, and for the first time not long ago.
  kMature,
  kDormant,  // Silent for longer than is usual.
  kLost,
  kWonBack,  // Has bought again after being lost, not long ago.
};

// Whose customer it is, by its share of wallet.
enum class Belongs : uint8_t { kUndetermined, kOurs, kShared, kCompetitors };

// What is known of a customer on a day. At equal days facts count in this order.
enum class LifeFactKind : uint8_t {
  kPotential,  // Is on a list.
  kContact,    // Was spoken to.
  kPurchase,
  kWallet,  // Value: our share of what the customer spends on such things, 0 to 1.
  kAlive,   // Value: the probability that the customer will buy again, 0 to 1.
  kLost,    // Said so, died, moved away.
};

struct LifeFact {
  int32_t day = 0;
  LifeFactKind kind = LifeFactKind::kPurchase;
  double value = 0;

  friend auto operator<=>(const LifeFact &, const LifeFact &) = default;
};

// The rules. Gaps are the days between purchase days; a customer's usual gap is the median of its
// own, if there are `min_gaps` of them, else `default_gap`.
struct LifeRules {
  int32_t new_days = 90;         // After which who is new, or won back, is mature;
  int32_t mature_purchases = 2;  // or on so many purchase days since.
  int32_t min_gaps = 2;
  double default_gap = 90;
  double dormant_gaps = 2;         // Silent for more than so many usual gaps.
  double lost_gaps = 6;            // The same; infinite: never by silence.
  double alive_floor = 0.2;        // Lost below.
  double ours_share = 0.8;         // Of wallet, at least;
  double competitors_share = 0.2;  // theirs at most.
};

// Errors: InvalidArgument naming the rule that is out of its range, or contradicts another.
absl::Status CheckRules(const LifeRules &rules);

// Why a customer changed.
enum class LifeCause : uint8_t {
  kListed,
  kContact,
  kFirstPurchase,
  kPurchases,  // Enough of them.
  kAge,        // Of the relationship, in days.
  kSilence,    // In days.
  kUnlikely,   // Probability of being alive.
  kReported,
  kReturn,  // A purchase after silence or loss.
  kWallet,  // Share of wallet.
};

// A change is an event. `measured` went past `limit`; NaN where the cause has no number.
struct LifeChange {
  int32_t day;
  bool whose;      // Of `Belongs`, else of `LifeStage`.
  uint8_t before;  // As these are numbered.
  uint8_t after;
  LifeCause cause;
  double measured;
  double limit;
};

struct LifeState {
  LifeStage stage = LifeStage::kNone;
  Belongs whose = Belongs::kUndetermined;
  int32_t since = 0;  // Day of the stage.
  int32_t purchase_days = 0;
  int32_t first = kNoPurchase;
  int32_t last = kNoPurchase;
  double usual_gap = 0;  // Days.
  double share = std::numeric_limits<double>::quiet_NaN();
  int32_t next = kNoPurchase;  // Day on which the next change comes by itself; kNoPurchase: none.

  static constexpr int32_t kNoPurchase = std::numeric_limits<int32_t>::min();
};

// Folds the facts of one customer, ascending, up to and with `as_of`, and calls visit(change) for
// each change in order. On one day facts come before what happens by the mere passing of time; a
// second purchase on a day adds nothing. The rules have been checked. Cost: O(f^2) in the purchase
// days at worst, in small steps.
template <typename Visit>
LifeState FoldLife(const LifeRules &rules, std::span<const LifeFact> facts, int32_t as_of,
                   const Visit &visit);

// "potential", "prospect", ...; "ours", ...; "listed", ...; "potential", "contact", "purchase", ...
std::string_view StageName(LifeStage stage);
std::string_view BelongsName(Belongs whose);
std::string_view CauseName(LifeCause cause);
std::string_view FactName(LifeFactKind kind);
inline constexpr size_t kLifeStages = 8, kBelongs = 4, kLifeCauses = 10, kLifeFactKinds = 6;

inline std::string_view StageName(LifeStage stage) {
  static constexpr std::array<std::string_view, kLifeStages> kNames = {
      "none", "potential", "prospect", "new", "mature", "dormant", "lost", "won_back"};
  return kNames[static_cast<size_t>(stage)];
}
inline std::string_view BelongsName(Belongs whose) {
  static constexpr std::array<std::string_view, kBelongs> kNames = {"undetermined", "ours",
                                                                    "shared", "competitors"};
  return kNames[static_cast<size_t>(whose)];
}
inline std::string_view CauseName(LifeCause cause) {
  static constexpr std::array<std::string_view, kLifeCauses> kNames = {
      "listed",  "contact",  "first_purchase", "purchases", "age",
      "silence", "unlikely", "reported",       "return",    "wallet"};
  return kNames[static_cast<size_t>(cause)];
}
inline std::string_view FactName(LifeFactKind kind) {
  static constexpr std::array<std::string_view, kLifeFactKinds> kNames = {
      "potential", "contact", "purchase", "wallet", "alive", "lost"};
  return kNames[static_cast<size_t>(kind)];
}

inline absl::Status CheckRules(const LifeRules &rules) {
  constexpr int32_t kMostDays = 1'000'000;
  const auto whole = [](std::string_view name, int32_t value, int32_t least) {
    if (value >= least && value <= kMostDays) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(value), absl::StrCat(least, " to ", kMostDays));
  };
  PATRON_RETURN_IF_ERROR(whole("new_days", rules.new_days, 1));
  PATRON_RETURN_IF_ERROR(whole("mature_purchases", rules.mature_purchases, 2));
  PATRON_RETURN_IF_ERROR(whole("min_gaps", rules.min_gaps, 1));
  if (!(rules.default_gap >= 1 && rules.default_gap <= kMostDays)) {
    return InvalidOption("default_gap", FormatNumber(rules.default_gap),
                         absl::StrCat("1 to ", kMostDays));
  }
  if (!(rules.dormant_gaps > 0)) {
    return InvalidOption("dormant_gaps", FormatNumber(rules.dormant_gaps), "more than 0");
  }
  if (!(rules.lost_gaps >= rules.dormant_gaps)) {
    return InvalidOption("lost_gaps", FormatNumber(rules.lost_gaps),
                         absl::StrCat("at least dormant_gaps, ", FormatNumber(rules.dormant_gaps)));
  }
  const auto share = [](std::string_view name, double value) {
    if (value >= 0 && value <= 1) return absl::OkStatus();
    return InvalidOption(name, FormatNumber(value), "0 to 1");
  };
  PATRON_RETURN_IF_ERROR(share("alive_floor", rules.alive_floor));
  PATRON_RETURN_IF_ERROR(share("ours_share", rules.ours_share));
  PATRON_RETURN_IF_ERROR(share("competitors_share", rules.competitors_share));
  if (rules.competitors_share < rules.ours_share) return absl::OkStatus();
  return InvalidOption("competitors_share", FormatNumber(rules.competitors_share),
                       absl::StrCat("less than ours_share, ", FormatNumber(rules.ours_share)));
}

namespace detail {

template <typename Visit>
class LifeFold {
 public:
  LifeFold(const LifeRules &rules, const Visit &visit) : rules_(rules), visit_(visit) {
    state_.usual_gap = rules.default_gap;
  }

  // What happens by itself on the days before `day`.
  void PassTo(int32_t day) {
    for (;;) {
      const Timer timer = Next();
      if (timer.stage == LifeStage::kNone || timer.day >= day) return;
      const auto now = static_cast<int32_t>(timer.day);
      if (timer.cause == LifeCause::kAge) {
        Change(now, timer.stage, timer.cause, now - start_, rules_.new_days);
      } else {
        Change(now, timer.stage, timer.cause, now - state_.last, timer.limit);
      }
    }
  }

  void Take(const LifeFact &fact) {
    PassTo(fact.day);
    switch (fact.kind) {
      case LifeFactKind::kPotential:
        if (state_.stage == LifeStage::kNone) {
          Change(fact.day, LifeStage::kPotential, LifeCause::kListed);
        }
        break;
      case LifeFactKind::kContact:
        if (state_.stage <= LifeStage::kPotential ||
            (state_.stage == LifeStage::kLost && state_.purchase_days == 0)) {
          Change(fact.day, LifeStage::kProspect, LifeCause::kContact);
        }
        break;
      case LifeFactKind::kPurchase: Purchase(fact.day); break;
      case LifeFactKind::kWallet: Wallet(fact); break;
      case LifeFactKind::kAlive:
        if (fact.value < rules_.alive_floor && state_.purchase_days > 0 &&
            state_.stage != LifeStage::kLost) {
          Change(fact.day, LifeStage::kLost, LifeCause::kUnlikely, fact.value, rules_.alive_floor);
        }
        break;
      case LifeFactKind::kLost:
        if (state_.stage != LifeStage::kLost) {
          Change(fact.day, LifeStage::kLost, LifeCause::kReported);
        }
        break;
    }
  }

  LifeState Finish() {
    const Timer timer = Next();
    if (timer.stage != LifeStage::kNone && timer.day <= std::numeric_limits<int32_t>::max()) {
      state_.next = static_cast<int32_t>(timer.day);
    }
    return state_;
  }

 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  struct Timer {
    int64_t day = 0;
    LifeStage stage = LifeStage::kNone;  // To which it leads.
    LifeCause cause = LifeCause::kAge;
    double limit = 0;
  };

  void Change(int32_t day, LifeStage stage, LifeCause cause, double measured = kNaN,
              double limit = kNaN) {
    visit_(LifeChange{day, false, static_cast<uint8_t>(state_.stage), static_cast<uint8_t>(stage),
                      cause, measured, limit});
    state_.stage = stage;
    state_.since = day;
  }

  void Purchase(int32_t day) {
    if (state_.purchase_days > 0 && day == state_.last) return;
    if (state_.purchase_days > 0) AddGap(day - state_.last);
    const int32_t silence = state_.purchase_days > 0 ? day - state_.last : 0;
    ++state_.purchase_days;
    state_.last = day;
    if (state_.purchase_days == 1) {
      state_.first = day;
      Begin(day);
      Change(day, LifeStage::kNew, LifeCause::kFirstPurchase);
      return;
    }
    ++since_start_;
    switch (state_.stage) {
      case LifeStage::kLost:
        Begin(day);
        Change(day, LifeStage::kWonBack, LifeCause::kReturn, silence);
        break;
      case LifeStage::kDormant: Change(day, LifeStage::kMature, LifeCause::kReturn, silence); break;
      case LifeStage::kNew:
      case LifeStage::kWonBack:
        if (since_start_ >= rules_.mature_purchases) {
          Change(day, LifeStage::kMature, LifeCause::kPurchases, since_start_,
                 rules_.mature_purchases);
        }
        break;
      default: break;
    }
  }

  void Begin(int32_t day) {
    start_ = day;
    since_start_ = 1;
  }

  void AddGap(int32_t gap) {
    gaps_.insert(std::ranges::upper_bound(gaps_, gap), gap);
    const size_t n = gaps_.size();
    if (n < static_cast<size_t>(rules_.min_gaps)) return;
    state_.usual_gap = 0.5 * (double{1} * gaps_[(n - 1) / 2] + gaps_[n / 2]);
  }

  void Wallet(const LifeFact &fact) {
    const Belongs whose = fact.value >= rules_.ours_share          ? Belongs::kOurs
                          : fact.value <= rules_.competitors_share ? Belongs::kCompetitors
                                                                   : Belongs::kShared;
    state_.share = fact.value;
    if (whose == state_.whose) return;
    const double limit = whose == Belongs::kOurs                 ? rules_.ours_share
                         : whose == Belongs::kCompetitors        ? rules_.competitors_share
                         : state_.whose == Belongs::kOurs        ? rules_.ours_share
                         : state_.whose == Belongs::kCompetitors ? rules_.competitors_share
                                                                 : kNaN;
    visit_(LifeChange{fact.day, true, static_cast<uint8_t>(state_.whose),
                      static_cast<uint8_t>(whose), LifeCause::kWallet, fact.value, limit});
    state_.whose = whose;
  }

  // The first day on which silence is more than that of so many usual gaps.
  Timer SilenceTimer(double gaps, LifeStage stage) const {
    const double limit = gaps * state_.usual_gap;
    if (!(limit < 1e9)) return {};
    return {state_.last + static_cast<int64_t>(std::floor(limit)) + 1, stage, LifeCause::kSilence,
            limit};
  }

  Timer Next() const {
    if (state_.purchase_days == 0 || state_.stage == LifeStage::kLost) return {};
    Timer next;
    const auto consider = [&](const Timer &timer) {
      if (timer.stage == LifeStage::kNone) return;
      if (next.stage == LifeStage::kNone || timer.day < next.day) next = timer;
    };
    // Where two fall on one day, who is lost is not dormant before.
    consider(SilenceTimer(rules_.lost_gaps, LifeStage::kLost));
    if (state_.stage != LifeStage::kDormant) {
      consider(SilenceTimer(rules_.dormant_gaps, LifeStage::kDormant));
    }
    if (state_.stage == LifeStage::kNew || state_.stage == LifeStage::kWonBack) {
      consider({int64_t{start_} + rules_.new_days, LifeStage::kMature, LifeCause::kAge, 0});
    }
    return next;
  }

  const LifeRules &rules_;
  const Visit &visit_;
  LifeState state_;
  int32_t start_ = 0;          // Of the relationship, or of its second beginning.
  int32_t since_start_ = 0;    // Purchase days since.
  std::vector<int32_t> gaps_;  // Ascending.
};

}  // namespace detail

template <typename Visit>
LifeState FoldLife(const LifeRules &rules, std::span<const LifeFact> facts, int32_t as_of,
                   const Visit &visit) {
  detail::LifeFold<Visit> fold(rules, visit);
  for (const LifeFact &fact : facts) {
    if (fact.day > as_of) break;
    fold.Take(fact);
  }
  if (as_of < std::numeric_limits<int32_t>::max()) fold.PassTo(as_of + 1);
  return fold.Finish();
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_LIFECYCLE_HPP_
