// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/eventfds.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace pagepress {

void Eventfds::make(unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    owned_.emplace_back(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!owned_.back()) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
}

std::vector<int> Eventfds::fds() const {
  std::vector<int> fds;
  fds.reserve(owned_.size());
  for (const auto& fd : owned_) {
    fds.push_back(fd.get());
  }
  return fds;
}

bool Eventfds::wait(unsigned vector, std::uint64_t timeout_ns, int failure_fd) const {
  if (vector >= owned_.size()) {
    return false;
  }
  const int eventfd = owned_[vector].get();
  const timespec limit{.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000),
                       .tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000)};
  // poll() passes over a descriptor of -1.
  std::array<pollfd, 2> entries = {pollfd{.fd = eventfd, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = failure_fd, .events = POLLIN, .revents = 0}};
  if (::ppoll(entries.data(), entries.size(), &limit, nullptr) <= 0) {
    return false;  // a signal ends the wait as time does
  }
  std::uint64_t count = 0;
  return ::read(eventfd, &count, sizeof(count)) == sizeof(count);
}

}  // namespace pagepress
