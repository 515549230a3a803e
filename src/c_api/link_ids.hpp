// The ids of records that come and go.
#ifndef PATRON_SRC_C_API_LINK_IDS_HPP_
#define PATRON_SRC_C_API_LINK_IDS_HPP_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "patron/base/column.hpp"
#include "patron/customers/characters.hpp"
#include "patron/customers/record_batch.hpp"

namespace patron::c_api {

// Ids of records 0, 1, 2, ..., all integers or all text. Those that are forgotten leave no trace.
// Memory: 21 to 34 bytes an integer, 33 to 46 and its bytes a text.
class LinkIds {
 public:
  static constexpr uint32_t kUnknown = customers::RecordIndex::kUnknown;

  explicit LinkIds(bool is_text = false) : is_text_(is_text) {}

  bool is_text() const { return is_text_; }
  size_t records() const { return is_text_ ? text_of_.size() : integers_.size(); }

  // The record of an id, or kUnknown.
  uint32_t Find(const IdSpan &ids, size_t i) const {
    if (ids.is_text() != is_text_) return kUnknown;
    if (is_text_) return Find(ids.text()[i]);
    const int64_t id = ids.integers()[i];
    return index_.Find(Index::HashOf(id), [&](uint32_t record) { return integers_[record] == id; });
  }

  // Gives the next record an id that none has. Throws std::bad_alloc without effect.
  void Append(const IdSpan &ids, size_t i) {
    const auto record = static_cast<uint32_t>(records());
    index_.Reserve(1);
    if (!is_text_) {
      integers_.push_back(ids.integers()[i]);
      return index_.Add(Index::HashOf(integers_.back()), record);
    }
    const std::string_view id = ids.text()[i];
    text_of_.push_back(0);
    try {
      text_of_.back() = static_cast<uint32_t>(texts_.Add(Bytes(id)));
    } catch (...) {
      text_of_.pop_back();
      throw;
    }
    index_.Add(Index::HashOf(id), record);
  }

  // Forgets the id of a record that has one.
  void Forget(uint32_t record) {
    if (is_text_) {
      index_.Remove(Index::HashOf(text(record)), record);
      texts_.Forget(text_of_[record]);
    } else {
      index_.Remove(Index::HashOf(integers_[record]), record);
      integers_[record] = 0;
    }
  }

  // Forgets the last records, which have ids, until there are `records`.
  void Truncate(size_t records) {
    while (this->records() > records) {
      Forget(static_cast<uint32_t>(this->records() - 1));
      is_text_ ? text_of_.pop_back() : integers_.pop_back();
    }
  }

  // The ids of records; text is valid until one of them is forgotten.
  IdList List(const std::vector<uint32_t> &records) const {
    IdList list{.is_text = is_text_, .integers = {}, .text = {}};
    for (const uint32_t record : records) {
      if (is_text_) {
        list.text.push_back(text(record));
      } else {
        list.integers.push_back(integers_[record]);
      }
    }
    return list;
  }

  // Whether the id of record i comes before that of record j.
  bool Less(uint32_t i, uint32_t j) const {
    return is_text_ ? text(i) < text(j) : integers_[i] < integers_[j];
  }

 private:
  using Index = customers::RecordIndex;

  // Its bytes, each as a code point.
  static customers::Characters Bytes(std::string_view text) {
    return {.data = text.data(), .size = static_cast<uint32_t>(text.size()), .wide = false};
  }
  std::string_view text(uint32_t record) const {
    const customers::Characters &own = texts_[text_of_[record]];
    return {static_cast<const char *>(own.data), own.size};
  }
  uint32_t Find(std::string_view id) const {
    return index_.Find(Index::HashOf(id), [&](uint32_t record) { return text(record) == id; });
  }

  bool is_text_;
  std::vector<int64_t> integers_;   // By record, if ids are integers.
  customers::CharacterPool texts_;  // If they are text.
  std::vector<uint32_t> text_of_;   // By record: where it stands in `texts_`.
  Index index_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_LINK_IDS_HPP_
