// Logs by the XML parser expat, whatever they look like.
#ifndef PATRON_SRC_XES_EXPAT_PARSER_HPP_
#define PATRON_SRC_XES_EXPAT_PARSER_HPP_

#include <expat.h>

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "xes/log_builder.hpp"
#include "xes/text_parser.hpp"

namespace patron::xes {

class ExpatParser : public TextParser {
 public:
  explicit ExpatParser(const Options &options);

  // Errors: InvalidArgument naming the line; ResourceExhausted.
  absl::Status Feed(std::string_view text, bool last) override;
  Log Take() override { return builder_.Take(); }

 private:
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
  absl::Status At(absl::string_view what) const;  // InvalidArgument "line 7: what".

  std::unique_ptr<XML_ParserStruct, FreeParser> parser_;
  absl::Status status_;
  LogBuilder builder_;
  std::vector<XmlAttribute> attributes_;  // Of the element that begins.
};

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_EXPAT_PARSER_HPP_
