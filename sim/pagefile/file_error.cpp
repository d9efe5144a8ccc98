// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/file_error.hpp"

#include <system_error>

namespace pagepress::sim {

FileError::FileError(const std::filesystem::path& path, const std::string& message)
    : std::runtime_error(path.string() + ": " + message) {}

FileError::FileError(const std::filesystem::path& path, const std::string& message,
                     int error_number)
    : FileError(path, message + ": " + std::generic_category().message(error_number)) {}

}  // namespace pagepress::sim
