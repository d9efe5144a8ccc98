// SPDX-License-Identifier: Apache-2.0
// FakeVfioKernel: the answers of vfio and a type 1 IOMMU, for tests of VfioBus without a device:
// this program's ioctl() asks it, and a folder has what sysfs and /dev would have.
//
// BAR 0 and config space are a memfd, so that reads, writes and mmap() are real.
// Limitations: one device, IOMMU group 7; a file's kind is not checked, only the request.
#pragma once

#include <linux/vfio.h>
#include <pagepress/vfio.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "protocol/file_descriptor.hpp"

namespace pagepress::test {

class FakeVfioKernel {
 public:
  static constexpr const char* kAddress = "0000:00:01.0";
  static constexpr std::uint64_t kBar0 = 1u << 20;  // in the device's file

  FakeVfioKernel();
  ~FakeVfioKernel();
  FakeVfioKernel(const FakeVfioKernel&) = delete;
  FakeVfioKernel& operator=(const FakeVfioKernel&) = delete;

  // Where the bus is to look.
  [[nodiscard]] VfioConfig config() const;
  // Binds `address` to a driver; "": to none.
  void bind(const std::string& address, const std::string& driver) const;
  [[nodiscard]] std::filesystem::path device_folder(const std::string& address) const;
  [[nodiscard]] std::uint16_t config_word(std::uint64_t offset) const;
  void set_config_word(std::uint64_t offset, std::uint16_t value) const;
  [[nodiscard]] std::uint32_t bar0_word(std::uint64_t offset) const;

  // What it answers.
  std::map<unsigned long, int> errors;  // request -> errno that it fails with
  int api_version = VFIO_API_VERSION;
  bool type1 = true;
  bool viable = true;
  std::uint32_t device_flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
  std::uint64_t bar0_size;
  std::uint32_t bar0_flags =
      VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE | VFIO_REGION_INFO_FLAG_MMAP;
  std::uint32_t vectors = 9;
  std::uint32_t granted = 9;            // of them at a time
  std::vector<vfio_iova_range> ranges;  // of the IOMMU; none: it does not tell
  std::uint64_t page_sizes = 4096;

  // What it was asked for.
  struct Mapping {
    std::uint64_t size;
    std::uint64_t vaddr;
    std::uint32_t flags;
    bool operator==(const Mapping&) const = default;
  };
  std::map<std::uint64_t, Mapping> maps;  // by IOVA
  std::vector<int> eventfds;
  unsigned resets = 0;

  // For ioctl(): what the request returns, or a negative errno.
  int answer(unsigned long request, void* argument);

 private:
  int answer_iommu(unsigned long request, void* argument);
  int answer_device(unsigned long request, void* argument);
  int give_info(void* argument) const;

  std::filesystem::path folder_;
  vfio_user::FileDescriptor file_;
};

}  // namespace pagepress::test
