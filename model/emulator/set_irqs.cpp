// SPDX-License-Identifier: Apache-2.0
// SET_IRQS: eventfds, masks and triggers of MSI-X vectors.
#include <algorithm>
#include <bit>

#include "model/emulator/protocol.hpp"
#include "model/emulator/requests.hpp"

namespace pagepress::emulator {
namespace {

struct Request {
  std::uint32_t data;    // one VFIO_IRQ_SET_DATA_* bit
  std::uint32_t action;  // one VFIO_IRQ_SET_ACTION_* bit
  std::uint32_t start;
  std::uint32_t count;
  std::span<const std::byte> chosen;  // DATA_BOOL: one byte a vector

  [[nodiscard]] bool chooses(std::uint32_t i) const {
    return data == VFIO_IRQ_SET_DATA_NONE || chosen[i] != std::byte{0};
  }
};

constexpr std::size_t kFixedBytes = offsetof(vfio_irq_set, data);

struct Fixed {
  std::uint32_t argsz, flags, index, start, count;
};
static_assert(sizeof(Fixed) == kFixedBytes);

// The vectors that there are of an index.
std::uint32_t vectors_of(std::uint32_t index, const Msix& msix) {
  return index == VFIO_PCI_MSIX_IRQ_INDEX ? msix.vectors() : 0;
}

std::optional<Request> parse(std::span<const std::byte> payload, const Msix& msix) {
  const auto fixed = body_of<Fixed>(payload);
  if (!fixed || fixed->argsz < kFixedBytes || fixed->index >= VFIO_PCI_NUM_IRQS) return {};
  const Request request{.data = fixed->flags & VFIO_IRQ_SET_DATA_TYPE_MASK,
                        .action = fixed->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK,
                        .start = fixed->start,
                        .count = fixed->count,
                        .chosen = payload.subspan(kFixedBytes)};
  const std::uint32_t known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
  if ((fixed->flags & ~known) != 0 || !std::has_single_bit(request.data) ||
      !std::has_single_bit(request.action)) {
    return {};
  }
  const std::uint32_t vectors = vectors_of(fixed->index, msix);
  if (request.start > vectors || request.count > vectors - request.start) return {};
  const std::size_t bytes = request.data == VFIO_IRQ_SET_DATA_BOOL ? request.count : 0;
  if (request.chosen.size() < bytes) return {};
  return request;
}

Reply disable(const Request& request, std::uint32_t index, Msix& msix) {
  if (request.start != 0 || request.data != VFIO_IRQ_SET_DATA_NONE ||
      request.action != VFIO_IRQ_SET_ACTION_TRIGGER) {
    return failure(EINVAL);
  }
  if (index == VFIO_PCI_MSIX_IRQ_INDEX) msix.forget_client();
  return {};
}

Reply assign(const Request& request, std::vector<FileDescriptor> fds, Msix& msix) {
  // Without descriptors: they are taken away.
  if (request.action != VFIO_IRQ_SET_ACTION_TRIGGER) return failure(ENOTSUP);
  if (!fds.empty() && fds.size() != request.count) return failure(EINVAL);
  const auto is_event = [](const FileDescriptor& fd) { return Msix::is_eventfd(fd.get()); };
  if (!std::ranges::all_of(fds, is_event)) return failure(EINVAL);
  fds.resize(request.count);
  for (std::uint32_t i = 0; i < request.count; ++i) {
    msix.assign(request.start + i, std::move(fds[i]));
  }
  return {};
}

}  // namespace

Reply set_irqs(std::span<const std::byte> payload, std::vector<FileDescriptor> fds,
               PciFunction& function) {
  Msix& msix = function.msix();
  const auto request = parse(payload, msix);
  if (!request) return failure(EINVAL);
  if (request->count == 0) return disable(*request, body_of<Fixed>(payload)->index, msix);
  if (request->data == VFIO_IRQ_SET_DATA_EVENTFD) return assign(*request, std::move(fds), msix);
  for (std::uint32_t i = 0; i < request->count; ++i) {
    if (!request->chooses(i)) continue;
    if (request->action == VFIO_IRQ_SET_ACTION_TRIGGER) {
      msix.trigger(request->start + i);
    } else {
      msix.mask(request->start + i, request->action == VFIO_IRQ_SET_ACTION_MASK);
    }
  }
  return {};
}

}  // namespace pagepress::emulator
