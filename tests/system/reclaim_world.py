# SPDX-License-Identifier: Apache-2.0
"""What the system tests of `pagepress reclaim` share: pages, CPU costs that are the same on every
machine, scenarios a few lines long, and what must hold of every run.

Limitation: costs are made up (COMPRESS_NS, DECOMPRESS_NS); nothing here says how fast anything is.
"""

import json
import pathlib
import random
import shutil
import subprocess
import tempfile

import harness
from harness import PAGE, PAGEPRESS

PAGES = 256
COMPRESS_NS = 4000    # of every page that is not same-filled, on a core of speed 1
DECOMPRESS_NS = 1200
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

_shared = None  # folder of pages and costs, of this process


def _page(kind, source, words):
    if kind == 0:
        return bytes(PAGE)
    if kind == 1:
        return source.randbytes(PAGE)
    if kind == 2:
        return source.randrange(1, 2**63).to_bytes(8, "little") * (PAGE // 8)
    text = b""
    while len(text) < PAGE:
        text += source.choice(words)
    return text[:PAGE]


def make_pages(kinds=range(8), seed=7):
    """PAGES pages in turns of `kinds`: 0 zeros, 1 random, 2 same-filled, others text."""
    source = random.Random(seed)
    words = [b"word%d " % source.randrange(10 ** source.randrange(1, 6)) for _ in range(800)]
    kinds = list(kinds)
    return b"".join(_page(kinds[index % len(kinds)], source, words) for index in range(PAGES))


def _flatten(table):
    """Measured costs become constants: results no longer depend on this machine."""
    for codec in table["codecs"].values():
        for part, cost in ((codec, COMPRESS_NS), (codec["decompress"], DECOMPRESS_NS)):
            part["ns"] = [[cost if value else 0 for value in values] for values in part["ns"]]
            part["mean_ns"] = part["thread_cpu_ns_per_page"] = cost
    return table


def shared():
    """Folder of mixed.pages and mixed.costs."""
    global _shared
    if _shared is None:
        _shared = pathlib.Path(tempfile.mkdtemp(prefix="pagepress-test-"))
        prepare(_shared, "mixed", make_pages())
    return _shared


def forget_shared():
    global _shared
    if _shared is not None:
        shutil.rmtree(_shared, ignore_errors=True)
        _shared = None


def prepare(folder, name, contents):
    """NAME.pages of these bytes, and NAME.costs."""
    pages, costs = folder / f"{name}.pages", folder / f"{name}.costs"
    pages.write_bytes(contents)
    subprocess.run([PAGEPRESS, "reclaim", pages, "-c", "tiny", "--costs", costs, "--policy",
                    "kswapd", "--set", "workload.seconds=0.001", "--no-grid", "--json", "-"],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    costs.write_text(json.dumps(_flatten(json.loads(costs.read_text()))))


class ReclaimTest(harness.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.mixed = shared() / "mixed.pages"
        cls.addClassCleanup(forget_shared)

    def scenario(self, text, base="tiny"):
        path = self.folder / "scenario.toml"
        path.write_text((f'base = "{base}"\n' if base else "") + text)
        return path

    def arguments(self, scenario="tiny", policies=(), settings=None, pages=None, extra=()):
        pages = pages or self.mixed
        words = ["reclaim", pages, "-c", scenario, "--costs", pages.with_suffix(".costs"),
                 "--no-grid", "-j", 1]
        for policy in policies:
            words += ["--policy", policy]
        for key, value in (settings or {}).items():
            words += ["--set", f"{key}={value}"]
        return words + list(extra)

    def results(self, *arguments, **named):
        output = self.succeed(*self.arguments(*arguments, **named), "--json", "-").stdout
        return json.loads(output)

    def runs(self, *arguments, **named):
        """By policy, each held against what must hold of every run."""
        results = self.results(*arguments, **named)
        settings = results["scenario"]["settings"]
        for run in results["runs"]:
            with self.subTest(policy=run["policy"]):
                assert_identities(self, run, settings)
        return {run["policy"]: run for run in results["runs"]}


def refused(run):
    """Pages that the gate did not let into the queue, room aside."""
    gate = run["queue"]["gate"]
    return sum(gate.values()) - gate["none"] - gate["no_room"]


def assert_identities(test, run, settings):
    """What docs/reclaim/results.md and policies.md say of every run's counters."""
    _vmstat(test, run, settings)
    _writes(test, run, settings)
    _processors(test, run, settings)
    _series(test, run)
    _nothing_negative(test, {key: run[key] for key in run if key != "settings"}, run["policy"])


def _vmstat(test, run, settings):
    vmstat = run["vmstat"]
    for kind in ("pgscan", "pgsteal"):
        test.assertEqual(vmstat[f"{kind}_kswapd"] + vmstat[f"{kind}_direct"],
                         vmstat[f"{kind}_anon"] + vmstat[f"{kind}_file"])
    for part in ("kswapd", "direct", "anon", "file"):
        test.assertLessEqual(vmstat[f"pgsteal_{part}"], vmstat[f"pgscan_{part}"])
    test.assertLessEqual(vmstat["pgmajfault"], vmstat["pgfault"])
    test.assertLessEqual(vmstat["refault_queued"], vmstat["swap_cache_hit"])
    test.assertLessEqual(run["stalls"]["stalled"], run["stalls"]["allocations"])
    killed = sum(program["oom_kills"] for program in run["workload"]["programs"])
    recording = run["workload"].get("recording")
    test.assertEqual(vmstat["oom_kill"], killed + (recording["oom_kills"] if recording else 0))
    if settings["memory"]["memcg_limit_mib"]["value"] == 0:
        test.assertLessEqual(run["stalls"]["stalled"],
                             vmstat["allocstall"] + vmstat["direct_throttled"])
        if vmstat["allocstall"] == 0:
            test.assertEqual(vmstat["pgscan_direct"], 0)
    for name, rate in run["rates"].items():
        counter = name.removesuffix("_per_s")
        if counter in vmstat:
            test.assertAlmostEqual(rate, vmstat[counter] / run["seconds"], delta=1e-6 * rate + 1e-9)


def _writes(test, run, settings):
    vmstat, store, queue = run["vmstat"], run["store"], run["queue"]
    write, read = queue["write"], queue["read"]
    single_pages = settings["memory"]["folio_pages"]["value"] == 1
    done = write["stored"] + write["to_device"] + write["failed"] + write["dropped"]
    test.assertEqual(write["pages"], done)
    read_back = read["by_cpu"] + read["by_engine"] + read["same_filled"] + read["raw"]
    if settings["store"]["kind"]["value"] == "zram":
        test.assertEqual(vmstat["pswpout"], write["pages"] - write["dropped"])
        test.assertEqual(vmstat["pswpin"], read_back)
        if single_pages:  # else a folio's other pages fail with the one that was rejected
            test.assertEqual(store["rejected"], write["failed"])
        test.assertEqual(vmstat["zswpout"] + vmstat["zswpin"] + vmstat["zswpwb"], 0)
        test.assertEqual(read["device"] + write["to_device"] + store["on_device"], 0)
    else:
        if single_pages:
            test.assertEqual(vmstat["zswpout"], write["stored"])
        test.assertEqual(vmstat["zswpin"], read_back)
        test.assertEqual(vmstat["zswpwb"], store["written_back"])
        test.assertEqual(vmstat["pswpout"], write["to_device"] + vmstat["zswpwb"])
        # A page whose write is still on its way is read without a request (docs/reclaim/swap.md).
        test.assertLessEqual(vmstat["pswpin"], read["device"])
        test.assertEqual(store["raw"], 0)
    test.assertLessEqual(store["pages"], write["stored"])
    test.assertLessEqual(store["same_filled"] + store["raw"], store["pages"])
    if "gate" not in queue:
        test.assertNotIn("queue", queue)
        return
    fifo, gate = queue["queue"], queue["gate"]
    test.assertEqual(fifo["queued"], 0)
    test.assertEqual(fifo["enqueued"], fifo["completed"] + fifo["taken_back"])
    test.assertEqual(write["pages"], write["caught"] + gate["none"] + refused(run))
    test.assertEqual(fifo["completed"], sum(one["completed"] for one in queue["workers"]))
    by_somebody = write["caught"] + queue["synchronous"]["pages"] + fifo["completed"]
    test.assertEqual(write["pages"], by_somebody)


def _processors(test, run, settings):
    busy = sum(core["busy_ns"] for core in run["cpu"]["cores"])
    test.assertEqual(busy, sum(group["cpu_ns"] for group in run["cpu"]["groups"]))
    for share in run["binds"]["shares"]:
        # What kswapd uses to fall asleep is a little beyond the time that it is awake.
        test.assertLessEqual(share["share"], 1.02, share)
    energy = run["energy"]
    parts = ("cpu_mj", "engine_mj", "dram_mj", "link_mj", "device_mj")
    test.assertAlmostEqual(energy["total_mj"], sum(energy[part] for part in parts), places=6)
    vmstat = run["vmstat"]
    reclaimed = vmstat["pgsteal_kswapd"] + vmstat["pgsteal_direct"]
    if reclaimed:
        test.assertAlmostEqual(energy["uj_per_page_reclaimed"],
                               1000 * energy["total_mj"] / reclaimed, places=6)
    per_page = settings["energy"]["device_uj_per_page"]["value"]
    if settings["store"]["kind"]["value"] == "zswap":
        test.assertAlmostEqual(energy["device_mj"], places=6,
                               second=(vmstat["pswpin"] + vmstat["pswpout"]) * per_page / 1000)


def _series(test, run):
    series = run.get("series")
    if series is None:
        return
    test.assertEqual(series["t_s"], sorted(series["t_s"]))
    for name in ("pgsteal_anon", "pgsteal_file", "pgsteal_direct", "allocstall", "pswpin",
                 "zswpin"):
        test.assertEqual(len(series[name]), len(series["t_s"]))
        test.assertLessEqual(sum(series[name]), run["vmstat"][name], name)


def _nothing_negative(test, value, where):
    if isinstance(value, dict):
        for key, inner in value.items():
            _nothing_negative(test, inner, f"{where}.{key}")
    elif isinstance(value, list):
        for inner in value:
            _nothing_negative(test, inner, where)
    elif isinstance(value, (int, float)):
        test.assertGreaterEqual(value, 0, where)
