// Suggests the category of a complaint from its text, in any script.
#ifndef PATRON_COMPLAINTS_CATEGORY_MODEL_HPP_
#define PATRON_COMPLAINTS_CATEGORY_MODEL_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/random.hpp"
#include "patron/base/status.hpp"

namespace patron::complaints {

// How a model is trained. It is the same on every machine up to the last bits of exp and log.
struct CategoryOptions {
  int bits = 16;          // 2^bits weights a category, 8 to 22.
  int epochs = 10;        // Passes over the texts, 1 to 1000.
  double rate = 0.5;      // Of the first step of each weight (AdaGrad, Duchi et al. 2011), above 0.
  double penalty = 1e-6;  // Ridge, a text, 0 or more.
  uint64_t seed = 1;      // Of the order of the texts.
};

// A text as the model sees it: the logarithmic counts of its n-grams, of length 1. N-grams are 2 to 4
// neighbouring characters (ASCII letters small, runs of spaces as one, one at either end), which need
// no segmenter of Chinese, and 1 or 2 neighbouring words; each is hashed to one of 2^bits places.
struct TextFeature {
  uint32_t place;
  float value;
};
void ExtractFeatures(std::string_view text, int bits, std::vector<TextFeature> &features);

// Multinomial logistic regression over hashed n-grams.
class CategoryModel {
 public:
  // Learns from texts and the category of each, which is text that is not empty; there are at least
  // two categories, at most 1000. Equal rows in another order give another, equally good model.
  // Errors: InvalidArgument for options out of range, columns of unequal length, an empty category
  // and too few or too many of them; ResourceExhausted for a model past 2^28 weights. Cost: epochs *
  // n-grams * categories.
  static absl::StatusOr<CategoryModel> Fit(std::span<const std::string_view> texts,
                                           std::span<const std::string_view> categories,
                                           const CategoryOptions &options = {});

  // From its parts: rising categories, one bias each, the places that have weights, rising, and the
  // weights of all categories for the first of them, then for the second, ... Errors:
  // InvalidArgument. Memory: 4 * 2^bits bytes besides the parts.
  static absl::StatusOr<CategoryModel> FromParts(std::vector<std::string> categories, int bits,
                                                 std::vector<float> bias,
                                                 std::vector<uint32_t> places,
                                                 std::vector<float> weights);

  const std::vector<std::string> &categories() const { return categories_; }
  int bits() const { return bits_; }
  std::span<const float> bias() const { return bias_; }
  std::span<const uint32_t> places() const { return places_; }
  std::span<const float> weights() const { return weights_; }

  // Probabilities of all categories for one text. `scratch` is reused from call to call. Cost:
  // n-grams * categories.
  void Probabilities(std::string_view text, std::vector<TextFeature> &scratch,
                     std::span<double> probabilities) const;

 private:
  CategoryModel(std::vector<std::string> categories, int bits);

  static constexpr uint32_t kNoRow = UINT32_MAX;

  void Score(std::span<const TextFeature> features, std::span<double> probabilities) const;

  std::vector<std::string> categories_;
  int bits_;
  std::vector<float> bias_, weights_;
  std::vector<uint32_t> places_;  // Those that texts of the training had.
  std::vector<uint32_t> row_;     // Of each place among these; kNoRow for the others.
};

// How well suggestions fit, of each category and over all: for an answer that is withheld no
// category is found.
struct CategoryScores {
  std::vector<int64_t> support;               // Texts of the category.
  std::vector<double> precision, recall, f1;  // NaN for precision without a suggestion, recall
                                              // without a text; F1 is 0 where nothing was found.
  double accuracy = 0;                        // Of the answers that are given.
  double coverage = 0;                        // Share of texts with an answer.
  double macro_f1 = 0;  // Mean over categories that have texts or suggestions.
};

// `truth` and `suggested` are places of categories, -1 for one that is unknown or withheld.
CategoryScores ScoreCategories(std::span<const int32_t> truth, std::span<const int32_t> suggested,
                               size_t categories);

namespace detail {

// Mixes a number so that its low bits depend on all of it (the finaliser of SplitMix64).
inline uint64_t MixBits(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// The next character; bytes that are not UTF-8 stand for themselves.
inline uint32_t NextCharacter(std::string_view text, size_t &at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const uint32_t first = byte(at);
  const size_t length = first < 0xC2   ? 1
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 1;
  if (length == 1 || at + length > text.size()) {
    ++at;
    return first;
  }
  uint32_t character = first & (0x7FU >> length);
  for (size_t k = 1; k < length; ++k) {
    if ((byte(at + k) & 0xC0U) != 0x80U) {
      ++at;
      return first;
    }
    character = (character << 6U) | (byte(at + k) & 0x3FU);
  }
  at += length;
  return character;
}

inline bool IsSpace(uint32_t c) { return c <= 0x20 || c == 0xA0 || c == 0x3000; }

// Part of a word: letters, digits and everything beyond ASCII but its punctuation.
inline bool IsWord(uint32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  return !IsSpace(c) && !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3001 && c <= 0x303F) &&
         !(c >= 0xFF00 && c <= 0xFF0F);
}

}  // namespace detail

inline void ExtractFeatures(std::string_view text, int bits, std::vector<TextFeature> &features) {
  features.clear();
  const uint64_t mask = (uint64_t{1} << static_cast<unsigned>(bits)) - 1;
  const auto add = [&](uint64_t hash) {
    features.push_back({static_cast<uint32_t>(detail::MixBits(hash) & mask), 1});
  };
  constexpr uint64_t kStep = 0x9E3779B97F4A7C15U;
  // The last four characters, and the hash of the word so far and of the one before.
  uint32_t last[4] = {};
  size_t seen = 0;
  uint64_t word = 0, before = 0;
  const auto character = [&](uint32_t c) {
    last[0] = last[1];
    last[1] = last[2];
    last[2] = last[3];
    last[3] = c;
    ++seen;
    uint64_t hash = 0;
    for (size_t n = 1; n <= 4; ++n) {
      hash = detail::MixBits(hash + kStep * (last[4 - n] + 1));
      if (n >= 2 && n <= seen) add(hash + n);
    }
    if (detail::IsWord(c)) {
      word = detail::MixBits(word + kStep * (c + 1));
    } else if (word != 0) {
      add(word + 5);
      if (before != 0) add(detail::MixBits(before) + word + 6);
      before = word;
      word = 0;
    }
  };
  bool space = true;
  character(' ');
  for (size_t at = 0; at < text.size();) {
    uint32_t c = detail::NextCharacter(text, at);
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
    if (detail::IsSpace(c)) {
      if (!space) character(' ');
      space = true;
    } else {
      character(c);
      space = false;
    }
  }
  if (!space) character(' ');
  // Equal places become one.
  std::ranges::sort(features, {}, &TextFeature::place);
  size_t kept = 0;
  double squares = 0;
  for (size_t from = 0; from < features.size();) {
    size_t to = from;
    while (to < features.size() && features[to].place == features[from].place) ++to;
    const double value = 1 + std::log(static_cast<double>(to - from));
    squares += value * value;
    features[kept++] = {features[from].place, static_cast<float>(value)};
    from = to;
  }
  features.resize(kept);
  const auto scale = static_cast<float>(1 / std::sqrt(std::max(squares, 1e-300)));
  for (TextFeature &feature : features) feature.value *= scale;
}

inline CategoryModel::CategoryModel(std::vector<std::string> categories, int bits)
    : categories_(std::move(categories)), bits_(bits) {}

inline void CategoryModel::Score(std::span<const TextFeature> features,
                                 std::span<double> probabilities) const {
  const size_t k = categories_.size();
  for (size_t c = 0; c < k; ++c) probabilities[c] = static_cast<double>(bias_[c]);
  for (const TextFeature &feature : features) {
    if (row_[feature.place] == kNoRow) continue;
    const float *weights = &weights_[row_[feature.place] * k];
    for (size_t c = 0; c < k; ++c) {
      probabilities[c] += static_cast<double>(feature.value) * static_cast<double>(weights[c]);
    }
  }
  const double highest = *std::ranges::max_element(probabilities);
  double sum = 0;
  for (double &p : probabilities) {
    p = std::exp(p - highest);
    sum += p;
  }
  for (double &p : probabilities) p /= sum;
}

inline void CategoryModel::Probabilities(std::string_view text, std::vector<TextFeature> &scratch,
                                         std::span<double> probabilities) const {
  ExtractFeatures(text, bits_, scratch);
  Score(scratch, probabilities);
}

inline absl::StatusOr<CategoryModel> CategoryModel::FromParts(std::vector<std::string> categories,
                                                              int bits, std::vector<float> bias,
                                                              std::vector<uint32_t> places,
                                                              std::vector<float> weights) {
  if (bits < 8 || bits > 22) return InvalidOption("bits", absl::StrCat(bits), "8 to 22");
  if (categories.size() < 2 || categories.size() > 1000) {
    return InvalidOption("categories", absl::StrCat(categories.size()), "2 to 1000 of them");
  }
  for (size_t i = 0; i < categories.size(); ++i) {
    if (!categories[i].empty() && (i == 0 || categories[i - 1] < categories[i])) continue;
    return InvalidRow("categories", i, Quoted(categories[i]), "rising text that is not empty");
  }
  if (bias.size() != categories.size() || weights.size() != places.size() * categories.size()) {
    return InvalidOption("weights", absl::StrCat(weights.size(), " and ", bias.size(), " biases"),
                         absl::StrCat(places.size(), " for each of ", categories.size()));
  }
  const size_t count = size_t{1} << static_cast<unsigned>(bits);
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] < count && (i == 0 || places[i - 1] < places[i])) continue;
    return InvalidRow("places", i, absl::StrCat(places[i]), absl::StrCat("rising, below ", count));
  }
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(bias, finite) || !std::ranges::all_of(weights, finite)) {
    return InvalidOption("weights", "some not finite", "finite numbers");
  }
  CategoryModel model(std::move(categories), bits);
  model.bias_ = std::move(bias);
  model.weights_ = std::move(weights);
  model.places_ = std::move(places);
  model.row_.assign(count, kNoRow);
  for (size_t i = 0; i < model.places_.size(); ++i) {
    model.row_[model.places_[i]] = static_cast<uint32_t>(i);
  }
  return model;
}

inline absl::StatusOr<CategoryModel> CategoryModel::Fit(
    std::span<const std::string_view> texts, std::span<const std::string_view> categories,
    const CategoryOptions &options) {
  if (categories.size() != texts.size()) {
    return InvalidOption("category", absl::StrCat(categories.size(), " rows"),
                         absl::StrCat(texts.size(), " as in text"));
  }
  if (options.epochs < 1 || options.epochs > 1000) {
    return InvalidOption("epochs", absl::StrCat(options.epochs), "1 to 1000");
  }
  if (!(options.rate > 0) || options.rate > 1000) {
    return InvalidOption("rate", FormatNumber(options.rate), "above 0, at most 1000");
  }
  if (!(options.penalty >= 0) || options.penalty > 1) {
    return InvalidOption("penalty", FormatNumber(options.penalty), "0 to 1");
  }
  for (size_t i = 0; i < categories.size(); ++i) {
    if (categories[i].empty()) return InvalidRow("category", i, "empty", "text");
  }
  std::vector<std::string> names(categories.begin(), categories.end());
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const size_t k = names.size();
  std::vector<uint32_t> label(categories.size());
  for (size_t i = 0; i < categories.size(); ++i) {
    const auto at = std::ranges::lower_bound(
        names, categories[i], {}, [](const std::string &s) { return std::string_view(s); });
    label[i] = static_cast<uint32_t>(at - names.begin());
  }
  if (options.bits < 8 || options.bits > 22) {
    return InvalidOption("bits", absl::StrCat(options.bits), "8 to 22");
  }

  // The texts are read once; then weights move against the gradient, text by text.
  std::vector<TextFeature> all, one;
  std::vector<size_t> begin = {0};
  std::vector<uint8_t> occurs(size_t{1} << static_cast<unsigned>(options.bits));
  for (const std::string_view text : texts) {
    ExtractFeatures(text, options.bits, one);
    all.insert(all.end(), one.begin(), one.end());
    begin.push_back(all.size());
    for (const TextFeature &feature : one) occurs[feature.place] = 1;
  }
  std::vector<uint32_t> places;
  for (uint32_t place = 0; place < occurs.size(); ++place) {
    if (occurs[place] != 0) places.push_back(place);
  }
  const size_t rows = places.size();
  if (rows * k > (size_t{1} << 28U)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("bits: ", rows * k, " weights; expected at most 2^28"));
  }
  PATRON_ASSIGN_OR_RETURN(CategoryModel model,
                          FromParts(std::move(names), options.bits, std::vector<float>(k),
                                    std::move(places), std::vector<float>(rows * k)));
  std::vector<float> squares(model.weights_.size()), bias_squares(k);
  std::vector<double> probabilities(k);
  std::vector<size_t> order(texts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto step = [&](float &weight, float &square, double gradient) {
    square += static_cast<float>(gradient * gradient);
    weight -=
        static_cast<float>(options.rate * gradient / std::sqrt(static_cast<double>(square) + 1e-8));
  };
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const RandomStream random(options.seed, static_cast<uint64_t>(epoch));
    for (size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random.Below(static_cast<uint32_t>(i), i)]);
    }
    for (const size_t row : order) {
      const std::span<const TextFeature> features(all.data() + begin[row],
                                                  begin[row + 1] - begin[row]);
      model.Score(features, probabilities);
      probabilities[label[row]] -= 1;  // Now the gradient of the scores.
      for (size_t c = 0; c < k; ++c) step(model.bias_[c], bias_squares[c], probabilities[c]);
      for (const TextFeature &feature : features) {
        const size_t at = model.row_[feature.place] * k;
        for (size_t c = 0; c < k; ++c) {
          const double gradient = static_cast<double>(feature.value) * probabilities[c] +
                                  options.penalty * static_cast<double>(model.weights_[at + c]);
          step(model.weights_[at + c], squares[at + c], gradient);
        }
      }
    }
  }
  return model;
}

inline CategoryScores ScoreCategories(std::span<const int32_t> truth,
                                      std::span<const int32_t> suggested, size_t categories) {
  CategoryScores scores;
  scores.support.resize(categories);
  std::vector<int64_t> found(categories), given(categories);
  int64_t answers = 0, right = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] >= 0) ++scores.support[static_cast<size_t>(truth[i])];
    if (suggested[i] < 0) continue;
    ++answers;
    ++given[static_cast<size_t>(suggested[i])];
    if (truth[i] != suggested[i]) continue;
    ++right;
    ++found[static_cast<size_t>(truth[i])];
  }
  const auto share = [](int64_t part, int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);  // NaN for 0 / 0.
  };
  double sum = 0;
  size_t seen = 0;
  for (size_t c = 0; c < categories; ++c) {
    scores.precision.push_back(share(found[c], given[c]));
    scores.recall.push_back(share(found[c], scores.support[c]));
    const int64_t both = given[c] + scores.support[c];
    scores.f1.push_back(both == 0 ? 0 : share(2 * found[c], both));
    if (both == 0) continue;
    sum += scores.f1.back();
    ++seen;
  }
  scores.accuracy = share(right, answers);
  scores.coverage = share(answers, static_cast<int64_t>(truth.size()));
  scores.macro_f1 = sum / static_cast<double>(seen);
  return scores;
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CATEGORY_MODEL_HPP_
