#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes the module's DKMS source tree and has DKMS build it for a kernel, all in a folder of its own:
# nothing of this machine's is touched.
#
#   check_dkms.sh KERNEL FOLDER        KERNEL: a folder of fetch_kernel.sh
set -euo pipefail
[[ $# -eq 2 ]] || { echo "usage: check_dkms.sh KERNEL FOLDER" >&2; exit 2; }
kernel=$(cd "$1" && pwd)
module=$(cd "$(dirname "${BASH_SOURCE[0]}")/../module" && pwd)
for needed in dkms gcc-12; do
  command -v "$needed" > /dev/null ||
    { echo "check_dkms.sh: $needed is missing: run scripts/setup.sh" >&2; exit 1; }
done
release=$(< "$kernel/release")
rm -rf "$2"
mkdir -p "$2/tree" "$2/install"
folder=$(cd "$2" && pwd)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$module/dkms.conf")

"$module/dkms_source.sh" "$folder/source/pagepress-$version"
trees=(--dkmstree "$folder/tree" --sourcetree "$folder/source" --installtree "$folder/install")
dkms add "${trees[@]}" "pagepress/$version"
# The kernel's own compiler, as Debian's DKMS takes it when it is installed.
CC=gcc-12 dkms build "${trees[@]}" -k "$release" -a x86_64 \
  --kernelsourcedir "$(readlink -f "$kernel/headers")" "pagepress/$version" ||
  { cat "$folder/tree/pagepress/$version/build/make.log" >&2; exit 1; }
for name in pagepress pagepress_swap; do
  built=$(find "$folder/tree/pagepress/$version/$release" -name "$name.ko*")
  [[ -n $built ]] || { echo "check_dkms.sh: no $name.ko was built" >&2; exit 1; }
  echo "check_dkms.sh: $built"
done
