// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

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
    eventfds.make(std::min(config.max_vectors, function.vectors()));
    if (eventfds.count() > 0) {
      function.set_eventfds(eventfds.fds());
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
  return impl_->iommu.map(addr, len, writable);
}

void VfioBus::unmap(Iova iova, std::size_t /*len*/) {
  // Whatever happens, the device must not reach it.
  if (!impl_->iommu.unmap(iova)) {
    impl_->function.stop_mastering();
  }
}

unsigned VfioBus::vectors() const noexcept { return impl_->eventfds.count(); }

bool VfioBus::wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
  return impl_->eventfds.wait(vector, timeout_ns);
}

DmaAllocator& VfioBus::memory() noexcept { return impl_->memory; }

void VfioBus::reset() {
  named(impl_->address, [this] { impl_->function.reset(); });
}

IovaMode VfioBus::iova_mode() const noexcept { return impl_->iommu.mode(); }

bool VfioBus::registers_mapped() const noexcept { return impl_->function.mapped(); }

}  // namespace pagepress
