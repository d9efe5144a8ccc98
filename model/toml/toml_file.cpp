// SPDX-License-Identifier: Apache-2.0
#include "model/toml/toml_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace pagepress::model {

toml::table parse_toml(std::string_view file, std::string_view text) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw std::invalid_argument(fmt::format("{}:{}: {}", file,
                                            static_cast<unsigned>(error.source().begin.line),
                                            std::string(error.description())));
  }
}

std::string read_text(const std::string& path, std::string_view what) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path)) {
    throw std::invalid_argument(fmt::format("{}: cannot read the {}", path, what));
  }
  return text.str();
}

void refuse(std::string_view file, const toml::node& node, const std::string& what) {
  throw std::invalid_argument(
      fmt::format("{}:{}: {}", file, static_cast<unsigned>(node.source().begin.line), what));
}

}  // namespace pagepress::model
