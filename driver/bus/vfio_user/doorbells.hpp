// SPDX-License-Identifier: Apache-2.0
// MappedDoorbells: the doorbell pages of BAR0 that a server shares, as plain stores.
//
// Only files that cannot shrink are mapped (F_SEAL_SHRINK): a store to a page that is gone would
// be a SIGBUS. Doorbells of others stay messages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "driver/bus/vfio_user/session.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress {

class MappedDoorbells {
 public:
  MappedDoorbells() = default;
  ~MappedDoorbells();
  MappedDoorbells(const MappedDoorbells&) = delete;
  MappedDoorbells& operator=(const MappedDoorbells&) = delete;

  // Once. Throws DeviceError (kProtocol) for a file that is shorter than the areas in it.
  void map(const VfioUserSession::Region& bar0);
  // Stores `value` after everything that was written before; false: this doorbell is not mapped.
  bool ring(std::uint64_t offset, std::uint32_t value) noexcept;
  [[nodiscard]] unsigned pages() const noexcept;

 private:
  struct Mapping {
    void* addr;
    std::size_t len;
  };
  std::vector<Mapping> mappings_;
  std::array<std::byte*, PP_MAX_QUEUES> pages_{};  // by queue; null: not mapped
};

}  // namespace pagepress
