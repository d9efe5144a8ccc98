# SPDX-License-Identifier: Apache-2.0
"""Invented results of a reclaim run, for tests of its report and for looking at it. Nothing here
was measured or simulated.

  /usr/bin/python3 tests/report/reclaim_fixture.py OUT.json

The figures come from a toy: programs ask for pages, a policy gives so many a second, and what is
missing stalls. They agree with each other as a real file's do.
"""

import copy
import json
import math
import pathlib
import random
import sys

import fixtures

SECONDS, SAMPLES = 10, 250
POLICIES = ["kswapd", "kcompressd", "threads@workers=4", "engine@wait=interrupt"]
CORES = [("big", 2, 1.0), ("little", 4, 0.4)]
_TIMES = ("mean_ns", "p50_ns", "p99_ns", "p999_ns", "max_ns")


def _times(values):
    if not values:
        return {key: None for key in _TIMES} | {"histogram": None}
    found = fixtures._percentiles(values)  # noqa: SLF001  of the same tests
    return {"mean_ns": sum(values) / len(values), "p50_ns": found["p50"], "p99_ns": found["p99"],
            "p999_ns": found["p999"], "max_ns": max(values),
            "histogram": fixtures._latency_histogram(values)}  # noqa: SLF001


def _stalls(values, allocations):
    missing = allocations - len(values)
    padded = [0] * missing + sorted(values)
    return _times(values) | {
        "allocations": allocations, "stalled": len(values), "total_ns": sum(values),
        "all_p99_ns": padded[-(-len(padded) * 990 // 1000) - 1],
        "all_p999_ns": padded[-(-len(padded) * 999 // 1000) - 1]}


def _speed(policy, cores, core_speed):
    """Pages a second that it can reclaim: of the toy."""
    who = policy.partition("@")[0]
    inline = 40_000 * core_speed
    spare = max(cores - 1, 0)
    return {"kswapd": inline, "kcompressd": inline * (0.8 + 0.6 * min(spare, 2)),
            "threads": inline * (0.7 + 0.6 * min(spare, 4)), "batch": inline * 1.1,
            "engine": 150_000 * (0.5 + 0.5 * core_speed)}[who]


def _series(rate, want, rng, queue, groups):
    free, low, high = 4000, 1500, 2200
    names = ("t_s", "free", "anon", "file", "pool", "queued", "pgsteal_anon", "pgsteal_file",
             "pgsteal_direct", "pgscan", "allocstall", "pswpin", "zswpin")
    series = {name: [0] for name in names} | {"busy": {group: [0.0] for group in groups}}
    series["t_s"], series["free"], pool = [0.0], [free], 0
    step = SECONDS / SAMPLES
    for i in range(1, SAMPLES + 1):
        asked = max(0, int(want * step * (1 + math.sin(i / 20)) * rng.uniform(0.8, 1.2)))
        given = min(int(rate * step), max(0, high - free + asked)) if free < high else 0
        free += given - asked
        stalled = 0
        if free < low / 4:
            stalled = (low // 4 - free + 31) // 32
            free = low // 4
        pool += given // 3
        row = {"t_s": i * step, "free": free, "anon": 90_000 - free, "file": 5_000,
               "pool": pool, "queued": int(queue * rng.random()) if given else 0,
               "pgsteal_anon": given, "pgsteal_file": given // 10,
               "pgsteal_direct": 32 * stalled, "pgscan": 2 * given + 64 * stalled,
               "allocstall": stalled, "pswpin": given // 5, "zswpin": given // 6}
        for name, value in row.items():
            series[name].append(value)
        for number, group in enumerate(groups):
            series["busy"][group].append(
                min(1.0, given / (rate * step)) * (1 - 0.2 * number) if group != "app"
                else 2 + rng.random())
    return series


def run(policy, cores=6, core_speed=1.0, pressure=1.0, stalls=True):
    """A run in which each counter agrees with the others."""
    rng = random.Random(f"{policy} {cores} {core_speed} {pressure}")
    who = policy.partition("@")[0]
    engine = who == "engine"
    groups = ["app", "kswapd"] + (["kcompressd"] if who not in ("kswapd", "batch") else [])
    rate, want = _speed(policy, cores, core_speed), 60_000 * pressure
    series = _series(rate, want, rng, 0 if who == "kswapd" else 200, groups)
    if engine:
        series["engine_busy"] = [rng.uniform(0.2, 0.6) for _ in series["t_s"]]
    if not stalls:
        series["allocstall"] = [0] * len(series["t_s"])
        series["pgsteal_direct"] = [0] * len(series["t_s"])
    sums = {key: sum(values) for key, values in series.items()
            if isinstance(values, list) and key != "t_s"}
    count = sums["allocstall"]
    anon, file, direct = sums["pgsteal_anon"], sums["pgsteal_file"], sums["pgsteal_direct"]
    direct = min(direct, anon + file)
    kswapd = anon + file - direct
    times = [int(rng.lognormvariate(13, 0.8) * 40_000 / rate) for _ in range(count)]
    faults = [int(rng.lognormvariate(9, 0.4)) for _ in range(2000)]
    queued = [] if who == "kswapd" else [ns // 4 for ns in faults[:60]]
    awake = 0.9 * SECONDS if rate < want else 0.5 * SECONDS
    core_list = [{"name": f"{kind}/{i}", "kind": kind, "speed": speed * core_speed,
                  "busy_ns": int(rng.uniform(0.5, 1) * SECONDS * 1e9)}
                 for kind, number, speed in CORES for i in range(number)][:cores]
    cpu_ns = {group: int(sum(series["busy"][group]) / SAMPLES * SECONDS * 1e9)
              for group in groups}
    energy = {"cpu_mj": 9000.0 * core_speed, "engine_mj": 120.0 if engine else 0.0,
              "dram_mj": anon * 0.002, "link_mj": anon * 0.0002 if engine else 0.0,
              "device_mj": 0.0}
    energy["total_mj"] = sum(energy.values())
    energy["uj_per_page_reclaimed"] = energy["total_mj"] * 1000 / (anon + file)
    shares = {"kswapd CPU": min(1.0, want / rate), "all cores": 0.7,
              **({"engine": 0.4, "link": 0.2} if engine else
                 {} if who == "kswapd" else {"kcompressd CPU": min(1.0, want / rate * 0.97)})}
    top = max(shares, key=shares.get)
    return {
        "policy": policy,
        "settings": {"spec": policy, "who": who, "codec": "engine:fast" if engine else "cpu:lz4"},
        "seconds": float(SECONDS), "kswapd_awake_s": awake,
        "vmstat": {
            "pgfault": 9 * anon, "pgmajfault": len(faults), "pgscan_kswapd": 2 * kswapd,
            "pgscan_direct": 2 * direct, "pgscan_anon": 2 * anon, "pgscan_file": 2 * file,
            "pgsteal_kswapd": kswapd, "pgsteal_direct": direct, "pgsteal_anon": anon,
            "pgsteal_file": file, "allocstall": count, "pswpin": sums["pswpin"],
            "zswpin": sums["zswpin"], "oom_kill": 0},
        "rates": {"pgsteal_anon_per_s": anon / SECONDS,
                  "pgsteal_anon_per_s_awake": anon / awake,
                  "pgscan_per_s": 2 * (anon + file) / SECONDS,
                  "pswpin_per_s": sums["pswpin"] / SECONDS},
        "stalls": _stalls(times, 20 * count + 100_000),
        "faults": {"count": len(faults)} | _times(faults)
                  | {"queued_wait": {"count": len(queued)} | _times(queued)},
        "cpu": {"groups": [{"group": g, "cpu_ns": ns, "work_ns": ns, "switches": 9}
                           for g, ns in cpu_ns.items()], "cores": core_list},
        "memory": {"watermarks": [{"zone": "Normal", "min": 1125, "low": 1500, "high": 2200,
                                   "managed": 96_000}]},
        "store": {"pages": anon // 2, "same_filled": anon // 40, "raw": 0,
                  "compressed_bytes": anon * 700, "pool_frames": anon // 6, "on_device": 0,
                  "rejected": 0, "limit_hit": 0, "written_back": 0},
        "queue": {"policy": policy},
        "traffic": {"dram_bytes_per_page": 11_000.5 if engine else 9_300.0,
                    "link_bytes_per_page": 5_900.0 if engine else None,
                    "basis": "counted" if engine else "assumed"},
        "energy": energy, "workload": {"programs": []},
        "binds": {"resource": top, "share": shares[top],
                  "shares": [{"resource": name, "share": s} for name, s in shares.items()]},
        "series": series, "host": {"wall_s": 3.2, "reclaims_per_s": (anon + file) / 3.2}}


def _grid(policies):
    points = []
    for cores in (1, 6):
        for speed in (0.5, 1.0):
            for pressure in (1.0, 2.0):
                runs = [run(policy, cores, speed, pressure) for policy in policies]
                for item in runs:
                    del item["series"]
                points.append({"cores": cores, "speed": speed, "pressure": pressure,
                               "runs": runs})
    return points


def reclaim(policies=tuple(POLICIES), grid=True, stalls=True):
    """A whole file."""
    base = copy.deepcopy(fixtures.one())
    base["created"]["fixture"] = fixtures.MARK
    base["created"]["command"] = ["pagepress", "reclaim", "a.pages", "-c", "toy"]
    return {
        "schema": "pagepress.reclaim/1", "kind": "reclaim", "created": base["created"],
        "scenario": {
            "name": "toy", "description": "An invented scenario.",
            "settings": {
                "cpu": {"slice_ns": {"value": 3_000_000, "provenance": "assumed",
                                     "source": "fair.c <6.12>"},
                        "cores": [{"name": {"value": kind, "provenance": "given", "source": "toy"},
                                   "count": {"value": count, "provenance": "given",
                                             "source": "toy"}} for kind, count, _ in CORES]},
                "store": {"kind": {"value": "zswap", "provenance": "assumed", "source": "x"}}}},
        "inputs": base["inputs"], "costs": base["costs"],
        "runs": [run(policy, stalls=stalls) for policy in policies],
        "grid": _grid(policies) if grid else [], "traces": ["kswapd.trace.json"]}


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(json.dumps(reclaim()), encoding="utf-8")
