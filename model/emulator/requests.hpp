// SPDX-License-Identifier: Apache-2.0
// What a client can ask about the function, and of its interrupts: each from a message's payload
// to the reply. Whatever is wrong with it is an errno in the reply; nothing has changed then.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "model/emulator/file_descriptor.hpp"
#include "model/emulator/pci_function.hpp"

namespace pagepress::emulator {

struct Reply {
  int error = 0;  // errno: then there is nothing else
  std::vector<std::byte> payload;
  int fd = -1;  // to go along; stays its owner's
};

[[nodiscard]] inline Reply failure(int error) { return {.error = error, .payload = {}}; }

// The fixed part of a payload, if it is there whole.
template <class Body>
[[nodiscard]] std::optional<Body> body_of(std::span<const std::byte> payload) {
  if (payload.size() < sizeof(Body)) return std::nullopt;
  Body body;
  std::memcpy(&body, payload.data(), sizeof body);
  return body;
}

template <class Body>
void append(std::vector<std::byte>& payload, const Body& body) {
  const auto* const bytes = reinterpret_cast<const std::byte*>(&body);
  payload.insert(payload.end(), bytes, bytes + sizeof body);
}

[[nodiscard]] Reply get_device_info(std::span<const std::byte> payload);
// `takes_file`: the client can receive one; else it cannot map the doorbells.
[[nodiscard]] Reply get_region_info(std::span<const std::byte> payload, PciFunction& function,
                                    bool takes_file);
[[nodiscard]] Reply get_region_io_fds(std::span<const std::byte> payload);
[[nodiscard]] Reply get_irq_info(std::span<const std::byte> payload, PciFunction& function);
[[nodiscard]] Reply set_irqs(std::span<const std::byte> payload, std::vector<FileDescriptor> fds,
                             PciFunction& function);

}  // namespace pagepress::emulator
