// SPDX-License-Identifier: Apache-2.0
// A process whose anonymous memory is known page by page, for capture to find.
//
//   capture_target FOLDER [--big MIB] [--fork] [--threads] [--undumpable] [--main-ends]
//
// Every page of a region carries a magic number, the region and its index, so
// that a test sees exactly which ones are in a page file. Prints "ready" when
// all is set up, then waits for a signal. FOLDER is for the files it maps.
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint64_t kMagic = 0x70616765'70726573ULL;

enum Region : std::uint64_t {  // capture_test.py has the same numbers
  kWritten = 1,
  kEvenPages = 2,
  kFileRead = 3,
  kFileWritten = 4,
  kSharedAnonymous = 5,
  kSharedFile = 6,
  kProtectedAfterwards = 7,
  kDropped = 8,
  kChild = 9,
  kBig = 10,
  kParentAndChild = 11,
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void fill(std::uint8_t* page, Region region, std::uint64_t index) {
  std::memset(page, static_cast<int>(region * 16 + index % 16), kPage);
  const std::uint64_t head[] = {kMagic, region, index};
  std::memcpy(page, head, sizeof(head));
}

std::uint8_t* map(std::size_t pages, int protection, int flags, int fd = -1) {
  void* const memory = ::mmap(nullptr, pages * kPage, protection, flags, fd, 0);
  if (memory == MAP_FAILED) {
    fail("mmap");
  }
  return static_cast<std::uint8_t*>(memory);
}

std::uint8_t* map_anonymous(std::size_t pages) {
  return map(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

std::uint8_t* filled(std::size_t pages, Region region) {
  std::uint8_t* const memory = map_anonymous(pages);
  for (std::size_t i = 0; i < pages; ++i) {
    fill(memory + i * kPage, region, i);
  }
  return memory;
}

// A file of `pages` pages that carry `region`.
int make_file(const std::string& name, std::size_t pages, Region region) {
  const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    fail(name.c_str());
  }
  std::uint8_t page[kPage];
  for (std::size_t i = 0; i < pages; ++i) {
    fill(page, region, i);
    if (::write(fd, page, kPage) != static_cast<ssize_t>(kPage)) {
      fail(name.c_str());
    }
  }
  return fd;
}

volatile std::uint8_t g_sink;

void read_all(const std::uint8_t* memory, std::size_t pages) {
  for (std::size_t i = 0; i < pages; ++i) {
    g_sink = memory[i * kPage];
  }
}

void set_up(const std::string& folder) {
  filled(300, kWritten);

  std::uint8_t* const even = map_anonymous(200);
  for (std::size_t i = 0; i < 200; i += 2) {
    fill(even + i * kPage, kEvenPages, i);
  }

  const int file_read = make_file(folder + "/read", 100, kFileRead);
  read_all(map(100, PROT_READ, MAP_PRIVATE, file_read), 100);

  const int file_written = make_file(folder + "/written", 90, kFileWritten);
  std::uint8_t* const copied = map(90, PROT_READ | PROT_WRITE, MAP_PRIVATE, file_written);
  read_all(copied, 90);
  for (std::size_t i = 0; i < 90; i += 3) {
    copied[i * kPage + kPage - 1] = 0xcc;  // becomes an anonymous copy
  }

  std::uint8_t* const shared = map(80, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
  for (std::size_t i = 0; i < 80; ++i) {
    fill(shared + i * kPage, kSharedAnonymous, i);
  }
  const int shared_fd = make_file(folder + "/shared", 70, kSharedFile);
  std::uint8_t* const shared_file = map(70, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd);
  shared_file[kPage - 1] = 1;
  read_all(shared_file, 70);

  std::uint8_t* const guarded = filled(60, kProtectedAfterwards);
  if (::mprotect(guarded, 60 * kPage, PROT_NONE) != 0) {
    fail("mprotect");
  }
  std::uint8_t* const dropped = filled(50, kDropped);
  if (::madvise(dropped, 50 * kPage, MADV_DONTNEED) != 0) {
    fail("madvise");
  }
  // As sanitizers and JVMs reserve memory: a walk of it all would take hours.
  map((std::size_t{1} << 44) / kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);

  // Zero pages: 256 that are written, 3,000 that are only read; and 200 same-filled.
  std::uint8_t* const zeros = map_anonymous(256);
  for (std::size_t i = 0; i < 256; ++i) {
    zeros[i * kPage] = 1;
    zeros[i * kPage] = 0;
  }
  read_all(map_anonymous(3000), 3000);
  std::memset(map_anonymous(200), 0x5a, 200 * kPage);
}

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: capture_target FOLDER [OPTIONS]\n", stderr);
    return 2;
  }
  // Huge pages would make neighbours resident that were never touched.
  ::prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, 9);
  set_up(argv[1]);
  for (int i = 2; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--big" && i + 1 < argc) {
      filled(std::strtoul(argv[++i], nullptr, 10) * 256, kBig);
    } else if (option == "--fork") {
      filled(40, kParentAndChild);  // shared by copy-on-write
      if (::fork() == 0) {
        ::prctl(PR_SET_PDEATHSIG, 9);
        filled(30, kChild);
        std::puts("child ready");
        std::fflush(stdout);
        ::pause();
        ::_exit(0);
      }
    } else if (option == "--threads") {
      for (int thread = 0; thread < 8; ++thread) {
        std::thread([] { ::pause(); }).detach();
      }
    } else if (option == "--main-ends") {
      std::thread([] {
        say_ready();
        ::pause();
        std::_Exit(0);
      }).detach();
      ::pthread_exit(nullptr);
    } else if (option == "--undumpable") {
      ::prctl(PR_SET_DUMPABLE, 0);
    }
  }
  say_ready();
  ::pause();
  return 0;
}
