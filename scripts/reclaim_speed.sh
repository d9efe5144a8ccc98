#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Prints how long this host takes to simulate about a million page reclaims with an engine behind
# kcompressd (the real driver on FastDevice; docs/examples/reclaim_million.toml).
#
#   scripts/reclaim_speed.sh PAGES [PAGEPRESS]
#
# PAGES: a page file (pagepress capture, scripts/make_corpus.sh). PAGEPRESS: build/release/bin/
# pagepress unless given. Costs of codecs are measured first, and not counted: they are simulated
# time, not host time. "wall" is what the run took by the clock, "cpu" what its process used: on a
# machine that does other things only the second says something. Exit code 1 if fewer than a million
# pages were reclaimed; no figure is checked, as hosts differ.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
if (($# < 1 || $# > 2)); then
  echo "usage: scripts/reclaim_speed.sh PAGES [PAGEPRESS]" >&2
  exit 2
fi
pages=$1
program=${2:-$root/build/release/bin/pagepress}
if [[ ! -x $program ]]; then
  echo "reclaim_speed.sh: no program $program; build pagepress first" >&2
  exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The million's scenario, with $1 more arguments.
reclaim() {
  "$program" reclaim "$pages" -c "$root/docs/examples/reclaim_million.toml" --no-trace \
    --costs "$folder/costs" --json "$folder/results.json" "$@" >/dev/null
}

reclaim --set workload.seconds=0.001 # saves the costs
TIMEFORMAT="%U %S"
{ time reclaim; } 2>"$folder/time" || { cat "$folder/time" >&2; exit 1; }
/usr/bin/python3 - "$folder/results.json" "$(tail -n 1 "$folder/time")" <<'END'
import json
import sys

run = json.load(open(sys.argv[1], encoding="utf-8"))["runs"][0]
reclaims = run["vmstat"]["pgsteal_kswapd"] + run["vmstat"]["pgsteal_direct"]
cpu = sum(map(float, sys.argv[2].split()))
units = sum(engine["units"] for engine in run["queue"]["engine"]["engines"])
print(f"{reclaims:,} pages reclaimed, {units:,} of them and others compressed by the engine, "
      f"in {run['seconds']:.2f} simulated seconds")
print(f"host: wall {run['host']['wall_s']:.1f} s, cpu {cpu:.1f} s; "
      f"{reclaims / cpu:,.0f} reclaims a second of CPU time")
sys.exit(0 if reclaims >= 1_000_000 else 1)
END
