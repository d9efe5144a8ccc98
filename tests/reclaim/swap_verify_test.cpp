// SPDX-License-Identifier: Apache-2.0
// The check of copies finds what is wrong, and says it.
#include "sim/reclaim/swap/verify_copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <pagepress/cpu_codecs.hpp>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

using testing::HasSubstr;
using Page = std::array<std::uint8_t, sim::kPageBytes>;

class VerifyCopy : public testing::Test {
 protected:
  VerifyCopy() {
    const auto codecs = cpu_codecs();
    const auto lz4 = std::find_if(codecs.begin(), codecs.end(),
                                  [](const CpuCodec& one) { return one.name == "cpu:lz4"; });
    codec_ = make_cpu_codec(lz4->make(lz4->standard_level()));
    for (std::size_t i = 0; i != page_.size(); ++i) {
      page_[i] = static_cast<std::uint8_t>(i / 64 * 7 + i % 5);
    }
    Request request;
    request.src = page_.data();
    request.dst = block_.data();
    request.capacity = static_cast<std::uint32_t>(block_.size());
    EXPECT_EQ(codec_->submit({&request, 1}), 1U);
    Completion done;
    EXPECT_EQ(codec_->poll({&done, 1}), 1U);
    EXPECT_EQ(done.status, Status::kOk);
    block_.resize(done.out_len);
    copy_.kind = Copy::Kind::kBlock;
    copy_.version = 4;
    copy_.block = block_;
    copy_.crc32c = done.crc32c;
  }

  std::string error(const Page& expected, Version version = 4) {
    try {
      verify_copy(*codec_, 11, version, copy_, expected);
    } catch (const ConservationError& caught) {
      return caught.what();
    }
    return {};
  }

  std::unique_ptr<Codec> codec_;
  Page page_;
  std::vector<std::byte> block_ = std::vector<std::byte>(kPageSize);
  Copy copy_;
};

TEST_F(VerifyCopy, ABlockGivesThePageBack) { EXPECT_EQ(error(page_), ""); }

TEST_F(VerifyCopy, AnotherPageIsNamedByItsFirstByte) {
  Page other = page_;
  other[4095] ^= 1;
  EXPECT_EQ(error(other),
            "page 11 version 4: its block decodes to another page, from byte 4095 on");
}

TEST_F(VerifyCopy, AnotherVersionIsNamed) {
  EXPECT_EQ(error(page_, 5), "page 11 version 5: the copy is of version 4");
  copy_.kind = Copy::Kind::kDevice;
  EXPECT_EQ(error(page_), "");
  EXPECT_THAT(error(page_, 3), HasSubstr("the copy is of version 4"));
  copy_ = {};
  EXPECT_THAT(error(page_), HasSubstr("there is no copy"));
}

TEST_F(VerifyCopy, ABrokenBlockIsNamed) {
  copy_.block = std::span(block_).first(block_.size() - 1);
  EXPECT_THAT(error(page_), HasSubstr("cpu:lz4 says \"malformed"));
  copy_.block = {};
  EXPECT_THAT(error(page_), HasSubstr("of its block of 0 bytes"));
}

TEST_F(VerifyCopy, AWrongSumIsNamed) {
  copy_.crc32c ^= 1;
  EXPECT_THAT(error(page_), HasSubstr("was stored"));
  copy_.crc32c = 0;  // not known
  EXPECT_EQ(error(page_), "");
}

TEST_F(VerifyCopy, AWordFillsThePage) {
  copy_.kind = Copy::Kind::kSameFilled;
  copy_.word = 0x0101'0101'0101'0101;
  Page filled;
  filled.fill(1);
  EXPECT_EQ(error(filled), "");
  filled[4090] = 2;
  EXPECT_THAT(error(filled), HasSubstr("byte 4088 is not of the word 0x0101010101010101"));
}

}  // namespace
}  // namespace pagepress::reclaim
