// SPDX-License-Identifier: Apache-2.0
// A unit's bytes with room around them, so that a window can be read whole at both ends and a
// distance followed to before the unit. What stands in the room means nothing.
//
// Limitation: holds one unit at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {

// Little-endian, at a place that need not be aligned.
template <class Word>
inline Word word_at(const std::uint8_t* text) {
  Word word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

class UnitText {
 public:
  UnitText() : bytes_(kRoom + kMaxUnit + kRoom) {}

  // The place of its first byte. Whatever the unit's size, 64 KiB and kRoom can be read from there
  // on, and kRoom before it.
  const std::uint8_t* load(std::span<const std::uint8_t> unit) {
    std::copy(unit.begin(), unit.end(), bytes_.begin() + kRoom);
    return bytes_.data() + kRoom;
  }

  static constexpr std::size_t kRoom = 128;

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace pagepress::model
