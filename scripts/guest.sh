#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs scenarios in a Linux guest with the emulated engine (docs/linux.md).
#
#   scripts/guest.sh SCENARIO... [--verbose] [EMULATOR OPTIONS...]
#   scripts/guest.sh --list
exec /usr/bin/python3 -B "$(dirname "${BASH_SOURCE[0]}")/../kernel_glue/guest/guest.py" "$@"
