#include "xes/reader.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "xes/expat_parser.hpp"
#include "xes/plain_parser.hpp"

namespace patron::xes {
namespace {

constexpr size_t kPiece = size_t{1} << 18;

}  // namespace

// A stream that is being unzipped.
struct Reader::Gzip {
  z_stream stream{};
  std::vector<char> text = std::vector<char>(kPiece);
  bool ended = false;  // At the end of a member; another may follow.

  Gzip() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    if (inflateInit2(&stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() { inflateEnd(&stream); }
  Gzip(const Gzip &) = delete;
  Gzip &operator=(const Gzip &) = delete;
};

Reader::Reader(const Options &options, bool plain_only) {
  if (plain_only) {
    parser_ = std::make_unique<PlainParser>(options);
  } else {
    parser_ = std::make_unique<ExpatParser>(options);
  }
}
Reader::~Reader() = default;

absl::Status Reader::FeedXml(std::string_view text, bool last) { return parser_->Feed(text, last); }

absl::Status Reader::Inflate(std::string_view bytes) {
  z_stream &stream = gzip_->stream;
  // The stream does not write through this pointer.
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(bytes.size());
  do {
    if (gzip_->ended) {
      if (stream.avail_in == 0) break;
      inflateReset(&stream);
      gzip_->ended = false;
    }
    stream.next_out = reinterpret_cast<Bytef *>(gzip_->text.data());
    stream.avail_out = static_cast<uInt>(gzip_->text.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return absl::InvalidArgumentError("file: its gzip data are damaged; expected a whole file");
    }
    PATRON_RETURN_IF_ERROR(
        FeedXml({gzip_->text.data(), gzip_->text.size() - stream.avail_out}, false));
    gzip_->ended = result == Z_STREAM_END;
  } while (stream.avail_in > 0 || stream.avail_out == 0);
  return absl::OkStatus();
}

absl::Status Reader::Feed(std::string_view bytes) {
  std::string whole;
  if (!started_) {
    if (!head_.empty() || bytes.size() < 2) {
      head_.append(bytes);
      if (head_.size() < 2) return absl::OkStatus();
      whole = std::move(head_);
      bytes = whole;
    }
    started_ = true;
    if (bytes.starts_with("\x1F\x8B")) gzip_ = std::make_unique<Gzip>();
  }
  if (gzip_ == nullptr) return FeedXml(bytes, false);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    PATRON_RETURN_IF_ERROR(Inflate(piece));
    bytes.remove_prefix(piece.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<Log> Reader::Finish() {
  if (!started_ && !head_.empty()) PATRON_RETURN_IF_ERROR(FeedXml(head_, false));
  if (gzip_ != nullptr && !gzip_->ended) {
    return absl::InvalidArgumentError("file: its gzip data end early; expected a whole file");
  }
  PATRON_RETURN_IF_ERROR(FeedXml({}, true));
  return parser_->Take();
}

absl::StatusOr<Log> ReadBytes(std::string_view bytes, const Options &options) {
  const auto read = [&](bool plain_only) -> absl::StatusOr<Log> {
    Reader reader(options, plain_only);
    PATRON_RETURN_IF_ERROR(reader.Feed(bytes));
    return reader.Finish();
  };
  absl::StatusOr<Log> log = read(true);
  return log.ok() ? std::move(log) : read(false);
}

absl::StatusOr<Log> ReadFile(const std::string &path, const Options &options) {
  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };
  const auto failed = [&](int code) {
    const std::string message = absl::StrCat("path: ", Quoted(path), ": ", std::strerror(code));
    return code == ENOENT ? absl::NotFoundError(message) : absl::UnknownError(message);
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    if (errno == ENOMEM) throw std::bad_alloc();
    return failed(errno);
  }
  const auto read = [&](bool plain_only) -> absl::StatusOr<Log> {
    Reader reader(options, plain_only);
    std::vector<char> piece(kPiece);
    size_t size = 0;
    while ((size = std::fread(piece.data(), 1, piece.size(), file.get())) > 0) {
      PATRON_RETURN_IF_ERROR(reader.Feed({piece.data(), size}));
    }
    if (std::ferror(file.get()) != 0) return failed(errno);
    return reader.Finish();
  };
  const auto rewind = [&] {
    std::clearerr(file.get());
    return std::fseek(file.get(), 0, SEEK_SET) == 0;
  };
  if (rewind()) {
    absl::StatusOr<Log> log = read(true);
    if (log.ok()) return log;
    if (!rewind()) return failed(errno);
  }
  return read(false);
}

}  // namespace patron::xes
