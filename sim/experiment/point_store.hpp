// SPDX-License-Identifier: Apache-2.0
// PointStore: outcomes that outlive the program, one file each in a folder.
//
// An outcome is kept under its identity: all that determines it, as JSON. The file is named by the
// identity's hash and holds the identity, the outcome and a checksum of both; it appears whole
// (OutputFile). What is torn, or of another identity, is as if it were not there.
// Limitations: files of identities that nobody asks for any more stay until someone removes them.
// One user at a time: see FolderLock.
#pragma once

#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

namespace pagepress::sim {

class PointStore {
 public:
  // Makes the folder, and removes temporary files that a killed program left in it. Throws
  // FileError.
  explicit PointStore(std::filesystem::path folder);

  [[nodiscard]] std::optional<nlohmann::json> find(const nlohmann::json& identity) const;
  // When it returns, the outcome is on the disk. Throws FileError.
  void put(const nlohmann::json& identity, const nlohmann::json& outcome);
  [[nodiscard]] std::filesystem::path path_of(const nlohmann::json& identity) const;

 private:
  std::filesystem::path folder_;
};

// Makes a folder and those above it. Throws FileError.
void make_folder(const std::filesystem::path& folder);
// Removes the temporary files of OutputFile that a killed program left in a folder.
void remove_temporaries(const std::filesystem::path& folder) noexcept;

}  // namespace pagepress::sim
