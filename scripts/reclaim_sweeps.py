#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The runs behind docs/reclaim.md: `pagepress reclaim` over what the gain may hang on, as tables.

    scripts/reclaim_sweeps.py build/release/bin/pagepress OUT FILE.pages... [--only NAME] [--print]

Each table is of one command, printed before it; its results.json stays in OUT, and is not made
again if it is there. CPU costs are measured once, into OUT/costs.json. Limitation: one seed a row,
but for the group `seeds`; differences below what that group shows are no findings.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys

V1 = "kcompressd@shape=zram-v1,state=writeback"
ANY = "engine@rule=any,state=writeback"
MAIN = ["kswapd", "kcompressd", V1, "threads@workers=4", "engine", ANY]


def runs(scenario, policies, **settings):
    """One command: settings with a dot written as two underscores."""
    return (scenario, policies, {key.replace("__", "."): value for key, value in settings.items()})


def placed(kswapd, worker):
    """kswapd on one kind of core, who compresses on another."""
    return runs("handheld",
                ["kswapd", f"kcompressd@cores={worker}", f"kcompressd@state=writeback,cores={worker}",
                 f"{V1},cores={worker}", f"engine@state=writeback,cores={worker}"],
                memory__kswapd_cores=kswapd)


def coded(codec, **settings):
    worker = ",cores=big" if settings else ""
    return runs("handheld", [f"kswapd@codec=cpu:{codec}", f"kcompressd@codec=cpu:{codec}{worker}",
                             f"kcompressd@codec=cpu:{codec},state=writeback{worker}",
                             f"{V1},codec=cpu:{codec}", ANY], **settings)


GROUPS = {
    "policies": [runs("handheld", [
        *MAIN, "engine@wait=interrupt", "engine@wait=hybrid", "engine@state=writeback",
        "engine@rule=any", "batch@codec=engine:fast", "engine@policy=divert-to-cpu"])],
    "saturated": [runs("saturated", [*MAIN, "kcompressd@state=writeback",
                                     "engine@state=writeback"])],
    "placement": [placed("little", "little"), placed("little", "big"), placed("big", "little"),
                  placed("big", "big")],
    "codec": [coded("lz4"), coded("lzo"), coded("zstd"),
              coded("lz4", memory__kswapd_cores="little"),
              coded("zstd", memory__kswapd_cores="little")],
    "fifo": [runs("handheld", ["kswapd"] + [
        f"kcompressd@fifo_entries={n},state={state}"
        for state in ("locked", "writeback") for n in (24, 256, 4096)])],
    "losses": [runs(name, MAIN) for name in ("single-cpu", "all-cores-busy", "incompressible",
                                             "zero-heavy", "burst", "server")],
    "share": [runs("all-cores-busy", ["kswapd"] + [f"kcompressd@nice={n}"
                                                    for n in (-20, -10, 0, 10)])],
    "memory": [runs("handheld", MAIN, memory__lru="mglru"),
               runs("handheld", MAIN, memory__tlb_flush_each_folio="false"),
               runs("handheld", MAIN, cpu__placement="slowest")],
    "engine": [runs("handheld", [ANY, *(f"{ANY},batch={n}" for n in (1, 8, 64)),
                                 f"{ANY},wait=interrupt", f"{ANY},wait=hybrid",
                                 f"{ANY},fifo_entries=64", f"{ANY},fifo_entries=4096",
                                 f"{ANY},swapin_engine=1", f"{ANY},same_filled=engine"]),
               *(runs("handheld", [ANY], engine__engines=n) for n in (1, 8)),
               *(runs("handheld", [ANY], engine__clock_mhz=n) for n in (50, 100, 250)),
               *(runs("handheld", [ANY], engine__link_preset=n) for n in ("pcie5x16", "cxl"))],
    "backpressure": [runs("handheld", ["kswapd"] + [
        f"engine@rule=any,state=writeback,fifo_entries=64,policy={p}"
        for p in ("wait", "sync-newest", "drain-oldest", "divert-to-cpu")])],
    "folios": [runs("handheld", ["kswapd", "kcompressd", "batch@codec=cpu:lz4",
                                 "batch@codec=engine:fast", ANY], memory__folio_pages=n)
               for n in (1, 8, 16)],
    "seeds": [runs("handheld", MAIN, workload__seed=n) for n in (2, 3, 4)],
}

COLUMNS = ["policy", "pgsteal_anon/s", "while awake", "kswapd awake", "stalls", "stalled",
           "p99", "written", "c us", "r us", "uJ/page"]


def command(tool, out, files, item):
    scenario, policies, settings = item
    words = [tool, "reclaim", *files, "-c", scenario, "--costs", str(out / "costs.json"),
             "--no-grid", "--no-report", "--no-trace"]
    for key, value in settings.items():
        words += ["--set", f"{key}={value}"]
    return [*words, "--policy", *policies]


def page_costs(run):
    """(c, r): us of a core of speed 1 that compressing a page takes, and that all else of kswapd's
    takes for each page it gives away. None where the run does not tell."""
    group = {item["group"]: item["work_ns"] for item in run["cpu"]["groups"]}
    alone = run["queue"].get("synchronous", {})
    pages = alone.get("pages", 0)
    c = alone["cpu_ns"] / pages / 1e3 if pages else None
    gate = run["queue"].get("gate")
    if not gate or "kswapd" not in group or gate.get("none", 0) + gate.get("no_room", 0) == 0:
        return c, None
    if run["queue"]["queue"]["rule"] == "any":
        return c, None    # direct reclaim's pages are in the queue, too
    given = gate["none"] + gate["no_room"]
    inline = c * (pages - gate["not_kswapd"]) if c else 0    # what kswapd compressed itself
    return c, (group["kswapd"] / 1e3 - max(inline, 0)) / given


def change(value, base):
    if value is None or not base:
        return ""
    return f" ({(value / base - 1) * 100:+.0f} %)"


def row(run, base):
    rates, stalls = run["rates"], run["stalls"]
    first, awake = base["rates"], "pgsteal_anon_per_s_awake"
    c, r = page_costs(run)
    other = run is not base
    p99 = stalls["p99_ns"]
    return [
        f"`{run['policy']}`",
        f"{rates['pgsteal_anon_per_s']:,.0f}"
        + (change(rates["pgsteal_anon_per_s"], first["pgsteal_anon_per_s"]) if other else ""),
        "-" if rates[awake] is None else f"{rates[awake] / 1e3:,.0f} k"
        + (change(rates[awake], first[awake]) if other else ""),
        f"{run['kswapd_awake_s'] * 1e3:,.0f} ms",
        f"{stalls['stalled']:,}",
        f"{stalls['total_ns'] / 1e6:,.0f} ms"
        + (change(stalls["total_ns"], base["stalls"]["total_ns"]) if other else ""),
        "-" if p99 is None else f"{p99 / 1e6:.2f} ms",
        f"{run['vmstat']['nr_vmscan_write']:,}",
        "-" if c is None else f"{c:.2f}",
        "-" if r is None else f"{r:.2f}",
        "-" if run["energy"]["uj_per_page_reclaimed"] is None
        else f"{run['energy']['uj_per_page_reclaimed']:.1f}",
    ]


def table(results):
    lines = [COLUMNS, ["---"] + ["--:"] * (len(COLUMNS) - 1)]
    lines += [row(run, results["runs"][0]) for run in results["runs"]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("tool")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--only", choices=GROUPS, action="append")
    parser.add_argument("--print", action="store_true", help="only what has been run")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for group in options.only or GROUPS:
        print(f"\n## {group}")
        for number, item in enumerate(GROUPS[group]):
            words = command(options.tool, options.out, options.files, item)
            path = options.out / f"{group}-{number}.json"
            if not path.exists() and not options.print:
                done = subprocess.run([*words, "--json", str(path)], stdout=subprocess.DEVNULL,
                                      check=False)
                if done.returncode:
                    sys.exit(f"failed: {shlex.join(words)}")
            if path.exists():
                shown = shlex.join(word for word in words if word not in options.files)
                print(f"\n`{shown}`\n\n{table(json.loads(path.read_text()))}", flush=True)


if __name__ == "__main__":
    main()
