// SPDX-License-Identifier: Apache-2.0
#include "bench/pages/page_set.hpp"

#include "sim/pagefile/page_class.hpp"

namespace pagepress::bench {

PageSet::PageSet(const std::filesystem::path& path)
    : file(path),
      name(path.stem().string()),
      group(std::filesystem::absolute(path).parent_path().filename().string()) {
  for (std::size_t i = 0; i < file.page_count(); ++i) {
    const sim::PageView page = file.page(i);
    if (sim::classify(page) == sim::PageKind::kOther) {
      pages.push_back(page);
    } else {
      ++same_filled;
    }
  }
}

}  // namespace pagepress::bench
