// SPDX-License-Identifier: Apache-2.0
// Both ways to find resident anonymous pages, over memory of this process.
#include "apps/pagepress/capture/anonymous_pages.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/pagepress/capture/capture_error.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

constexpr std::size_t kHugePages = 512;

// A mapping of `pages` pages that huge pages leave alone.
class Memory {
 public:
  explicit Memory(std::size_t pages, int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1)
      : bytes_(pages * kPageBytes),
        data_(static_cast<std::uint8_t*>(
            ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, flags, fd, 0))) {
    EXPECT_NE(data_, MAP_FAILED);
    ::madvise(data_, bytes_, MADV_NOHUGEPAGE);
  }
  ~Memory() { ::munmap(data_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // The first page at which a huge page may begin.
  [[nodiscard]] std::size_t first_huge() const {
    return (kHugePages - address(0) / kPageBytes % kHugePages) % kHugePages;
  }
  bool allow_huge_pages() const { return ::madvise(data_, bytes_, MADV_HUGEPAGE) == 0; }

  void write(std::size_t page) const { *at(page) = 1; }
  void read(std::size_t page) const {
    const volatile std::uint8_t byte = *at(page);
    static_cast<void>(byte);
  }
  [[nodiscard]] std::uint64_t address(std::size_t page) const {
    return reinterpret_cast<std::uintptr_t>(at(page));
  }
  [[nodiscard]] std::uint64_t end() const {
    return reinterpret_cast<std::uintptr_t>(data_) + bytes_;
  }
  [[nodiscard]] PageRange range(std::size_t first, std::size_t last) const {
    return {address(first), address(last) + kPageBytes, false};
  }

 private:
  [[nodiscard]] std::uint8_t* at(std::size_t page) const { return data_ + page * kPageBytes; }
  std::size_t bytes_;
  std::uint8_t* data_;
};

using Finder = bool (*)(int, const Memory&, std::vector<PageRange>&);

bool scan(int fd, const Memory& memory, std::vector<PageRange>& ranges) {
  return scan_anonymous_pages(fd, memory.address(0), memory.end(), ranges);
}
bool read(int fd, const Memory& memory, std::vector<PageRange>& ranges) {
  read_anonymous_pages(fd, memory.address(0), memory.end(), ranges);
  return true;
}

class AnonymousPages : public testing::TestWithParam<Finder> {
 protected:
  void SetUp() override {
    std::vector<PageRange> ranges;
    if (!GetParam()(pagemap, Memory(1), ranges)) {
      GTEST_SKIP() << "this kernel has no PAGEMAP_SCAN";
    }
  }
  ~AnonymousPages() override { ::close(pagemap); }

  std::vector<PageRange> find(const Memory& memory) const {
    std::vector<PageRange> ranges;
    EXPECT_TRUE(GetParam()(pagemap, memory, ranges));
    return ranges;
  }

  int pagemap = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
};

TEST_P(AnonymousPages, FindsNothingInUntouchedMemory) { EXPECT_TRUE(find(Memory(100)).empty()); }

TEST_P(AnonymousPages, FindsWhatWasWritten) {
  const Memory memory(100);
  for (const std::size_t page : {0U, 1U, 2U, 50U, 98U, 99U}) {
    memory.write(page);
  }
  EXPECT_THAT(find(memory),
              testing::ElementsAre(memory.range(0, 2), memory.range(50, 50), memory.range(98, 99)));
}

TEST_P(AnonymousPages, ContinuesWhereItsBuffersEnd) {
  constexpr std::size_t kPages = 3000;  // of which every other is a range of its own
  const Memory memory(kPages);
  for (std::size_t page = 0; page < kPages; page += 2) {
    memory.write(page);
  }
  const auto ranges = find(memory);
  ASSERT_EQ(ranges.size(), kPages / 2);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    ASSERT_EQ(ranges[i], memory.range(2 * i, 2 * i));
  }
}

TEST_P(AnonymousPages, TakesAFilePageOnlyOnceItIsCopied) {
  const int fd = ::memfd_create("pages", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(fd, 10 * kPageBytes), 0);
  const Memory memory(10, MAP_PRIVATE, fd);
  for (std::size_t page = 0; page < 10; ++page) {
    memory.read(page);
  }
  EXPECT_TRUE(find(memory).empty());
  memory.write(4);
  EXPECT_THAT(find(memory), testing::ElementsAre(memory.range(4, 4)));
  ::close(fd);
}

TEST_P(AnonymousPages, LeavesSharedMemoryOut) {
  const Memory memory(10, MAP_SHARED | MAP_ANONYMOUS);
  memory.write(3);
  EXPECT_TRUE(find(memory).empty());
}

TEST_P(AnonymousPages, TellsTheHugeZeroPageFromHugePages) {
  const Memory memory(3 * kHugePages);
  const std::size_t written = memory.first_huge();
  const std::size_t only_read = written + kHugePages;
  if (!memory.allow_huge_pages()) {
    GTEST_SKIP() << "this kernel has no transparent huge pages";
  }
  memory.write(written);
  memory.read(only_read);
  auto ranges = find(memory);
  std::erase_if(ranges, [](const PageRange& range) { return range.zero_page_possible; });
  if (ranges == std::vector{memory.range(written, written)}) {
    GTEST_SKIP() << "this kernel gave no huge page";
  }
  EXPECT_THAT(ranges, testing::ElementsAre(memory.range(written, written + kHugePages - 1)));
}

INSTANTIATE_TEST_SUITE_P(BothWays, AnonymousPages, testing::Values(&scan, &read),
                         [](const auto& info) { return info.index == 0 ? "Scan" : "Read"; });

TEST(ScanAnonymousPages, LeavesTheZeroPageOut) {
  const Memory memory(10);
  memory.read(3);
  std::vector<PageRange> ranges;
  const int pagemap = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (!scan(pagemap, memory, ranges)) {
    GTEST_SKIP() << "this kernel has no PAGEMAP_SCAN";
  }
  EXPECT_TRUE(ranges.empty());
  ::close(pagemap);
}

TEST(ReadAnonymousPages, MarksWhatMayBeTheZeroPage) {
  const Memory memory(10);
  memory.read(3);
  memory.write(4);
  std::vector<PageRange> ranges;
  const int pagemap = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  read(pagemap, memory, ranges);
  PageRange possible = memory.range(3, 3);
  possible.zero_page_possible = true;
  EXPECT_THAT(ranges, testing::ElementsAre(possible, memory.range(4, 4)));
  ::close(pagemap);
}

TEST(ScanAnonymousPages, SaysSoIfTheKernelCannot) {
  std::vector<PageRange> ranges;
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_FALSE(scan(null, Memory(1), ranges));
  EXPECT_THROW(read(null, Memory(1), ranges), CaptureError);  // it reads as empty
  ::close(null);
}

}  // namespace
}  // namespace pagepress::app
