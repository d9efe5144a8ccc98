// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/msix.hpp"

#include <linux/pci_regs.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "model/emulator/config_space.hpp"

namespace pagepress::emulator {
namespace {

constexpr std::size_t kControl = PCI_MSIX_ENTRY_VECTOR_CTRL;
constexpr std::byte kMaskBit{PCI_MSIX_ENTRY_CTRL_MASKBIT};

void signal(const FileDescriptor& event) {
  // A blocking eventfd with no room would stop the server; with none left, it is signalled already.
  pollfd one{event.get(), POLLOUT, 0};
  if (::poll(&one, 1, 0) != 1) return;
  const std::uint64_t once = 1;
  [[maybe_unused]] const ssize_t written = ::write(event.get(), &once, sizeof once);
}

}  // namespace

Msix::Msix(unsigned vectors) : vectors_(vectors), table_(vectors * PCI_MSIX_ENTRY_SIZE) { reset(); }

void Msix::reset() {
  std::ranges::fill(table_, std::byte{0});
  for (unsigned v = 0; v < vectors(); ++v) {
    table_[v * PCI_MSIX_ENTRY_SIZE + kControl] = kMaskBit;
    vectors_[v].entry_written = false;
    vectors_[v].pending = false;
  }
}

void Msix::forget_client() {
  for (Vector& vector : vectors_) {
    vector.event.reset();
    vector.masked_by_client = false;
  }
}

void Msix::read(std::size_t offset, std::span<std::byte> to) const {
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t at = offset + i;
    std::byte value{0};
    if (at < table_.size()) {
      value = table_[at];
    } else if (at >= kMsixPbaOffset) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        const std::size_t vector = (at - kMsixPbaOffset) * 8 + bit;
        if (vector < vectors_.size() && vectors_[vector].pending) value |= std::byte{1} << bit;
      }
    }
    to[i] = value;
  }
}

void Msix::write(std::size_t offset, std::span<const std::byte> from) {
  for (std::size_t i = 0; i < from.size() && offset + i < table_.size(); ++i) {
    const std::size_t at = offset + i;
    const std::size_t in_entry = at % PCI_MSIX_ENTRY_SIZE;
    if (in_entry < kControl) {
      table_[at] = from[i];
    } else if (in_entry == kControl) {  // its other bits are reserved
      table_[at] = from[i] & kMaskBit;
    }
    vectors_[at / PCI_MSIX_ENTRY_SIZE].entry_written = true;
  }
  deliver_pending();
}

bool Msix::masked(unsigned v) const {
  const Vector& vector = vectors_[v];
  const bool by_entry = (vector.entry_written || send_) &&
                        (table_[v * PCI_MSIX_ENTRY_SIZE + kControl] & kMaskBit) != std::byte{0};
  return function_masked_ || vector.masked_by_client || by_entry;
}

void Msix::raise(unsigned v) {
  if (v >= vectors_.size() || !bus_master_ || (send_ && !enabled_)) return;
  if (masked(v)) {
    vectors_[v].pending = true;
  } else {
    trigger(v);
  }
}

void Msix::trigger(unsigned v) {
  if (send_) {
    std::uint64_t address = 0;
    std::uint32_t data = 0;
    const std::byte* const entry = &table_[v * PCI_MSIX_ENTRY_SIZE];
    std::memcpy(&address, entry + PCI_MSIX_ENTRY_LOWER_ADDR, sizeof address);
    std::memcpy(&data, entry + PCI_MSIX_ENTRY_DATA, sizeof data);
    send_(address, data);
  } else if (vectors_[v].event) {
    signal(vectors_[v].event);
  }
}

void Msix::deliver_pending() {
  if (!bus_master_) return;
  for (unsigned v = 0; v < vectors(); ++v) {
    if (vectors_[v].pending && !masked(v)) {
      vectors_[v].pending = false;
      trigger(v);
    }
  }
}

void Msix::set_function(bool bus_master, bool enabled, bool function_masked) {
  bus_master_ = bus_master;
  enabled_ = enabled;
  function_masked_ = function_masked;
  deliver_pending();
}

void Msix::assign(unsigned v, FileDescriptor event) { vectors_[v].event = std::move(event); }

void Msix::mask(unsigned v, bool masked_by_client) {
  vectors_[v].masked_by_client = masked_by_client;
  deliver_pending();
}

bool Msix::is_eventfd(int fd) {
  std::array<char, 64> target{};
  const ssize_t n =
      ::readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), target.data(), target.size());
  return n > 0 &&
         std::string_view(target.data(), static_cast<std::size_t>(n)) == "anon_inode:[eventfd]";
}

}  // namespace pagepress::emulator
