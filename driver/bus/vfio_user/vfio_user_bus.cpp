// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <linux/vfio.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <system_error>

#include <pagepress/error.hpp>
#include <pagepress/vfio_user.hpp>

#include "driver/bus/eventfds.hpp"
#include "driver/bus/vfio_user/connection.hpp"
#include "driver/bus/vfio_user/doorbells.hpp"
#include "driver/bus/vfio_user/pci_function.hpp"
#include "driver/bus/vfio_user/session.hpp"
#include "driver/bus/vfio_user/shared_memory.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

constexpr std::uint32_t kGone = 0xffffffffu;
constexpr std::uint64_t kPage = DmaTable::kPage;

std::string name_of(const std::string& socket) { return "vfio-user:" + socket + ": "; }

std::uint64_t whole_pages(std::uint64_t len) noexcept { return (len + kPage - 1) / kPage * kPage; }

}  // namespace

struct VfioUserBus::Impl {
  Impl(const std::string& socket, const VfioUserConfig& config)
      : name(name_of(socket)),
        connection(socket, std::chrono::nanoseconds(config.reply_timeout_ns), dma),
        session(connection) {
    const vfio_user::DeviceInfoBody info = session.device_info();
    if ((info.flags & VFIO_DEVICE_FLAGS_PCI) == 0 || info.regions <= VFIO_PCI_CONFIG_REGION_INDEX) {
      throw DeviceError(DeviceFault::kNotPresent, "the device is no PCI function");
    }
    check_pci_identity(session);
    const VfioUserSession::Region bar0 = session.region(PP_BAR_REGISTERS);
    constexpr std::uint32_t kReadWrite = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
    if (bar0.size < PP_BAR0_SIZE || (bar0.flags & kReadWrite) != kReadWrite) {
      throw DeviceError(DeviceFault::kProtocol,
                        fmt::format("BAR0 has {:#x} bytes and flags {:#x}; registers need {:#x} "
                                    "bytes, readable and writable",
                                    bar0.size, bar0.flags, PP_BAR0_SIZE));
    }
    if (config.map_doorbells && bar0.fd.get() >= 0) {
      doorbells.map(bar0);
    }
    const unsigned vectors = enable_pci_function(session);
    if (vectors > 0 && config.max_vectors > 0 && info.irqs > VFIO_PCI_MSIX_IRQ_INDEX) {
      eventfds.make(
          std::min({vectors, config.max_vectors, session.interrupts(VFIO_PCI_MSIX_IRQ_INDEX)}));
      session.set_eventfds(VFIO_PCI_MSIX_IRQ_INDEX, eventfds.fds());
    }
  }

  // What `command` returns; its errors name the socket.
  template <class CommandFn>
  auto named(CommandFn command) {
    try {
      return command();
    } catch (const DeviceError& error) {
      throw DeviceError(error.fault(), name + error.what());
    }
  }

  std::string name;
  DmaTable dma;
  SharedMemory memory;
  VfioUserConnection connection;
  VfioUserSession session;
  MappedDoorbells doorbells;
  Eventfds eventfds;
  std::mutex maps_mutex;
  std::map<Iova, std::uint64_t> maps;  // what the server knows: first page -> bytes
  std::atomic<std::uint64_t> refused_accesses{0};
};

VfioUserBus::VfioUserBus(const std::string& socket, const VfioUserConfig& config) {
  try {
    impl_ = std::make_unique<Impl>(socket, config);
  } catch (const DeviceError& error) {
    throw DeviceError(error.fault(), name_of(socket) + error.what());
  }
}

VfioUserBus::~VfioUserBus() = default;

std::uint32_t VfioUserBus::read32(std::uint64_t offset) {
  std::uint32_t value = kGone;
  try {
    if (impl_->session.read_region(PP_BAR_REGISTERS, offset,
                                   std::as_writable_bytes(std::span(&value, 1))) != 0) {
      impl_->refused_accesses.fetch_add(1, std::memory_order_relaxed);
    }
  } catch (const DeviceError&) {
    return kGone;  // as of a device that is gone; failure() says why
  }
  return value;
}

void VfioUserBus::write32(std::uint64_t offset, std::uint32_t value) {
  if (impl_->doorbells.ring(offset, value)) {
    return;
  }
  try {
    if (impl_->session.write_region(PP_BAR_REGISTERS, offset,
                                    std::as_bytes(std::span(&value, 1))) != 0) {
      impl_->refused_accesses.fetch_add(1, std::memory_order_relaxed);
    }
  } catch (const DeviceError&) {
    // Lost, as with a device that is gone.
  }
}

Iova VfioUserBus::map(void* addr, std::size_t len, bool writable) {
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(addr);
  if (len == 0 || start + len < start) {
    throw std::system_error(EINVAL, std::generic_category(), "vfio-user: map");
  }
  const std::lock_guard lock(impl_->maps_mutex);
  if (impl_->maps.size() >= impl_->session.max_dma_maps()) {
    throw std::system_error(ENOSPC, std::generic_category(),
                            "vfio-user: the server takes no more mappings");
  }
  // The server deals in whole pages; of memory that is not shared it gets only what is mapped,
  // as each access is checked here.
  const Iova iova = impl_->dma.add(static_cast<std::byte*>(addr), len, writable);
  const std::uint64_t in_page = iova % kPage;
  const auto place = impl_->memory.find(addr, len);
  const vfio_user::DmaMapBody request{
      .argsz = sizeof(request),
      .flags = VFIO_DMA_MAP_FLAG_READ | (writable ? VFIO_DMA_MAP_FLAG_WRITE : 0u),
      .offset = place ? place->offset - in_page : 0,
      .address = iova - in_page,
      .size = whole_pages(in_page + len)};
  int error = 0;
  try {
    error = impl_->named([&] { return impl_->session.map_dma(request, place ? place->fd : -1); });
  } catch (...) {
    impl_->dma.remove(iova);
    throw;
  }
  if (error != 0) {
    impl_->dma.remove(iova);
    throw std::system_error(error, std::generic_category(), "vfio-user: map");
  }
  impl_->maps[request.address] = request.size;
  return iova;
}

void VfioUserBus::unmap(Iova iova, std::size_t /*len*/) {
  const std::lock_guard lock(impl_->maps_mutex);
  const auto at = impl_->maps.find(iova - iova % kPage);
  if (at == impl_->maps.end()) {
    return;
  }
  try {
    const int error = impl_->session.unmap_dma(at->first, at->second);
    if (error != 0) {
      impl_->connection.fail(DeviceError(
          DeviceFault::kRefused,
          "the server does not let go of memory: " + std::generic_category().message(error)));
    }
  } catch (const DeviceError&) {
    // Failed: nothing is served any more.
  }
  impl_->dma.remove(iova);
  impl_->maps.erase(at);
}

unsigned VfioUserBus::vectors() const noexcept { return impl_->eventfds.count(); }

bool VfioUserBus::wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
  return impl_->eventfds.wait(vector, timeout_ns, impl_->connection.failure_fd());
}

DmaAllocator& VfioUserBus::memory() noexcept { return impl_->memory; }

void VfioUserBus::reset() {
  impl_->named([this] {
    impl_->session.reset_device();
    return enable_pci_function(impl_->session);
  });
}

bool VfioUserBus::failed() const noexcept { return impl_->connection.failed(); }

std::string VfioUserBus::failure() const {
  const std::string reason = impl_->connection.failure();
  return reason.empty() ? reason : impl_->name + reason;
}

unsigned VfioUserBus::mapped_doorbells() const noexcept { return impl_->doorbells.pages(); }

VfioUserCounters VfioUserBus::counters() const noexcept {
  VfioUserCounters counters = impl_->connection.counters();
  counters.refused_accesses = impl_->refused_accesses.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace pagepress
