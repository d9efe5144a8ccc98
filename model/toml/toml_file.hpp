// SPDX-License-Identifier: Apache-2.0
// TOML files of the models: reading them, and errors that name file and line.
// Limitation: a file is read whole.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <string_view>

namespace pagepress::model {

// Of a text that errors call `file`. Throws std::invalid_argument ("file:line: what").
[[nodiscard]] toml::table parse_toml(std::string_view file, std::string_view text);

// A file's text. Throws std::invalid_argument: "path: cannot read the `what`".
[[nodiscard]] std::string read_text(const std::string& path, std::string_view what);

// Throws std::invalid_argument: "file:line: what".
[[noreturn]] void refuse(std::string_view file, const toml::node& node, const std::string& what);

}  // namespace pagepress::model
