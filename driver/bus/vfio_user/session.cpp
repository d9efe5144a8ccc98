// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/session.hpp"

#include <fmt/format.h>
#include <linux/vfio.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <type_traits>

namespace pagepress {
namespace {

using vfio_user::Command;

constexpr std::size_t kLongestRegionInfo = 64 * 1024;  // with its capabilities [bytes]
constexpr std::uint64_t kPage = 4096;

template <class T>
std::span<const std::byte> bytes_of(const T& object) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_bytes(std::span(&object, 1));
}

template <class T>
T object_at(std::span<const std::byte> bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T object;
  std::memcpy(&object, bytes.data(), sizeof(object));
  return object;
}

std::vector<std::byte> joined(std::span<const std::byte> head, std::span<const std::byte> tail) {
  std::vector<std::byte> all(head.begin(), head.end());
  all.insert(all.end(), tail.begin(), tail.end());
  return all;
}

}  // namespace

VfioUserSession::VfioUserSession(VfioUserConnection& connection) : connection_(connection) {
  negotiate();
}

void VfioUserSession::violation(const std::string& what) {
  const DeviceError error(DeviceFault::kProtocol, "the server breaks the protocol: " + what);
  connection_.fail(error);
  throw DeviceError(error);
}

VfioUserReply VfioUserSession::expect(Command command, std::span<const std::byte> payload,
                                      std::span<const int> fds, std::size_t max_fds) {
  VfioUserReply reply = connection_.call(command, payload, fds, max_fds);
  if (reply.error != 0) {
    throw DeviceError(DeviceFault::kRefused,
                      fmt::format("the server refuses {}: {}", to_string(command),
                                  std::generic_category().message(reply.error)));
  }
  return reply;
}

void VfioUserSession::negotiate() {
  const std::string ours =
      nlohmann::json({{"capabilities",
                       {{"max_msg_fds", MessageSocket::kMaxFds},
                        {"max_data_xfer_size", VfioUserConnection::kMaxDataXferSize}}}})
          .dump();
  const vfio_user::VersionBody version{.major = vfio_user::kProtocolMajor,
                                       .minor = vfio_user::kProtocolMinor};
  const VfioUserReply reply =
      expect(Command::kVersion,
             joined(bytes_of(version), std::as_bytes(std::span(ours.c_str(), ours.size() + 1))));
  if (reply.payload.size() < sizeof(version)) {
    violation(fmt::format("a version of {} bytes", reply.payload.size()));
  }
  const auto theirs = object_at<vfio_user::VersionBody>(reply.payload);
  if (theirs.major != version.major || theirs.minor > version.minor) {
    violation(fmt::format("version {}.{} in answer to {}.{}", theirs.major, theirs.minor,
                          version.major, version.minor));
  }
  const std::string_view text(reinterpret_cast<const char*>(reply.payload.data()) + sizeof(theirs),
                              reply.payload.size() - sizeof(theirs));
  if (!text.empty()) {
    read_capabilities(text);
  }
}

void VfioUserSession::read_capabilities(std::string_view text) {
  if (text.back() != '\0') {
    violation("version data without a NUL at its end");
  }
  text.remove_suffix(1);
  const nlohmann::json data = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!data.is_object()) {
    violation("version data that is no JSON object");
  }
  const nlohmann::json capabilities = data.value("capabilities", nlohmann::json::object());
  if (!capabilities.is_object()) {
    violation("capabilities that are no JSON object");
  }
  const auto limit = [&](const char* key, std::uint64_t otherwise, std::uint64_t least) {
    const auto at = capabilities.find(key);
    if (at == capabilities.end()) {
      return otherwise;
    }
    if (!at->is_number_unsigned() || at->get<std::uint64_t>() < least) {
      violation(fmt::format("capability {} = {}", key, at->dump()));
    }
    return at->get<std::uint64_t>();
  };
  // Zero file descriptors: a server that maps no memory and raises no interrupts.
  max_msg_fds_ =
      std::min<std::uint64_t>(limit("max_msg_fds", max_msg_fds_, 0), MessageSocket::kMaxFds);
  max_dma_maps_ = limit("max_dma_maps", max_dma_maps_, 1);
  (void)limit("max_data_xfer_size", vfio_user::kDefaultMaxDataXferSize, sizeof(std::uint64_t));
}

vfio_user::DeviceInfoBody VfioUserSession::device_info() {
  const vfio_user::DeviceInfoBody request{.argsz = sizeof(request)};
  const VfioUserReply reply = expect(Command::kDeviceGetInfo, bytes_of(request));
  if (reply.payload.size() != sizeof(request)) {
    violation(fmt::format("device information of {} bytes", reply.payload.size()));
  }
  return object_at<vfio_user::DeviceInfoBody>(reply.payload);
}

VfioUserSession::Region VfioUserSession::region(std::uint32_t index) {
  vfio_region_info request{};
  request.argsz = kLongestRegionInfo;
  request.index = index;
  VfioUserReply reply = expect(Command::kDeviceGetRegionInfo, bytes_of(request), {}, 1);
  const std::size_t size = reply.payload.size();
  if (size < sizeof(request) || size > kLongestRegionInfo) {
    violation(fmt::format("information of region {} in {} bytes", index, size));
  }
  const auto info = object_at<vfio_region_info>(reply.payload);
  if (info.index != index) {
    violation(fmt::format("region {} in answer to region {}", info.index, index));
  }
  Region region{.flags = info.flags, .size = info.size, .file_offset = info.offset};
  const bool mappable = (info.flags & VFIO_REGION_INFO_FLAG_MMAP) != 0;
  if (mappable != (reply.fds.size() == 1)) {
    violation(fmt::format("region {} is {}mappable and comes with {} file descriptors", index,
                          mappable ? "" : "not ", reply.fds.size()));
  }
  if (mappable) {
    region.fd = std::move(reply.fds.front());
    if ((info.flags & VFIO_REGION_INFO_FLAG_CAPS) != 0) {
      read_areas(reply.payload, info.cap_offset, region);
    } else {
      region.mappable.push_back({.offset = 0, .size = info.size});
    }
  }
  return region;
}

// The capabilities from `at` on: a chain of offsets, which must go forward.
void VfioUserSession::read_areas(std::span<const std::byte> payload, std::uint32_t at,
                                 Region& region) {
  for (std::size_t least = sizeof(vfio_region_info); at != 0;) {
    if (at < least || at % 8 != 0 || at + sizeof(vfio_info_cap_header) > payload.size()) {
      violation(fmt::format("a region's capability at {} of {} bytes", at, payload.size()));
    }
    const auto header = object_at<vfio_info_cap_header>(payload.subspan(at));
    if (header.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
      const std::span<const std::byte> all = payload.subspan(at);
      if (all.size() < sizeof(vfio_region_info_cap_sparse_mmap)) {
        violation("a capability of mappable areas that is cut off");
      }
      const auto sparse = object_at<vfio_region_info_cap_sparse_mmap>(all);
      const std::span<const std::byte> areas = all.subspan(sizeof(sparse));
      if (sparse.nr_areas > areas.size() / sizeof(vfio_region_sparse_mmap_area)) {
        violation(fmt::format("{} mappable areas in {} bytes", sparse.nr_areas, areas.size()));
      }
      for (std::uint32_t i = 0; i < sparse.nr_areas; ++i) {
        const auto area = object_at<vfio_region_sparse_mmap_area>(
            areas.subspan(i * sizeof(vfio_region_sparse_mmap_area)));
        if (area.offset % kPage != 0 || area.size % kPage != 0 || area.size == 0 ||
            area.offset > region.size || area.size > region.size - area.offset) {
          violation(fmt::format("a mappable area {:#x} + {:#x} in a region of {:#x} bytes",
                                std::uint64_t{area.offset}, std::uint64_t{area.size}, region.size));
        }
        region.mappable.push_back({.offset = area.offset, .size = area.size});
      }
    }
    least = at + sizeof(header);
    at = header.next;
  }
}

unsigned VfioUserSession::interrupts(std::uint32_t index) {
  vfio_irq_info request{};
  request.argsz = sizeof(request);
  request.index = index;
  const VfioUserReply reply = expect(Command::kDeviceGetIrqInfo, bytes_of(request));
  if (reply.payload.size() != sizeof(request)) {
    violation(fmt::format("information of an interrupt in {} bytes", reply.payload.size()));
  }
  const auto info = object_at<vfio_irq_info>(reply.payload);
  if (info.index != index) {
    violation(fmt::format("interrupts {} in answer to {}", std::uint32_t{info.index}, index));
  }
  return max_msg_fds_ > 0 && (info.flags & VFIO_IRQ_INFO_EVENTFD) != 0 ? info.count : 0;
}

void VfioUserSession::set_eventfds(std::uint32_t index, std::span<const int> eventfds) {
  for (std::size_t start = 0; start < eventfds.size();) {
    const std::size_t count = std::min(max_msg_fds_, eventfds.size() - start);
    vfio_irq_set request{};
    request.argsz = sizeof(request);
    request.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
    request.index = index;
    request.start = static_cast<std::uint32_t>(start);
    request.count = static_cast<std::uint32_t>(count);
    const VfioUserReply reply =
        expect(Command::kDeviceSetIrqs, bytes_of(request), eventfds.subspan(start, count));
    if (!reply.payload.empty()) {
      violation(fmt::format("{} bytes in a reply to DEVICE_SET_IRQS", reply.payload.size()));
    }
    start += count;
  }
}

int VfioUserSession::read_region(std::uint32_t region, std::uint64_t offset,
                                 std::span<std::byte> data) {
  const vfio_user::RegionAccessBody request{
      .offset = offset, .region = region, .count = static_cast<std::uint32_t>(data.size())};
  const VfioUserReply reply = connection_.call(Command::kRegionRead, bytes_of(request));
  if (reply.error != 0) {
    return reply.error;
  }
  if (reply.payload.size() != sizeof(request) + data.size() ||
      std::memcmp(reply.payload.data(), &request, sizeof(request)) != 0) {
    violation("a reply to REGION_READ that is of another access");
  }
  std::memcpy(data.data(), reply.payload.data() + sizeof(request), data.size());
  return 0;
}

int VfioUserSession::write_region(std::uint32_t region, std::uint64_t offset,
                                  std::span<const std::byte> data) {
  const vfio_user::RegionAccessBody request{
      .offset = offset, .region = region, .count = static_cast<std::uint32_t>(data.size())};
  const VfioUserReply reply =
      connection_.call(Command::kRegionWrite, joined(bytes_of(request), data));
  if (reply.error != 0) {
    return reply.error;
  }
  if (reply.payload.size() != sizeof(request) ||
      std::memcmp(reply.payload.data(), &request, sizeof(request)) != 0) {
    violation("a reply to REGION_WRITE that is of another access");
  }
  return 0;
}

int VfioUserSession::map_dma(const vfio_user::DmaMapBody& request, int fd) {
  const bool share = fd >= 0 && max_msg_fds_ > 0;
  vfio_user::DmaMapBody sent = request;
  sent.offset = share ? request.offset : 0;
  const VfioUserReply reply =
      connection_.call(Command::kDmaMap, bytes_of(sent),
                       share ? std::span<const int>(&fd, 1) : std::span<const int>());
  if (reply.error == 0 && !reply.payload.empty()) {
    violation(fmt::format("{} bytes in a reply to DMA_MAP", reply.payload.size()));
  }
  return reply.error;
}

int VfioUserSession::unmap_dma(std::uint64_t address, std::uint64_t size) {
  const vfio_user::DmaUnmapBody request{
      .argsz = sizeof(request), .flags = 0, .address = address, .size = size};
  const VfioUserReply reply = connection_.call(Command::kDmaUnmap, bytes_of(request));
  if (reply.error == 0 && (reply.payload.size() != sizeof(request) ||
                           object_at<vfio_user::DmaUnmapBody>(reply.payload).address != address ||
                           object_at<vfio_user::DmaUnmapBody>(reply.payload).size != size)) {
    violation("a reply to DMA_UNMAP that is of another range");
  }
  return reply.error;
}

void VfioUserSession::reset_device() { (void)expect(Command::kDeviceReset, {}); }

}  // namespace pagepress
