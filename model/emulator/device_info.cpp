// SPDX-License-Identifier: Apache-2.0
// Requests about what the function has.
#include "model/emulator/protocol.hpp"
#include "model/emulator/requests.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {

Reply get_device_info(std::span<const std::byte> payload) {
  const auto request = body_of<DeviceInfoBody>(payload);
  if (!request || request->argsz < sizeof *request) return failure(EINVAL);
  Reply reply;
  append(reply.payload, DeviceInfoBody{.argsz = sizeof(DeviceInfoBody),
                                       .flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
                                       .regions = VFIO_PCI_NUM_REGIONS,
                                       .irqs = VFIO_PCI_NUM_IRQS});
  return reply;
}

Reply get_region_info(std::span<const std::byte> payload, PciFunction& function, bool takes_file) {
  const auto request = body_of<vfio_region_info>(payload);
  if (!request || request->argsz < sizeof *request || request->index >= VFIO_PCI_NUM_REGIONS) {
    return failure(EINVAL);
  }
  vfio_region_info info{};
  info.argsz = sizeof info;
  info.index = request->index;
  info.size = PciFunction::region_size(request->index);
  if (info.size != 0) info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
  Reply reply;
  if (request->index != PP_BAR_REGISTERS || !takes_file) {
    append(reply.payload, info);
    return reply;
  }
  const SparseMmapCapability sparse{
      .header = {.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP, .version = 1, .next = 0},
      .areas = 1,
      .reserved = 0,
      .area = {PP_DOORBELL_BASE, function.doorbells().bytes()}};
  info.argsz = sizeof info + sizeof sparse;
  info.flags |= VFIO_REGION_INFO_FLAG_MMAP | VFIO_REGION_INFO_FLAG_CAPS;
  const bool room = request->argsz >= info.argsz;
  if (room) info.cap_offset = sizeof info;
  append(reply.payload, info);
  if (room) append(reply.payload, sparse);
  reply.fd = function.doorbells().share();
  return reply;
}

Reply get_region_io_fds(std::span<const std::byte> payload) {
  const auto request = body_of<RegionIoFdsBody>(payload);
  if (!request || request->argsz < sizeof *request || request->flags != 0 || request->count != 0 ||
      request->index >= VFIO_PCI_NUM_REGIONS) {
    return failure(EINVAL);
  }
  Reply reply;  // no part of a region has an ioeventfd: doorbells carry a value, and can be mapped
  append(reply.payload, RegionIoFdsBody{sizeof(RegionIoFdsBody), 0, request->index, 0});
  return reply;
}

Reply get_irq_info(std::span<const std::byte> payload, PciFunction& function) {
  const auto request = body_of<vfio_irq_info>(payload);
  if (!request || request->argsz < sizeof *request || request->index >= VFIO_PCI_NUM_IRQS) {
    return failure(EINVAL);
  }
  vfio_irq_info info{};
  info.argsz = sizeof info;
  info.index = request->index;
  if (info.index == VFIO_PCI_MSIX_IRQ_INDEX) {
    info.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE;
    info.count = function.msix().vectors();
  }
  Reply reply;
  append(reply.payload, info);
  return reply;
}

}  // namespace pagepress::emulator
