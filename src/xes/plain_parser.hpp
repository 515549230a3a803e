// Logs in plain XML, several times as fast as by expat, which reads all others.
#ifndef PATRON_SRC_XES_PLAIN_PARSER_HPP_
#define PATRON_SRC_XES_PLAIN_PARSER_HPP_

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "xes/log_builder.hpp"
#include "xes/text_parser.hpp"

namespace patron::xes {

// Reads what nearly all programs write: UTF-8, elements with ASCII names and a few attributes,
// the entities of XML, white space and comments between elements. Anything else, sound or not, is
// an error without a message. What it accepts, expat accepts, with the same log.
class PlainParser : public TextParser {
 public:
  explicit PlainParser(const Options &options) : builder_(options) {}

  absl::Status Feed(std::string_view text, bool last) override;
  Log Take() override { return builder_.Take(); }

 private:
  static constexpr size_t kMostAttributes = 16;               // Of an element.
  static constexpr size_t kMostMarkup = 4 * (kMostName + 1);  // Bytes of a tag or a comment.

  enum class Step { kDone, kMore, kNotPlain };  // kMore: the text ends before the markup does.

  // Read from `at` on, and move it past what they read, if that is kDone.
  static Step Prolog(const char *&at, const char *end);
  Step Markup(const char *&at, const char *end);
  Step StartTag(const char *&at, const char *end);
  Step EndTag(const char *&at, const char *end);
  Step Value(const char *&at, const char *end, char quote, size_t attribute);
  Step Open(std::string_view name, size_t attributes);

  LogBuilder builder_;
  std::string rest_;  // The markup that was begun.
  bool begun_ = false, rooted_ = false;
  std::vector<std::string> open_;  // Names of elements, the first depth_ of them open.
  size_t depth_ = 0;
  std::array<XmlAttribute, kMostAttributes> attributes_;
  std::array<std::string, kMostAttributes> decoded_;  // Values that are not as they are written.
};

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_PLAIN_PARSER_HPP_
