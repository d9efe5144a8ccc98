#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is too long for each run of CI: Linux 6.1 built with our patches (kernel_glue/kernel) and
# kcompressd in its swap_writepage(); then every scenario on that kernel with its own checks on
# (lockdep, KASAN, DMA API), and on Debian's 6.12 what runs there.
#
#   scripts/guest_nightly.sh           after scripts/build.sh; two kernels to build: half an hour cold
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
echo placeholder
