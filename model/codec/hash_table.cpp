// SPDX-License-Identifier: Apache-2.0
#include "model/codec/hash_table.hpp"

#include <algorithm>

namespace pagepress::model {

void HashTable::clear() {
  std::fill(rows_.begin(), rows_.end(), ~std::uint32_t{0});
  std::fill(taken_.begin(), taken_.end(), std::uint16_t{0});
  window_ = 0;
}

}  // namespace pagepress::model
