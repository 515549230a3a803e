// Reading of JSON for the reference vectors: small files that are known to be well formed.
#ifndef PATRON_TESTS_GOLDEN_COMPLAINTS_JSON_HPP_
#define PATRON_TESTS_GOLDEN_COMPLAINTS_JSON_HPP_

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace patron::testing {

struct Json {
  enum class Kind { kNull, kNumber, kText, kList, kObject } kind = Kind::kNull;
  double number = 0;
  std::string text;
  std::vector<Json> items;         // Of lists, and the values of objects.
  std::vector<std::string> names;  // Of objects.

  bool is_null() const { return kind == Kind::kNull; }
  const Json &operator[](size_t i) const { return items.at(i); }
  const Json &operator[](const std::string &name) const {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return items[i];
    }
    throw std::out_of_range(name);
  }
};

class JsonReader {
 public:
  explicit JsonReader(std::string text) : text_(std::move(text)) {}

  Json Read() {
    Json value;
    switch (Peek()) {
      case '{':
      case '[': {
        const char close = Peek() == '{' ? '}' : ']';
        value.kind = close == '}' ? Json::Kind::kObject : Json::Kind::kList;
        ++place_;
        while (Peek() != close) {
          if (close == '}') {
            value.names.push_back(Text());
            Expect(':');
          }
          value.items.push_back(Read());
          if (Peek() == ',') ++place_;
        }
        ++place_;
        return value;
      }
      case '"':
        value.kind = Json::Kind::kText;
        value.text = Text();
        return value;
      case 'n': place_ += 4; return value;
      default: {
        char *end = nullptr;
        value.kind = Json::Kind::kNumber;
        value.number = std::strtod(text_.c_str() + place_, &end);
        if (end == text_.c_str() + place_) throw std::runtime_error("not a value");
        place_ = static_cast<size_t>(end - text_.c_str());
        return value;
      }
    }
  }

 private:
  char Peek() {
    place_ = text_.find_first_not_of(" \n\r\t", place_);
    return text_.at(place_);
  }
  void Expect(char c) {
    if (Peek() != c) throw std::runtime_error("unexpected character");
    ++place_;
  }
  std::string Text() {
    Expect('"');
    std::string result;
    while (text_.at(place_) != '"') {
      if (text_[place_] == '\\') ++place_;
      result += text_.at(place_++);
    }
    ++place_;
    return result;
  }

  std::string text_;
  size_t place_ = 0;
};

// Null if there is no such file.
inline Json ReadJson(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  return JsonReader(std::string(std::istreambuf_iterator<char>(file), {})).Read();
}

}  // namespace patron::testing

#endif  // PATRON_TESTS_GOLDEN_COMPLAINTS_JSON_HPP_
