// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/run/content_arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "sim/reclaim/random.hpp"

namespace pagepress::reclaim {
namespace {

using sim::kPageBytes;

}  // namespace

ContentArena::ContentArena(const std::vector<std::span<const std::uint8_t>>& files) {
  for (const auto& file : files) file_pages_ += file.size() / kPageBytes;
  const std::size_t size = (file_pages_ + kZeroPages + kRandomPages) * kPageBytes;
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::system_error(errno, std::generic_category(), "no memory for the page files");
  }
  bytes_ = {static_cast<std::uint8_t*>(memory), size};
  std::uint8_t* out = bytes_.data();
  for (const auto& file : files) out = std::copy(file.begin(), file.end(), out);
  out += kZeroPages * kPageBytes;
  RandomStream random(1);
  for (; out != bytes_.data() + size; out += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next();
    std::memcpy(out, &word, sizeof(word));
  }
}

ContentArena::~ContentArena() { ::munmap(bytes_.data(), bytes_.size()); }

std::vector<sim::PageView> ContentArena::pages() const {
  std::vector<sim::PageView> pages;
  for (std::size_t at = 0; at != bytes_.size(); at += kPageBytes) {
    pages.emplace_back(bytes_.data() + at, kPageBytes);
  }
  return pages;
}

}  // namespace pagepress::reclaim
