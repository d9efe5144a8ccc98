#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole path once: install, build, start a real program, capture its pages,
# compress them on the CPU and in the simulated engine, verify, report.
#
#   scripts/demo.sh [OUT_DIR]      default: build/demo
#
# The program is a redis server with data in it (scripts/workloads/redis.py), in an
# empty environment, so that nothing of yours is in its memory. It listens on a
# unix socket of its own and ends with this script, however that ends.
# Under 10 minutes the first time, on 2 cores; afterwards only the run.
set -euo pipefail
out=${1:+$(realpath -m -- "$1")}  # of the caller's folder, not of this one
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -gt 1 || ${1-} == -* ]]; then
  sed -n '3,11s/^# \{0,1\}//p' scripts/demo.sh
  [[ ${1-} == -h || ${1-} == --help ]] && exit 0
  exit 2
fi
out=${out:-build/demo}
pages=$out/redis.pages
least=2000  # anonymous pages that make a run worth looking at

scripts/build.sh release pagepress
pagepress=build/release/bin/pagepress

run=$(mktemp -d /tmp/pagepress-demo.XXXXXX)  # short: a socket's path holds 107 bytes
server=
finish() {
  if [[ -n $server ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

env -i PATH=/usr/bin:/bin LANG=C.UTF-8 \
  /usr/bin/python3 -EsB scripts/workloads/redis.py serve "$run" >"$run/log" 2>&1 </dev/null &
server=$!
if ! /usr/bin/python3 -EsB scripts/workloads/redis.py load "$run"; then
  cat "$run/log" >&2
  exit 1
fi

mkdir -p "$out"
"$pagepress" capture --pid "$server" -o "$pages"
captured=$(($(stat -c %s "$pages") / 4096))
if ((captured < least)); then
  echo "demo.sh: captured only $captured pages, expected $least or more" >&2
  exit 1
fi

"$pagepress" compare "$pages" --backend cpu:lz4 --backend engine:rtl -o "$out"
