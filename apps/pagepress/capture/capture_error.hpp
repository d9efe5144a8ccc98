// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace pagepress::app {

// Why the memory of a process could not be captured, in words for a user.
class CaptureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace pagepress::app
