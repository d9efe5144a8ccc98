// SPDX-License-Identifier: Apache-2.0
// Msix: the function's MSI-X vectors: table and pending bits as PP_BAR_MSIX shows them, and the
// eventfds that a client gives for them.
//
// As VFIO has it, an eventfd is what enables a vector: the client (QEMU, say) keeps the real
// message. A vector is masked by SET_IRQS, by its table entry or by the function mask; a masked
// one becomes pending and is delivered when the mask goes. The mask bit of an entry, 1 at reset,
// counts only once the client has written that entry: QEMU keeps the table to itself and
// never does. Without an eventfd, or without bus mastering, an interrupt is lost.
// A client that cannot take eventfds has the messages themselves (deliver_by()): then table, enable
// and mask bits count as the PCI specification has them.
// Limitation: a client that fills its own eventfd while it is signalled can make that wait until
// it is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

class Msix {
 public:
  using Send = std::function<void(std::uint64_t address, std::uint32_t data)>;

  explicit Msix(unsigned vectors);

  [[nodiscard]] unsigned vectors() const { return static_cast<unsigned>(vectors_.size()); }

  // Of PP_BAR_MSIX. Pending bits and what is behind the table ignore writes.
  void read(std::size_t offset, std::span<std::byte> to) const;
  void write(std::size_t offset, std::span<const std::byte> from);

  // From the device.
  void raise(unsigned vector);
  // Delivers whatever its masks.
  void trigger(unsigned vector);
  // Of the whole function: what ConfigSpace has.
  void set_function(bool bus_master, bool enabled, bool masked);

  // Interrupts go to `send` as messages instead of to eventfds; with none, to eventfds again.
  void deliver_by(Send send) { send_ = std::move(send); }

  // SET_IRQS. A descriptor that is none takes the vector's away.
  void assign(unsigned vector, FileDescriptor event);
  void mask(unsigned vector, bool masked);

  [[nodiscard]] static bool is_eventfd(int fd);

  void reset();          // table and pending bits; eventfds stay
  void forget_client();  // eventfds and masks of SET_IRQS

 private:
  struct Vector {
    FileDescriptor event;
    bool masked_by_client = false;
    bool entry_written = false;
    bool pending = false;
  };

  [[nodiscard]] bool masked(unsigned vector) const;
  void deliver_pending();

  std::vector<Vector> vectors_;
  std::vector<std::byte> table_;
  Send send_;
  bool bus_master_ = false;
  bool enabled_ = false;
  bool function_masked_ = false;
};

}  // namespace pagepress::emulator
