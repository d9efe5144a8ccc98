// SPDX-License-Identifier: Apache-2.0
// Opening a device of vfio-pci: what can be in the way, and what the error says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/pci_regs.h>
#include <pagepress/error.hpp>

#include <filesystem>

#include "rtl/abi/pagepress_abi.h"
#include "tests/driver/fake_vfio_kernel.hpp"

namespace pagepress {
namespace {

using test::FakeVfioKernel;
using ::testing::HasSubstr;

class VfioOpen : public ::testing::Test {
 protected:
  void expect_error(DeviceFault fault, const std::string& words) {
    try {
      const VfioBus bus(FakeVfioKernel::kAddress, kernel_.config());
      ADD_FAILURE() << "opened, without: " << words;
    } catch (const DeviceError& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(words));
      EXPECT_THAT(error.what(), HasSubstr("vfio:0000:00:01.0: "));
    }
  }
  void remove(const std::string& file) {
    EXPECT_TRUE(std::filesystem::remove(std::filesystem::path(kernel_.config().dev) / file));
  }

  FakeVfioKernel kernel_;
};

TEST(VfioTarget, IsAnAddressAndAMode) {
  EXPECT_EQ(parse_vfio_target("0000:00:01.0").address, "0000:00:01.0");
  EXPECT_EQ(parse_vfio_target("3f:1a.7").address, "0000:3f:1a.7");
  EXPECT_EQ(parse_vfio_target("10000:00:01.0").address, "10000:00:01.0");
  EXPECT_EQ(parse_vfio_target("0000:00:01.0").iova, IovaMode::kAuto);
  EXPECT_EQ(parse_vfio_target("0000:00:01.0,iova=va").iova, IovaMode::kVirtual);
  EXPECT_EQ(parse_vfio_target("0000:00:01.0,iova=pa").iova, IovaMode::kPhysical);
  for (const char* wrong : {"", "1", "0000:00:01", "0000:00:01.8", "0000:00:21.0", "../../etc",
                            "0000:00:01.0 ", "0:00:01.0", "0000:00:01.0,", "0000:00:01.0,pa",
                            "0000:00:01.0,iova=", "0000:00:01.0,iova=pa,iova=va"}) {
    EXPECT_THROW((void)parse_vfio_target(wrong), std::invalid_argument) << wrong;
  }
  EXPECT_THROW(VfioBus("no address"), std::invalid_argument);
}

TEST_F(VfioOpen, WhatSysfsSays) {
  kernel_.bind(FakeVfioKernel::kAddress, "pagepress");
  expect_error(DeviceFault::kNotPresent, "bound to driver pagepress, not vfio-pci: 'modprobe");
  kernel_.bind(FakeVfioKernel::kAddress, "");
  expect_error(DeviceFault::kNotPresent, "bound to no driver, not vfio-pci");
  std::filesystem::remove(kernel_.device_folder(FakeVfioKernel::kAddress) / "iommu_group");
  expect_error(DeviceFault::kNotPresent, "no IOMMU group");
  std::filesystem::remove_all(kernel_.device_folder(FakeVfioKernel::kAddress));
  expect_error(DeviceFault::kNotPresent, "no such PCI device");
}

TEST_F(VfioOpen, WithoutTheGroupsFile) {
  remove("vfio/7");
  expect_error(DeviceFault::kNotPresent, "vfio/7: No such file");
}

TEST_F(VfioOpen, WithoutTheContainersFile) {
  remove("vfio/vfio");
  expect_error(DeviceFault::kNotPresent, "vfio/vfio: No such file or directory: 'modprobe");
}

TEST_F(VfioOpen, AGroupWithoutAnIommuIsRefused) {
  const std::filesystem::path folder = std::filesystem::path(kernel_.config().dev) / "vfio";
  std::filesystem::rename(folder / "7", folder / "noiommu-7");
  expect_error(DeviceFault::kUnsupported, "no-IOMMU");
}

TEST_F(VfioOpen, AnotherKernel) {
  kernel_.type1 = false;
  expect_error(DeviceFault::kUnsupported, "modprobe vfio_iommu_type1");
  kernel_.api_version = 7;
  expect_error(DeviceFault::kUnsupported, "VFIO_GET_API_VERSION: 7");
}

TEST_F(VfioOpen, AGroupThatOthersUse) {
  kernel_.viable = false;
  kernel_.bind("0000:00:1f.2", "ahci");
  expect_error(DeviceFault::kRefused,
               "group 7 also has devices with other drivers, which must be "
               "unbound: 0000:00:1f.2 (ahci)");
}

TEST_F(VfioOpen, InterruptsThatAreNotRemapped) {
  kernel_.errors[VFIO_SET_IOMMU] = EPERM;
  expect_error(DeviceFault::kRefused, "allow_unsafe_interrupts");
}

TEST_F(VfioOpen, EachCallMayFail) {
  const std::pair<unsigned long, const char*> calls[] = {
      {VFIO_GROUP_GET_STATUS, "VFIO_GROUP_GET_STATUS"},
      {VFIO_GROUP_SET_CONTAINER, "VFIO_GROUP_SET_CONTAINER"},
      {VFIO_GROUP_GET_DEVICE_FD, "VFIO_GROUP_GET_DEVICE_FD"},
      {VFIO_IOMMU_GET_INFO, "VFIO_IOMMU_GET_INFO"},
      {VFIO_DEVICE_GET_INFO, "VFIO_DEVICE_GET_INFO"},
      {VFIO_DEVICE_GET_REGION_INFO, "VFIO_DEVICE_GET_REGION_INFO"},
      {VFIO_DEVICE_RESET, "VFIO_DEVICE_RESET"},
      {VFIO_DEVICE_GET_IRQ_INFO, "VFIO_DEVICE_GET_IRQ_INFO"},
      {VFIO_DEVICE_SET_IRQS, "VFIO_DEVICE_SET_IRQS"},
  };
  for (const auto& [request, name] : calls) {
    kernel_.errors = {{request, EBUSY}};
    expect_error(DeviceFault::kRefused, std::string(name) + ": Device or resource busy");
  }
}

TEST_F(VfioOpen, AnotherDevice) {
  kernel_.set_config_word(PCI_DEVICE_ID, 0x1001);
  expect_error(DeviceFault::kNotPresent, "PCI device 1234:1001, which is not");
}

TEST_F(VfioOpen, ABarThatIsTooSmallOrOnlyRead) {
  kernel_.bar0_size = PP_BAR0_SIZE - 4096;
  expect_error(DeviceFault::kProtocol, "BAR0 has");
  kernel_.bar0_size = PP_BAR0_SIZE;
  kernel_.bar0_flags = VFIO_REGION_INFO_FLAG_READ;
  expect_error(DeviceFault::kProtocol, "readable and writable");
}

TEST_F(VfioOpen, PagesThatTheIommuDoesNotHave) {
  kernel_.page_sizes = 65536;
  expect_error(DeviceFault::kUnsupported, "page sizes 0x10000");
}

TEST_F(VfioOpen, IsNoPciFunction) {
  kernel_.device_flags = VFIO_DEVICE_FLAGS_RESET;
  expect_error(DeviceFault::kNotPresent, "no PCI function");
}

}  // namespace
}  // namespace pagepress
