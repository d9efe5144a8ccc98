#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints what the driver costs a page: instructions to submit and complete in batches of 32 against
# a null device in the same process, counted by callgrind; checks that this way has no allocation
# and no system call.
#
#   scripts/driver_overhead.sh [BENCH_DRIVER]
#
# BENCH_DRIVER: build/release/bin/bench_driver unless given. Exit code 1 above 200
# instructions a page, or if the check fails. The figure is the difference of two runs of different
# length over the difference of their pages, so that neither set-up nor the end is in it; what the
# null device itself does (NullDevice::complete) is left out, its doorbell call is in.
# Limitation: callgrind runs without the vDSO, so that the clock's system call is counted as its few
# instructions in user space only.
set -euo pipefail

most=200
root=$(cd "$(dirname "$0")/.." && pwd)
bench=${1:-$root/build/release/bin/bench_driver}
if [[ ! -x $bench ]]; then
  echo "driver_overhead.sh: no program $bench; build bench_driver first" >&2
  exit 1
fi
if ! command -v valgrind >/dev/null; then
  echo "driver_overhead.sh: needs valgrind (scripts/setup.sh)" >&2
  exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Instructions of a run of $2 pages through codec $1, the null device's left out.
instructions() {
  local out=$folder/callgrind.$1.$2
  if ! valgrind --tool=callgrind --callgrind-out-file="$out" \
    "$bench" --codec "$1" --pages "$2" >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    echo "driver_overhead.sh: the run under callgrind failed" >&2
    exit 1
  fi
  callgrind_annotate --threshold=100 "$out" |
    awk '/PROGRAM TOTALS/ { gsub(/,/, ""); total = $1 }
         /NullDevice::complete\(\)/ { gsub(/,/, ""); device = $1 }
         END { if (device == 0) exit 1; print total - device }'
}

failed=0
for codec in engine reliable; do
  few=3200 many=35200
  a=$(instructions $codec $few)
  b=$(instructions $codec $many)
  tenths=$(((b - a) * 10 / (many - few)))
  echo "$codec: $((tenths / 10)).$((tenths % 10)) instructions a page (at most $most)"
  if ((tenths > most * 10)); then
    failed=1
  fi
  "$bench" --check --codec $codec || failed=1
done
exit $failed
