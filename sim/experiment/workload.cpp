// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/workload.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>

namespace pagepress::sim {

Workload::Workload(const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& path : files) {
    PageFile file(path);
    const std::uint32_t crc = crc32c(file.bytes().data(), file.bytes().size());
    const std::size_t pages = file.page_count();
    inputs_.push_back({std::move(file), page_count_, crc});
    page_count_ += pages;
  }
}

nlohmann::json Workload::Input::describe() const {
  return {{"path", file.path().string()},
          {"pages", file.page_count()},
          {"bytes", file.bytes().size()},
          {"crc32c", fmt::format("{:08x}", crc32c)}};
}

std::size_t Workload::file_of(std::size_t index) const noexcept {
  const auto after = std::upper_bound(
      inputs_.begin(), inputs_.end(), index,
      [](std::size_t value, const Input& input) { return value < input.first_page; });
  return static_cast<std::size_t>(after - inputs_.begin()) - 1;
}

}  // namespace pagepress::sim
