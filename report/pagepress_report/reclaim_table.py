# SPDX-License-Identifier: Apache-2.0
"""The tables of a reclaim run: a column a policy, a row a figure; and the grid, a row a point."""

import dataclasses

from . import units
from .reclaim_losses import JUDGED, SHOWN
from .reclaim_verdict import ENERGY, FAULT, STALL, STALL_P99, STEAL, change
from .results import PAGE_BYTES
from .table import Cell, Group, Row


def _rate(value):
    return units.number(value, 4)


def _count(value):
    return units.integer(value) if isinstance(value, int) else units.number(value)


def _bytes(value):
    return units.size_bytes(round(value))


def _times(part):
    return [("Median", "", f"{part}.p50_ns", units.duration_ns),
            ("99 %", "", f"{part}.p99_ns", units.duration_ns),
            ("99.9 %", "", f"{part}.p999_ns", units.duration_ns),
            ("Longest", "", f"{part}.max_ns", units.duration_ns)]


_RATES = [
    ("pgsteal_anon/s", "of the whole run", STEAL, _rate),
    ("pgsteal_anon/s awake", "of the time that kswapd was awake", "rates.pgsteal_anon_per_s_awake",
     _rate),
    ("pgsteal_file/s", "", "rates.pgsteal_file_per_s", _rate),
    ("pgscan/s", "", "rates.pgscan_per_s", _rate),
    ("allocstall/s", "", "rates.allocstall_per_s", _rate),
    ("pswpin/s", "from the swap device", "rates.pswpin_per_s", _rate),
    ("zswpin/s", "from zswap", "rates.zswpin_per_s", _rate),
    ("kswapd awake", "", "kswapd_awake_s", lambda s: units.duration_ns(s * 1e9)),
]
_STALLS = [
    ("Allocations", "pages", "stalls.allocations", _count),
    ("Stalled", "in direct reclaim or a memcg's, or throttled", "stalls.stalled", _count),
    ("Time stalled", "in all", STALL, units.duration_ns),
    ("Mean", "of those that stalled", "stalls.mean_ns", units.duration_ns), *_times("stalls"),
    ("99 % of all", "0 for those that did not stall", "stalls.all_p99_ns", units.duration_ns),
    ("99.9 % of all", "", "stalls.all_p999_ns", units.duration_ns),
]
_FAULTS = [("Faults", "that read a page from swap", "faults.count", _count),
           ("Mean", "", FAULT, units.duration_ns), *_times("faults")]
_QUEUED = [("Faults", "that waited for a page queued to be compressed", "faults.queued_wait.count",
            _count),
           ("Mean", "", "faults.queued_wait.mean_ns", units.duration_ns),
           *_times("faults.queued_wait")]
_STORE = [
    ("Pages", "in compressed memory at the end", "store.pages", _count),
    ("Same-filled", "of those", "store.same_filled", _count),
    ("Whole", "of those, not compressed", "store.raw", _count),
    ("Pool", "zsmalloc's frames", "store.pool_frames", lambda n: units.size_bytes(n * PAGE_BYTES)),
    ("On the device", "pages", "store.on_device", _count),
    ("Refused", "by the store, in all", "store.rejected", _count),
    ("Pool full", "of those", "store.limit_hit", _count),
    ("Written back", "pages", "store.written_back", _count),
]
_TRAFFIC = [
    ("DRAM", "bytes a compressed page", "traffic.dram_bytes_per_page", _bytes),
    ("Link", "bytes a compressed page", "traffic.link_bytes_per_page", _bytes),
]
_ENERGY = [
    (word, "", f"energy.{key}_mj", units.energy_mj)
    for word, key in (("CPUs", "cpu"), ("Engine", "engine"), ("DRAM", "dram"), ("Link", "link"),
                      ("Swap device", "device"), ("Total", "total"))
] + [("A page", "reclaimed", ENERGY, lambda uj: f"{units.number(uj)}\u00a0µJ")]
_HOST = [("Time", "of the host, to simulate it", "host.wall_s",
          lambda s: units.duration_ns(s * 1e9)),
         ("Speed", "page reclaims a second of host time", "host.reclaims_per_s",
          units.number)]


def _row(runs, label, hint, path, show):
    cells = [Cell(units.NONE) if run.value(path) is None
             else Cell(show(run.value(path)), run.kind(path)) for run in runs]
    return Row(label, hint, cells)


def _programs(runs):
    """What each program got done."""
    named = [{item["name"]: item for item in run.data.get("workload", {}).get("programs", ())}
             for run in runs]
    rows = []
    for program in dict.fromkeys(name for found in named for name in found):
        for key, hint, show in (("touches", "pages touched", _count),
                                ("launch_p50_ms", "launch, median", _ms),
                                ("launch_max_ms", "launch, longest", _ms)):
            values = [found.get(program, {}).get(key) for found in named]
            rows.append(Row(program, hint, [
                Cell(units.NONE) if value is None else Cell(show(value), "simulated")
                for value in values]))
    return rows


def _ms(value):
    return units.duration_ns(value * 1e6)


def _vmstat(runs):
    """Every counter under the kernel's name; those that are 0 everywhere are left out."""
    names = list(dict.fromkeys(name for run in runs for name in run["vmstat"]))
    return [_row(runs, name, "", f"vmstat.{name}", _count) for name in names
            if any(run.value(f"vmstat.{name}") for run in runs)]


def _cpu(runs):
    groups = list(dict.fromkeys(item["group"] for run in runs for item in run["cpu"]["groups"]))
    return [Row(group, "CPU time", [Cell(units.duration_ns(run.group_ns(group)), "simulated")
                                    if any(item["group"] == group for item in run["cpu"]["groups"])
                                    else Cell(units.NONE) for run in runs]) for group in groups]


def _resources(runs):
    """Busy shares while kswapd was awake; the highest is marked in words above."""
    shares = [{item["resource"]: item["share"] for item in run["binds"].get("shares", ())}
              for run in runs]
    names = list(dict.fromkeys(name for found in shares for name in found))
    rows = [Row("Busiest", "", [Cell(run["binds"]["resource"], "simulated") for run in runs])]
    return rows + [Row(name, "busy", [Cell(units.percent(found.get(name)),
                                           "simulated" if found.get(name) is not None else "")
                                      for found in shares]) for name in names]


def groups(results):
    """Groups without any figure are left out."""
    runs = results.runs

    def rows(entries):
        return [_row(runs, *entry) for entry in entries]

    found = [("Rates", rows(_RATES)), ("Stalls of allocations", rows(_STALLS)),
             ("Faults on swapped pages", rows(_FAULTS)),
             ("What programs got done", _programs(runs)),
             ("Waits for queued pages", rows(_QUEUED)),
             ("Resources while kswapd was awake", _resources(runs)),
             ("CPU time by task", _cpu(runs)), ("Counters (/proc/vmstat)", _vmstat(runs)),
             ("Compressed memory and swap", rows(_STORE)), ("Bytes moved", rows(_TRAFFIC)),
             ("Energy", rows(_ENERGY)), ("Host: speed of the simulation", rows(_HOST))]
    return [Group(title, kept) for title, kept in
            ((title, [row for row in found_rows
                      if any(cell.text != units.NONE for cell in row.cells)])
             for title, found_rows in found) if kept]


CHANGES = {STEAL: "pgsteal_anon/s", STALL: "time stalled", STALL_P99: "stall, 99 %",
           FAULT: "fault, mean", ENERGY: "energy a page"}


@dataclasses.dataclass(frozen=True)
class ChangeRow:
    where: str
    name: str
    cells: list


def _place(where):
    """A point's name that breaks only between axes: on a telephone the column is narrow."""
    return where.replace(" ", "\u00a0").replace(",\u00a0", ", ")


def loss_rows(losses):
    """Rows of the table of losses: a cell for each of SHOWN."""
    return [ChangeRow(_place(loss.where), loss.name, [
        Cell("appears" if path in loss.worse and loss.changes[path] is None
             else units.change(loss.changes[path]), tone="worse" if path in loss.worse else "")
        for path, _ in SHOWN]) for loss in losses]


def grid_rows(results):
    """Every point of the grid and policy but the base, with its changes over the base there."""
    rows = []
    for point in results.grid:
        base = point.run(results.base.name)
        for run in point.runs:
            if base is not None and run is not base:
                rows.append(ChangeRow(_place(str(point)), run.name, [
                    Cell(units.change(change(run, base, path))) for path, _ in JUDGED]))
    return rows
