// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio/group.hpp"

#include <fcntl.h>

#include <filesystem>

#include "driver/bus/vfio/ioctl.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

namespace fs = std::filesystem;
using vfio::call;
using vfio_user::FileDescriptor;

constexpr const char* kDriver = "vfio-pci";

// The name that a link of a device in sysfs ends with; empty: there is no such link.
std::string link_name(const fs::path& link) {
  std::error_code error;
  return fs::read_symlink(link, error).filename().string();
}

[[noreturn]] void absent(const std::string& what) {
  throw DeviceError(DeviceFault::kNotPresent, what);
}

// Of the device's group, having checked that vfio-pci has it.
std::string group_number(const std::string& address, const VfioConfig& config) {
  const fs::path devices = fs::path(config.sysfs) / "bus/pci/devices";
  const fs::path device = devices / address;
  std::error_code error;
  if (!fs::exists(device, error)) {
    absent(
        fmt::format("there is no such PCI device ({}); 'lspci -D -d {:04x}:{:04x}' lists engines",
                    device.string(), PP_PCI_VENDOR_ID, PP_PCI_DEVICE_ID));
  }
  const std::string group = link_name(device / "iommu_group");
  if (group.empty()) {
    absent(
        fmt::format("the device has no IOMMU group ({}): switch the IOMMU on in the firmware "
                    "and by intel_iommu=on or amd_iommu=on on the kernel's command line",
                    (device / "iommu_group").string()));
  }
  const std::string driver = link_name(device / "driver");
  if (driver != kDriver) {
    const std::string bound = driver.empty() ? "no driver" : "driver " + driver;
    absent(fmt::format(
        "the device is bound to {}, not {}: 'modprobe {}; echo {} > "
        "{}/driver_override; {}echo {} > /sys/bus/pci/drivers_probe'",
        bound, kDriver, kDriver, kDriver, device.string(),
        driver.empty() ? "" : fmt::format("echo {} > {}/driver/unbind; ", address, device.string()),
        address));
  }
  return group;
}

FileDescriptor open_file(const fs::path& path, std::string_view missing) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) {
    const int error = errno;
    const std::string_view hint = error == ENOENT  ? missing
                                  : error == EBUSY ? "another process has it"
                                  : error == EACCES || error == EPERM
                                      ? "run as root, or give this user the file"
                                      : "see the kernel's messages";
    throw DeviceError(error == ENOENT ? DeviceFault::kNotPresent : DeviceFault::kRefused,
                      fmt::format("{}: {}", vfio::failure(path.string(), error), hint));
  }
  return file;
}

// What keeps a group from being used: its devices with drivers other than vfio-pci, and other than
// those that leave DMA alone.
std::string others_in_group(const VfioConfig& config, const std::string& group) {
  std::string names;
  std::error_code error;
  const fs::path folder = fs::path(config.sysfs) / "kernel/iommu_groups" / group / "devices";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string driver = link_name(entry.path() / "driver");
    if (!driver.empty() && driver != kDriver && driver != "pcieport" && driver != "pci-stub") {
      names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", entry.path().filename().string(),
                           driver);
    }
  }
  return names.empty() ? "see /sys/kernel/iommu_groups" : names;
}

}  // namespace

VfioGroup::VfioGroup(const std::string& address, const VfioConfig& config) {
  const std::string number = group_number(address, config);
  const fs::path folder = fs::path(config.dev) / "vfio";
  container_ = open_file(folder / "vfio", "'modprobe vfio-pci' makes it");
  if (const int version = ::ioctl(container_.get(), VFIO_GET_API_VERSION);
      version != VFIO_API_VERSION) {
    throw DeviceError(DeviceFault::kUnsupported,
                      fmt::format("{}: VFIO_GET_API_VERSION: {}, this driver knows {}",
                                  (folder / "vfio").string(), version, VFIO_API_VERSION));
  }
  if (::ioctl(container_.get(), VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0) {
    throw DeviceError(DeviceFault::kUnsupported,
                      "the kernel offers no type 1 IOMMU: 'modprobe vfio_iommu_type1'");
  }
  if (std::error_code error; fs::exists(folder / ("noiommu-" + number), error)) {
    throw DeviceError(DeviceFault::kUnsupported,
                      "the device is in a group without an IOMMU (vfio's no-IOMMU mode), where "
                      "memory could not be taken back from it");
  }
  group_ = open_file(folder / number, "the group is gone, or vfio-pci does not have the device");
  vfio_group_status status{};
  status.argsz = sizeof(status);
  call(group_.get(), VFIO_GROUP_GET_STATUS, &status, "VFIO_GROUP_GET_STATUS");
  if ((status.flags & VFIO_GROUP_FLAGS_VIABLE) == 0) {
    throw DeviceError(DeviceFault::kRefused,
                      fmt::format("IOMMU group {} also has devices with other drivers, which must "
                                  "be unbound: {}",
                                  number, others_in_group(config, number)));
  }
  const int container = container_.get();
  call(group_.get(), VFIO_GROUP_SET_CONTAINER, &container, "VFIO_GROUP_SET_CONTAINER");
  call(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU, "VFIO_SET_IOMMU",
       "'Operation not permitted' is an IOMMU that does not remap interrupts; if that is known to "
       "be harmless: 'echo 1 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts'");
}

FileDescriptor VfioGroup::open_device(const std::string& address) const {
  return FileDescriptor(
      call(group_.get(), VFIO_GROUP_GET_DEVICE_FD, address.c_str(), "VFIO_GROUP_GET_DEVICE_FD"));
}

}  // namespace pagepress
