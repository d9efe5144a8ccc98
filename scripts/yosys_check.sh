#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Reads the synthesizable files with yosys: hierarchy -check; proc; check -assert.
# Any warning fails as well, since yosys 0.23 tells of constructs that it gets wrong
# by warnings only. Let through:
# - "Replacing memory ... with list of registers": arrays of intermediate values in
#   combinational processes, which are no memories.
#
#   scripts/yosys_check.sh FILE...     the sources of pagepress_top, packages first
#                                      (CTest's rtl_yosys gives them)
set -euo pipefail
[[ $# -gt 0 ]] || { echo "usage: yosys_check.sh FILE..." >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

yosys -q -w 'Replacing memory' -e '.*' \
  -p "read_verilog -sv -I$root/rtl/common $*; hierarchy -check -top pagepress_top; proc; check -assert"
