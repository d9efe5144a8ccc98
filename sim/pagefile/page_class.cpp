// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/page_class.hpp"

#include <cstring>

namespace pagepress::sim {

PageKind classify(PageView page) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, page.data(), sizeof(word));
  // A page that equals itself one word further on repeats its first word.
  if (std::memcmp(page.data(), page.data() + sizeof(word), page.size() - sizeof(word)) != 0) {
    return PageKind::kOther;
  }
  return word == 0 ? PageKind::kZero : PageKind::kSameFilled;
}

}  // namespace pagepress::sim
