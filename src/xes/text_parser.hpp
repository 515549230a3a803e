// What reads the text of a log.
#ifndef PATRON_SRC_XES_TEXT_PARSER_HPP_
#define PATRON_SRC_XES_TEXT_PARSER_HPP_

#include <string_view>

#include "absl/status/status.h"
#include "xes/reader.hpp"

namespace patron::xes {

class TextParser {
 public:
  TextParser() = default;
  TextParser(const TextParser &) = delete;
  TextParser &operator=(const TextParser &) = delete;
  virtual ~TextParser() = default;

  // The next piece of the text, cut anywhere. Not after an error.
  virtual absl::Status Feed(std::string_view text, bool last) = 0;
  // After the last piece.
  virtual Log Take() = 0;
};

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_TEXT_PARSER_HPP_
