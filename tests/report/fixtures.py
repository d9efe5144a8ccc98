# SPDX-License-Identifier: Apache-2.0
"""Invented results, for tests of the report and for looking at it. Nothing here was measured.

  /usr/bin/python3 tests/report/fixtures.py OUT_DIR     writes one results.json a variant

The figures are plausible (an engine of 8 B/cycle at 1 GHz, liblz4 on a server core), drawn
from a seeded generator: every call gives the same results.
"""

import copy
import json
import pathlib
import random
import sys

PAGE = 4096
LIMIT = 3625
EDGES = [0] + [int(16 * 2 ** (i / 4)) for i in range(160)]
MARK = ("This file is a test fixture of the report: every figure in it is made up, and none says "
        "anything about pagepress.")


def _percentile(values, share):
    ordered = sorted(values)
    rank = -(-len(ordered) * round(share * 1000) // 1000)
    return ordered[max(rank, 1) - 1]


def _percentiles(values):
    return {"p50": _percentile(values, 0.5), "p99": _percentile(values, 0.99),
            "p999": _percentile(values, 0.999)}


def _latency_histogram(values):
    def bin_of(value):
        return max(i for i, edge in enumerate(EDGES) if edge <= value)
    found = [bin_of(v) for v in values]
    low, high = min(found), max(found)
    counts = [0] * (high - low + 1)
    for index in found:
        counts[index - low] += 1
    return {"bins_ns": EDGES[low:high + 2], "counts": counts}


def _size(rng):
    """A compressed size as process pages have them: many small, a broad middle, some hard."""
    kind = rng.random()
    if kind < 0.25:
        return rng.randint(20, 400)
    if kind < 0.9:
        return int(min(max(rng.gauss(1700, 650), 60), 4095))
    return rng.randint(3000, 4096)


def _sums(sizes, zero, same):
    """The counts and bytes of a set of pages; sizes has those that are not same-filled."""
    pages = len(sizes) + same
    whole = sum(1 for size in sizes if size > LIMIT)
    stored = sum(PAGE if size > LIMIT else size for size in sizes)
    return {"pages": pages, "zero_pages": zero, "same_filled_pages": same,
            "incompressible_pages": whole, "bytes_in": pages * PAGE, "bytes_out": stored,
            "ratio": pages * PAGE / stored if stored else None}


def _decompress(name, there, ns, spread):
    """The way back of what `there` stored compressed."""
    rng = random.Random(f"{name}, back")
    engine = name.startswith("engine:")
    whole = there["incompressible_pages"]
    count = there["pages"] - there["same_filled_pages"] - whole
    latencies = [max(40, int(rng.lognormvariate(0, spread) * ns)) for _ in range(count)]
    cycles = [int(rng.gauss(301, 40)) for _ in range(count)]
    return {
        "pages": count, "bytes_in": there["bytes_out"] - whole * PAGE, "bytes_out": count * PAGE,
        "verified": count, "mismatches": 0, "mismatch_list": [],
        "sim_gb_per_s": 21.3 if engine else PAGE / ns, "latency_ns": _percentiles(latencies),
        "queue_latency_ns": _percentiles([4 * v for v in latencies]),
        "idle_latency_ns": _percentiles([v // 2 for v in latencies]),
        "busy_latency_ns": _percentiles([v // 2 + (90 if engine else 0) for v in latencies]),
        "cpu_ns_per_page": 63.0 if engine else ns,
        "pages_per_doorbell": 31.0 if engine else None, "queue": queue(count),
        "engine_cycles_per_page": {"mean": sum(cycles) / count, "p50": _percentile(cycles, 0.5),
                                   "p99": _percentile(cycles, 0.99)} if engine else None,
        "bytes_per_cycle": 22.6 if engine else None,
        "bytes_per_cycle_all_pages": 22.6 if engine else None,
        "answers_fnv": "a1b2c3d4e5f60718",
        "latency_histogram": _latency_histogram(latencies),
    }


def queue(pages, drained=0, synchronous=0, route=None):
    """What a queue with two workers counted."""
    by_workers = pages - synchronous
    halves = (by_workers // 2, by_workers - by_workers // 2)
    return {"enqueued": by_workers + drained, "rejected": 9, "drained": drained,
            "refused": {"no_room": 9}, "synchronous": synchronous, "synchronous_ns": 7 * synchronous,
            "workers": [{"pages": half, "batches": 5, "busy": 0, "driver_ns": 900,
                         "polling_ns": 800, "idle_ns": 70} for half in halves],
            "route": route}


def without_decompression(data):
    """As files were before decompression was measured."""
    for item in data["backends"]:
        del item["decompress"], item["device"]
        del item["host"]["decompress_wall_s"], item["host"]["decompress_pages_per_s"]
    for item in data["costs"]["codecs"].values():
        del item["decompress"]
    return data


def backend(name, files, seed=1, ns=7600.0, spread=0.35, gain=1.0):
    """One back end over `files`, a list of (path, pages)."""
    rng = random.Random(seed)       # the pages: alike for all back ends of a file
    noise = random.Random(name)     # what this back end makes of them
    engine = name.startswith("engine:")
    parts, sizes, zeros, sames = [], [], 0, 0
    for path, pages in files:
        zero, same = pages // 12, pages // 12 + pages // 40
        own = [max(8, int(_size(rng) * gain * noise.uniform(0.98, 1.02)))
               for _ in range(pages - same)]
        parts.append({"path": path, **_sums(own, zero, same)})
        sizes, zeros, sames = sizes + own, zeros + zero, sames + same
    result = {"name": name, **_sums(sizes, zeros, sames), "mismatches": 0, "mismatch_list": []}
    result["verified"] = result["pages"]
    count = result["pages"]
    latencies = [max(50, int(noise.lognormvariate(0, spread) * ns)) for _ in range(count)]
    cycles = [int(noise.gauss(516, 3)) for _ in range(count)]
    bins = [0] * 65
    for size in sizes:
        bins[64 if size > LIMIT else min(size // 64, 63)] += 1
    speed = 7.42 if engine else PAGE / ns
    result["compress"] = {
        "sim_gb_per_s": speed, "latency_ns": _percentiles(latencies),
        "queue_latency_ns": _percentiles([4 * v for v in latencies]),
        "idle_latency_ns": _percentiles([v // 2 for v in latencies]),
        "cpu_ns_per_page": 64.0 if engine else ns,
        "pages_per_doorbell": 31.5 if engine else None, "queue": queue(count),
        "engine_cycles_per_page": {"mean": sum(cycles) / count, "p50": _percentile(cycles, 0.5),
                                   "p99": _percentile(cycles, 0.99)} if engine else None,
        "bytes_per_cycle": 7.84 if engine else None,
        "bytes_per_cycle_all_pages": 8.4 if engine else None,
        "answers_fnv": f"{seed:016x}",
    }
    wall = count / 260 if engine else count / 9000
    result["host"] = {"wall_s": wall, "pages_per_s": count / wall,
                      "decompress_wall_s": wall / 2, "decompress_pages_per_s": count / wall}
    result["device"] = {"queues": 8, "engines": 2, "positions": 8,
                        "unit_bytes": PAGE} if engine else None
    result["decompress"] = _decompress(name, result, ns / 5, spread)
    result["size_histogram"] = {"bin_bytes": 64, "counts": bins}
    result["latency_histogram"] = _latency_histogram(latencies)
    result["files"] = parts
    return result


def _assumed(value, source):
    return {"value": value, "provenance": "assumed", "source": source}


def results(backends, files):
    return {
        "schema": "pagepress.results/1", "kind": "compare",
        "created": {
            "fixture": MARK,
            "command": ["pagepress", "compare", *(path for path, _ in files), "--backend",
                        "cpu:lz4", "-o", "out dir"],
            "versions": {"pagepress": "0.1.0", "lz4": "1.9.4", "verilator": "5.006",
                         "systemc": "2.3.4", "dpdk": "22.11.7", "compiler": "clang 14.0.6"},
            "machine": {"cpu": "Imaginary CPU @ 2.60 GHz", "cores": 2,
                        "kernel": "6.1.0-0-fixture-amd64"}},
        "config": {
            "queue": {"fifo_entries": _assumed(256, "kcompressd RFC of 2025-04-30: kfifo of 256"),
                      "batch": _assumed(32, "SWAP_CLUSTER_MAX: reclaim works in units of 32 pages"),
                      "depth": _assumed(64, "two batches: one in the engine, one prepared"),
                      "limit_bytes": _assumed(LIMIT, "zsmalloc stores longer objects as a whole page")},
            "host": {"cost_scale": _assumed(1.0, "1: a core like the one that was measured"),
                     "submit_ns": _assumed(20, "one 64-byte descriptor into cached memory")},
            "engine": {"clock_mhz": _assumed(1000.0, "DPZip, an SSD's ASIC engine, runs at 1 GHz")},
            "link": {"preset": _assumed("soc", "on-chip, about 100 ns")},
            "run": {"idle_pages": _assumed(64, "default"),
                    "progress": False}},
        "costs": {
            "machine": {"cpu": "Imaginary CPU @ 2.60 GHz"}, "method": "least of several sweeps",
            "sweeps": 7, "limit_bytes": LIMIT, "timer_overhead_ns": 17.0,
            "codecs": {item["name"]: {"library": "lz4 1.9.4", "mean_ns": 7600.0,
                                      "thread_cpu_ns_per_page": 7713.0,
                                      "decompress": {"blocks": 1000, "mean_ns": 1520.0,
                                                     "thread_cpu_ns_per_page": 1533.0}}
                       for item in backends if item["name"].startswith("cpu:")},
            "driver": {"enqueue_ns": 21.0, "dequeue_ns": 1.0, "submit_ns": 33.0,
                       "completion_ns": 31.0, "empty_poll_ns": 9.0}},
        "inputs": [{"path": path, "pages": pages, "bytes": pages * PAGE,
                    "crc32c": f"{random.Random(path).getrandbits(32):08x}"}
                   for path, pages in files],
        "provenance": {
            "backends[*]": "simulated", "backends[cpu:*].compress.cpu_ns_per_page": "measured",
            "backends[engine:*].compress.cpu_ns_per_page": "assumed",
            "backends[*].host": "measured", "backends[*].verified": "measured",
            "backends[*].mismatches": "measured", "backends[cpu:*].ratio": "measured",
            "backends[cpu:*].decompress.cpu_ns_per_page": "measured",
            "backends[engine:*].decompress.cpu_ns_per_page": "assumed",
            "backends[*].decompress.verified": "measured",
            "backends[*].decompress.mismatches": "measured",
            "backends[*].decompress.pages": "measured", "backends[*].device": "measured",
            "backends[cpu:*].size_histogram": "measured", "backends[cpu:*].bytes_out": "measured",
            "backends[cpu:*].incompressible_pages": "measured"},
        "backends": backends,
    }


def two(files=(("redis.pages", 2048),)):
    """The usual case: a CPU and an engine."""
    return results([backend("cpu:lz4", files),
                    backend("engine:rtl", files, ns=4300.0, spread=0.12, gain=1.012)], list(files))


def one():
    files = [("redis.pages", 500)]
    return results([backend("cpu:lz4", files)], files)


def four():
    files = [("captures/redis.pages", 900), ("captures/firefox.pages", 1400),
             ("other/redis.pages", 300), ("sqlite.pages", 700)]
    return results([backend("cpu:lz4", files), backend("cpu:zstd", files, ns=19000.0, gain=0.74),
                    backend("engine:fast", files, ns=4300.0, spread=0.1, gain=1.01),
                    backend("engine:rtl", files, ns=4400.0, spread=0.12, gain=1.01)], files)


def seven():
    """Five libraries, one with a level, and both engines: more than a page is wide."""
    files = [("redis.pages", 700)]
    return results([backend("cpu:lz4", files),
                    backend("cpu:lz4hc@level=12", files, ns=61000.0, gain=0.93),
                    backend("cpu:lzo", files, ns=7100.0, gain=0.97),
                    backend("cpu:zstd@level=3", files, ns=19000.0, gain=0.74),
                    backend("cpu:deflate@level=1", files, ns=21000.0, gain=0.73),
                    backend("engine:fast", files, ns=4300.0, spread=0.1, gain=1.01),
                    backend("engine:rtl", files, ns=4400.0, spread=0.12, gain=1.01)], files)


def real():
    """Threads of the machine: no cost table, nothing simulated."""
    files = [("redis.pages", 700)]
    data = results([backend("cpu:lz4", files), backend("cpu:zstd", files, ns=19000.0, gain=0.74)],
                   files)
    data["time"] = "real"
    data["provenance"] = {"backends[]": "measured", "inputs[]": "measured"}
    for part in ("engine", "link"):
        del data["config"][part]
    del data["costs"]
    data["config"]["queue"]["workers"] = _assumed(2, "one thread a node")
    for item in data["backends"]:
        for operation in ("compress", "decompress"):
            item[operation]["threads"] = [
                {"name": "kswapd", "cpu_s": 0.0021, "pages": 0},
                {"name": "kcompressd/0", "cpu_s": 0.0131, "pages": 360},
                {"name": "kcompressd/1", "cpu_s": 0.0117, "pages": 340}]
    return data


def nulls():
    """Nothing but same-filled pages: no sizes, no ratio, no cycles."""
    data = two([("zero.pages", 64)])
    for item in data["backends"]:
        item.update(zero_pages=64, same_filled_pages=64, incompressible_pages=0, bytes_out=0,
                    ratio=None, size_histogram={"bin_bytes": 64, "counts": [0] * 65})
        item["files"][0].update(bytes_out=0, ratio=None, same_filled_pages=64)
        item["decompress"] = dict.fromkeys(item["decompress"]) | {
            "pages": 0, "bytes_in": 0, "bytes_out": 0, "verified": 0, "mismatches": 0,
            "mismatch_list": [], "latency_histogram": {"bins_ns": [], "counts": []},
            "answers_fnv": "cbf29ce484222325",
            **{f"{kind}latency_ns": {"p50": None, "p99": None, "p999": None}
               for kind in ("", "queue_", "idle_", "busy_")}}
        item["latency_histogram"] = None
        item["compress"].update(sim_gb_per_s=None, engine_cycles_per_page=None,
                                bytes_per_cycle=None,
                                **{f"{kind}latency_ns": {"p50": None, "p99": None, "p999": None}
                                   for kind in ("", "queue_", "idle_")})
    data["backends"][1]["compress"]["cpu_ns_per_page"] = None
    return data


def mismatches():
    data = two()
    item = data["backends"][1]
    item["mismatches"], item["verified"] = 7, item["pages"] - 7
    item["mismatch_list"] = [{"path": "redis.pages", "page": 100 + i, "reason":
                              f"liblz4 refuses the {900 + i} bytes: error -{i}"} for i in range(7)]
    data["backends"][1]["driver"] = {
        "counters": {"by_engine": 4321, "by_cpu": 17, "false_answers": 0},
        "no_device": "it reads all ones"}
    return data


def contradicting():
    data = two()
    data["backends"][0]["ratio"] *= 1.01
    data["backends"][1]["verified"] -= 5
    return data


def losing():
    """An engine that is worse than the CPU in every respect."""
    data = two()
    cpu, engine = data["backends"]
    engine["compress"].update(sim_gb_per_s=0.12, cpu_ns_per_page=31_000.0)
    engine["decompress"].update(sim_gb_per_s=0.2, cpu_ns_per_page=9_000.0)
    for kind in ("latency_ns", "queue_latency_ns", "idle_latency_ns"):
        engine["compress"][kind] = {k: v * 9 for k, v in cpu["compress"][kind].items()}
    engine["latency_histogram"] = {
        "bins_ns": [v * 9 for v in cpu["latency_histogram"]["bins_ns"]],
        "counts": cpu["latency_histogram"]["counts"]}
    return data


def extreme():
    """Tiny beside huge, a long path, long names, one page dominating."""
    path = "/srv/" + "a-rather-long-folder-name/" * 8 + "Ünïcode <b>page<b> & file.pages"
    data = two([(path, 1600), ("x.pages", 1)])
    cpu, engine = data["backends"]
    cpu["name"] = "cpu:lz4@acceleration=1,threads=1,variant=a-very-long-option-value"
    cpu["compress"].update(sim_gb_per_s=0.0000421, cpu_ns_per_page=97_000_000.0)
    cpu["latency_histogram"] = {"bins_ns": [0, 5, 3e9, 9e10], "counts": [1, 600, 1000]}
    cpu["compress"]["latency_ns"] = {"p50": 3.5e9, "p99": 7e10, "p999": 8.9e10}
    engine["compress"].update(sim_gb_per_s=81_234.5, cpu_ns_per_page=0.004)
    for item in data["backends"]:
        counts = item["size_histogram"]["counts"]
        counts[64] += sum(counts[20:64])
        counts[20:64] = [0] * 44
        item["incompressible_pages"] = counts[64]
    cpu["decompress"].update(sim_gb_per_s=0.0000042, cpu_ns_per_page=970_000_000.0)
    engine["decompress"].update(sim_gb_per_s=812_345.6, cpu_ns_per_page=0.0004)
    data["created"]["machine"]["cpu"] = "Unobtainium Platinum 9999X-3D Ultra Server Edition " * 2
    return data


def many_files():
    files = [(f"captures/host-{i:02}/process-{i * 37 % 23}.pages", 40 + i) for i in range(26)]
    return two(files)


VARIANTS = {f.__name__: f for f in (two, one, four, seven, real, nulls, mismatches, contradicting, losing,
                                    extreme, many_files)}


def clone(data):
    """A copy that a test may break."""
    return copy.deepcopy(data)


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, make in VARIANTS.items():
        (out / f"{name}.json").write_text(json.dumps(make(), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
