// SPDX-License-Identifier: Apache-2.0
// Workload: the page files of a run as one sequence of pages.
// Limitation: all files stay mapped while it lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim {

class Workload {
 public:
  // Opens and reads all files. Throws FileError.
  explicit Workload(const std::vector<std::filesystem::path>& files);

  struct Input {
    PageFile file;
    std::size_t first_page;  // index in the sequence of its page 0
    std::uint32_t crc32c;    // of the whole file

    // As `inputs` of the results has it.
    [[nodiscard]] nlohmann::json describe() const;
  };
  [[nodiscard]] const std::vector<Input>& inputs() const noexcept { return inputs_; }
  [[nodiscard]] std::size_t page_count() const noexcept { return page_count_; }
  // `index` < page_count().
  [[nodiscard]] PageView page(std::size_t index) const noexcept {
    const Input& input = inputs_[file_of(index)];
    return input.file.page(index - input.first_page);
  }
  [[nodiscard]] std::size_t file_of(std::size_t index) const noexcept;

 private:
  std::vector<Input> inputs_;
  std::size_t page_count_ = 0;
};

}  // namespace pagepress::sim
