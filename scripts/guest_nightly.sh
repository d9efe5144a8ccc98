#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is too long for each run of CI: builds Linux 6.1 with our patches (kernel_glue/kernel) and runs
# kcompressd in its swap_writepage(); then builds it once more with the kernel's own checks (lockdep,
# KASAN, DMA API) and runs the other scenarios on that; then those on Debian's 6.12 that CI leaves out.
#
#   scripts/guest_nightly.sh           after scripts/build.sh; an hour on two cores, 4 GB in build/guest
#
# Not on the debug kernel: selftest (its configuration has no tests of the crypto API), vfio (no vIOMMU),
# rtl (too slow with it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
failed=0
run() {
  echo "== guest.sh $*"
  ./guest.sh "$@" || failed=1
}
run swap_writepage
run --kernel debug fallback probe zswap zram smp reset stuck killed removal pressure wrongbits parameters
run --kernel debug --set ratio=100 kcompressd swap_writepage
run --kernel backports stuck killed removal pressure kcompressd wrongbits parameters smp
exit $failed
