// SPDX-License-Identifier: Apache-2.0
// Memory that cannot be left unnoticed: a fence of inaccessible pages behind its last byte, guard
// bytes before its first.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>

namespace pagepress::test {

class FencedMemory {
 public:
  explicit FencedMemory(std::size_t len) : len_(len) {
    inner_ = (len + kMargin + kPage - 1) / kPage * kPage;
    void* addr =
        ::mmap(nullptr, inner_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (addr == MAP_FAILED) {
      throw std::bad_alloc();
    }
    start_ = static_cast<std::byte*>(addr);
    ::mprotect(start_ + inner_, kPage, PROT_NONE);
    std::fill_n(start_, inner_, kGuard);
  }
  // A copy of `bytes`.
  explicit FencedMemory(std::span<const std::byte> bytes) : FencedMemory(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), span().begin());
  }
  ~FencedMemory() { ::munmap(start_, inner_ + kPage); }
  FencedMemory(const FencedMemory&) = delete;
  FencedMemory& operator=(const FencedMemory&) = delete;

  [[nodiscard]] std::span<std::byte> span() const noexcept {
    return {start_ + inner_ - len_, len_};
  }
  // Nothing has been written before the first byte, nor from byte `written` on.
  [[nodiscard]] bool holds(std::size_t written) const noexcept {
    const auto is_guard = [](std::byte byte) { return byte == kGuard; };
    const std::span<std::byte> own = span();
    return std::all_of(start_, own.data(), is_guard) &&
           std::all_of(own.begin() + static_cast<std::ptrdiff_t>(written), own.end(), is_guard);
  }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kMargin = 64;
  static constexpr std::byte kGuard{0xa5};

  std::size_t len_;
  std::size_t inner_;
  std::byte* start_;
};

}  // namespace pagepress::test
