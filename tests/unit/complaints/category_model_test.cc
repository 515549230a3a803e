// Suggestions of categories.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "patron/base/random.hpp"
#include "patron/complaints/category_model.hpp"

namespace patron::complaints {
namespace {

using ::testing::ElementsAre;

std::vector<TextFeature> Features(std::string_view text, int bits = 20) {
  std::vector<TextFeature> features;
  ExtractFeatures(text, bits, features);
  return features;
}

bool Same(std::string_view a, std::string_view b) {
  const auto x = Features(a), y = Features(b);
  return std::ranges::equal(x, y, [](const TextFeature &p, const TextFeature &q) {
    return p.place == q.place && p.value == q.value;
  });
}

TEST(FeaturesTest, AreThoseThatCountingGives) {
  // " ab ": 2-grams " a", "ab", "b "; 3-grams " ab", "ab "; 4-gram " ab "; word "ab".
  EXPECT_EQ(Features("ab").size(), 7u);
  // Twice the same word: " a", "a ", " a ", "a a", " a a", "a a ", word, pair; and of these " a",
  // "a ", " a " and the word come twice.
  const auto twice = Features("a a");
  ASSERT_EQ(twice.size(), 8u);
  EXPECT_EQ(std::ranges::count_if(twice,
                                  [&](const TextFeature &f) {
                                    return f.value >
                                           std::ranges::min(twice, {}, &TextFeature::value).value;
                                  }),
            4);
  double squares = 0;
  for (const TextFeature &f : twice) squares += double{f.value} * double{f.value};
  EXPECT_NEAR(squares, 1, 1e-6);
  EXPECT_TRUE(Features("").empty());
}

TEST(FeaturesTest, DoNotSeeCaseOrSpaces) {
  EXPECT_TRUE(Same("Late  delivery", " late DELIVERY\n"));
  EXPECT_FALSE(Same("late delivery", "latedelivery"));
  EXPECT_FALSE(Same("ab", "ba"));
}

TEST(FeaturesTest, ChineseIsReadByCharacters) {
  // Two characters: as many n-grams as two letters have.
  EXPECT_EQ(Features("\xE6\x8A\x95\xE8\xAF\x89").size(), Features("ab").size());
  EXPECT_FALSE(Same("\xE6\x8A\x95", "\xE8\xAF\x89"));
}

TEST(FeaturesTest, BrokenTextIsReadByBytes) {
  for (const std::string_view text : {"\xFF", "\xE6\x8A", "\xC2", "a\x80z", "\xF5\x80\x80\x80"}) {
    EXPECT_FALSE(Features(text).empty());
  }
}

struct Texts {
  std::vector<std::string> text, category;
  std::vector<std::string_view> texts, categories;

  void Add(std::string a, std::string b) {
    text.push_back(std::move(a));
    category.push_back(std::move(b));
  }
  void Finish() {
    texts.assign(text.begin(), text.end());
    categories.assign(category.begin(), category.end());
  }
};

Texts Example(size_t rows, uint64_t seed) {
  const std::vector<std::string> late = {"late", "delivery", "waiting", "days"},
                                 price = {"bill", "price", "charged", "twice"},
                                 chinese = {"质量", "坏了", "破损", "退货"};
  Texts made;
  for (size_t i = 0; i < rows; ++i) {
    const RandomStream random(seed, i);
    const size_t which = i % 3;
    const auto &words = which == 0 ? late : which == 1 ? price : chinese;
    std::string text;
    for (uint32_t w = 0; w < 5; ++w) {
      // One word in ten is of another category.
      const auto &from = random.Uniform(2 * w) < 0.1 ? price : words;
      text += from[random.Below(2 * w + 1, 4)] + (which == 2 ? "" : " ");
    }
    made.Add(text, which == 0 ? "delivery" : which == 1 ? "price" : "quality");
  }
  made.Finish();
  return made;
}

TEST(CategoryModelTest, LearnsWhatWordsMean) {
  const Texts train = Example(600, 1), test = Example(300, 2);
  const auto model = CategoryModel::Fit(train.texts, train.categories, {.bits = 14});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(model->categories(), ElementsAre("delivery", "price", "quality"));
  std::vector<TextFeature> scratch;
  std::vector<double> p(3);
  int right = 0;
  for (size_t i = 0; i < test.texts.size(); ++i) {
    model->Probabilities(test.texts[i], scratch, p);
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
    const auto best = static_cast<size_t>(std::ranges::max_element(p) - p.begin());
    right += model->categories()[best] == test.category[i] ? 1 : 0;
  }
  EXPECT_GE(right, 285);
  // The same seed gives the same model, from its parts as well.
  const auto again = CategoryModel::Fit(train.texts, train.categories, {.bits = 14});
  EXPECT_TRUE(std::ranges::equal(model->weights(), again->weights()));
  const auto copy = CategoryModel::FromParts(model->categories(), 14,
                                             {model->bias().begin(), model->bias().end()},
                                             {model->places().begin(), model->places().end()},
                                             {model->weights().begin(), model->weights().end()});
  std::vector<double> q(3);
  copy->Probabilities("bill twice", scratch, q);
  model->Probabilities("bill twice", scratch, p);
  EXPECT_EQ(p, q);
}

TEST(CategoryModelTest, TheBestModelForOneWordIsTheShareOfItsCategories) {
  // All texts are equal, so nothing but the shares of the categories can be learnt.
  Texts train;
  for (int i = 0; i < 400; ++i) train.Add("same", i % 4 == 0 ? "a" : "b");
  train.Finish();
  const auto model =
      CategoryModel::Fit(train.texts, train.categories, {.bits = 8, .epochs = 200, .rate = 0.1});
  std::vector<TextFeature> scratch;
  std::vector<double> p(2);
  model->Probabilities("same", scratch, p);
  EXPECT_NEAR(p[0], 0.25, 0.03);
}

TEST(CategoryModelTest, RefusesWhatCannotBeLearnt) {
  const std::vector<std::string_view> texts = {"a", "b"}, one = {"x", "x"}, empty = {"x", ""},
                                      two = {"x", "y"}, shorter = {"x"};
  EXPECT_FALSE(CategoryModel::Fit(texts, one).ok());
  EXPECT_FALSE(CategoryModel::Fit(texts, empty).ok());
  EXPECT_FALSE(CategoryModel::Fit(texts, shorter).ok());
  EXPECT_FALSE(CategoryModel::Fit({}, {}).ok());
  EXPECT_FALSE(CategoryModel::Fit(texts, two, {.bits = 40}).ok());
  EXPECT_FALSE(CategoryModel::Fit(texts, two, {.epochs = 0}).ok());
  EXPECT_FALSE(CategoryModel::Fit(texts, two, {.rate = std::nan("")}).ok());
  EXPECT_TRUE(CategoryModel::Fit(texts, two).ok());
}

TEST(CategoryScoresTest, AreThoseOfTheDefinition) {
  const std::vector<int32_t> truth = {0, 0, 1, 1, -1, 2}, suggested = {0, 1, 1, -1, 1, -1};
  const CategoryScores scores = ScoreCategories(truth, suggested, 4);
  EXPECT_THAT(scores.support, ElementsAre(2, 2, 1, 0));
  EXPECT_DOUBLE_EQ(scores.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(scores.coverage, 4.0 / 6);
  EXPECT_DOUBLE_EQ(scores.precision[1], 1.0 / 3);
  EXPECT_DOUBLE_EQ(scores.recall[1], 0.5);
  EXPECT_DOUBLE_EQ(scores.f1[0], 2.0 / 3);
  EXPECT_TRUE(std::isnan(scores.precision[2]));
  EXPECT_DOUBLE_EQ(scores.macro_f1, (2.0 / 3 + 0.4 + 0) / 3);
}

}  // namespace
}  // namespace patron::complaints
