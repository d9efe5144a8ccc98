// SPDX-License-Identifier: Apache-2.0
// What the tests of all CPU back ends share: which they are, and one page or block through one.
#pragma once

#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>
#include <pagepress/cpu_codecs.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/driver/fenced_memory.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::test {

struct CodecAtLevel {
  std::string_view name;
  int level;
};

inline const CpuCodec& cpu_codec(std::string_view name) {
  const std::span<const CpuCodec> table = cpu_codecs();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const CpuCodec& codec) { return codec.name == name; });
  if (found == table.end()) {
    throw std::invalid_argument(std::string(name));
  }
  return *found;
}

// Every back end at the ends of its levels and at its standard one; not the slowest of zstd's.
inline std::vector<CodecAtLevel> all_codecs() {
  std::vector<CodecAtLevel> all;
  for (const CpuCodec& codec : cpu_codecs()) {
    all.push_back({codec.name, codec.standard_level()});
    if (codec.levels) {
      all.push_back({codec.name, codec.levels->least});
      all.push_back({codec.name, std::min(codec.levels->most, codec.name == "cpu:zstd" ? 9 : 99)});
    }
  }
  return all;
}

struct Outcome {
  Completion completion;
  std::vector<std::byte> out;
  bool guards_hold = false;
};

// A test for each of all_codecs().
class CpuCodecTest : public ::testing::TestWithParam<CodecAtLevel> {
 protected:
  [[nodiscard]] std::unique_ptr<Codec> make(bool with_crc32c = true) const {
    return make_cpu_codec(cpu_codec(GetParam().name).make(GetParam().level), with_crc32c);
  }

  // Source and destination end at fences.
  static Outcome send(Codec& codec, Request request, std::span<const std::byte> source) {
    const FencedMemory src(source);
    const FencedMemory dst(request.capacity);
    request.src = src.span().data();
    request.src_len = static_cast<std::uint32_t>(source.size());
    request.dst = dst.span().data();
    Outcome result;
    EXPECT_EQ(codec.submit(std::span(&request, 1)), 1u);
    EXPECT_EQ(codec.poll(std::span(&result.completion, 1)), 1u);
    EXPECT_EQ(result.completion.tag, request.tag);
    EXPECT_LE(result.completion.out_len, request.capacity);
    // A library may use all of the capacity, but not a byte more.
    result.guards_hold = dst.holds(request.capacity);
    const auto out = dst.span().first(result.completion.out_len);
    result.out.assign(out.begin(), out.end());
    return result;
  }
  static Outcome compress(Codec& codec, const PageData& page, std::uint32_t limit,
                          std::uint32_t capacity) {
    return send(codec, {.capacity = capacity, .limit = limit, .tag = 42}, page);
  }
  static Outcome expand(Codec& codec, std::span<const std::byte> block, std::uint32_t capacity) {
    return send(codec, {.capacity = capacity, .tag = 43, .operation = Operation::kDecompress},
                block);
  }
  void expect_page(const Outcome& stored, const PageData& page) const {
    const Outcome back = expand(*make(), stored.out, kPageSize);
    ASSERT_EQ(back.completion.status, Status::kOk);
    ASSERT_EQ(back.out.size(), kPageSize);
    EXPECT_TRUE(std::equal(back.out.begin(), back.out.end(), page.begin()));
    EXPECT_TRUE(back.guards_hold);
  }
};

inline std::string name_of_codec(const ::testing::TestParamInfo<CodecAtLevel>& info) {
  std::string name = std::string(info.param.name.substr(4)) + "_" +
                     (info.param.level < 0 ? "minus" : "") +
                     std::to_string(std::abs(info.param.level));
  return name + "_" + std::to_string(info.index);
}

}  // namespace pagepress::test
