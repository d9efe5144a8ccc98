// SPDX-License-Identifier: Apache-2.0
// Small things that the driver's tests share: a clock that only tests move,
// memory that is counted, and pages of known kinds.
#pragma once

#include <pagepress/clock.hpp>
#include <pagepress/codec.hpp>
#include <pagepress/memory.hpp>

#include <array>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <new>
#include <random>
#include <string_view>
#include <vector>

namespace pagepress::test {

// Time passes only in pause_ns() and sleep_ns(); a test may hook what happens meanwhile.
class ManualClock final : public Clock {
 public:
  std::uint64_t now_ns() override { return now_; }
  void pause_ns(std::uint64_t ns) override {
    now_ += ns;
    ++pauses;
    if (on_pause) {
      on_pause();
    }
  }
  void sleep_ns(std::uint64_t ns) override {
    ++sleeps;
    pause_ns(ns);
  }
  std::function<void()> on_pause;
  unsigned pauses = 0;  // sleeps are among them
  unsigned sleeps = 0;

 private:
  std::uint64_t now_ = 1'000'000;
};

// Heap memory that knows what is still allocated.
class CountedMemory final : public DmaAllocator {
 public:
  ~CountedMemory() override {
    for (const auto& [addr, len] : live_) {
      std::free(addr);
    }
  }
  void* allocate(std::size_t len, std::size_t align) override {
    const std::size_t rounded = (len + align - 1) / align * align;
    void* addr = fail ? nullptr : std::aligned_alloc(align, rounded);
    if (addr == nullptr) {
      throw std::bad_alloc();
    }
    std::memset(addr, 0, rounded);
    live_[addr] = len;
    return addr;
  }
  void release(void* addr) noexcept override {
    live_.erase(addr);
    std::free(addr);
  }
  [[nodiscard]] std::size_t live() const { return live_.size(); }
  bool fail = false;

 private:
  std::map<void*, std::size_t> live_;
};

using PageData = std::array<std::byte, kPageSize>;

inline PageData filled_page(std::uint64_t word) {
  PageData page;
  for (std::size_t at = 0; at < kPageSize; at += sizeof(word)) {
    std::memcpy(&page[at], &word, sizeof(word));
  }
  return page;
}

inline PageData random_page(unsigned seed) {
  std::mt19937 random(seed);
  PageData page;
  for (std::byte& byte : page) {
    byte = static_cast<std::byte>(random());
  }
  return page;
}

// Words of a small vocabulary: compresses, but not to nothing.
inline PageData text_page(unsigned seed) {
  static constexpr std::string_view kWords[] = {"watermark ", "page ",  "reclaim ", "kswapd ",
                                                "doorbell ",  "queue ", "phase ",   "sequence ",
                                                "literal ",   "match ", "of ",      "the "};
  std::mt19937 random(seed);
  PageData page;
  std::size_t at = 0;
  while (at < kPageSize) {
    for (const char c : kWords[random() % std::size(kWords)]) {
      if (at < kPageSize) {
        page[at++] = static_cast<std::byte>(c);
      }
    }
  }
  return page;
}

}  // namespace pagepress::test
