// SPDX-License-Identifier: Apache-2.0
// DPDK's environment (EAL): started once in a process, before whatever takes memory from it.
//
// Uses hugepages where the machine has enough free ones and plain pages
// otherwise; works unprivileged, shares nothing with other processes and
// leaves the calling thread's CPU affinity as it was.
// Limitation: DPDK cannot be started a second time in a process.
#pragma once

#include <pagepress/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pagepress {

struct EalConfig {
  enum class Pages : std::uint8_t { kAuto, kHuge, kPlain };
  std::size_t memory_mib = 64;  // for rings of queue pairs and destination buffers
  Pages pages = Pages::kAuto;   // kHuge: an error if there are too few
  bool verbose = false;         // DPDK's own log on stderr
};

class Eal {
 public:
  // Throws std::runtime_error if EAL does not start, or was started before.
  explicit Eal(const EalConfig& config = {});
  ~Eal();  // everything that it allocated must have been released
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  // What it really got.
  [[nodiscard]] bool hugepages() const noexcept { return hugepages_; }
  [[nodiscard]] std::size_t page_size() const noexcept { return page_size_; }
  [[nodiscard]] DmaAllocator& memory() noexcept { return *memory_; }
  // "DPDK 22.11.x".
  [[nodiscard]] static std::string version();

 private:
  bool hugepages_ = false;
  std::size_t page_size_ = 0;
  std::unique_ptr<DmaAllocator> memory_;
};

}  // namespace pagepress
