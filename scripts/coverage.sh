#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the coverage preset, runs its tests, and shows how much of the C++ they ran.
#
#   scripts/coverage.sh [CTEST ARGUMENT...]
#
# Prints llvm-cov's table, one row a source file; build/coverage/html/index.html
# has the lines. Limitation: C++ only, neither Verilated code nor Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=build/coverage
scripts/build.sh coverage
rm -rf "$build/profiles"
export LLVM_PROFILE_FILE="$PWD/$build/profiles/%m-%p.profraw"
failed=0
ctest --preset coverage "$@" || failed=$?

llvm-profdata merge -sparse "$build"/profiles/*.profraw -o "$build/tests.profdata"
mapfile -t binaries < <(find "$build/bin" "$build/tests" -type f -executable 2>/dev/null)
objects=("${binaries[0]}")
for binary in "${binaries[@]:1}"; do
  objects+=(-object "$binary")
done
select=(-instr-profile "$build/tests.profdata" -ignore-filename-regex "^/usr/|/build/|/tests/")
llvm-cov show "${objects[@]}" "${select[@]}" -format=html -output-dir "$build/html" 2>/dev/null
llvm-cov report "${objects[@]}" "${select[@]}" 2>/dev/null
exit "$failed"
