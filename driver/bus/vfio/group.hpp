// SPDX-License-Identifier: Apache-2.0
// VfioGroup: from a PCI address to the device's file: sysfs, container, IOMMU group.
// Limitation: a group of its own for each; a container is not shared among devices.
#pragma once

#include <pagepress/vfio.hpp>

#include <string>

#include "protocol/file_descriptor.hpp"

namespace pagepress {

class VfioGroup {
 public:
  // Throws DeviceError that says how to mend it.
  VfioGroup(const std::string& address, const VfioConfig& config);

  // With the type 1 IOMMU set.
  [[nodiscard]] int container() const noexcept { return container_.get(); }
  // The device's file, once: it is the caller's.
  [[nodiscard]] vfio_user::FileDescriptor open_device(const std::string& address) const;

 private:
  // Closed in the other order: the group leaves its container first.
  vfio_user::FileDescriptor container_;
  vfio_user::FileDescriptor group_;
};

}  // namespace pagepress
