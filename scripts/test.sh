#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds one preset and runs its tests; CTest's summary comes last.
#
#   scripts/test.sh [PRESET] [CTEST ARGUMENT...]
#
#   scripts/test.sh                   release, every test
#   scripts/test.sh -L unit           release, the tests labelled unit
#   scripts/test.sh asan -R codec     the asan build, tests whose name holds "codec"
#
# PRESET: release (default), debug, asan, ubsan, tsan, coverage, rtl_coverage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=release
if [[ $# -gt 0 && $1 != -* ]]; then
  preset=$1
  shift
fi

scripts/build.sh "$preset"
exec ctest --preset "$preset" "$@"
