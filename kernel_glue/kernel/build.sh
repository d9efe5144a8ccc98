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

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
exec 9> "$folder/lock"
flock 9
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

# What the patches touch, as it was.
if [[ ! -e $folder/unpacked ]]; then
  echo "build.sh: linux-source-6.1"
  rm -rf "$folder"/linux-source-6.1*
  (cd "$folder" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download linux-source-6.1)
  dpkg-deb --fsys-tarfile "$folder"/linux-source-6.1*.deb |
    tar -xO ./usr/src/linux-source-6.1.tar.xz | tar -xJ -C "$folder"
  rm "$folder"/linux-source-6.1*.deb
  touch "$folder/unpacked"
else
  while read -r applied; do
    patch -s -R -p1 --fuzz=0 -d "$source" < "$applied"
    rm "$applied"
  done < <(find "$folder/applied" -name '*.patch' 2> /dev/null | sort -r)
fi
mkdir -p "$folder/applied"
for patch in "$here"/patches/*.patch; do
  echo "build.sh: ${patch##*/}"
  patch -s -p1 --fuzz=0 --no-backup-if-mismatch -d "$source" < "$patch"
  cp "$patch" "$folder/applied/"
done

compiler=gcc-12
! command -v ccache > /dev/null || compiler="ccache gcc-12"
build() {
  nice -n 10 make -s -C "$source" O="$folder/build" CC="$compiler" -j"$(nproc)" \
    KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=pagepress KBUILD_BUILD_HOST=pagepress "$@"
}
mkdir -p "$folder/build"
build tinyconfig > /dev/null
(cd "$folder/build" && "$source/scripts/kconfig/merge_config.sh" -m -O . .config "${configs[@]}" > merge.log)
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
