// SPDX-License-Identifier: Apache-2.0
// The list of design points: what it is, and what is refused by name.
#include "bench/engine/design_space.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace pagepress::bench {
namespace {

constexpr const char* kList = PP_TEST_DESIGN_SPACE;
constexpr const char* kPoint =
    R"({"name": "a", "parameters": {"W": 16, "BANKS": 32, "WAYS": 2, "ROWS": 1024,
        "LONG_ROWS": 1024, "NEAR": 16, "UNITS": 4, "STARTS": 2}})";

class DesignSpace : public testing::Test {
 protected:
  ~DesignSpace() override { std::filesystem::remove(path_); }

  void refused(const std::string& text, const std::string& message) {
    std::ofstream(path_) << text;
    try {
      (void)read_design_space(path_);
      FAIL() << "accepted: " << text;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }

  [[nodiscard]] static std::string with(std::string point, const std::string& from,
                                        const std::string& to) {
    point.replace(point.find(from), from.size(), to);
    return R"({"points": [)" + point + "]}";
  }

  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("pagepress-design-" + std::to_string(getpid()) + ".json");
};

TEST_F(DesignSpace, OursStartsWithTheDefaultAndHasThoseOfAllWidths) {
  const std::vector<DesignPoint> points = read_design_space(kList);
  EXPECT_GE(points.size(), 12U);
  EXPECT_EQ(points.front().config, model::EngineConfig{});
  for (const unsigned w : {8U, 16U, 32U}) {
    EXPECT_TRUE(std::any_of(points.begin(), points.end(), [w](const DesignPoint& point) {
      return point.config == model::EngineConfig::of(w);
    })) << w;
  }
}

TEST_F(DesignSpace, WhatIsWrongIsRefusedByName) {
  refused("{", "parse error");
  refused("{}", "points");
  refused(R"({"points": []})", "no points");
  refused(with(kPoint, R"("WAYS": 2, )", ""), "WAYS");
  refused(with(kPoint, "WAYS", R"(ROADS": 1, "WAYS)"), "unknown parameter ROADS");
  refused(with(kPoint, R"("BANKS": 32)", R"("BANKS": 33)"), "point a: match finder geometry");
  refused(std::string(R"({"points": [)") + kPoint + "," + kPoint + "]}", "two points are named a");
}

TEST_F(DesignSpace, AMissingFileIsRefused) {
  EXPECT_THROW((void)read_design_space(path_), std::runtime_error);
}

}  // namespace
}  // namespace pagepress::bench
