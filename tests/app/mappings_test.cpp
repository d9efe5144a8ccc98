// SPDX-License-Identifier: Apache-2.0
// smaps as Linux 6.1 and later write it.
#include "apps/pagepress/capture/mappings.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "apps/pagepress/capture/capture_error.hpp"

namespace pagepress::app {
namespace {

std::vector<Mapping> parse(const std::string& text) {
  std::istringstream in(text);
  return parse_smaps(in);
}

Mapping mapping_of(const std::string& header, const std::string& anonymous) {
  return parse(header + "\nAnonymous: " + anonymous + " kB\n").at(0);
}

TEST(ParseSmaps, RejectsWhatIsNotSmaps) {
  EXPECT_THROW(parse("nonsense\n"), CaptureError);
  EXPECT_THROW(parse("1000-0800 rw-p 00000000 00:00 0\n"), CaptureError);
  EXPECT_THROW(parse("1000-2000 rw\n"), CaptureError);
  EXPECT_THROW(parse("1000+2000 rw-p 00000000 00:00 0\n"), CaptureError);
}

TEST(ParseSmaps, FindsNothingInNothing) { EXPECT_TRUE(parse("").empty()); }

TEST(ParseSmaps, ReadsEveryMapping) {
  const auto mappings = parse(
      "55d0c000-55d0f000 r--p 00001000 fe:00 4242                       /opt/a b/prog (deleted)\n"
      "Size:                 12 kB\n"
      "Rss:                   8 kB\n"
      "Anonymous:             4 kB\n"
      "AnonHugePages:         2 kB\n"
      "Swap:                 16 kB\n"
      "SwapPss:               1 kB\n"
      "VmFlags: rd wr mr mw me ac sd\n"
      "7ffe0000-7ffe1000 rw-s 00000000 00:00 0 \n"
      "Anonymous:             0 kB\n"
      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0          [vsyscall]\n"
      "Anonymous:             0 kB\n");
  ASSERT_EQ(mappings.size(), 3U);
  EXPECT_EQ(mappings[0].start, 0x55d0c000U);
  EXPECT_EQ(mappings[0].end, 0x55d0f000U);
  EXPECT_EQ(mappings[0].name, "/opt/a b/prog (deleted)");
  EXPECT_FALSE(mappings[0].shared);
  EXPECT_EQ(mappings[0].anonymous_bytes, 4096U);
  EXPECT_EQ(mappings[0].swapped_bytes, 16384U);
  EXPECT_TRUE(mappings[1].shared);
  EXPECT_EQ(mappings[1].name, "");
  EXPECT_EQ(mappings[2].end, 0xffffffffff601000U);
  EXPECT_EQ(mappings[2].name, "[vsyscall]");
}

TEST(HoldsAnonymousPages, PrivateMappingsThatHaveSome) {
  EXPECT_TRUE(holds_anonymous_pages(mapping_of("1000-2000 rw-p 0 00:00 0 [heap]", "4")));
  EXPECT_TRUE(holds_anonymous_pages(mapping_of("1000-2000 ---p 0 00:00 0", "4")));
  EXPECT_TRUE(holds_anonymous_pages(mapping_of("1000-2000 r--p 0 fe:00 7 /lib/x.so", "4")));
  EXPECT_FALSE(holds_anonymous_pages(mapping_of("1000-2000 rw-p 0 00:00 0 [heap]", "0")));
}

TEST(HoldsAnonymousPages, NeitherSharedOnesNorTheKernelsOwn) {
  EXPECT_FALSE(holds_anonymous_pages(mapping_of("1000-2000 rw-s 0 00:01 9 /dev/shm/x", "4")));
  for (const char* name : {"[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]"}) {
    EXPECT_FALSE(
        holds_anonymous_pages(mapping_of(std::string("1000-2000 r-xp 0 00:00 0 ") + name, "4")))
        << name;
  }
}

}  // namespace
}  // namespace pagepress::app
