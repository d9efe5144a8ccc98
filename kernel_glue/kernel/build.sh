#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds Debian's 6.1 with the patches of this folder, as small as the guest's scenarios allow.
#
#   build.sh FOLDER [debug]
#
# Fetches linux-source-6.1 by apt (139 MB, unpacked 1.5 GB), applies patches/*.patch, and configures
# tinyconfig with `config`, and with `config.debug` if that is asked for (lockdep, KASAN, DMA API).
# Afterwards, as fetch_kernel.sh has it: FOLDER/vmlinuz, FOLDER/root/lib/modules, FOLDER/headers.
# Does nothing when FOLDER was made of the same files. About ten minutes on two cores (with ccache
# much less the second time). A patch that does not apply, an option that the configuration does
# not take, and a warning in a file that the patches touch are errors.
set -euo pipefail
usage() {
  echo "usage: build.sh FOLDER [debug]" >&2
  exit 2
}
[[ $# -eq 1 || ($# -eq 2 && $2 == debug) ]] || usage
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configs=("$here/config")
[[ $# -eq 1 ]] || configs+=("$here/config.debug")

mkdir -p -- "$folder"
folder=$(realpath -- "$folder")
if [[ $folder == *[[:space:]:]* ]]; then
  echo "build.sh: $folder: the kernel's make takes no spaces or colons" >&2
  exit 2
fi
exec 9> "$folder/lock"
flock -n 9 || { echo "build.sh: waits for another one in $folder"; flock 9; }
stamp=$(cat "$here"/patches/*.patch "${configs[@]}" | sha256sum | cut -d' ' -f1)
if [[ -e $folder/complete && $(< "$folder/complete") == "$stamp" ]]; then
  exit 0
fi
for tool in bc bison flex patch perl xz gcc-12 depmod; do
  command -v "$tool" > /dev/null || PATH=$PATH:/usr/sbin command -v "$tool" > /dev/null ||
    { echo "build.sh: $tool is missing: run scripts/setup.sh" >&2; exit 1; }
done
rm -rf "$folder/complete" "${folder:?}/root" "$folder/build"
source=$folder/linux-source-6.1

if [[ ! -e $folder/source.tar.xz ]]; then
  echo "build.sh: fetches linux-source-6.1"
  rm -rf "$folder/deb"
  mkdir "$folder/deb"
  (cd "$folder/deb" &&
    apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download linux-source-6.1) ||
    { echo "build.sh: cannot fetch linux-source-6.1: run apt-get update (as root)" >&2; exit 1; }
  dpkg-deb --fsys-tarfile "$folder"/deb/*.deb |
    tar -xO ./usr/src/linux-source-6.1.tar.xz > "$folder/deb/source.tar.xz"
  mv "$folder/deb/source.tar.xz" "$folder/source.tar.xz"
  rm -rf "$folder/deb"
fi
# A patch that applied in part would stay: each build begins with the source as it was.
rm -rf "$source"
tar -xJf "$folder/source.tar.xz" -C "$folder"
for patch in "$here"/patches/*.patch; do
  echo "build.sh: ${patch##*/}"
  patch -s -f -p1 --fuzz=0 --no-backup-if-mismatch -d "$source" < "$patch" ||
    { echo "build.sh: ${patch##*/} does not apply" >&2; exit 1; }
done

compiler=gcc-12
! command -v ccache > /dev/null || compiler="ccache gcc-12"
build() {
  nice -n 10 make -s -C "$source" O="$folder/build" CC="$compiler" -j"$(nproc)" \
    KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=pagepress KBUILD_BUILD_HOST=pagepress "$@"
}
mkdir -p "$folder/build"
build tinyconfig > /dev/null
(cd "$folder/build" && "$source/scripts/kconfig/merge_config.sh" -m -O . .config "${configs[@]}" > merge.log 2>&1) ||
  { cat "$folder/build/merge.log" >&2; exit 1; }
build olddefconfig
while read -r line; do
  # What a later file says holds.
  [[ $line == "$(sed -n "/^${line%%=*}=/p" "${configs[@]}" | tail -1)" ]] || continue
  grep -qxF "$line" "$folder/build/.config" ||
    { echo "build.sh: $line: the configuration does not take it" >&2; exit 1; }
done < <(sed -n '/^CONFIG_/p' "${configs[@]}")
build bzImage modules 2> "$folder/build.log" || { cat "$folder/build.log" >&2; exit 1; }
touched=$(sed -n 's#^+++ b/##p' "$here"/patches/*.patch | sort -u)
if grep -F "$touched" "$folder/build.log" | grep -i 'warning:' >&2; then
  echo "build.sh: warnings in what the patches touch" >&2
  exit 1
fi
build modules_install INSTALL_MOD_PATH="$folder/root" > /dev/null
ln -sfn "$folder/build" "$folder/headers"
ln -sfn "$folder/build/arch/x86/boot/bzImage" "$folder/vmlinuz"
cp "$folder/build/include/config/kernel.release" "$folder/release"
echo "$stamp" > "$folder/complete"
