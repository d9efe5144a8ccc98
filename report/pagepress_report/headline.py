# SPDX-License-Identifier: Apache-2.0
"""The answer in sentences: for these pages, on this machine, what does the engine gain?

Every sentence follows the sign of its figure: an engine that loses is said to lose. A
sentence whose figures are null is left out.
"""

import dataclasses

from markupsafe import Markup

from . import units
from .comparison import main_comparison
from .provenance import loosest

_SAME = 0.005       # relative difference below which two figures are called equal
_TIMES = 2          # from here on a share is written as a multiple
GB = 1e9


@dataclasses.dataclass(frozen=True)
class Point:
    """One sentence, and how firm it is."""

    text: Markup
    provenance: str


@dataclasses.dataclass(frozen=True)
class Tile:
    """One gain in large type. tone: better, worse or same, seen from the subject."""

    label: str
    value: str
    detail: str
    tone: str
    provenance: str


@dataclasses.dataclass(frozen=True)
class Headline:
    kicker: str
    answer: Markup
    points: list
    tiles: list


def _name(backend):
    return Markup('<span class="name">{}</span>').format(backend.name)


def _tone(quotient, more_is_better):
    if abs(quotient - 1) < _SAME:
        return "same"
    return "better" if (quotient > 1) == more_is_better else "worse"


def headline(results):
    pages = units.plural(sum(item["pages"] for item in results.inputs), "page")
    kicker = f"{pages} on {results.created['machine']['cpu']}"
    wrong = [b for b in results.backends if b.wrong]
    if wrong:
        return Headline(kicker, _wrong(wrong), [], [])
    comparison = main_comparison(results)
    if comparison is None:
        return Headline(kicker, _alone(results.backends[0]), [], [])
    return Headline(kicker, _answer(comparison), _points(comparison), _tiles(comparison))


def _wrong(backends):
    """Back ends that lose data gain nothing: no figure of theirs belongs into a headline."""
    names = Markup(" and ").join(_name(b) for b in backends)
    return Markup("No answer: {} did not give every page back.").format(names)


def _alone(backend):
    speed = backend.figure("compress.sim_gb_per_s").value
    ratio = backend.figure("ratio").value
    text = Markup("{} ").format(_name(backend))
    if speed is None and ratio is None:
        return text + "ran alone, and these pages say nothing about its speed or ratio."
    parts = []
    if speed is not None:
        parts.append(Markup("takes in these pages at <b>{}</b>").format(units.rate_gb(speed)))
    if ratio is not None:
        parts.append(Markup("makes them <b>{}</b> smaller").format(units.times(ratio)))
    text += Markup(" and ").join(parts)
    return text + ". It ran alone: there is nothing to compare it with."


def _speed_words(speed):
    if abs(speed - 1) < _SAME:
        return Markup("as fast as")
    if speed > 1:
        return Markup("<b>{}</b> as fast as").format(units.times(speed))
    return Markup("at <b>{}</b> of the speed of").format(units.percent(speed))


def _answer(c):
    subject, reference = _name(c.subject), _name(c.reference)
    speed, cpu, ratio = c.speed.value, c.cpu_share.value, c.ratio_gain.value
    if speed is None:
        text = Markup("{} cannot be compared with {} in speed").format(subject, reference)
    else:
        text = Markup("{} compresses these pages {} {}").format(
            subject, _speed_words(speed), reference)
    tail = []
    if cpu is not None:
        of = "of its" if cpu < _TIMES else "its"
        tail.append(Markup("for <b>{}</b> {} CPU time").format(_share(cpu), of))
    if ratio is not None:
        tail.append(_ratio_words(ratio))
    if tail:
        text += Markup(", ") + Markup(" and ").join(tail)
    return text + "."


def _share(share):
    """Shares are percentages until they stop being shares."""
    return units.percent(share, 2) if share < _TIMES else units.times(share)


def _ratio_words(gain):
    if abs(gain) < _SAME / 10:
        return Markup("at <b>the same</b> compression ratio")
    word = "better" if gain > 0 else "lower"
    return Markup("at a compression ratio <b>{}</b> {}").format(units.percent(abs(gain), 2), word)


def _points(c):
    makers = (_throughput_point, _cpu_point, _latency_point, _ratio_point, _decompression_point)
    return [point for point in (maker(c) for maker in makers) if point is not None]


def _throughput_point(c):
    here, there = (b.figure("compress.sim_gb_per_s") for b in (c.subject, c.reference))
    if here.value is None or there.value is None:
        return None
    text = Markup("<b>Throughput.</b> {} against {} of page data.").format(
        units.rate_gb(here.value), units.rate_gb(there.value))
    cores = c.cores.value
    if cores is not None and c.subject.is_engine and not c.reference.is_engine:
        text += Markup(" That is the work of {} running {}, if cores scaled perfectly.").format(
            _cores(cores), _name(c.reference))
    return Point(text, loosest([here.provenance, there.provenance]))


def _cores(cores):
    return "1.00 core" if units.number(cores) == "1.00" else f"{units.number(cores)} cores"


def _cpu_point(c):
    here, there = (b.figure("compress.cpu_ns_per_page") for b in (c.subject, c.reference))
    if here.value is None or there.value is None:
        return None
    pages_per_gb = GB / 4096
    text = Markup(
        "<b>CPU time.</b> A page costs the processor {} instead of {}; a gigabyte of such pages "
        "{} instead of {}.").format(
            units.duration_ns(here.value), units.duration_ns(there.value),
            units.duration_ns(here.value * pages_per_gb),
            units.duration_ns(there.value * pages_per_gb))
    if c.subject.is_engine:
        text += " A core that waits for completions is not counted."
    return Point(text, loosest([here.provenance, there.provenance]))


def _pair(c, path, operation="compress"):
    """Both sides' times as text, and their provenance; None if either is missing."""
    figures = [b.figure(f"{operation}.{path}") for b in (c.subject, c.reference)]
    if any(f.value is None for f in figures):
        return None
    return ([units.duration_ns(f.value) for f in figures], [f.provenance for f in figures])


def _latency_point(c):
    kind = c.latency_kind
    start = "entering the queue" if kind == "queue_latency_ns" else "submission"
    median, tail = _pair(c, f"{kind}.p50"), _pair(c, f"{kind}.p99")
    if median is None or tail is None:
        return None
    text, kinds = Markup("<b>Latency.</b> "), median[1] + tail[1]
    idle = _pair(c, "idle_latency_ns.p50")
    if idle is not None:
        text += Markup("One page alone takes {} instead of {}. ").format(*idle[0])
        kinds += idle[1]
    text += Markup(
        "At full load, from {} to completion, half of the pages take up to {} instead of {}, and "
        "99 % up to {} instead of {}.").format(start, *median[0], *tail[0])
    return Point(text, loosest(kinds))


def _ratio_point(c):
    here, there = (b.figure("ratio") for b in (c.subject, c.reference))
    if here.value is None or there.value is None:
        return None
    out_here, out_there = c.subject["bytes_out"], c.reference["bytes_out"]
    text = Markup(
        "<b>Size.</b> Ratio {} against {}: {} are stored as {} instead of {} ({}).").format(
            units.number(here.value, 4), units.number(there.value, 4),
            units.size_bytes(c.subject["bytes_in"]), units.size_bytes(out_here, 4),
            units.size_bytes(out_there, 4), units.signed_percent(out_here / out_there - 1))
    return Point(text, loosest([here.provenance, there.provenance]))


def _decompression_point(c):
    paths = ("sim_gb_per_s", "cpu_ns_per_page")
    (speed, speed_there), (cpu, cpu_there) = (
        [b.figure(f"decompress.{path}") for b in (c.subject, c.reference)] for path in paths)
    if any(f.value is None for f in (speed, speed_there, cpu, cpu_there)):
        return None
    text = Markup(
        "<b>Decompression.</b> What was stored compressed comes back at {} instead of {}, and a "
        "page of it costs the processor {} instead of {}.").format(
            units.rate_gb(speed.value), units.rate_gb(speed_there.value),
            units.duration_ns(cpu.value), units.duration_ns(cpu_there.value))
    kinds = [f.provenance for f in (speed, speed_there, cpu, cpu_there)]
    idle = _pair(c, "idle_latency_ns.p50", "decompress")
    if idle is not None:
        text += Markup(" One page alone takes {} instead of {}").format(*idle[0])
        kinds += idle[1]
        busy = _pair(c, "busy_latency_ns.p50", "decompress")
        if busy is not None:
            text += Markup(", and {} instead of {} while pages are compressed at full load").format(
                *busy[0])
            kinds += busy[1]
        text += "."
    return Point(text, loosest(kinds))


def _cost_tile(label, share, name):
    """A tile of something that is better small."""
    detail = f"of {name}" if share.value < _TIMES else f"as much as {name}"
    return Tile(label, _share(share.value), detail, _tone(share.value, False), share.provenance)


def _tiles(c):
    name = units.ellipsis(c.reference.name, 32)
    tiles = []
    if c.speed.value is not None:
        tiles.append(Tile("Throughput", units.times(c.speed.value), f"as fast as {name}",
                          _tone(c.speed.value, True), c.speed.provenance))
    if c.cpu_share.value is not None:
        tiles.append(_cost_tile("CPU time a page", c.cpu_share, name))
    tail = c.latency("p99", c.latency_kind)
    if tail.value is not None:
        tiles.append(_cost_tile("Latency at full load, 99 %", tail, name))
    if c.ratio_gain.value is not None:
        tiles.append(Tile("Compression ratio", units.signed_percent(c.ratio_gain.value),
                          f"against {name}", _tone(1 + c.ratio_gain.value, True),
                          c.ratio_gain.provenance))
    return tiles
