#include "arrow/reader.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "arrow/decode.hpp"
#include "arrow/load.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"

namespace patron::arrow {
namespace detail {

// The values of a dictionary, decoded once.
template <typename T>
struct DecodedDictionary {
  std::vector<T> values;
  std::vector<Problem> problems;  // Of each value; one matters only if a row uses it.
  bool has_nulls = false;
};

template <typename T>
class ReaderState {
 public:
  // Gives the mask of the rows that are read; asked for only if one of them is null.
  using Mask = absl::FunctionRef<uint8_t *()>;

  ReaderState(Table table, size_t index, Nulls nulls, std::unique_ptr<const Decoder<T>> decoder)
      : table_(std::move(table)), index_(index), nulls_(nulls), decoder_(std::move(decoder)) {
    if (field().dictionary != nullptr) DecodeDictionaries();
  }

  int64_t rows() const { return table_.rows(); }

  bool MayHaveNulls() const {
    for (size_t b = 0; b < table_.batches().size(); ++b) {
      if (column(b).validity() != nullptr) return true;
      if (!dictionaries_.empty() && dictionaries_[b]->has_nulls) return true;
    }
    return false;
  }

  // Where rows [begin, end) stand in memory as sound T without a null, or null if they do not.
  const T *InPlace(int64_t begin, int64_t end) const {
    if (field().dictionary != nullptr || begin == end) return nullptr;
    const size_t b = BatchOf(begin);
    if (end > table_.ends()[b]) return nullptr;
    const int64_t row = begin - BeginOf(b);
    const T *values = decoder_->InPlace(column(b), field(), row);
    if (values == nullptr || CountNulls(column(b), row, end - begin) > 0) return nullptr;
    return decoder_->Sound(values, end - begin) ? values : nullptr;
  }

  absl::Status Decode(int64_t begin, int64_t end, T *values, Mask mask) const {
    const int64_t first = begin;
    while (begin < end) {
      const size_t b = BatchOf(begin);
      const int64_t count = std::min(end, table_.ends()[b]) - begin;
      const int64_t done = begin - first;
      const auto piece_mask = [&] { return mask() + done; };
      if (!DecodePiece(b, begin - BeginOf(b), count, values + done, piece_mask)) return Diagnose();
      begin += count;
    }
    return absl::OkStatus();
  }

 private:
  const Field &field() const { return table_.fields()[index_]; }
  const Column &column(size_t b) const { return table_.batches()[b].columns[index_]; }
  int64_t BeginOf(size_t b) const { return b == 0 ? 0 : table_.ends()[b - 1]; }

  // The batch that holds `row`; batches without rows hold none.
  size_t BatchOf(int64_t row) const {
    const auto ends = table_.ends();
    return static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), row) - ends.begin());
  }

  void DecodeDictionaries() {
    for (size_t b = 0; b < table_.batches().size(); ++b) {
      const Column &dictionary = *column(b).dictionary;
      if (b > 0 && SameBuffers(dictionary, *column(b - 1).dictionary)) {
        dictionaries_.push_back(dictionaries_.back());
        continue;
      }
      auto decoded = std::make_shared<DecodedDictionary<T>>();
      decoded->values.resize(static_cast<size_t>(dictionary.length));
      decoded->problems.resize(static_cast<size_t>(dictionary.length));
      for (size_t i = 0; i < decoded->values.size(); ++i) {
        const auto row = static_cast<int64_t>(i);
        decoded->problems[i] =
            IsValid(dictionary, row)
                ? decoder_->One(dictionary, *field().dictionary, row, decoded->values[i])
                : Problem::kNull;
        decoded->has_nulls |= decoded->problems[i] == Problem::kNull;
      }
      dictionaries_.push_back(std::move(decoded));
    }
  }

  static bool SameBuffers(const Column &a, const Column &b) {
    return a.length == b.length && a.offset == b.offset && a.null_count == b.null_count &&
           a.buffers == b.buffers;
  }

  // One row, whatever it holds.
  Problem One(size_t b, int64_t row, T &value) const {
    const Column &from = column(b);
    if (!IsValid(from, row)) return Problem::kNull;
    if (field().dictionary == nullptr) return decoder_->One(from, field(), row, value);
    const int64_t code = LoadCode(from, field().kind, row);
    if (code < 0) return Problem::kBadCode;
    value = dictionaries_[b]->values[static_cast<size_t>(code)];
    return dictionaries_[b]->problems[static_cast<size_t>(code)];
  }

  // Rows as if none were null; false if any has a problem, a null among them included if it looks like one.
  bool Run(size_t b, int64_t row, int64_t count, T *values) const {
    if (field().dictionary == nullptr) return decoder_->Run(column(b), field(), row, count, values);
    const DecodedDictionary<T> &dictionary = *dictionaries_[b];
    for (int64_t i = 0; i < count; ++i) {
      const int64_t code = LoadCode(column(b), field().kind, row + i);
      if (code < 0 || dictionary.problems[static_cast<size_t>(code)] != Problem::kNone)
        return false;
      values[i] = dictionary.values[static_cast<size_t>(code)];
    }
    return true;
  }

  bool DecodePiece(size_t b, int64_t row, int64_t count, T *values, Mask mask) const {
    const Column &from = column(b);
    const bool null_rows = CountNulls(from, row, count) > 0;
    if (null_rows && nulls_ == Nulls::kError) return false;
    // A null text view may hold anything; all else can be decoded whatever a null holds.
    const bool safe = !null_rows || field().kind != Kind::kTextView;
    if (safe && Run(b, row, count, values)) {
      if (null_rows) {
        uint8_t *valid = mask();
        for (int64_t i = 0; i < count; ++i)
          valid[i] &= static_cast<uint8_t>(IsValid(from, row + i));
      }
      return true;
    }
    for (int64_t i = 0; i < count; ++i) {
      const Problem problem = One(b, row + i, values[i]);
      if (problem == Problem::kNone) continue;
      if (problem != Problem::kNull || nulls_ == Nulls::kError) return false;
      mask()[i] = 0;
    }
    return true;
  }

  // The error of this column: the first bad row of all, and how many are bad in the same way. Threads that
  // meet an error at the same time search once.
  absl::Status Diagnose() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!diagnosis_) diagnosis_ = Search();
    return *diagnosis_;
  }

  absl::Status Search() const {
    Problem first = Problem::kNone;
    int64_t first_row = 0;
    uint64_t rows = 0;
    std::string shown;
    for (size_t b = 0; b < table_.batches().size(); ++b) {
      for (int64_t row = 0; row < column(b).length; ++row) {
        T value{};
        const Problem problem = One(b, row, value);
        if (problem == Problem::kNone || (problem == Problem::kNull && nulls_ == Nulls::kMask))
          continue;
        if (first == Problem::kNone) {
          first = problem;
          first_row = BeginOf(b) + row;
          shown = Describe(column(b), field(), row);
        }
        rows += problem == first ? 1 : 0;
      }
    }
    if (first == Problem::kNone)
      return absl::InternalError("a bad row was met and not found again");
    const std::string expected =
        first == Problem::kBadCode ? "an index into the dictionary" : decoder_->Expected(first);
    absl::Status status =
        InvalidRow(field().name, static_cast<uint64_t>(first_row), shown, expected, rows);
    // Only money has a status of its own for what is too much.
    const bool money = dynamic_cast<const MoneyDecoder *>(decoder_.get()) != nullptr;
    if (money && first == Problem::kOutOfRange) return absl::OutOfRangeError(status.message());
    return status;
  }

  Table table_;
  size_t index_;
  Nulls nulls_;
  std::unique_ptr<const Decoder<T>> decoder_;
  std::vector<std::shared_ptr<const DecodedDictionary<T>>>
      dictionaries_;  // Of each batch, if there are any.
  mutable std::mutex mutex_;
  mutable std::optional<absl::Status> diagnosis_;
};

namespace {

template <typename T>
absl::StatusOr<Reader<T>> Open(const Table &table, std::string_view name, Nulls nulls,
                               std::unique_ptr<const Decoder<T>> decoder) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  const Field &field = table.fields()[index];
  if (!decoder->Accepts(field.values().kind)) {
    return absl::InvalidArgumentError(absl::StrCat("column ", Quoted(name), " is ", TypeName(field),
                                                   "; expected ", decoder->accepted()));
  }
  return Reader<T>(std::make_shared<const ReaderState<T>>(table, index, nulls, std::move(decoder)));
}

constexpr int64_t kRowsOfPart = 1 << 16;

size_t PartsOf(int64_t rows) {
  return static_cast<size_t>(std::max<int64_t>(1, rows / kRowsOfPart));
}

}  // namespace
}  // namespace detail

template <typename T>
int64_t Reader<T>::rows() const {
  return state_->rows();
}

template <typename T>
bool Reader<T>::may_have_nulls() const {
  return state_->MayHaveNulls();
}

template <typename T>
absl::Status Reader<T>::Read(int64_t begin, int64_t end, std::vector<T> &scratch,
                             std::vector<uint8_t> *valid, std::span<const T> &values) const {
  const auto count = static_cast<size_t>(end - begin);
  if (const T *in_place = state_->InPlace(begin, end); in_place != nullptr) {
    values = {in_place, count};
    return absl::OkStatus();
  }
  if (scratch.size() < count) scratch.resize(count);
  const auto mask = [&] {
    if (valid->empty()) valid->assign(count, 1);
    return valid->data();
  };
  PATRON_RETURN_IF_ERROR(state_->Decode(begin, end, scratch.data(), mask));
  values = {scratch.data(), count};
  return absl::OkStatus();
}

template <typename T>
absl::Status Reader<T>::ReadTo(int64_t begin, int64_t end, T *values, uint8_t *valid) const {
  return state_->Decode(begin, end, values, [valid] { return valid; });
}

template <typename T>
const T *Reader<T>::InPlace(int64_t begin, int64_t end) const {
  return state_->InPlace(begin, end);
}

template class Reader<int64_t>;
template class Reader<double>;
template class Reader<uint8_t>;
template class Reader<std::string_view>;

template <typename T>
absl::StatusOr<Loaded<T>> Load(const Reader<T> &reader, const Execution &execution) {
  Loaded<T> loaded;
  const int64_t rows = reader.rows();
  const auto count = static_cast<size_t>(rows);
  if (const T *in_place = reader.InPlace(0, rows); in_place != nullptr) {
    loaded.values = {in_place, count};
    return loaded;
  }
  loaded.storage.resize(count);
  if (reader.may_have_nulls()) loaded.valid.assign(count, 1);
  const size_t parts = detail::PartsOf(rows);
  std::vector<absl::Status> statuses(parts);
  ParallelFor(execution, parts, [&](size_t part) {
    const Range range = PartOf(count, parts, part);
    uint8_t *valid = loaded.valid.empty() ? nullptr : loaded.valid.data() + range.begin;
    statuses[part] =
        reader.ReadTo(static_cast<int64_t>(range.begin), static_cast<int64_t>(range.end),
                      loaded.storage.data() + range.begin, valid);
  });
  for (absl::Status &status : statuses) PATRON_RETURN_IF_ERROR(std::move(status));
  if (std::ranges::count(loaded.valid, 0) == 0) loaded.valid.clear();
  loaded.values = loaded.storage;
  return loaded;
}

template absl::StatusOr<Loaded<int64_t>> Load(const Reader<int64_t> &, const Execution &);
template absl::StatusOr<Loaded<double>> Load(const Reader<double> &, const Execution &);
template absl::StatusOr<Loaded<uint8_t>> Load(const Reader<uint8_t> &, const Execution &);
template absl::StatusOr<Loaded<std::string_view>> Load(const Reader<std::string_view> &,
                                                       const Execution &);

absl::StatusOr<LoadedIds> Load(const IdReader &reader, const Execution &execution) {
  LoadedIds loaded;
  if (reader.is_text()) {
    PATRON_ASSIGN_OR_RETURN(auto text, Load(reader.text(), execution));
    loaded.text = std::move(text.storage);
    loaded.valid = std::move(text.valid);
    loaded.ids = text.values;
  } else {
    PATRON_ASSIGN_OR_RETURN(auto integers, Load(reader.integers(), execution));
    loaded.integers = std::move(integers.storage);
    loaded.valid = std::move(integers.valid);
    loaded.ids = integers.values;
  }
  return loaded;
}

absl::Status IdReader::Read(int64_t begin, int64_t end, std::vector<int64_t> &integers,
                            std::vector<std::string_view> &text, std::vector<uint8_t> *valid,
                            IdSpan &ids) const {
  if (is_text()) {
    std::span<const std::string_view> values;
    PATRON_RETURN_IF_ERROR(this->text().Read(begin, end, text, valid, values));
    ids = values;
  } else {
    std::span<const int64_t> values;
    PATRON_RETURN_IF_ERROR(this->integers().Read(begin, end, integers, valid, values));
    ids = values;
  }
  return absl::OkStatus();
}

absl::StatusOr<Reader<int64_t>> OpenIntegers(const Table &table, std::string_view column,
                                             Nulls nulls) {
  return detail::Open<int64_t>(table, column, nulls,
                               std::make_unique<detail::IntegerDecoder>(false));
}

absl::StatusOr<Reader<int64_t>> OpenMoney(const Table &table, std::string_view column, int decimals,
                                          int integer_decimals, Nulls nulls) {
  PATRON_RETURN_IF_ERROR(CheckDecimals("decimals", decimals));
  PATRON_RETURN_IF_ERROR(CheckDecimals("amount_decimals", integer_decimals));
  return detail::Open<int64_t>(table, column, nulls,
                               std::make_unique<detail::MoneyDecoder>(decimals, integer_decimals));
}

absl::StatusOr<Reader<int64_t>> OpenTimes(const Table &table, std::string_view column, Nulls nulls,
                                          const CivilDays &days) {
  return detail::Open<int64_t>(table, column, nulls, std::make_unique<detail::TimeDecoder>(days));
}

absl::StatusOr<Reader<double>> OpenNumbers(const Table &table, std::string_view column, Nulls nulls,
                                           Finite finite) {
  return detail::Open<double>(table, column, nulls,
                              std::make_unique<detail::NumberDecoder>(finite == Finite::kRequired));
}

absl::StatusOr<Reader<uint8_t>> OpenFlags(const Table &table, std::string_view column,
                                          Nulls nulls) {
  return detail::Open<uint8_t>(table, column, nulls, std::make_unique<detail::FlagDecoder>());
}

absl::StatusOr<Reader<std::string_view>> OpenText(const Table &table, std::string_view column,
                                                  Nulls nulls) {
  return detail::Open<std::string_view>(table, column, nulls,
                                        std::make_unique<detail::TextDecoder>(false));
}

absl::StatusOr<IdReader> OpenIds(const Table &table, std::string_view column, Nulls nulls) {
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(column));
  if (IsInteger(table.fields()[index].values().kind)) {
    PATRON_ASSIGN_OR_RETURN(auto reader,
                            detail::Open<int64_t>(table, column, nulls,
                                                  std::make_unique<detail::IntegerDecoder>(true)));
    return IdReader(std::move(reader));
  }
  PATRON_ASSIGN_OR_RETURN(
      auto reader, detail::Open<std::string_view>(table, column, nulls,
                                                  std::make_unique<detail::TextDecoder>(true)));
  return IdReader(std::move(reader));
}

}  // namespace patron::arrow
