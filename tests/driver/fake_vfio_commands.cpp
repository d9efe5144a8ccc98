// SPDX-License-Identifier: Apache-2.0
// How the fake server answers each command.
#include <linux/vfio.h>
#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <span>

#include "tests/driver/fake_vfio_server.hpp"

namespace pagepress::test {

using vfio_user::Command;
using vfio_user::Header;

namespace {

template <class T>
T object_at(std::span<const std::byte> bytes) {
  T object;
  std::memset(&object, 0, sizeof(object));
  std::memcpy(&object, bytes.data(), std::min(sizeof(object), bytes.size()));
  return object;
}

template <class T>
void append(std::vector<std::byte>& bytes, const T& object) {
  const auto* from = reinterpret_cast<const std::byte*>(&object);
  bytes.insert(bytes.end(), from, from + sizeof(object));
}

template <class... T>
std::vector<std::byte> bytes_of(const T&... objects) {
  std::vector<std::byte> bytes;
  (append(bytes, objects), ...);
  return bytes;
}

}  // namespace

void FakeVfioServer::answer(Request request) {
  const auto command = static_cast<Command>(request.header.command);
  Reply reply;
  reply.header = request.header;
  reply.header.flags = vfio_user::kTypeReply;
  reply.payload = execute(request, reply);
  reply.header.size = static_cast<std::uint32_t>(sizeof(reply.header) + reply.payload.size());
  const Action action = config_.tamper ? config_.tamper(command, reply) : Action::kSend;
  switch (action) {
    case Action::kSend:
      send(reply);
      break;
    case Action::kDrop:
      break;
    case Action::kClose:
      close_client();
      break;
    case Action::kCutShort:
      send(reply, reply.header.size - 1);
      close_client();
      break;
  }
}

std::vector<std::byte> FakeVfioServer::execute(Request& request, Reply& reply) {
  switch (static_cast<Command>(request.header.command)) {
    case Command::kVersion: {
      std::vector<std::byte> bytes = bytes_of(vfio_user::VersionBody{.major = 0, .minor = 0});
      for (const char c : config_.capabilities) append(bytes, c);
      append(bytes, '\0');
      return bytes;
    }
    case Command::kDeviceGetInfo:
      return bytes_of(
          vfio_user::DeviceInfoBody{.argsz = sizeof(vfio_user::DeviceInfoBody),
                                    .flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
                                    .regions = VFIO_PCI_NUM_REGIONS,
                                    .irqs = VFIO_PCI_NUM_IRQS});
    case Command::kDeviceGetRegionInfo:
      return region_info(request, reply);
    case Command::kDeviceGetIrqInfo: {
      auto info = object_at<vfio_irq_info>(request.payload);
      info.flags = VFIO_IRQ_INFO_EVENTFD;
      info.count = config_.vectors;
      return bytes_of(info);
    }
    case Command::kDeviceSetIrqs: {
      const auto set = object_at<vfio_irq_set>(request.payload);
      for (std::uint32_t i = 0; i < set.count && i < request.fds.size(); ++i) {
        eventfds[set.start + i] = std::move(request.fds[i]);
      }
      return {};
    }
    case Command::kRegionRead:
      return access_region(request, false);
    case Command::kRegionWrite:
      return access_region(request, true);
    case Command::kDmaMap:
      map(request);
      return {};
    case Command::kDmaUnmap: {
      const auto range = object_at<vfio_user::DmaUnmapBody>(request.payload);
      const auto at = mappings.find(range.address);
      if (at != mappings.end()) {
        if (at->second.host != nullptr) ::munmap(at->second.host, at->second.size);
        mappings.erase(at);
      }
      return request.payload;
    }
    case Command::kDeviceReset:
      ++resets;
      return {};
    default:
      reply.header.flags |= vfio_user::kFlagError;
      reply.header.error = ENOTSUP;
      return {};
  }
}

std::vector<std::byte> FakeVfioServer::region_info(const Request& request, Reply& reply) {
  auto info = object_at<vfio_region_info>(request.payload);
  info.argsz = sizeof(info);
  info.cap_offset = 0;
  info.offset = 0;
  info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  info.size = info.index == PP_BAR_REGISTERS ? PP_BAR0_SIZE : 256;
  if (info.index != PP_BAR_REGISTERS || !config_.share_doorbells) {
    return bytes_of(info);
  }
  // A capability of another kind comes first: it must be passed over.
  constexpr std::uint32_t kFirst = sizeof(info);
  constexpr std::uint32_t kSecond = kFirst + sizeof(vfio_region_info_cap_type);
  info.flags |= VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;
  info.cap_offset = kFirst;
  info.argsz = kSecond + sizeof(vfio_user::SparseMmapCapability);
  vfio_region_info_cap_type other{};
  other.header = {.id = VFIO_REGION_INFO_CAP_TYPE, .version = 1, .next = kSecond};
  const vfio_user::SparseMmapCapability sparse{
      .header = {.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP, .version = 1, .next = 0},
      .areas = 1,
      .reserved = 0,
      .area = {.offset = PP_DOORBELL_BASE, .size = FakeDevice::kQueues * PP_DOORBELL_STRIDE}};
  reply.fds.push_back(doorbells_.get());
  return bytes_of(info, other, sparse);
}

std::vector<std::byte> FakeVfioServer::access_region(const Request& request, bool write) {
  const auto access = object_at<vfio_user::RegionAccessBody>(request.payload);
  const std::span<const std::byte> data = std::span(request.payload).subspan(sizeof(access));
  std::vector<std::byte> bytes = bytes_of(access);
  if (access.region == VFIO_PCI_CONFIG_REGION_INDEX) {
    if (write) {
      std::memcpy(&config_space[access.offset], data.data(), access.count);
    } else {
      bytes.insert(bytes.end(), &config_space[access.offset],
                   &config_space[access.offset] + access.count);
    }
  } else if (write) {
    write_register(access.offset, object_at<std::uint32_t>(data));
  } else {
    append(bytes, device_->read32(access.offset));
  }
  return bytes;
}

void FakeVfioServer::map(Request& request) {
  const auto range = object_at<vfio_user::DmaMapBody>(request.payload);
  Mapping mapping{.size = range.size, .flags = range.flags, .host = nullptr};
  if (!request.fds.empty()) {
    const int protection =
        (range.flags & VFIO_DMA_MAP_FLAG_WRITE) != 0 ? PROT_READ | PROT_WRITE : PROT_READ;
    void* host = ::mmap(nullptr, range.size, protection, MAP_SHARED, request.fds.front().get(),
                        static_cast<off_t>(range.offset));
    mapping.host = host == MAP_FAILED ? nullptr : static_cast<std::byte*>(host);
  }
  mappings[range.address] = mapping;
}

FakeVfioServer::Answer FakeVfioServer::ask(Command command, std::vector<std::byte> payload) {
  const std::uint16_t id = next_id_++;
  Reply message{.header = {.id = id,
                           .command = static_cast<std::uint16_t>(command),
                           .size = static_cast<std::uint32_t>(sizeof(Header) + payload.size()),
                           .flags = vfio_user::kTypeCommand,
                           .error = 0},
                .payload = std::move(payload),
                .fds = {}};
  send(message);
  while (auto came = receive()) {
    if ((came->header.flags & vfio_user::kTypeMask) == vfio_user::kTypeReply) {
      const bool error = (came->header.flags & vfio_user::kFlagError) != 0;
      return {.error = error ? static_cast<int>(came->header.error) : 0,
              .data = {came->payload.begin() +
                           static_cast<std::ptrdiff_t>(
                               std::min(came->payload.size(), sizeof(vfio_user::DmaAccessBody))),
                       came->payload.end()}};
    }
    waiting_.push_back(std::move(*came));
  }
  return {.error = EPIPE, .data = {}};
}

FakeVfioServer::Answer FakeVfioServer::dma_read(std::uint64_t address, std::uint64_t count) {
  return ask(Command::kDmaRead,
             bytes_of(vfio_user::DmaAccessBody{.address = address, .count = count}));
}

FakeVfioServer::Answer FakeVfioServer::dma_write(std::uint64_t address,
                                                 std::vector<std::byte> data) {
  std::vector<std::byte> payload =
      bytes_of(vfio_user::DmaAccessBody{.address = address, .count = data.size()});
  payload.insert(payload.end(), data.begin(), data.end());
  return ask(Command::kDmaWrite, std::move(payload));
}

void FakeVfioServer::raise(unsigned vector) {
  const std::uint64_t one = 1;
  (void)!::write(eventfds.at(vector).get(), &one, sizeof(one));
}

}  // namespace pagepress::test
