// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <pagepress/error.hpp>
#include <pagepress/vfio.hpp>

#include "driver/bus/eventfds.hpp"
#include "driver/bus/vfio/dma_memory.hpp"
#include "driver/bus/vfio/function.hpp"
#include "driver/bus/vfio/group.hpp"
#include "driver/bus/vfio/iommu.hpp"

namespace pagepress {

struct VfioBus::Impl {
  Impl(const VfioTarget& target, const VfioConfig& config)
      : address(target.address),
        group(address, config),
        iommu(group.container(), target.iova),
        memory(iommu.mode() == IovaMode::kPhysical),
        function(group.open_device(address), config.map_registers) {
    set_up_interrupts(std::min(config.max_vectors, function.vectors()));
  }

  void set_up_interrupts(unsigned count) {
    while (count > 0) {
      eventfds = {};
      eventfds.make(count);
      const unsigned fewer = function.set_eventfds(eventfds.fds());
      if (fewer == 0) {
        return;
      }
      count = std::min(fewer, count - 1);
    }
    eventfds = {};
  }

  // A mapping that the kernel keeps costs the device its bus mastering.
  void stop_if_lost() noexcept {
    if (iommu.lost()) {
      function.stop();
    }
  }

  std::string address;
  // Destroyed from below. The kernel stops the device when its file is closed, and what is mapped
  // stays pinned until the container is: so memory may go between the two.
  VfioGroup group;
  VfioIommu iommu;
  DmaMemory memory;
  Eventfds eventfds;
  VfioFunction function;
};

namespace {

constexpr const char* kLost =
    "vfio: the kernel did not take a mapping back, so the device was stopped: open it anew";

// what(); its errors name the device.
template <class What>
auto named(const std::string& address, What what) {
  try {
    return what();
  } catch (const DeviceError& error) {
    throw DeviceError(error.fault(), fmt::format("vfio:{}: {}", address, error.what()));
  }
}

}  // namespace

VfioBus::VfioBus(std::string_view target, const VfioConfig& config) {
  const VfioTarget parsed = parse_vfio_target(target);
  impl_ = named(parsed.address, [&] { return std::make_unique<Impl>(parsed, config); });
}

VfioBus::~VfioBus() = default;

std::uint32_t VfioBus::read32(std::uint64_t offset) { return impl_->function.read32(offset); }

void VfioBus::write32(std::uint64_t offset, std::uint32_t value) {
  impl_->function.write32(offset, value);
}

Iova VfioBus::map(void* addr, std::size_t len, bool writable) {
  if (impl_->iommu.lost()) {
    throw std::system_error(EIO, std::generic_category(), kLost);
  }
  try {
    const Iova iova = impl_->iommu.map(addr, len, writable);
    if (!impl_->iommu.lost()) {
      return iova;
    }
    impl_->iommu.unmap(iova);  // a page that has moved left a mapping behind
  } catch (...) {
    impl_->stop_if_lost();
    throw;
  }
  impl_->stop_if_lost();
  throw std::system_error(EIO, std::generic_category(), kLost);
}

void VfioBus::unmap(Iova iova, std::size_t /*len*/) {
  impl_->iommu.unmap(iova);
  impl_->stop_if_lost();
}

unsigned VfioBus::vectors() const noexcept { return impl_->eventfds.count(); }

bool VfioBus::wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
  return impl_->eventfds.wait(vector, timeout_ns);
}

DmaAllocator& VfioBus::memory() noexcept { return impl_->memory; }

void VfioBus::reset() {
  named(impl_->address, [this] {
    if (impl_->iommu.lost()) {
      throw DeviceError(DeviceFault::kRefused, kLost);
    }
    impl_->function.reset();
  });
}

IovaMode VfioBus::iova_mode() const noexcept { return impl_->iommu.mode(); }

bool VfioBus::registers_mapped() const noexcept { return impl_->function.mapped(); }

}  // namespace pagepress
