// SPDX-License-Identifier: Apache-2.0
// VfioUserSession: the commands of vfio-user as functions, on a connection whose version has been
// negotiated. Every reply is checked against its request; one that cannot be fails the
// connection as a breach of the protocol.
//
// All of it throws DeviceError: the connection's, kProtocol, or kRefused for an error reply
// where the return value does not tell of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "driver/bus/vfio_user/connection.hpp"

namespace pagepress {

class VfioUserSession {
 public:
  // Negotiates version and limits.
  explicit VfioUserSession(VfioUserConnection& connection);

  [[nodiscard]] vfio_user::DeviceInfoBody device_info();

  struct Area {  // of a region [bytes]
    std::uint64_t offset;
    std::uint64_t size;
  };
  struct Region {
    std::uint32_t flags = 0;  // VFIO_REGION_INFO_FLAG_*
    std::uint64_t size = 0;
    vfio_user::FileDescriptor fd;   // if parts of it can be mapped
    std::uint64_t file_offset = 0;  // of the region in the file
    std::vector<Area> mappable;     // whole pages inside the region
  };
  [[nodiscard]] Region region(std::uint32_t index);

  // How many interrupts the type `index` has that an eventfd can signal.
  [[nodiscard]] unsigned interrupts(std::uint32_t index);
  // Has interrupt i of the type signal eventfds[i]; all of them at once, or in as many messages as
  // the server needs.
  void set_eventfds(std::uint32_t index, std::span<const int> eventfds);

  // errno of the server's refusal, 0: done.
  [[nodiscard]] int read_region(std::uint32_t region, std::uint64_t offset,
                                std::span<std::byte> data);
  [[nodiscard]] int write_region(std::uint32_t region, std::uint64_t offset,
                                 std::span<const std::byte> data);
  // fd -1: the server is to ask for every access. errno likewise.
  [[nodiscard]] int map_dma(const vfio_user::DmaMapBody& request, int fd);
  [[nodiscard]] int unmap_dma(std::uint64_t address, std::uint64_t size);
  void reset_device();

  [[nodiscard]] std::uint64_t max_dma_maps() const noexcept { return max_dma_maps_; }

 private:
  void negotiate();
  void read_capabilities(std::string_view text);
  [[noreturn]] void violation(const std::string& what);
  VfioUserReply expect(vfio_user::Command command, std::span<const std::byte> payload,
                       std::span<const int> fds = {}, std::size_t max_fds = 0);
  void read_areas(std::span<const std::byte> payload, std::uint32_t at, Region& region);

  VfioUserConnection& connection_;
  std::size_t max_msg_fds_ = vfio_user::kDefaultMaxMsgFds;  // that the server takes
  std::uint64_t max_dma_maps_ = vfio_user::kDefaultMaxDmaMaps;
};

}  // namespace pagepress
