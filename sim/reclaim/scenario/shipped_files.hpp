// SPDX-License-Identifier: Apache-2.0
// The scenarios of sim/reclaim/scenario/shipped as text; shipped_files.cpp is made by CMake.
#pragma once

#include <span>
#include <string_view>

namespace pagepress::reclaim {

struct ShippedFile {
  std::string_view name;
  std::string_view toml;
};
[[nodiscard]] std::span<const ShippedFile> shipped_files();

}  // namespace pagepress::reclaim
