# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=512 seconds=300
# zswap through the engine: 16,384 pages and more out and in, verified.
# The kernel's, the module's and the device's counters agree.
# shellcheck shell=dash disable=SC2148
load pagepress timeout_ms=10000
zswap_counted 16384 zbud 32
