#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lints the RTL with Verilator -Wall: once as it is synthesized, once with its
# assertions. Any warning fails; waivers stand in rtl/lint_waivers.vlt.
#
#   scripts/lint_rtl.sh FILE...     the sources of pagepress_top, packages first
#                                   (CTest's rtl_lint gives them)
set -euo pipefail
[[ $# -gt 0 ]] || { echo "usage: lint_rtl.sh FILE..." >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for w in 8 16 32; do
  for assertions in "" -DPP_ASSERTIONS; do
    echo "lint: W=$w $assertions"
    verilator --lint-only -Wall --assert -I"$root/rtl/common" $assertions -GW=$w \
      --top-module pagepress_top "$root/rtl/lint_waivers.vlt" "$@"
  done
done
