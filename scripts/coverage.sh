#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Shows how much of the code its tests run: C++ by llvm-cov, hardware by Verilator.
#
#   scripts/coverage.sh cpp [CTEST ARGUMENT...]    C++: the coverage preset, every test
#   scripts/coverage.sh rtl [CTEST ARGUMENT...]    rtl/: the rtl_coverage preset, -L rtl
#   scripts/coverage.sh [CTEST ARGUMENT...]        both
#
# cpp prints llvm-cov's table, one row a source file; build/coverage/html/index.html has
# the lines. rtl prints a row a file and, last, the share of lines, branches and toggled
# bits; build/rtl_coverage/html/index.html has the lines, holes.txt what was not reached.
# It fails below PP_RTL_COVERAGE_LEAST percent of lines (95). docs/coverage.md has the
# last figures and what the holes are. Limitation: Python is not measured.
set -euo pipefail
self=$(realpath "${BASH_SOURCE[0]}")
cd "$(dirname "$self")/.."

cpp() {
  local build=build/coverage failed=0
  scripts/build.sh coverage
  rm -rf "$build/profiles"
  LLVM_PROFILE_FILE="$PWD/$build/profiles/%m-%p.profraw" ctest --preset coverage "$@" || failed=$?

  llvm-profdata merge -sparse "$build"/profiles/*.profraw -o "$build/tests.profdata"
  local binaries objects select
  mapfile -t binaries < <(find "$build/bin" "$build/tests" -type f -executable 2>/dev/null)
  objects=("${binaries[0]}")
  for binary in "${binaries[@]:1}"; do
    objects+=(-object "$binary")
  done
  select=(-instr-profile "$build/tests.profdata" -ignore-filename-regex "^/usr/|/build/|/tests/")
  llvm-cov show "${objects[@]}" "${select[@]}" -format=html -output-dir "$build/html" 2>/dev/null
  llvm-cov report "${objects[@]}" "${select[@]}" 2>/dev/null
  return "$failed"
}

rtl() {
  local build=build/rtl_coverage failed=0
  scripts/build.sh rtl_coverage rtl_tests

  rm -rf "$build/points" "$build/html"
  mkdir -p "$build/points"
  # rtl_lint and the like run no model.
  PP_RTL_COVERAGE_DIR=$PWD/$build/points \
    ctest --preset rtl_coverage -L rtl -E '^rtl_' "$@" || failed=$?
  scripts/rtl_coverage.py --info "$build/rtl.info" --holes "$build/holes.txt" \
    --least "${PP_RTL_COVERAGE_LEAST:-95}" "$build/points" >"$build/report.txt" || failed=1
  genhtml -q --branch-coverage -o "$build/html" "$build/rtl.info"
  cat "$build/report.txt"
  return "$failed"
}

case ${1-} in
  cpp | rtl) "$@" ;;
  *)
    failed=0
    "$self" cpp "$@" || failed=$?
    "$self" rtl "$@" || failed=$?
    exit "$failed"
    ;;
esac
