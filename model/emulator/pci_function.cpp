// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/pci_function.hpp"

#include <linux/vfio.h>

#include <cerrno>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

constexpr std::size_t kWord = sizeof(std::uint32_t);

bool inside(unsigned region, std::uint64_t offset, std::size_t bytes) {
  const std::uint64_t size = PciFunction::region_size(region);
  return bytes != 0 && offset <= size && bytes <= size - offset;
}

bool whole_words(std::uint64_t offset, std::size_t bytes) {
  return offset % kWord == 0 && bytes % kWord == 0;
}

}  // namespace

PciFunction::PciFunction(RegisterPort& registers, unsigned queues, unsigned vectors)
    : registers_(registers),
      queues_(queues),
      config_(vectors),
      msix_(vectors),
      doorbells_(queues) {}

std::uint64_t PciFunction::region_size(unsigned region) noexcept {
  switch (region) {
    case VFIO_PCI_BAR0_REGION_INDEX + PP_BAR_REGISTERS:
      return PP_BAR0_SIZE;
    case VFIO_PCI_BAR0_REGION_INDEX + PP_BAR_MSIX:
      return kMsixBarSize;
    case VFIO_PCI_CONFIG_REGION_INDEX:
      return ConfigSpace::kSize;
    default:
      return 0;
  }
}

int PciFunction::read(unsigned region, std::uint64_t offset, std::span<std::byte> to) {
  if (!inside(region, offset, to.size())) return EINVAL;
  if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
    config_.read(offset, to);
  } else if (region == PP_BAR_MSIX) {
    msix_.read(offset, to);
  } else {
    if (!whole_words(offset, to.size())) return EINVAL;
    for (std::size_t at = 0; at < to.size(); at += kWord) {
      const std::uint32_t value = registers_.read(offset + at);
      std::memcpy(to.data() + at, &value, kWord);
    }
  }
  return 0;
}

int PciFunction::write(unsigned region, std::uint64_t offset, std::span<const std::byte> from) {
  if (!inside(region, offset, from.size())) return EINVAL;
  if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
    if (config_.write(offset, from)) return reset();
    update_msix();
  } else if (region == PP_BAR_MSIX) {
    msix_.write(offset, from);
  } else {
    if (!whole_words(offset, from.size())) return EINVAL;
    for (std::size_t at = 0; at < from.size(); at += kWord) {
      std::uint32_t value = 0;
      std::memcpy(&value, from.data() + at, kWord);
      write_register(offset + at, value);
    }
  }
  return 0;
}

void PciFunction::write_register(std::uint64_t offset, std::uint32_t value) {
  // Mapped doorbells start at 0 with their queue; see DoorbellPage.
  if (offset >= PP_DOORBELL_BASE) {
    doorbells_.set(offset, value);
  } else if (offset == PP_REG_CTRL && (value & PP_CTRL_RESET) != 0) {
    doorbells_.clear_all();
  } else if (offset >= PP_QUEUE_BASE && (offset - PP_QUEUE_BASE) % PP_QUEUE_STRIDE == PP_Q_CTRL &&
             (value & PP_Q_CTRL_ENABLE) != 0) {
    const std::uint64_t queue = (offset - PP_QUEUE_BASE) / PP_QUEUE_STRIDE;
    const std::uint64_t state = PP_QUEUE_BASE + queue * PP_QUEUE_STRIDE + PP_Q_STATE;
    if (queue < queues_ && (registers_.read(state) & 0xf) == PP_QSTATE_DISABLED) {
      doorbells_.clear(static_cast<unsigned>(queue));
    }
  }
  registers_.write(offset, value);
}

bool PciFunction::poll_doorbells() {
  return doorbells_.scan(
      [this](std::uint64_t offset, std::uint32_t value) { registers_.doorbell(offset, value); });
}

int PciFunction::reset() {
  const bool done = registers_.reset();
  config_.reset();
  msix_.reset();
  update_msix();
  doorbells_.clear_all();
  return done ? 0 : EIO;
}

void PciFunction::update_msix() {
  msix_.set_function(config_.bus_master(), config_.msix_enabled(), config_.msix_masked());
}

void PciFunction::client_has_come() { doorbells_.renew(); }

void PciFunction::client_has_gone() { msix_.forget_client(); }

}  // namespace pagepress::emulator
