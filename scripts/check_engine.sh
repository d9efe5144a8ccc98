#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proves over many pages that all agree: RTL compressor and codec (bytes, status, CRC32C, cycles),
# liblz4's decode, RTL decompressor.
#
#   scripts/check_engine.sh [--pages N] [--seed S] [--width W] [--corpus DIR] [OPTION...]
#
# N: 1,000,000 pages by default: each real page of the corpus once, then mutations of real pages,
# pages spliced of several, and synthetic ones made against the engine; two processes, half an
# hour or so. W: 16 (default), 8 or 32. DIR: page files; build/corpus by default, which
# scripts/make_corpus.sh makes first if it is not there. Other options go to the program:
# --first NUMBER, --jobs N, --save FOLDER.
#
# A page on which two differ is saved in build/ with seed and number in its name; exit code 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

width=16
corpus=
options=()
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help)
      sed -n '3,16s/^# \{0,1\}//p' scripts/check_engine.sh
      exit 0
      ;;
    --width | --corpus)
      [[ $# -ge 2 ]] || { echo "check_engine.sh: $1 needs a value" >&2; exit 2; }
      if [[ $1 == --width ]]; then width=$2; else corpus=$2; fi
      shift 2
      ;;
    *)
      options+=("$1")
      shift
      ;;
  esac
done
[[ " 8 16 32 " == *" $width "* ]] || { echo "check_engine.sh: no engine is $width wide: 8, 16 or 32" >&2; exit 2; }

scripts/build.sh release "check_engine_$width"
if [[ -z $corpus ]]; then
  corpus=build/corpus
  [[ -e $corpus ]] || scripts/make_corpus.sh "$corpus"
fi
exec "build/release/tests/check_engine_$width" --corpus "$corpus" --save build "${options[@]}"
