/* SPDX-License-Identifier: GPL-2.0-only */
/* What differs between the kernels that the module builds for: 6.1 to 6.12. */
#ifndef PAGEPRESS_COMPAT_H
#define PAGEPRESS_COMPAT_H

#include <crypto/internal/acompress.h>
#include <linux/version.h>

/* Since 6.12 zram has back ends of its own instead of the synchronous crypto API. */
#define PP_HAVE_COMP (LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0))

#endif /* PAGEPRESS_COMPAT_H */
