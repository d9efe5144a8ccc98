#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, configures and builds one CMake preset.
#
#   scripts/build.sh [PRESET] [TARGET...]     PRESET: release (default), debug, asan, ...
#
# The result is build/PRESET, the program build/PRESET/bin/pagepress. Configures
# only when there is no configured build folder or the presets have changed;
# ninja notices everything else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${1:-release}
shift $(($# > 0))

scripts/setup.sh

mapfile -t presets < <(/usr/bin/python3 -I -c '
import json
for p in json.load(open("CMakePresets.json"))["configurePresets"]:
    if not p.get("hidden"): print(p["name"])')
if [[ " ${presets[*]} " != *" $preset "* ]]; then
  echo "build.sh: unknown preset '$preset'; there are: ${presets[*]}" >&2
  exit 2
fi

ninja_file=build/$preset/build.ninja
if [[ ! -e $ninja_file || CMakePresets.json -nt $ninja_file ]]; then
  cmake --preset "$preset"
fi
targets=()
if [[ $# -gt 0 ]]; then
  targets=(--target "$@")
fi
cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]}"
