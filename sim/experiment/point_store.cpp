// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/point_store.hpp"

#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "sim/experiment/fnv.hpp"
#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::sim {
namespace {

constexpr const char* kSchema = "pagepress.point/1";

// Paths need not be UTF-8; JSON must be.
std::string text_of(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string checksum(const nlohmann::json& identity, const nlohmann::json& outcome) {
  return fnv_of(text_of(identity) + "\n" + text_of(outcome));
}

}  // namespace

PointStore::PointStore(std::filesystem::path folder) : folder_(std::move(folder)) {
  make_folder(folder_);
  remove_temporaries(folder_);
}

std::filesystem::path PointStore::path_of(const nlohmann::json& identity) const {
  return folder_ / (fnv_of(text_of(identity)) + ".json");
}

std::optional<nlohmann::json> PointStore::find(const nlohmann::json& identity) const {
  std::ifstream stream(path_of(identity));
  if (!stream) return std::nullopt;
  const nlohmann::json file = nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object() || file.value("schema", nlohmann::json()) != kSchema ||
      !file.contains("outcome") || file.value("identity", nlohmann::json()) != identity ||
      file.value("checksum", nlohmann::json()) != checksum(identity, file["outcome"])) {
    return std::nullopt;
  }
  return file["outcome"];
}

void PointStore::put(const nlohmann::json& identity, const nlohmann::json& outcome) {
  write_file(path_of(identity), text_of({{"schema", kSchema},
                                         {"identity", identity},
                                         {"outcome", outcome},
                                         {"checksum", checksum(identity, outcome)}}) +
                                    "\n");
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError(folder, "cannot make the folder", error.value());
}

void remove_temporaries(const std::filesystem::path& folder) noexcept {
  std::error_code ignored;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().filename().native().starts_with(".pagepress-")) found.push_back(entry.path());
  }
  for (const auto& path : found) std::filesystem::remove(path, ignored);
}

}  // namespace pagepress::sim
