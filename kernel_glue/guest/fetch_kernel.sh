#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fetches Debian's generic kernel and its headers by apt and unpacks them into a folder, without
# installing them.
#
#   fetch_kernel.sh FOLDER
#
# Does nothing when FOLDER has them. Afterwards: FOLDER/vmlinuz, FOLDER/root (the packages' files),
# FOLDER/headers (to build modules against). Limitation: Debian 12, amd64. 84 MB to fetch, 490 MB.
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: fetch_kernel.sh FOLDER" >&2; exit 2; }
folder=$1
[[ ! -e $folder/complete ]] || exit 0

image=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
if [[ -z $image ]]; then
  echo "fetch_kernel.sh: apt knows no linux-image-amd64: run apt-get update (as root)" >&2
  exit 1
fi
release=${image#linux-image-}
common=linux-headers-${release%-amd64}-common
kbuild=$(apt-cache depends "linux-headers-$release" | sed -n 's/^ *Depends: \(linux-kbuild-.*\)/\1/p' | head -1)

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -rf "${folder:?}/root" "$folder/debs"
mkdir -p "$folder/debs"
echo "fetch_kernel.sh: $release"
(cd "$folder/debs" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root \
  download "$image" "linux-headers-$release" "$common" "$kbuild")
for deb in "$folder"/debs/*.deb; do
  dpkg -x "$deb" "$folder/root"
done
rm -rf "$folder/debs"

headers=$folder/root/usr/src/linux-headers-$release
sed -i "s#^include /usr/src#include $folder/root/usr/src#" "$headers/Makefile"
ln -sfn "$headers" "$folder/headers"
ln -sfn "$folder/root/boot/vmlinuz-$release" "$folder/vmlinuz"
echo "$release" > "$folder/release"
touch "$folder/complete"
