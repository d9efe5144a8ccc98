// SPDX-License-Identifier: Apache-2.0
// A node's frames, by count.
#pragma once

#include <cstdint>

#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

class FakeFrames final : public FrameSource {
 public:
  explicit FakeFrames(std::uint64_t managed) : managed_(managed), free_(managed) {}

  // Without `memalloc`, `reserve` frames are out of reach.
  [[nodiscard]] bool take_frames(std::uint64_t count, bool memalloc) override {
    if (free_ < count + (memalloc ? 0 : reserve)) return false;
    free_ -= count;
    return true;
  }
  void give_frames(std::uint64_t count) override { free_ += count; }
  [[nodiscard]] std::uint64_t managed_frames() const noexcept override { return managed_; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return managed_ - free_; }

  std::uint64_t reserve = 0;

 private:
  std::uint64_t managed_;
  std::uint64_t free_;
};

}  // namespace pagepress::reclaim
