// SPDX-License-Identifier: Apache-2.0
// FileError: what went wrong with which file, in words for a user.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace pagepress::sim {

// what() reads "FILE: MESSAGE".
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& path, const std::string& message);
  // With the text of an errno value: "FILE: cannot open it: Permission denied".
  FileError(const std::filesystem::path& path, const std::string& message, int error_number);
};

}  // namespace pagepress::sim
