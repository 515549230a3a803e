/* Loads and unloads the library a hundred times: it must work each time, be gone after each, and
 * leave no memory behind. Usage: reload LIBRARY */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static long ResidentPages(void) {
  long size = 0;
  long resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return -1;
  if (fscanf(file, "%ld %ld", &size, &resident) != 2) resident = -1;
  fclose(file);
  return resident;
}

static int LoadOnce(const char *path, int flags) {
  void *symbol;
  uint32_t (*abi_version)(void);
  uint32_t (*abi_version_min)(void);
  void *library = dlopen(path, RTLD_NOW | flags);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 0;
  }
  /* POSIX lets a data pointer hold a function's address; ISO C has no cast for it. */
  symbol = dlsym(library, "patron_abi_version");
  memcpy(&abi_version, &symbol, sizeof symbol);
  symbol = dlsym(library, "patron_abi_version_min");
  memcpy(&abi_version_min, &symbol, sizeof symbol);
  if (abi_version == NULL || abi_version_min == NULL) {
    fprintf(stderr, "the version functions are missing\n");
    return 0;
  }
  if (abi_version_min() == 0 || abi_version_min() > abi_version()) {
    fprintf(stderr, "binary interface %u to %u makes no sense\n", (unsigned)abi_version_min(),
            (unsigned)abi_version());
    return 0;
  }
  if (dlclose(library) != 0) {
    fprintf(stderr, "%s\n", dlerror());
    return 0;
  }
  if (dlopen(path, RTLD_NOW | RTLD_NOLOAD) != NULL) {
    fprintf(stderr, "still loaded after dlclose\n");
    return 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  enum { kRounds = 100, kSettled = 20, kSlackPages = 64 };
  long before = 0;
  long after;
  int i;
  if (argc != 2) {
    fprintf(stderr, "usage: reload LIBRARY\n");
    return 2;
  }
  for (i = 0; i < kRounds; ++i) {
    if (!LoadOnce(argv[1], i % 2 == 0 ? RTLD_LOCAL : RTLD_GLOBAL)) {
      fprintf(stderr, "round %d of %d failed\n", i + 1, kRounds);
      return 1;
    }
    if (i + 1 == kSettled) before = ResidentPages();
  }
  after = ResidentPages();
  if (before < 0 || after > before + kSlackPages) {
    fprintf(stderr, "resident pages grew from %ld to %ld\n", before, after);
    return 1;
  }
  printf("%d rounds, resident pages %ld, then %ld\n", kRounds, before, after);
  return 0;
}
