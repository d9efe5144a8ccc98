#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the kernel's checkpatch.pl --strict over the module, and over the file that the patches of
# kernel_glue/kernel add, once they have been applied to linux-source-6.1. Fails with any finding, and
# with a patch that does not apply.
#
#   checkpatch.sh FOLDER        FOLDER keeps checkpatch.pl and what the patches touch
#
# They come only with the kernel's source: fetched by apt once (140 MB).
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: checkpatch.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(realpath "$1")
glue=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
patches=("$glue"/kernel/patches/*.patch)
# Files that the patches add, and those that were there.
mapfile -t added < <(sed -n '/^--- \/dev\/null/{n;s#^+++ b/##p}' "${patches[@]}")
mapfile -t files < <(printf 'scripts/%s\n' checkpatch.pl spelling.txt const_structs.checkpatch
  sed -n 's#^--- a/##p' "${patches[@]}" | sort -u | grep -vxF "$(printf '%s\n' "${added[@]}")")

if [[ ! -e $folder/complete || $(< "$folder/complete") != "${files[*]}" ]]; then
  rm -rf "${folder:?}"/{complete,deb,source}
  mkdir "$folder/deb" "$folder/source"
  (cd "$folder/deb" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    download linux-source-6.1) ||
    { echo "checkpatch.sh: cannot fetch linux-source-6.1: run apt-get update (as root)" >&2; exit 1; }
  dpkg-deb --fsys-tarfile "$folder"/deb/*.deb |
    tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
    tar -xJ -C "$folder/source" --strip-components=1 "${files[@]/#/linux-source-6.1/}"
  rm -rf "${folder:?}/deb"
  echo "${files[*]}" > "$folder/complete"
fi

rm -rf "$folder/patched"
cp -r "$folder/source" "$folder/patched"
for patch in "${patches[@]}"; do
  patch -s -f -p1 --fuzz=0 -d "$folder/patched" < "$patch" ||
    { echo "checkpatch.sh: ${patch##*/} does not apply" >&2; exit 1; }
done
perl "$folder/source/scripts/checkpatch.pl" --no-tree --strict --terse --show-types -f \
  "$glue"/module/*.[ch] "${added[@]/#/$folder/patched/}"
echo "checkpatch.sh: no finding in the module and ${added[*]}; ${#patches[@]} patches apply"
