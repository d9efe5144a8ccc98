// SPDX-License-Identifier: Apache-2.0
// The presets of model/link/presets as text; link_preset_files.cpp is made by CMake.
#pragma once

#include <span>
#include <string_view>

namespace pagepress::model {

struct LinkPresetFile {
  std::string_view name;
  std::string_view toml;
};
[[nodiscard]] std::span<const LinkPresetFile> link_preset_files();

}  // namespace pagepress::model
