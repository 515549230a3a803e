// A question about consent through the C interface, among a million persons asked in no order.
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "patron/c/patron.h"

namespace {

constexpr int64_t kPersons = 1'000'000;

// Texts of one column.
class Texts {
 public:
  void Add(const std::string &text) {
    data_ += text;
    offsets_.push_back(static_cast<int32_t>(data_.size()));
  }
  patron_column As(const char *name) const {
    patron_column column{};
    column.struct_size = sizeof column;
    column.type = PATRON_TYPE_TEXT;
    column.name = name;
    column.length = static_cast<int64_t>(offsets_.size()) - 1;
    column.data = data_.data();
    column.offsets = offsets_.data();
    return column;
  }

 private:
  std::string data_;
  std::vector<int32_t> offsets_ = {0};
};

patron_column Integers(const char *name, int32_t type, const std::vector<int64_t> &values) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.name = name;
  column.length = static_cast<int64_t>(values.size());
  column.data = values.data();
  return column;
}

std::string NameOf(int64_t person) {
  return std::string("C").append(std::to_string(100'000'000 + person));
}

// Each person has agreed to `purposes` purposes, of which the first is asked for.
patron_consents *Book(bool text, int64_t purposes) {
  Texts names, fields, channels, asked, persons;
  for (int64_t p = 0; p < purposes; ++p) {
    names.Add(std::string("purpose ").append(std::to_string(p)));
    fields.Add("email,name,phone");
    channels.Add("email,sms");
  }
  std::vector<int64_t> ids, times;
  for (int64_t i = 0; i < kPersons; ++i) {
    for (int64_t p = 0; p < purposes; ++p) {
      ids.push_back(i * 7 + 3);
      times.push_back(1'000'000);
      if (text) persons.Add(NameOf(i));
      asked.Add(std::string("purpose ").append(std::to_string(p)));
    }
  }
  Texts granted;
  for (size_t i = 0; i < ids.size(); ++i) granted.Add("granted");
  const patron_column told[] = {names.As("name"), fields.As("fields"), channels.As("channels")};
  const patron_column facts[] = {
      text ? persons.As("subject") : Integers("subject", PATRON_TYPE_INT64, ids),
      asked.As("purpose"), granted.As("status"), Integers("time", PATRON_TYPE_TIMESTAMP_US, times)};
  patron_table *purpose_table = nullptr, *fact_table = nullptr;
  patron_consents *book = nullptr;
  patron_error error{};
  if (patron_table_borrow(told, 3, &purpose_table, &error) != PATRON_OK ||
      patron_table_borrow(facts, 4, &fact_table, &error) != PATRON_OK ||
      patron_consents_create(purpose_table, &book, &error) != PATRON_OK ||
      patron_consents_record(book, fact_table, nullptr, &error) != PATRON_OK) {
    std::fprintf(stderr, "%s\n", error.message);
  }
  patron_table_free(purpose_table);
  patron_table_free(fact_table);
  return book;
}

void BM_Customers_May(benchmark::State &state) {
  const bool text = state.range(0) != 0;
  patron_consents *book = Book(text, state.range(1));
  // As a caller has the id at hand, those that are asked for stand one after the other.
  constexpr size_t kAsked = 1 << 16;
  std::mt19937_64 random(1);
  std::vector<int64_t> ids;
  std::vector<std::string> names;
  for (size_t i = 0; i < kAsked; ++i) {
    const auto person = static_cast<int64_t>(random() % kPersons);
    ids.push_back(person * 7 + 3);
    names.push_back(NameOf(person));
  }
  patron_permission answer{};
  answer.struct_size = sizeof answer;
  size_t at = 0, allowed = 0;
  for (auto _ : state) {
    const size_t i = at++ % kAsked;
    const patron_status status =
        patron_consents_may(book, ids[i], text ? names[i].c_str() : nullptr, "purpose 0", "email",
                            "sms", 2'000'000, &answer, nullptr);
    allowed += status == PATRON_OK && answer.allowed != 0 ? 1 : 0;
  }
  if (allowed != at) state.SkipWithError("refused");
  patron_consents_free(book);
}
BENCHMARK(BM_Customers_May)
    ->ArgNames({"text", "purposes"})
    ->Args({0, 1})
    ->Args({1, 1})
    ->Args({0, 4})
    ->Args({1, 4});

}  // namespace
