// SPDX-License-Identifier: Apache-2.0
// Cost tables: measured, saved, loaded, and refused where they do not fit.
#include "sim/host/cost_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <fstream>

#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kPages = 64;
constexpr std::uint32_t kLimit = 3625;

class Costs : public ::testing::Test {
 protected:
  Costs() { inputs_ = {input("a", bytes_)}; }

  static CostInput input(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    return {path, bytes, crc32c(bytes.data(), bytes.size())};
  }
  CostTable measured() {
    CostTable table("a CPU", inputs_, 3, kLimit);
    const std::unique_ptr<Codec> codec = make_cpu_lz4(false);
    table.measure("cpu:lz4", "lz4 1", *codec, inputs_, {});
    return table;
  }
  std::filesystem::path save(const nlohmann::json& json) {
    const std::filesystem::path file = folder_.path() / "costs.json";
    std::ofstream(file) << json.dump();
    return file;
  }
  std::string error_of(const std::filesystem::path& file, std::uint32_t limit = kLimit) {
    try {
      (void)CostTable(file, inputs_, limit).codec("cpu:lz4", "lz4 1");
    } catch (const CostError& error) {
      return error.what();
    }
    return "no error";
  }

  testing::TemporaryFolder folder_;
  std::vector<std::uint8_t> bytes_ = testing::mixed_pages(kPages, 1);
  std::vector<CostInput> inputs_;
};

TEST_F(Costs, EveryPageHasOneAndTextCostsMoreThanZeros) {
  const CostTable table = measured();
  const CodecCosts& costs = table.codec("cpu:lz4", "lz4 1");
  ASSERT_EQ(costs.compress.ns.size(), 1);
  ASSERT_EQ(costs.compress.ns[0].size(), kPages);
  // Page 0 of 8 is text, page 1 zeros: thousands of ns against hundreds.
  EXPECT_GT(costs.compress.ns[0][0], costs.compress.ns[0][1]);
  EXPECT_GT(costs.mean_ns(), 100);
  EXPECT_LT(costs.mean_ns(), 1e6);
}

TEST_F(Costs, DecompressionCostsWhereABlockWasStored) {
  const CostTable table = measured();
  const CodecCosts& costs = table.codec("cpu:lz4", "lz4 1");
  ASSERT_EQ(costs.decompress.ns.size(), 1);
  ASSERT_EQ(costs.decompress.ns[0].size(), kPages);
  for (std::size_t i = 0; i < kPages; ++i) {
    // Of 8 pages, the second is zeros, the fifth random, the eighth same-filled.
    const bool block = i % 8 != 1 && i % 8 != 4 && i % 8 != 7;
    EXPECT_EQ(costs.decompress.ns[0][i] != 0, block) << i;
  }
  EXPECT_EQ(costs.blocks(), kPages * 5 / 8);
  EXPECT_GT(costs.mean_decompress_ns(), 10);
  EXPECT_LT(costs.mean_decompress_ns(), 1e6);
  const nlohmann::json described = table.describe()["codecs"]["cpu:lz4"]["decompress"];
  EXPECT_EQ(described["blocks"], kPages * 5 / 8);
  EXPECT_EQ(described["mean_ns"], costs.mean_decompress_ns());
  EXPECT_GT(described["thread_cpu_ns_per_page"].get<double>(), 0);
}

TEST_F(Costs, NothingStoredCostsNothingBack) {
  bytes_ = std::vector<std::uint8_t>(8 * kPageSize);
  inputs_ = {input("zeros", bytes_)};
  const CostTable table = measured();
  EXPECT_EQ(table.codec("cpu:lz4", "lz4 1").blocks(), 0);
  EXPECT_TRUE(table.describe()["codecs"]["cpu:lz4"]["decompress"]["mean_ns"].is_null());
  EXPECT_EQ(CostTable(save(table.to_json()), inputs_, kLimit).to_json(), table.to_json());
}

TEST_F(Costs, ProgressCountsBothOperations) {
  CostTable table("a CPU", inputs_, 3, kLimit);
  std::vector<std::uint64_t> seen;
  table.measure("cpu:lz4", "lz4 1", *make_cpu_lz4(false), inputs_,
                [&](std::uint64_t done, std::uint64_t total) {
                  EXPECT_EQ(total, 6 * kPages);
                  seen.push_back(done);
                });
  EXPECT_EQ(seen.back(), 6 * kPages);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

// A table of before decompression was measured has to be measured again, and says so.
TEST_F(Costs, AnOlderTableIsToBeMeasuredAgain) {
  nlohmann::json json = measured().to_json();
  json["schema"] = "pagepress.costs/1";
  json["codecs"]["cpu:lz4"].erase("decompress");
  EXPECT_THAT(error_of(save(json)), AllOf(HasSubstr("costs.json: "), HasSubstr("pagepress.costs/1"),
                                          HasSubstr("decompression"), HasSubstr("measure anew")));
}

TEST_F(Costs, SavedAndLoadedIsTheSame) {
  const nlohmann::json saved = measured().to_json();
  const CostTable loaded(save(saved), inputs_, kLimit);
  EXPECT_EQ(loaded.to_json().dump(), saved.dump());
}

TEST_F(Costs, TheNameOfAFileDoesNotMatter) {
  const std::filesystem::path file = save(measured().to_json());
  inputs_ = {input("elsewhere/b", bytes_)};
  EXPECT_EQ(error_of(file), "no error");
}

TEST_F(Costs, OtherPagesAreRefused) {
  const std::filesystem::path file = save(measured().to_json());
  std::vector<std::uint8_t> other = bytes_;
  other[kPages * 2000] ^= 1;
  inputs_ = {input("a", other)};
  EXPECT_THAT(error_of(file), AllOf(HasSubstr("costs.json: "), HasSubstr("other pages")));
  inputs_ = {input("a", bytes_), input("a", bytes_)};
  EXPECT_THAT(error_of(file), HasSubstr("other pages"));
}

TEST_F(Costs, AnotherLimitIsRefused) {
  EXPECT_THAT(error_of(save(measured().to_json()), 4096),
              AllOf(HasSubstr("3625"), HasSubstr("4096")));
}

TEST_F(Costs, AnotherLibraryOrCodecIsRefused) {
  const CostTable table(save(measured().to_json()), inputs_, kLimit);
  EXPECT_THROW((void)table.codec("cpu:lz4", "lz4 2"), CostError);
  EXPECT_THROW((void)table.codec("cpu:zstd", "lz4 1"), CostError);
}

TEST_F(Costs, DamagedFilesAreRefused) {
  nlohmann::json json = measured().to_json();
  json["codecs"]["cpu:lz4"]["decompress"]["ns"][0].erase(0);
  EXPECT_THAT(error_of(save(json)), HasSubstr("does not have a cost for each page"));
  json = measured().to_json();
  json["codecs"]["cpu:lz4"].erase("decompress");
  EXPECT_THAT(error_of(save(json)), HasSubstr("damaged"));
  json = measured().to_json();
  json["codecs"]["cpu:lz4"]["ns"][0].erase(0);
  EXPECT_THAT(error_of(save(json)), HasSubstr("does not have a cost for each page"));
  json["codecs"]["cpu:lz4"]["ns"][0] = {1, "two"};
  EXPECT_THAT(error_of(save(json)), HasSubstr("damaged"));
  json.erase("machine");
  EXPECT_THAT(error_of(save(json)), HasSubstr("damaged"));
  json["schema"] = "pagepress.results/1";
  EXPECT_THAT(error_of(save(json)), HasSubstr("not a cost table"));
  EXPECT_THAT(error_of(save(nlohmann::json::array())), HasSubstr("not a cost table"));
  std::ofstream(folder_.path() / "x") << "{";
  EXPECT_THAT(error_of(folder_.path() / "x"), HasSubstr("not a cost table"));
  EXPECT_THAT(error_of(folder_.path() / "none"), HasSubstr("cannot read"));
}

}  // namespace
}  // namespace pagepress::sim
