# SPDX-License-Identifier: Apache-2.0
"""The comparison table: a row a figure, a column a back end."""

import dataclasses

from . import units


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
_OPTIONAL = {"compress.idle_latency_ns.p50", "compress.idle_latency_ns.p99"}

_SPEED = [
    ("Throughput", "page data, simulated time", "compress.sim_gb_per_s", units.rate_gb),
    ("CPU time", "a page", "compress.cpu_ns_per_page", units.duration_ns),
    ("Latency, median", "p50", "compress.latency_ns.p50", units.duration_ns),
    ("Latency, 99 %", "p99", "compress.latency_ns.p99", units.duration_ns),
    ("Latency, 99.9 %", "p99.9", "compress.latency_ns.p999", units.duration_ns),
    ("Idle latency, median", "one page at a time", "compress.idle_latency_ns.p50",
     units.duration_ns),
    ("Idle latency, 99 %", "one page at a time", "compress.idle_latency_ns.p99",
     units.duration_ns),
]
_SIZE = [
    ("Compression ratio", "bytes in / bytes stored", "ratio", _fixed(4)),
    ("Stored", "bytes", "bytes_out", units.integer),
    ("Stored whole", "incompressible pages", "incompressible_pages", units.integer),
]
_ENGINE = [
    ("Cycles a page, mean", "engine clock", "compress.engine_cycles_per_page.mean", _fixed(4)),
    ("Cycles a page, median", "p50", "compress.engine_cycles_per_page.p50", _fixed(4)),
    ("Cycles a page, 99 %", "p99", "compress.engine_cycles_per_page.p99", _fixed(4)),
    ("Bytes a cycle", "steady state", "compress.bytes_per_cycle", _fixed(3)),
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
    found.append(Group("Correctness", [_verification(results), _mismatches(results)]))
    found.append(Group("Host", [_row(results, *row) for row in _HOST]))
    return [g for g in found
            if any(cell.text != units.NONE for row in g.rows for cell in row.cells)]


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
