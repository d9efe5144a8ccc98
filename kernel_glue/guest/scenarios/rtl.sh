# SPDX-License-Identifier: GPL-2.0-only
# guest: memory=256 seconds=300 emulator=--device,rtl
# As zswap, but the engine is the RTL itself, Verilated: 256 pages and more out and in.
# shellcheck shell=dash disable=SC2148
load pagepress timeout_ms=60000
zswap_counted 256 zbud 1
