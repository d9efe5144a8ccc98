#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds pagepress.ko out of tree: a copy of kernel_glue/module and of the contract's header, as a
# DKMS source tree has them. Fails with a warning, too (W=1).
#
#   build_module.sh HEADERS FOLDER        FOLDER/pagepress.ko
set -euo pipefail
[[ $# -eq 2 ]] || { echo "usage: build_module.sh HEADERS FOLDER" >&2; exit 2; }
headers=$(realpath "$1")
folder=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$folder/rtl/abi"
# Only what has changed, so that make sees it.
for file in "$source"/module/{*.c,*.h,Kbuild,Makefile}; do
  cmp -s "$file" "$folder/${file##*/}" || cp "$file" "$folder/"
done
cmp -s "$source/../rtl/abi/pagepress_abi.h" "$folder/rtl/abi/pagepress_abi.h" ||
  cp "$source/../rtl/abi/pagepress_abi.h" "$folder/rtl/abi/"
make -C "$folder" KDIR="$headers" CC=gcc-12 W=1 modules > "$folder/build.log" 2>&1 ||
  { cat "$folder/build.log" >&2; exit 1; }
if grep -q 'warning:' "$folder/build.log"; then
  cat "$folder/build.log" >&2
  rm -f "$folder"/*.o  # so that the next build says it again
  exit 1
fi
