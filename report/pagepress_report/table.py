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
    "bytes_per_cycle_all_pages", "pages_per_doorbell")} | {
        "device.engines", "host.decompress_pages_per_s", "host.decompress_wall_s"}


def _speed(operation, clock):
    """The rows of one operation: compress or decompress."""
    return [
        ("Throughput", f"page data, {clock} time", f"{operation}.sim_gb_per_s", units.rate_gb),
        ("CPU time", "a page", f"{operation}.cpu_ns_per_page", units.duration_ns),
        ("Latency, median", "submission to completion", f"{operation}.latency_ns.p50",
         units.duration_ns),
        ("Latency, 99 %", "", f"{operation}.latency_ns.p99", units.duration_ns),
        ("Latency, 99.9 %", "", f"{operation}.latency_ns.p999", units.duration_ns),
        ("With the queue, median", "entering the FIFO to completion",
         f"{operation}.queue_latency_ns.p50", units.duration_ns),
        ("With the queue, 99 %", "", f"{operation}.queue_latency_ns.p99", units.duration_ns),
        ("Idle latency, median", "one page at a time", f"{operation}.idle_latency_ns.p50",
         units.duration_ns),
    ]


_SIZE = [
    ("Compression ratio", "bytes in / bytes stored", "ratio", _fixed(4)),
    ("Stored", "bytes", "bytes_out", units.integer),
    ("Stored whole", "incompressible pages", "incompressible_pages", units.integer),
]
def _engine(operation):
    return [
        ("Cycles a page, mean", "of the engine's clock",
         f"{operation}.engine_cycles_per_page.mean", _fixed(4)),
        ("Cycles a page, median", "", f"{operation}.engine_cycles_per_page.p50", _fixed(4)),
        ("Cycles a page, 99 %", "", f"{operation}.engine_cycles_per_page.p99", _fixed(4)),
        ("Bytes a cycle", "steady state, without same-filled pages" if operation == "compress"
         else "steady state, of pages that come out", f"{operation}.bytes_per_cycle", _fixed(3)),
        ("Bytes a cycle, all pages", "steady state", f"{operation}.bytes_per_cycle_all_pages",
         _fixed(3)),
        ("Pages a doorbell", "mean", f"{operation}.pages_per_doorbell", _fixed(3)),
    ]


# What pages did on their way; a row of nothing but zeros says nothing.
_QUEUE = [
    (label, hint, f"compress.queue.{key}", units.integer) for label, hint, key in (
        ("By kswapd itself", "pages, back pressure", "synchronous"),
        ("Drained", "pages that kswapd took out of the FIFO again", "drained"),
        ("To the engine", "pages, adaptive route", "route.to_engine"),
        ("To a CPU", "pages, adaptive route", "route.to_cpu"),
        ("Left as slow", "switches from engine to CPU", "route.left_slow"),
        ("Left as sick", "switches from engine to CPU", "route.left_sick"),
        ("Returned", "switches from CPU to engine", "route.returned"),
        ("Probes", "of an engine that was left", "route.probes"))
]
_DEVICE = [("Engines", "in the device", "device.engines", units.integer)]
_HOST = [
    ("Compression, speed", "pages a second of host time", "host.pages_per_s", _fixed(3)),
    ("Compression, time", "host time", "host.wall_s", lambda s: units.duration_ns(s * 1e9)),
    ("Decompression, speed", "pages a second of host time", "host.decompress_pages_per_s",
     _fixed(3)),
    ("Decompression, time", "host time", "host.decompress_wall_s",
     lambda s: units.duration_ns(s * 1e9)),
]


def groups(results):
    """Groups without any figure (the engine's, if none took part) are left out."""
    found = []
    queue = [row for row in _QUEUE if any(b.figure(row[2]).value for b in results.backends)]
    parts = [("Compression", _speed("compress", results.clock)), ("Queue, compressing", queue), ("Size", _SIZE)]
    if results.has_decompression:
        parts.append(("Decompression, of pages stored compressed", [
            ("Pages", "stored compressed", "decompress.pages", units.integer),
            *_speed("decompress", results.clock),
            ("Latency beside compression, median", "one page at a time, compression at full load",
             "decompress.busy_latency_ns.p50", units.duration_ns),
            ("Latency beside compression, 99 %", "", "decompress.busy_latency_ns.p99",
             units.duration_ns)]))
    parts.append(("Engine, compressing", _DEVICE + _engine("compress")))
    if results.has_decompression:
        # Of these pages none is same-filled, so that there is only one kind of bytes a cycle.
        parts.append(("Engine, decompressing",
                      [row for row in _engine("decompress") if "all_pages" not in row[2]]))
    for title, rows in parts:
        found.append(Group(title, [_row(results, *row) for row in rows if _wanted(results, row[2])]))
    if len(results.backends) > 2:
        found.append(_against(results))
    found.append(_threads(results))
    correct = [_verification(results), _mismatches(results)]
    if results.has_decompression:
        correct += [_verification(results, "decompress"), _mismatches(results, "decompress")]
    found.append(Group("Correctness", correct))
    host = "Wall clock" if results.real_time else "Host: speed of the simulation"
    found.append(Group(host, [_row(results, *row) for row in _HOST if _wanted(results, row[2])]))
    return [g for g in found
            if any(cell.text != units.NONE for row in g.rows for cell in row.cells)]


def _threads(results):
    """CPU time of the threads of a run in real time: however many, three rows an operation."""
    rows = []
    for operation, doing in (("compress", "compressing"), ("decompress", "decompressing")):
        for label, pick in (("kswapd", lambda times: times[0]),
                            ("kcompressd, all threads", lambda times: sum(times[1:])),
                            ("kcompressd, busiest thread", lambda times: max(times[1:]))):
            cells = []
            for backend in results.backends:
                threads = (backend.data.get(operation) or {}).get("threads", [])
                times = [thread["cpu_s"] for thread in threads]
                cells.append(Cell(units.duration_ns(pick(times) * 1e9),
                                  backend.figure(f"{operation}.threads").provenance)
                             if len(times) > 1 else Cell(units.NONE))
            rows.append(Row(label, f"CPU time, {doing}", cells))
    return Group("CPU time of the threads", rows)


def _wanted(results, path):
    if path.startswith("host.decompress") and not results.has_decompression:
        return False
    optional = path in _OPTIONAL or path.startswith("decompress.")
    return not optional or _has(results, path)


def _against(results):
    """With three back ends and more, the tiles show only one pair; here are the others."""
    main = main_comparison(results)
    pairs = [Comparison(b, main.reference) for b in results.backends]
    rows = [("Throughput", "", lambda c: c.speed, units.times),
            ("CPU time", "a page", lambda c: c.cpu_share, units.times),
            ("Latency at full load, 99 %", "", lambda c: c.latency("p99", c.latency_kind), units.times),
            ("Compression ratio", "", lambda c: c.ratio_gain, units.signed_percent)]
    if results.has_decompression:
        rows += [("Throughput", "decompressing", lambda c: c.decompression("sim_gb_per_s"),
                  units.times),
                 ("CPU time", "a page, decompressing",
                  lambda c: c.decompression("cpu_ns_per_page"), units.times)]
    return Group(f"Against {main.reference.name}", [
        Row(label, hint, [_gain(pair, get(pair), show) for pair in pairs])
        for label, hint, get, show in rows])


def _gain(pair, item, show):
    if pair.subject is pair.reference or item.value is None:
        return Cell(units.NONE)
    return Cell(show(item.value), item.provenance)


def _has(results, path):
    return any(b.figure(path).value is not None for b in results.backends)


def _part(backend, operation):
    """Counts of the pages that went there, or came back; None where there is nothing."""
    return backend.data if operation == "compress" else backend.decompress


def _path(operation, key):
    return key if operation == "compress" else f"{operation}.{key}"


def _verification(results, operation="compress"):
    cells = []
    for backend in results.backends:
        part = _part(backend, operation)
        if part is None:
            cells.append(Cell(units.NONE))
            continue
        complete = part["verified"] == part["pages"]
        text = (f"all {units.integer(part['pages'])}" if complete else
                f"{units.integer(part['verified'])} of {units.integer(part['pages'])}")
        provenance = backend.figure(_path(operation, "verified")).provenance
        cells.append(Cell(text, provenance, "" if complete else "bad"))
    if operation == "compress":
        return Row("Verified", "pages expanded again and compared", cells)
    return Row("Verified, decompressed", "pages that came back and were compared", cells)


def _mismatches(results, operation="compress"):
    cells = []
    for backend in results.backends:
        part = _part(backend, operation)
        cells.append(Cell(units.NONE) if part is None else
                     Cell(units.integer(part["mismatches"]),
                          backend.figure(_path(operation, "mismatches")).provenance,
                          "bad" if part["mismatches"] else ""))
    if operation == "compress":
        return Row("Mismatches", "pages that came back wrong", cells)
    return Row("Mismatches, decompressed", "pages that came back wrong", cells)
