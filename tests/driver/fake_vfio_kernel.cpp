// SPDX-License-Identifier: Apache-2.0
#include "tests/driver/fake_vfio_kernel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/pci_regs.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <fstream>

#include "rtl/abi/pagepress_abi.h"

namespace {

pagepress::test::FakeVfioKernel* kernel = nullptr;

}  // namespace

// Instead of the C library's, for all of this program.
extern "C" int ioctl(int /*fd*/, unsigned long request, ...) {
  std::va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  const int result = kernel == nullptr ? -ENOTTY : kernel->answer(request, argument);
  if (result < 0) {
    errno = -result;
    return -1;
  }
  return result;
}

namespace pagepress::test {

namespace fs = std::filesystem;

FakeVfioKernel::FakeVfioKernel()
    : bar0_size(PP_BAR0_SIZE), file_(::memfd_create("device", MFD_CLOEXEC)) {
  std::string name = (fs::temp_directory_path() / "vfio-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(kBar0 + PP_BAR0_SIZE)), 0);
  set_config_word(PCI_VENDOR_ID, PP_PCI_VENDOR_ID);
  set_config_word(PCI_DEVICE_ID, PP_PCI_DEVICE_ID);
  fs::create_directories(folder_ / "sys/kernel/iommu_groups/7/devices");
  fs::create_directories(folder_ / "dev/vfio");
  std::ofstream(folder_ / "dev/vfio/vfio").close();
  std::ofstream(folder_ / "dev/vfio/7").close();
  bind(kAddress, "vfio-pci");
  kernel = this;
}

FakeVfioKernel::~FakeVfioKernel() {
  kernel = nullptr;
  fs::remove_all(folder_);
}

fs::path FakeVfioKernel::device_folder(const std::string& address) const {
  return folder_ / "sys/bus/pci/devices" / address;
}

void FakeVfioKernel::bind(const std::string& address, const std::string& driver) const {
  const fs::path device = device_folder(address);
  fs::create_directories(device);
  fs::remove(device / "driver");
  if (!driver.empty()) {
    fs::create_symlink("../../drivers/" + driver, device / "driver");
  }
  if (!fs::is_symlink(device / "iommu_group")) {
    fs::create_symlink("../../../kernel/iommu_groups/7", device / "iommu_group");
    fs::create_directory_symlink(device, folder_ / "sys/kernel/iommu_groups/7/devices" / address);
  }
}

VfioConfig FakeVfioKernel::config() const {
  VfioConfig config;
  config.sysfs = (folder_ / "sys").string();
  config.dev = (folder_ / "dev").string();
  return config;
}

std::uint16_t FakeVfioKernel::config_word(std::uint64_t offset) const {
  std::uint16_t value = 0;
  EXPECT_EQ(::pread(file_.get(), &value, sizeof(value), static_cast<off_t>(offset)), 2);
  return value;
}

void FakeVfioKernel::set_config_word(std::uint64_t offset, std::uint16_t value) const {
  EXPECT_EQ(::pwrite(file_.get(), &value, sizeof(value), static_cast<off_t>(offset)), 2);
}

std::uint32_t FakeVfioKernel::bar0_word(std::uint64_t offset) const {
  std::uint32_t value = 0;
  EXPECT_EQ(::pread(file_.get(), &value, sizeof(value), static_cast<off_t>(kBar0 + offset)), 4);
  return value;
}

int FakeVfioKernel::answer(unsigned long request, void* argument) {
  if (const auto error = errors.find(request); error != errors.end()) {
    return -error->second;
  }
  switch (request) {
    case VFIO_GET_API_VERSION:
      return api_version;
    case VFIO_CHECK_EXTENSION:
      return type1 ? 1 : 0;
    case VFIO_GROUP_GET_STATUS:
      static_cast<vfio_group_status*>(argument)->flags = viable ? VFIO_GROUP_FLAGS_VIABLE : 0;
      return 0;
    case VFIO_GROUP_SET_CONTAINER:
    case VFIO_SET_IOMMU:
      return 0;
    case VFIO_GROUP_GET_DEVICE_FD:
      return ::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0);
    case VFIO_IOMMU_GET_INFO:
    case VFIO_IOMMU_MAP_DMA:
    case VFIO_IOMMU_UNMAP_DMA:
      return answer_iommu(request, argument);
    default:
      return answer_device(request, argument);
  }
}

int FakeVfioKernel::give_info(void* argument) const {
  constexpr std::size_t kFirst = offsetof(vfio_iommu_type1_info_cap_iova_range, iova_ranges);
  const std::size_t list = ranges.size() * sizeof(vfio_iova_range);
  const std::size_t whole = sizeof(vfio_iommu_type1_info) + (list == 0 ? 0 : kFirst + list);
  auto* info = static_cast<vfio_iommu_type1_info*>(argument);
  const std::size_t room = info->argsz;
  *info = {};
  info->argsz = static_cast<std::uint32_t>(whole);
  info->flags = VFIO_IOMMU_INFO_PGSIZES | (list == 0 ? 0u : VFIO_IOMMU_INFO_CAPS);
  info->iova_pgsizes = page_sizes;
  if (list == 0 || room < whole) {
    return 0;
  }
  info->cap_offset = sizeof(vfio_iommu_type1_info);
  auto* at = static_cast<std::byte*>(argument) + info->cap_offset;
  const vfio_info_cap_header header{
      .id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, .version = 1, .next = 0};
  const auto count = static_cast<std::uint32_t>(ranges.size());
  std::memcpy(at, &header, sizeof(header));
  std::memcpy(at + sizeof(header), &count, sizeof(count));
  std::memcpy(at + kFirst, ranges.data(), list);
  return 0;
}

int FakeVfioKernel::answer_iommu(unsigned long request, void* argument) {
  if (request == VFIO_IOMMU_GET_INFO) {
    return give_info(argument);
  }
  if (request == VFIO_IOMMU_MAP_DMA) {
    const auto& map = *static_cast<vfio_iommu_type1_dma_map*>(argument);
    for (const auto& [iova, mapping] : maps) {
      if (map.iova < iova + mapping.size && iova < map.iova + map.size) {
        return -EEXIST;
      }
    }
    maps[map.iova] = {.size = map.size, .vaddr = map.vaddr, .flags = map.flags};
    return 0;
  }
  auto& unmap = *static_cast<vfio_iommu_type1_dma_unmap*>(argument);
  const auto at = maps.find(unmap.iova);
  if (at == maps.end() || at->second.size != unmap.size) {
    unmap.size = 0;
    return 0;
  }
  maps.erase(at);
  return 0;
}

int FakeVfioKernel::answer_device(unsigned long request, void* argument) {
  switch (request) {
    case VFIO_DEVICE_GET_INFO: {
      auto& info = *static_cast<vfio_device_info*>(argument);
      info.flags = device_flags;
      info.num_regions = VFIO_PCI_NUM_REGIONS;
      info.num_irqs = VFIO_PCI_NUM_IRQS;
      return 0;
    }
    case VFIO_DEVICE_GET_REGION_INFO: {
      auto& info = *static_cast<vfio_region_info*>(argument);
      const bool bar0 = info.index == PP_BAR_REGISTERS;
      info.offset = bar0 ? kBar0 : 0;
      info.size = bar0 ? bar0_size : 256;
      info.flags = bar0 ? bar0_flags : VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
      return 0;
    }
    case VFIO_DEVICE_GET_IRQ_INFO: {
      auto& info = *static_cast<vfio_irq_info*>(argument);
      info.flags = VFIO_IRQ_INFO_EVENTFD;
      info.count = vectors;
      return 0;
    }
    case VFIO_DEVICE_SET_IRQS: {
      const auto& set = *static_cast<vfio_irq_set*>(argument);
      if (set.count > granted) {
        eventfds.clear();
        return static_cast<int>(granted);
      }
      eventfds.resize(set.count);
      std::memcpy(eventfds.data(), static_cast<std::byte*>(argument) + sizeof(set),
                  set.count * sizeof(int));
      return 0;
    }
    case VFIO_DEVICE_RESET:
      ++resets;
      set_config_word(PCI_COMMAND, 0);
      return 0;
    default:
      return -ENOTTY;
  }
}

}  // namespace pagepress::test
