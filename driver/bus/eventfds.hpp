// SPDX-License-Identifier: Apache-2.0
// Eventfds: interrupt vectors of a device that arrive as eventfds.
// Limitation: time-outs are of real time.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/file_descriptor.hpp"

namespace pagepress {

class Eventfds {
 public:
  // Throws std::system_error.
  void make(unsigned count);
  [[nodiscard]] std::vector<int> fds() const;
  [[nodiscard]] unsigned count() const noexcept { return static_cast<unsigned>(owned_.size()); }
  // As Bus::wait_interrupt(). Returns early when `failure_fd`, if there is one, can be read.
  bool wait(unsigned vector, std::uint64_t timeout_ns, int failure_fd = -1) const;

 private:
  std::vector<vfio_user::FileDescriptor> owned_;
};

}  // namespace pagepress
