// SPDX-License-Identifier: Apache-2.0
// Calls of <linux/vfio.h> whose failure is an error that names the call.
#pragma once

#include <fmt/format.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <pagepress/error.hpp>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace pagepress::vfio {

// "VFIO_GROUP_SET_CONTAINER: Device or resource busy".
[[nodiscard]] inline std::string failure(std::string_view call, int error) {
  return fmt::format("{}: {}", call, std::generic_category().message(error));
}

// What the call returns, 0 and more. Throws DeviceError (kRefused); `hint`: how to mend it.
template <class Argument>
int call(int fd, unsigned long request, Argument argument, std::string_view name,
         std::string_view hint = {}) {
  const int result = ::ioctl(fd, request, argument);
  if (result < 0) {
    const std::string_view comma = hint.empty() ? "" : ": ";
    throw DeviceError(DeviceFault::kRefused,
                      fmt::format("{}{}{}", failure(name, errno), comma, hint));
  }
  return result;
}

}  // namespace pagepress::vfio
