// Two parsers read logs in XES: what the one for plain XML accepts, expat must accept with the same log.
#include "xes/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/folders.hpp"

namespace patron::xes {
namespace {

Options AllKeys() {
  Options options;
  options.event_attributes = {"k", "concept:name"};
  options.trace_attributes = {"k"};
  return options;
}

// All that a log holds, as text.
std::string Describe(const Log &log) {
  std::string all;
  const auto add = [&](const auto &values) {
    for (const auto &value : values) all += std::to_string(value) + ' ';
    all += '\n';
  };
  const auto add_text = [&](const TextColumn &column) {
    add(column.codes);
    for (uint32_t code = 0; code < column.values.size(); ++code) {
      all += std::string(column.values.text(code)) + '\n';
    }
  };
  add_text(log.cases);
  add_text(log.activities);
  add_text(log.resources);
  for (const TextColumn &column : log.event_attributes) add_text(column);
  for (const TextColumn &column : log.trace_attributes) add_text(column);
  add(log.times);
  add(log.has_time);
  add(std::vector<uint64_t>{log.traces, log.unnamed_traces, log.repeated_traces, log.empty_traces,
                            log.nameless_events, log.timeless_events, log.zoneless_times});
  return all;
}

// What one of the parsers makes of `bytes`, fed in pieces of `piece`.
std::optional<Log> ReadBy(bool plain, std::string_view bytes, size_t piece = std::string::npos) {
  const std::vector<char> own(bytes.begin(), bytes.end());  // Nothing may be read beyond it.
  bytes = {own.data(), own.size()};
  Reader reader(AllKeys(), plain);
  while (!bytes.empty()) {
    if (!reader.Feed(bytes.substr(0, piece)).ok()) return std::nullopt;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  absl::StatusOr<Log> log = reader.Finish();
  if (!log.ok()) return std::nullopt;
  return *std::move(log);
}

// Whether the plain parser accepts the text. Checks that expat agrees, and that pieces change nothing.
bool IsPlain(std::string_view text) {
  const std::optional<Log> plain = ReadBy(true, text);
  for (const size_t piece : {1, 7}) {
    const std::optional<Log> again = ReadBy(true, text, piece);
    EXPECT_EQ(again.has_value(), plain.has_value()) << text;
    if (again && plain) {
      EXPECT_EQ(Describe(*again), Describe(*plain)) << text;
    }
  }
  if (!plain) return false;
  const std::optional<Log> any = ReadBy(false, text);
  EXPECT_TRUE(any.has_value()) << text;
  if (any) {
    EXPECT_EQ(Describe(*plain), Describe(*any)) << text;
  }
  return true;
}

// The value of the only event's attribute k, written as `raw`; of both parsers, if it is plain.
std::optional<std::string> Value(std::string_view raw, bool plain = true) {
  const std::string text = "<log><trace><event><string key=\"k\" value=\"" + std::string(raw) +
                           "\"/></event></trace></log>";
  EXPECT_EQ(IsPlain(text), plain) << raw;
  const absl::StatusOr<Log> log = ReadBytes(text, AllKeys());
  if (!log.ok()) return std::nullopt;
  return std::string(log->event_attributes[0].values.text(0));
}

std::string Bytes(const std::string &name) {
  std::ifstream file(patron::testing::SharedDataFolder() + "/complaints/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(XesReaderTest, ReferenceLogsArePlain) {
  for (const char *name :
       {"running-example.xes", "receipt.xes.gz", "helpdesk.xes.gz",
        "bpic2013_closed_problems.xes.gz", "teleclaims.xes.gz", "roadtraffic100traces.xes"}) {
    const std::string bytes = Bytes(name);
    const std::optional<Log> plain = ReadBy(true, bytes), any = ReadBy(false, bytes);
    ASSERT_TRUE(plain && any) << name;
    EXPECT_GT(plain->times.size(), 0u) << name;
    EXPECT_EQ(Describe(*plain), Describe(*any)) << name;
    const std::optional<Log> pieces = ReadBy(true, bytes, 1013);
    ASSERT_TRUE(pieces) << name;
    EXPECT_EQ(Describe(*plain), Describe(*pieces)) << name;
  }
}

// Sections 2.11 and 3.3.3 of XML 1.0.
TEST(XesReaderTest, ValuesAreNormalisedAsXmlSays) {
  EXPECT_EQ(Value("a > 'b' \x7F"), "a > 'b' \x7F");
  EXPECT_EQ(Value(""), "");
  EXPECT_EQ(Value(" a  b "), " a  b ");
  EXPECT_EQ(Value("a\tb\nc\rd\r\ne\n\rf\r\r\ng"), "a b c d e  f  g");
  EXPECT_EQ(Value("&amp;&lt;&gt;&quot;&apos;&#65;&#x41;&#x7e;&#126;"), "&<>\"'AA~~");
  EXPECT_EQ(Value("&#9;&#10;&#13;&#xA;&#00000000000000000065;&amp;amp;"), "\t\n\r\nA&amp;");
  EXPECT_EQ(Value("\xE6\x8A\x95\xE8\xAF\x89 \xC3\xA9 \xF0\x9F\x98\x80 &amp; \xEF\xBF\xBD"),
            "\xE6\x8A\x95\xE8\xAF\x89 \xC3\xA9 \xF0\x9F\x98\x80 & \xEF\xBF\xBD");
}

TEST(XesReaderTest, ExpatReadsWhatIsNotPlain) {
  EXPECT_EQ(Value("&#xe9;&#x6295;&#x1F600;", false), "\xC3\xA9\xE6\x8A\x95\xF0\x9F\x98\x80");
  const std::string log = "<log><trace><event/></trace></log>";
  for (const std::string &text : {
           "<?xml version='1.0' encoding='ISO-8859-1'?>" + log,
           "<?xml version='1.0' encoding='us-ascii'?>" + log,
           "<?processing?>" + log,
           log + "<?processing?>",
           std::string("<log><![CDATA[<]]></log>"),
           std::string("<log>text</log>"),
           std::string("<log>&amp;</log>"),
           std::string("<log><\xC3\xA9/></log>"),
           std::string("<log a = 'b'/>"),
           std::string("<log/>"),  // Too short to tell.
           std::string("<log a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' n='' "
                       "o='' p='' q=''/>"),
           "\xFF\xFE" + std::string("<\0l\0o\0g\0/\0>\0", 12),
       }) {
    EXPECT_FALSE(IsPlain(text)) << text;
    EXPECT_TRUE(ReadBy(false, text)) << text;
    EXPECT_TRUE(ReadBytes(text, AllKeys()).ok()) << text;
  }
}

TEST(XesReaderTest, WhatIsNoXmlIsNeverPlain) {
  for (const char *value : {"<",
                            "&",
                            "&;",
                            "&a;",
                            "&amp",
                            "&Amp;",
                            "&#;",
                            "&#x;",
                            "&#X41;",
                            "&#6a;",
                            "&#0;",
                            "&#1;",
                            "&#x1F;",
                            "&#-65;",
                            "&#xFFFE;",
                            "&#x110000;",
                            "&#xD800;",
                            "&#4294967361;",
                            "&#18446744073709551681;",
                            "\x01",
                            "\x1F",
                            "\x80",
                            "\xC3",
                            "\xC0\x80",
                            "\xED\xA0\x80",
                            "\xEF\xBF\xBE",
                            "\xEF\xBF\xBF",
                            "\xF4\x90\x80\x80",
                            "\xFF",
                            "\xE6\x8A",
                            "a\xE6\x8A&amp;"}) {
    EXPECT_EQ(Value(value, false), std::nullopt) << value;
  }
  for (const char *text : {
           "",
           "   ",
           "no element at all   ",
           "<log><trace></log></trace>",
           "<log><trace></trace>   ",
           "<log><trace></trace></log></log>",
           "<log><trace/></log><log></log>",
           "<log><trace/></log>text",
           "<log><trace a='1' a='1'/></log>",
           "<log><trace a='1' b='' a='2'/></log>",
           "<log><trace a='1'b='2'/></log>",
           "<log><trace a/></log>      ",
           "<log><trace a=1/></log>    ",
           "<log><trace a='1/></log>   ",
           "<log><trace a='1\"/></log> ",
           "<log><trace / ></log>      ",
           "<log>< trace/></log>       ",
           "<log><trace></ trace></log>",
           "<log><1/></log>            ",
           "<log><-a/></log>           ",
           "<log><trace .a='1'/></log> ",
           "<log></log a='1'>          ",
           "<log><!-- a -- b --></log> ",
           "<log><!-- a ---></log>     ",
           "<log><!- a --></log>       ",
           "<log><!-- \x01 --></log>   ",
           "<log><!-- \xFF --></log>   ",
           "<log><!-- a </log>         ",
           " <?xml version='1.0'?><log></log>",
           "<!-- a --><?xml version='1.0'?><log></log>",
           "<?xml?><log></log>         ",
           "<?xml version='1.0\"?><log></log>",
           "<?xml version='1.0'encoding='UTF-8'?><log></log>",
           "<?xml encoding='UTF-8' version='1.0'?><log></log>",
           "<?xml version='1.0' standalone='maybe'?><log></log>",
           "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><log></log>",
           "<?xml version='1.0' a='b'?><log></log>",
           "<?xml version='1.0' ? ><log></log>",
           "<log>\xEF\xBB\xBF</log>        ",
           "\xEF\xBB\xBF\xEF\xBB\xBF<log></log>",
           "\xEF\xBB<log></log>            ",
       }) {
    EXPECT_FALSE(IsPlain(text)) << text;
  }
}

TEST(XesReaderTest, WhatProgramsWriteIsPlain) {
  for (const std::string &text : {
           std::string(
               "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!-- by OpenXES - it is -->\n"
               "<log xes.version=\"1.0\" xmlns=\"http://www.xes-standard.org/\">\r\n"
               "<!----><!-- \xE6\x8A\x95 < & > --><trace></trace >\t</log\n>\n<!---> -->\n"),
           std::string(
               "<?xml version='1.0' encoding='utf-8' standalone='yes'?><log><trace/></log>"),
           std::string("<?xml version='1.0'?><log></log>"),
           std::string("\xEF\xBB\xBF<?xml version='1.0'?><log></log>"),
           std::string("\xEF\xBB\xBF<log><_a:b.c-1\n\tx='\"' y=\"'\"\n/></log>"),
           std::string(
               "<log><trace><event><string value='v' key='concept:name'/><list key='k'>"
               "<values><string key='k' value='inner'/></values></list></event></trace></log>"),
           std::string("<log a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' n='' "
                       "o='' p=''></log>"),
       }) {
    EXPECT_TRUE(IsPlain(text)) << text;
  }
}

TEST(XesReaderTest, MarkupOfAnyLengthMayBeCutAnywhere) {
  const std::string name(kMostName, 'x');
  const std::string text = "<log><trace><string key='concept:name' value='" + name +
                           "'/><event/></trace><!--" + name + name + "--></log>";
  for (const size_t piece : {size_t{1} << 16, text.size()}) {
    const std::optional<Log> plain = ReadBy(true, text, piece);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->cases.values.text(0), name);
  }
  // Longer ones are left to expat.
  const std::string longer = "<log><!--" + name + name + name + name + name + "--></log>";
  EXPECT_FALSE(ReadBy(true, longer, size_t{1} << 16));
  EXPECT_TRUE(ReadBytes(longer, AllKeys()).ok());
}

TEST(XesReaderTest, FilesAreReadAgain) {
  const std::string path = ::testing::TempDir() + "patron_again.xes";
  const std::string_view head = "<log><trace><event><string key='k' value='a'/></event></trace>";
  for (const std::string_view tail : {"</log>", "<?not plain?></log>"}) {
    std::ofstream(path, std::ios::binary) << head << std::string(1'000'000, ' ') << tail;
    const absl::StatusOr<Log> log = ReadFile(path, AllKeys());
    ASSERT_TRUE(log.ok()) << log.status();
    EXPECT_EQ(log->times.size(), 1u);
  }
  std::ofstream(path, std::ios::binary) << head << "\n\n</lag>";
  EXPECT_EQ(ReadFile(path, AllKeys()).status().message(), "line 3: mismatched tag");
  std::remove(path.c_str());
}

// Texts with a few bytes changed, among them such as are still sound.
TEST(XesReaderTest, ChangedTextsAreReadAlike) {
  const std::string sound =
      "\xEF\xBB\xBF<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- c -->\n<log a.b='1' "
      "c:d=\"'\">\n"
      "<trace><string key='concept:name' value='c&amp;1'/>\t<string key=\"k\" "
      "value=\"\xC3\xA9\"/>\n"
      "<event><string key='concept:name' value='a&#10;'/>"
      "<date key='time:timestamp' value='2024-06-03T10:00:00.000+02:00'/><int key='k' value='7'>"
      "</int></event></trace><!--- \xE6\x8A\x95 --></log>\n";
  const std::vector<std::string> pieces = {"<",
                                           ">",
                                           "/",
                                           "'",
                                           "\"",
                                           "&",
                                           ";",
                                           "=",
                                           " ",
                                           "\t",
                                           "\n",
                                           "\r",
                                           "\r\n",
                                           "a",
                                           "k",
                                           "-",
                                           "--",
                                           "!",
                                           "?",
                                           "#",
                                           "x",
                                           "0",
                                           "\x7F",
                                           "\x01",
                                           "&lt;",
                                           "&#9;",
                                           "&#x20;",
                                           "<!-- -->",
                                           "]]>",
                                           "\xC3",
                                           "\xA9",
                                           "\xEF\xBF\xBE",
                                           "\xE6\x8A\x95",
                                           ""};
  std::mt19937 random(20240603);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };
  int plain = 0;
  constexpr int kTexts = 20'000;
  for (int i = 0; i < kTexts && !HasFailure(); ++i) {
    std::string text = sound;
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      const size_t at = below(text.size());
      text.replace(at, below(3), pieces[below(pieces.size())]);
    }
    if (IsPlain(text)) ++plain;
  }
  EXPECT_GT(plain, kTexts / 20);
}

}  // namespace
}  // namespace patron::xes
