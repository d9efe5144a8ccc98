#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints a table of docs/linux.md from results of the scenario kcompressd or swap_writepage: medians
of its rounds, least and most in brackets.

  scripts/guest.sh kcompressd --set rounds=3
  kernel_glue/guest/cost_table.py build/guest/results/kcompressd.json
  scripts/guest.sh swap_writepage --set rounds=3
  kernel_glue/guest/cost_table.py build/guest/results/swap_writepage-patched.json

Exit code: 0, or 2 for a file that has no such results.
"""

import json
import re
import statistics
import sys

COLUMNS = {
    "pages": "pages written",
    "instructions_a_page": "instructions a page",
    "kswapd_a_page": "kswapd",
    "kcompressd_a_page": "kcompressd",
    "program_a_page": "program",
    "rest_a_page": "rest",
    "pages_a_giga": "pages per 10^9",
    "mean_batch_x10": "mean batch",
    "pgsteal_kswapd": "freed by kswapd",
    "pgsteal_direct": "by direct reclaim",
    "allocstalls": "stalls",
}
MODES = {
    "kcompressd": {
        "inline": "ppswap, the writer in software",
        "kcompressd": "ppswap, kcompressd in software",
        "engine": "ppswap, kcompressd and the engine",
        "zswap": "zswap in software",
        "zswap_engine": "zswap and the engine",
    },
    "swap_writepage": {
        "inline": "kswapd in software",
        "proposal": "kcompressd in software",
        "rotated": "the same, to the tail of the LRU",
        "inline_engine": "kswapd and the engine",
        "proposal_engine": "kcompressd and the engine, a page at a time",
        "engine": "kcompressd and the engine, 32 at a time, to the tail",
    },
}


def values(results, mode, column):
    name = re.compile(rf"{mode}(_\d+)?_{column}")
    scale = 10 if column.endswith("_x10") else 1
    return [int(value) / scale for key, value in results.items() if name.fullmatch(key)]


def cell(found):
    if not found or not any(found):
        return ""
    show = "{:,.1f}".format if any(value % 1 for value in found) else "{:,.0f}".format
    spread = f" ({show(min(found))}–{show(max(found))})" if len(found) > 1 else ""
    return show(statistics.median(found)) + spread


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            document = json.load(file)
        modes = MODES.get(document["scenario"])
        if not document["passed"] or not modes:
            raise ValueError(f"no results of a {' or '.join(MODES)} that has passed")
        results = document["results"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cost_table.py: {sys.argv[1]}: {error}", file=sys.stderr)
        return 2
    print(f"| | {' | '.join(COLUMNS.values())} |\n|{'---|' * (len(COLUMNS) + 1)}")
    for mode, title in modes.items():
        print(f"| {title} | " +
              " | ".join(cell(values(results, mode, column)) for column in COLUMNS) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
