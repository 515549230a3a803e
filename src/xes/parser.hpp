// The elements of XES as they come from the XML parser.
#ifndef PATRON_SRC_XES_PARSER_HPP_
#define PATRON_SRC_XES_PARSER_HPP_

#include <expat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "xes/reader.hpp"

namespace patron::xes {

class Parser {
 public:
  explicit Parser(const Options &options);
  Parser(const Parser &) = delete;
  Parser &operator=(const Parser &) = delete;

  absl::Status Feed(std::string_view text, bool last);
  Log Take() { return std::move(log_); }

 private:
  // What an attribute with a certain key is for.
  enum class Scope { kOther, kLog, kTrace, kEvent };
  struct Key {
    std::string name;
    std::string value;  // Of the trace or event that is open.
    bool seen = false;
  };
  struct FreeParser {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };

  static void XMLCALL OnStart(void *self, const XML_Char *name, const XML_Char **attributes);
  static void XMLCALL OnEnd(void *self, const XML_Char *name);
  static void XMLCALL OnDocumentType(void *self, const XML_Char *name, const XML_Char *system,
                                     const XML_Char *publik, int internal);

  // Runs `body`, whose errors and exceptions stop the parser.
  template <typename Body>
  void Guard(Body &&body);
  void Stop(absl::Status status);
  absl::Status At(std::string_view what) const;  // InvalidArgument "line 7: what".

  absl::Status Start(std::string_view name, const XML_Char **attributes);
  absl::Status Attribute(std::string_view type, std::string_view key, std::string_view value);
  absl::Status Keep(Key &key, std::string_view value);
  absl::Status End();
  absl::Status EndEvent();
  absl::Status EndTrace();
  absl::Status Append(const Key &key, TextColumn &column);

  const size_t activity_parts_;
  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  absl::Status status_;
  Log log_;

  int depth_ = 0;
  Scope scope_ = Scope::kOther;
  int scope_depth_ = 0;  // Of the element of the scope.
  bool in_log_ = false;

  std::vector<Key> event_keys_;  // Activity, resource, then the attributes asked for.
  std::vector<Key> trace_keys_;  // The name, then the attributes asked for.
  bool has_time_ = false;
  int64_t time_ = 0;
  uint64_t trace_events_ = 0;
};

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_PARSER_HPP_
