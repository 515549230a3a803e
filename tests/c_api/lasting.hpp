// What anything that lasts must bear: a process that is killed, a disk without room, entries that are
// altered, missing or moved.
#ifndef PATRON_TESTS_C_API_LASTING_HPP_
#define PATRON_TESTS_C_API_LASTING_HPP_

#include <csignal>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "c_api/casebooks.hpp"

namespace patron::c_api_test {

// In each round a process does `work(told, tell)`, which never ends by itself and tells how many batches
// are done after each, and is killed at any point; then `check(told)` looks at what is left.
template <typename Work, typename Check>
void KillAtAnyPoint(int rounds, const Work &work, const Check &check) {
  std::mt19937 random(1);
  int told = 0;
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      work(told, [&](int done) {
        if (write(ends[1], &done, sizeof done) != sizeof done) _exit(3);
      });
      _exit(6);
    }
    close(ends[1]);
    int done = 0;
    const int enough = told + 1 + static_cast<int>(random() % 12);
    while (read(ends[0], &done, sizeof done) == sizeof done) {
      told = done;
      if (told >= enough) break;
    }
    usleep(random() % 3'000);
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended by itself: " << status;
    // What it told after the last look.
    while (read(ends[0], &done, sizeof done) == sizeof done) told = done;
    close(ends[0]);
    check(told);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// While it lives no file can grow past 200,000 bytes.
class LittleRoom {
 public:
  LittleRoom() {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit small = before_;
    small.rlim_cur = 200'000;
    old_ = std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  LittleRoom(const LittleRoom &) = delete;
  LittleRoom &operator=(const LittleRoom &) = delete;
  ~LittleRoom() {
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0);
    std::signal(SIGXFSZ, old_);
  }

 private:
  rlimit before_{};
  void (*old_)(int) = nullptr;
};

// Alters each entry 20 times, and takes out, swaps and doubles those before the last. After each
// `loss(place)` must find it at that entry, and put the entries back.
template <typename Loss>
void AlterEntries(HostMemory &host, unsigned seed, const Loss &loss) {
  const std::vector<std::string> good = host.entries;
  std::mt19937 random(seed);
  for (size_t place = 0; place < good.size(); ++place) {
    for (int i = 0; i < 20; ++i) {
      host.entries[place][random() % good[place].size()] ^= static_cast<char>(1 << random() % 8);
      loss(place);
    }
    if (place + 1 == good.size()) break;
    host.entries.erase(host.entries.begin() + static_cast<std::ptrdiff_t>(place));
    loss(place);
    std::swap(host.entries[place], host.entries[place + 1]);
    loss(place);
    host.entries[place + 1] = host.entries[place];
    loss(place + 1);
  }
}

}  // namespace patron::c_api_test

#endif  // PATRON_TESTS_C_API_LASTING_HPP_
