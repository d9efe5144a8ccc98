#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fetches Debian's generic kernel and its headers by apt and unpacks them into a folder, without
# installing them.
#
#   fetch_kernel.sh FOLDER [SUITE]      SUITE: bookworm (6.1, default) or bookworm-backports (6.12)
#
# Does nothing when FOLDER has them. Afterwards: FOLDER/vmlinuz, FOLDER/root (the packages' files),
# FOLDER/headers (to build modules against). Needs no root: a suite that this machine's apt does not
# know is asked for with lists in FOLDER. Limitation: Debian 12, amd64. 84 MB to fetch, 490 MB.
set -euo pipefail
[[ $# -eq 1 || $# -eq 2 ]] || { echo "usage: fetch_kernel.sh FOLDER [SUITE]" >&2; exit 2; }
folder=$1
suite=${2-bookworm}
[[ ! -e $folder/complete ]] || exit 0
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

options=(-o Acquire::Retries=3 -o APT::Sandbox::User=root)
if [[ $suite != bookworm ]]; then
  lists=$folder/apt
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "http://deb.debian.org/debian $suite main" > "$lists/sources.list"
  options+=(-o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache")
  apt-get -q "${options[@]}" update
fi

# depends PACKAGE PATTERN: the first package that it depends on and that matches.
depends() {
  apt-cache "${options[@]}" depends "$1" | sed -n "s/^ *Depends: \($2\)/\1/p" | head -1
}

image=$(depends linux-image-amd64 'linux-image-[0-9].*')
if [[ -z $image ]]; then
  echo "fetch_kernel.sh: apt knows no linux-image-amd64 of $suite: run apt-get update (as root)" >&2
  exit 1
fi
release=${image#linux-image-}
common=linux-headers-${release%-amd64}-common
kbuild=$(depends "linux-headers-$release" 'linux-kbuild-.*')

rm -rf "${folder:?}/root" "$folder/debs"
mkdir -p "$folder/debs"
echo "fetch_kernel.sh: $release"
(cd "$folder/debs" && apt-get -q "${options[@]}" download \
  "$image" "linux-headers-$release" "$common" "$kbuild")
for deb in "$folder"/debs/*.deb; do
  dpkg -x "$deb" "$folder/root"
done
rm -rf "$folder/debs" "$folder/apt"

headers=$folder/root/usr/src/linux-headers-$release
sed -i "s#^include /usr/src#include $folder/root/usr/src#" "$headers/Makefile"
ln -sfn "$headers" "$folder/headers"
ln -sfn "$folder/root/boot/vmlinuz-$release" "$folder/vmlinuz"
echo "$release" > "$folder/release"
touch "$folder/complete"
