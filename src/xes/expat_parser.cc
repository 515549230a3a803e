#include "xes/expat_parser.hpp"

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"

namespace patron::xes {

ExpatParser::ExpatParser(const Options &options)
    : parser_(XML_ParserCreate(nullptr)), builder_(options) {
  if (parser_ == nullptr) throw std::bad_alloc();
  XML_SetUserData(parser_.get(), this);
  XML_SetElementHandler(parser_.get(), OnStart, OnEnd);
  XML_SetStartDoctypeDeclHandler(parser_.get(), OnDocumentType);
}

absl::Status ExpatParser::Feed(std::string_view text, bool last) {
  constexpr size_t kPiece = size_t{1} << 20;
  do {
    const std::string_view piece = text.substr(0, kPiece);
    text.remove_prefix(piece.size());
    const bool final = last && text.empty();
    const XML_Status parsed =
        XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), final ? 1 : 0);
    if (absl::IsResourceExhausted(status_)) throw std::bad_alloc();
    if (!status_.ok()) return status_;
    if (parsed == XML_STATUS_OK) continue;
    const XML_Error error = XML_GetErrorCode(parser_.get());
    if (error == XML_ERROR_NO_MEMORY) throw std::bad_alloc();
    return At(XML_ErrorString(error));
  } while (!text.empty());
  return absl::OkStatus();
}

template <typename Body>
void ExpatParser::Guard(Body &&body) {
  if (!status_.ok()) return;
  // No exception may pass through the C code of the parser.
  try {
    if (absl::Status status = body(); !status.ok()) Stop(std::move(status));
  } catch (const std::bad_alloc &) {
    Stop(absl::Status(absl::StatusCode::kResourceExhausted, ""));  // Allocates nothing.
  }
}

void ExpatParser::Stop(absl::Status status) {
  status_ = absl::IsInvalidArgument(status) ? At(status.message()) : std::move(status);
  XML_StopParser(parser_.get(), XML_FALSE);
}

absl::Status ExpatParser::At(absl::string_view what) const {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", XML_GetCurrentLineNumber(parser_.get()), ": ", what));
}

void XMLCALL ExpatParser::OnStart(void *self, const XML_Char *name, const XML_Char **attributes) {
  auto *parser = static_cast<ExpatParser *>(self);
  parser->Guard([&] {
    parser->attributes_.clear();
    for (; attributes[0] != nullptr; attributes += 2) {
      parser->attributes_.push_back({attributes[0], attributes[1]});
    }
    return parser->builder_.Start(name, parser->attributes_);
  });
}

void XMLCALL ExpatParser::OnEnd(void *self, const XML_Char *) {
  auto *parser = static_cast<ExpatParser *>(self);
  parser->Guard([&] { return parser->builder_.End(); });
}

// Entities, external ones too, are declared in document types, of which XES has none.
void XMLCALL ExpatParser::OnDocumentType(void *self, const XML_Char *, const XML_Char *,
                                         const XML_Char *, int) {
  auto *parser = static_cast<ExpatParser *>(self);
  parser->Guard([] {
    return absl::InvalidArgumentError(
        "a document type, which could declare entities; expected none");
  });
}

}  // namespace patron::xes
