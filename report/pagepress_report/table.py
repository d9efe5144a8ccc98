# SPDX-License-Identifier: Apache-2.0
"""The comparison table: a row a figure, a column a back end."""

import dataclasses

from . import units
from .comparison import Comparison, main_comparison


@dataclasses.dataclass(frozen=True)
class Cell:
    text: str
    provenance: str = ""    # "" where there is nothing to label
    tone: str = ""          # bad: must catch the eye


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    hint: str
    cells: list


@dataclasses.dataclass(frozen=True)
class Group:
    title: str
    rows: list


def _row(results, label, hint, path, show):
    cells = []
    for backend in results.backends:
        item = backend.figure(path)
        cells.append(Cell(units.NONE) if item.value is None
                     else Cell(show(item.value), item.provenance))
    return Row(label, hint, cells)


def _fixed(digits):
    return lambda value: units.number(value, digits)


# Rows whose key a file need not have are shown only if some back end has it.
_OPTIONAL = {f"compress.{key}" for key in (
    "idle_latency_ns.p50", "queue_latency_ns.p50", "queue_latency_ns.p99",
    "bytes_per_cycle_all_pages", "pages_per_doorbell")}

_SPEED = [
    ("Throughput", "page data, simulated time", "compress.sim_gb_per_s", units.rate_gb),
    ("CPU time", "a page", "compress.cpu_ns_per_page", units.duration_ns),
    ("Latency, median", "submission to completion", "compress.latency_ns.p50",
     units.duration_ns),
    ("Latency, 99 %", "", "compress.latency_ns.p99", units.duration_ns),
    ("Latency, 99.9 %", "", "compress.latency_ns.p999", units.duration_ns),
    ("With the queue, median", "entering the FIFO to completion", "compress.queue_latency_ns.p50",
     units.duration_ns),
    ("With the queue, 99 %", "", "compress.queue_latency_ns.p99", units.duration_ns),
    ("Idle latency, median", "one page at a time", "compress.idle_latency_ns.p50",
     units.duration_ns),
]
_SIZE = [
    ("Compression ratio", "bytes in / bytes stored", "ratio", _fixed(4)),
    ("Stored", "bytes", "bytes_out", units.integer),
    ("Stored whole", "incompressible pages", "incompressible_pages", units.integer),
]
_ENGINE = [
    ("Cycles a page, mean", "of the engine's clock", "compress.engine_cycles_per_page.mean",
     _fixed(4)),
    ("Cycles a page, median", "", "compress.engine_cycles_per_page.p50", _fixed(4)),
    ("Cycles a page, 99 %", "", "compress.engine_cycles_per_page.p99", _fixed(4)),
    ("Bytes a cycle", "steady state, without same-filled pages", "compress.bytes_per_cycle",
     _fixed(3)),
    ("Bytes a cycle, all pages", "steady state", "compress.bytes_per_cycle_all_pages", _fixed(3)),
    ("Pages a doorbell", "mean", "compress.pages_per_doorbell", _fixed(3)),
]
_HOST = [
    ("Simulation speed", "pages a second of host time", "host.pages_per_s", _fixed(3)),
    ("Simulation time", "host time", "host.wall_s", lambda s: units.duration_ns(s * 1e9)),
]


def groups(results):
    """Groups without any figure (the engine's, if none took part) are left out."""
    found = []
    for title, rows in (("Speed", _SPEED), ("Size", _SIZE), ("Engine", _ENGINE)):
        found.append(Group(title, [_row(results, *row) for row in rows
                                   if row[2] not in _OPTIONAL or _has(results, row[2])]))
    if len(results.backends) > 2:
        found.append(_against(results))
    found.append(Group("Correctness", [_verification(results), _mismatches(results)]))
    found.append(Group("Host", [_row(results, *row) for row in _HOST]))
    return [g for g in found
            if any(cell.text != units.NONE for row in g.rows for cell in row.cells)]


def _against(results):
    """With three back ends and more, the tiles show only one pair; here are the others."""
    main = main_comparison(results)
    pairs = [Comparison(b, main.reference) for b in results.backends]
    rows = [("Throughput", "", lambda c: c.speed, units.times),
            ("CPU time", "a page", lambda c: c.cpu_share, units.times),
            ("Latency at full load, 99 %", "", lambda c: c.latency("p99", c.latency_kind), units.times),
            ("Compression ratio", "", lambda c: c.ratio_gain, units.signed_percent)]
    return Group(f"Against {main.reference.name}", [
        Row(label, hint, [_gain(pair, get(pair), show) for pair in pairs])
        for label, hint, get, show in rows])


def _gain(pair, item, show):
    if pair.subject is pair.reference or item.value is None:
        return Cell(units.NONE)
    return Cell(show(item.value), item.provenance)


def _has(results, path):
    return any(b.figure(path).value is not None for b in results.backends)


def _verification(results):
    cells = []
    for backend in results.backends:
        complete = backend["verified"] == backend["pages"]
        text = (f"all {units.integer(backend['pages'])}" if complete else
                f"{units.integer(backend['verified'])} of {units.integer(backend['pages'])}")
        cells.append(Cell(text, backend.figure("verified").provenance, "" if complete else "bad"))
    return Row("Verified", "pages expanded again and compared", cells)


def _mismatches(results):
    return Row("Mismatches", "pages that came back wrong", [
        Cell(units.integer(b["mismatches"]), b.figure("mismatches").provenance,
             "bad" if b["mismatches"] else "") for b in results.backends])
