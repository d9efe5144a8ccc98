// SPDX-License-Identifier: Apache-2.0
// The descriptors of this server's files: protocol/file_descriptor.hpp by its short name.
#pragma once

#include "protocol/file_descriptor.hpp"

namespace pagepress::emulator {

using vfio_user::FileDescriptor;

}  // namespace pagepress::emulator
