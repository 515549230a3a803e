// Logs of accesses: each change of a line is seen, and where.
#include "patron/customers/access_log.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

std::vector<AccessLine> Lines(size_t count) {
  AccessLog log(true);
  for (size_t i = 0; i < count; ++i) {
    AccessLine line;
    line.time = 1000 - static_cast<int64_t>(i);  // A clock that goes back.
    line.actor = "clerk";
    line.subject_text = i % 2 == 0 ? "ann" : "bob";
    line.purpose = "support";
    line.fields = "phone";
    line.allowed = i % 3 == 0;
    log.Append(line);
  }
  std::vector<AccessLine> lines;
  for (size_t i = 0; i < log.size(); ++i) lines.push_back(log[i]);
  return lines;
}

AccessVerdict Verify(const std::vector<AccessLine> &lines,
                     const std::optional<AccessHead> &head = std::nullopt) {
  AccessLog log(true);
  for (const AccessLine &line : lines) log.Restore(line);
  return log.Verify(head);
}

TEST(AccessLogTest, EachChangeIsSeenWhereItIs) {
  const std::vector<AccessLine> sound = Lines(8);
  EXPECT_EQ(Verify(sound).fault, AccessFault::kIntact);
  const std::vector<void (*)(AccessLine &)> changes = {
      [](AccessLine &l) { l.time += 1; }, [](AccessLine &l) { l.actor = "clerks"; },
      [](AccessLine &l) { l.subject_text = "cy"; }, [](AccessLine &l) { l.purpose = "suppor"; },
      [](AccessLine &l) { l.fields = ""; }, [](AccessLine &l) { l.recipient = "x"; },
      [](AccessLine &l) { l.note = "x"; }, [](AccessLine &l) { l.allowed = !l.allowed; },
      [](AccessLine &l) { l.hash[31] ^= 1; },
      // What moves from one text to the next does not stay unseen.
      [](AccessLine &l) {
        l.actor += "s";
        l.purpose.erase(0, 1);
      }};
  for (size_t place = 0; place < sound.size(); ++place) {
    for (const auto change : changes) {
      std::vector<AccessLine> lines = sound;
      change(lines[place]);
      const AccessVerdict found = Verify(lines);
      EXPECT_EQ(found.fault, AccessFault::kAltered);
      EXPECT_EQ(found.line, place);
    }
  }
}

TEST(AccessLogTest, MissingAndMovedLines) {
  const std::vector<AccessLine> sound = Lines(6);
  const AccessHead head{.lines = 6, .hash = sound[5].hash};
  for (size_t place = 0; place + 1 < sound.size(); ++place) {
    std::vector<AccessLine> lines = sound;
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(place));
    EXPECT_EQ(Verify(lines).fault, AccessFault::kMissing);
    EXPECT_EQ(Verify(lines).line, place);
    lines = sound;
    std::swap(lines[place], lines[place + 1]);
    EXPECT_EQ(Verify(lines).fault, AccessFault::kReordered);
    EXPECT_EQ(Verify(lines).line, place);
  }
  // At the end only a head tells.
  std::vector<AccessLine> shorter(sound.begin(), sound.end() - 2);
  EXPECT_EQ(Verify(shorter).fault, AccessFault::kIntact);
  EXPECT_EQ(Verify(shorter, head).fault, AccessFault::kMissing);
  EXPECT_EQ(Verify(shorter, head).line, 4U);
  EXPECT_EQ(Verify(sound, head).fault, AccessFault::kIntact);
  EXPECT_EQ(Verify(sound, AccessHead{.lines = 3, .hash = sound[2].hash}).fault,
            AccessFault::kIntact);
  // A log made anew from the first line on.
  AccessLog forged(true);
  for (size_t i = 0; i < sound.size(); ++i) {
    AccessLine line = sound[i];
    if (i == 0) line.actor = "nobody";
    forged.Append(line);
  }
  EXPECT_EQ(forged.Verify().fault, AccessFault::kIntact);
  EXPECT_EQ(forged.Verify(head).fault, AccessFault::kRewritten);
}

}  // namespace
}  // namespace patron::customers
