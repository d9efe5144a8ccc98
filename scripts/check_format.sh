#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Checks that all C++ is formatted as .clang-format says; names the files that are not.
#
#   scripts/check_format.sh          exit code 1 if any file differs
#   scripts/check_format.sh --fix    formats them
#
# Limitation: kernel-style C (rtl/abi, kernel_glue) has its own style and is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -d '' files < <(find apps bench driver model protocol sim tests \
  \( -name '*.cpp' -o -name '*.hpp' -o -name '*.h' \) -print0 2>/dev/null | sort -z)
if [[ ${#files[@]} -eq 0 ]]; then
  echo "check_format.sh: no C++ found" >&2
  exit 1
fi
if [[ ${1-} == --fix ]]; then
  exec clang-format -i "${files[@]}"
fi

unformatted=()
for file in "${files[@]}"; do
  clang-format "$file" | cmp -s - "$file" || unformatted+=("$file")
done
if [[ ${#unformatted[@]} -gt 0 ]]; then
  printf 'not formatted: %s\n' "${unformatted[@]}"
  echo "run scripts/check_format.sh --fix"
  exit 1
fi
echo "${#files[@]} files formatted"
