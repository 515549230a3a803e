// People of the febrl sets and of fake_1000, and how well pairs and clusters find who is who.
#ifndef PATRON_TESTS_GOLDEN_CUSTOMERS_PEOPLE_HPP_
#define PATRON_TESTS_GOLDEN_CUSTOMERS_PEOPLE_HPP_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "patron/customers/linker.hpp"
#include "support/reference_data.hpp"

namespace patron::customers {

struct People {
  LinkRecords records;
  std::vector<std::string> columns;
  std::vector<std::string> truth;

  size_t Column(std::string_view name) const {
    for (size_t c = 0; c < columns.size(); ++c) {
      if (columns[c] == name) return c;
    }
    return columns.size();
  }
};

inline std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  const size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first);
}

// All columns of the files, one source a file; no people if a file is absent. `truth` says who the
// record of a line is about.
template <typename Truth>
People ReadPeople(const std::vector<std::string> &files, const std::vector<std::string> &columns,
                  Truth truth) {
  People people;
  people.columns = columns;
  people.records.columns.resize(columns.size());
  std::vector<std::unordered_map<std::string, uint32_t>> codes(columns.size());
  for (size_t file = 0; file < files.size(); ++file) {
    for (const std::string &line :
         testing::LinesAfterHeader(testing::ReferencePath("febrl/" + files[file]))) {
      const std::vector<std::string> fields = testing::Fields(line, ',');
      for (size_t c = 0; c < columns.size(); ++c) {
        LinkColumn &column = people.records.columns[c];
        const std::string value = Trimmed(fields[c]);
        uint32_t code = kNoValue;
        if (!value.empty()) {
          const auto [at, fresh] = codes[c].emplace(value, static_cast<uint32_t>(codes[c].size()));
          if (fresh) column.values.Add(value);
          code = at->second;
        }
        column.codes.push_back(code);
      }
      if (files.size() > 1) people.records.sources.push_back(static_cast<uint32_t>(file));
      people.truth.push_back(truth(fields));
      ++people.records.size;
    }
  }
  return people;
}

inline People ReadFebrl(const std::vector<std::string> &files) {
  return ReadPeople(files,
                    {"rec_id", "given_name", "surname", "street_number", "address_1", "address_2",
                     "suburb", "postcode", "state", "date_of_birth", "soc_sec_id"},
                    [](const std::vector<std::string> &fields) {
                      const size_t dash = fields[0].find('-', 4);
                      return fields[0].substr(4, dash - 4);
                    });
}

inline People ReadFake() {
  return ReadPeople({"fake_1000.csv"},
                    {"unique_id", "first_name", "surname", "dob", "city", "email", "cluster"},
                    [](const std::vector<std::string> &fields) { return Trimmed(fields[6]); });
}

inline LinkField FieldOf(const People &people, LinkPlan &plan, const std::string &column,
                         const std::vector<std::string> &levels) {
  LinkField field;
  field.column = column;
  for (const std::string &level : levels) field.levels.push_back(*ParseLevel("level", level));
  plan.field_columns.push_back(people.Column(column));
  return field;
}

inline BlockRule RuleOf(const People &people, const std::vector<std::string> &columns) {
  BlockRule rule;
  for (const std::string &column : columns) {
    rule.text += (rule.text.empty() ? "" : " + ") + column;
    rule.parts.push_back({.column = people.Column(column)});
  }
  return rule;
}

struct Quality {
  uint64_t truth = 0, found = 0, right = 0;
  double precision() const { return static_cast<double>(right) / static_cast<double>(found); }
  double recall() const { return static_cast<double>(right) / static_cast<double>(truth); }
  double f1() const { return 2 * static_cast<double>(right) / static_cast<double>(truth + found); }
};

inline Quality QualityOf(const People &people, const std::vector<RecordPair> &pairs) {
  Quality quality;
  std::map<std::string, std::map<uint32_t, uint64_t>> counts;
  for (size_t i = 0; i < people.truth.size(); ++i) {
    ++counts[people.truth[i]][people.records.sources.empty() ? 0 : people.records.sources[i]];
  }
  for (const auto &[person, by_source] : counts) {
    uint64_t all = 0, same = 0;
    for (const auto &[source, n] : by_source) {
      all += n;
      same += n * (n - 1) / 2;
    }
    quality.truth += all * (all - 1) / 2 - (by_source.size() > 1 ? same : 0);
  }
  quality.found = pairs.size();
  for (const RecordPair &pair : pairs) {
    quality.right += people.truth[pair.left] == people.truth[pair.right] ? 1 : 0;
  }
  return quality;
}

}  // namespace patron::customers

#endif  // PATRON_TESTS_GOLDEN_CUSTOMERS_PEOPLE_HPP_
