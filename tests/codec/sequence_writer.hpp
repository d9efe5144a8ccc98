// SPDX-License-Identifier: Apache-2.0
// SequenceWriter: an LZ4 block of chosen sequences, one behind the other, for tests of decoders.
//
// Limitation: it writes what it is told; whether a decoder may accept it is the caller's matter.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagepress::test {

class SequenceWriter {
 public:
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t out_len() const { return out_len_; }  // bytes of output so far

  // A token of `count` literals with this low half, and the literals: fill(i) is the i-th.
  template <class Fill>
  void literals(std::size_t count, std::size_t nibble, Fill fill) {
    bytes_.push_back(static_cast<std::uint8_t>((std::min<std::size_t>(count, 15) << 4) | nibble));
    if (count >= 15) extension(count - 15);
    for (std::size_t i = 0; i < count; ++i) bytes_.push_back(static_cast<std::uint8_t>(fill(i)));
    out_len_ += count;
  }
  // The offset and the rest of the length of a match, which is at least 4.
  void match(std::size_t length, std::size_t offset) {
    bytes_.push_back(static_cast<std::uint8_t>(offset));
    bytes_.push_back(static_cast<std::uint8_t>(offset >> 8));
    if (length >= 19) extension(length - 19);
    out_len_ += length;
  }
  // The low half of the token of such a match.
  static std::size_t nibble(std::size_t length) { return std::min<std::size_t>(length - 4, 15); }

 private:
  void extension(std::size_t rest) {
    for (; rest >= 255; rest -= 255) bytes_.push_back(255);
    bytes_.push_back(static_cast<std::uint8_t>(rest));
  }

  std::vector<std::uint8_t> bytes_;
  std::size_t out_len_ = 0;
};

}  // namespace pagepress::test
