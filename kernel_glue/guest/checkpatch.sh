#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the kernel's checkpatch.pl --strict over the module; fails with any finding.
#
#   checkpatch.sh FOLDER        FOLDER keeps checkpatch.pl
#
# It comes only with the kernel's source: fetched by apt once (140 MB), of which three files are kept.
set -euo pipefail
[[ $# -eq 1 ]] || { echo "usage: checkpatch.sh FOLDER" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../module" && pwd)

if [[ ! -e $folder/complete ]]; then
  rm -rf "${folder:?}/deb"
  mkdir "$folder/deb"
  (cd "$folder/deb" && apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    download linux-source-6.1) ||
    { echo "checkpatch.sh: cannot fetch linux-source-6.1: run apt-get update (as root)" >&2; exit 1; }
  dpkg-deb --fsys-tarfile "$folder"/deb/*.deb |
    tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
    tar -xJ -C "$folder" --strip-components=2 --wildcards 'linux-source-*/scripts/checkpatch.pl' \
      'linux-source-*/scripts/spelling.txt' 'linux-source-*/scripts/const_structs.checkpatch'
  rm -rf "${folder:?}/deb"
  touch "$folder/complete"
fi
perl "$folder/checkpatch.pl" --no-tree --strict --terse --show-types -f "$source"/*.[ch]
echo "checkpatch.sh: no finding"
