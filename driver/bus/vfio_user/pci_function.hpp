// SPDX-License-Identifier: Apache-2.0
// What a driver does in the config space of its function: recognise it, let it answer and reach
// memory, switch MSI-X on. As a kernel's PCI layer would.
// Limitation: INTx and MSI are left alone.
#pragma once

#include "driver/bus/vfio_user/session.hpp"

namespace pagepress {

// Throws DeviceError (kNotPresent) unless it is vendor and device ID of rtl/abi.
void check_pci_identity(VfioUserSession& session);

// Memory accesses, bus mastering, and MSI-X without its function mask if there is the
// capability. How many vectors its table has, 0 without. Throws DeviceError.
unsigned enable_pci_function(VfioUserSession& session);

}  // namespace pagepress
