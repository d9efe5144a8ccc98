// SPDX-License-Identifier: Apache-2.0
// The memory of the EAL that eal_main.cpp started.
#pragma once

#include <pagepress/memory.hpp>

namespace pagepress::test {

DmaAllocator& eal_memory();

}  // namespace pagepress::test
