// SPDX-License-Identifier: Apache-2.0
// FixedRing: a queue of at most kMost elements in the object itself, so that it costs no allocation
// and a copy of its owner is a copy of memory.
//
// Limitation: that there is room is the caller's to know (asserted).
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>

namespace pagepress::model {

template <class T, std::size_t kMost>
class FixedRing {
 public:
  static_assert(std::has_single_bit(kMost));

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T& operator[](std::size_t n) { return items_[(first_ + n) % kMost]; }
  [[nodiscard]] const T& operator[](std::size_t n) const { return items_[(first_ + n) % kMost]; }
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  [[nodiscard]] T& back() { return (*this)[size_ - 1]; }

  void push_back(const T& item) {
    assert(size_ < kMost);
    (*this)[size_++] = item;
  }
  void pop_front(std::size_t count = 1) {
    assert(count <= size_);
    first_ = (first_ + count) % kMost;
    size_ -= count;
  }
  void clear() { first_ = size_ = 0; }

 private:
  std::array<T, kMost> items_{};
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace pagepress::model
