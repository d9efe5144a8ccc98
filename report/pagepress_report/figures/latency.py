# SPDX-License-Identifier: Apache-2.0
"""Latency: the share of pages that are done after a time.

The vertical axis is stretched towards 100 % (each step is a tenth of what is left), so
that the slowest page in a thousand takes as much room as the fastest half.

The curve goes through what is known exactly, the bins' edges and the percentiles.
Limitation: between them it is straight (in log time), which is a guess.
"""

import itertools
import math

from .. import theme, units
from .canvas import Drawing, SMALL, axes, grid, log_steps, style, ticks, write

_ROOM = 0.83        # of the axis: a mark further right has no room for its label
_LAST_TICK = 0.98   # of the axis
_MARKS = [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)]


def _stretch(share):
    return -math.log10(1 - share)


def _curve(histogram, marks):
    """(time, share done) points of the cumulative distribution; empty where nothing was
    counted. marks: percentiles, as such points."""
    total = sum(histogram["counts"]) if histogram else 0
    if not total:
        return []
    edges, counts = histogram["bins_ns"], histogram["counts"]
    first = next(i for i, count in enumerate(counts) if count)
    last = len(counts) - next(i for i, count in enumerate(reversed(counts)) if count)
    points, below = [], 0
    for index in range(first, last + 1):
        # A log axis has no 0; a bin that starts there is drawn from a tenth of its end.
        points.append((edges[index] or edges[1] / 10, below / total))
        below += counts[index] if index < last else 0
    points = sorted(points + [mark for mark in marks if points[0][0] <= mark[0] <= points[-1][0]])
    shares = list(itertools.accumulate((share for _, share in points), max))
    # 100 % lies at infinity on this axis: the curve ends half a page short of it.
    return [(time, min(share, 1 - 0.5 / total)) for (time, _), share in zip(points, shares)]


def latency(results, looks):
    return _draw(results, looks, "compress", "latency", "Latency")


def decompress_latency(results, looks):
    return _draw(results, looks, "decompress", "decompress-latency", "Latency, decompressing")


def _draw(results, looks, operation, drawing, title):
    marks = {b.name: percentile_marks(lambda key, b=b: b.figure(f"{operation}.latency_ns.{key}").value)
             for b in results.backends}
    histograms = {b.name: b.histogram(operation) for b in results.backends}
    figure = distribution(looks, histograms, marks, "time from submission to completion")
    if figure is None:
        return None
    return Drawing(
        drawing, title,
        "Share of the pages that are done after a time; further left is better. "
        f"The marks are the 50th, 99th and 99.9th percentile.{_in_flight(results)}", figure,
        [(b.name, b.figure(f"{operation}.latency_ns.p50").provenance) for b in results.backends])


def percentile_marks(value_of):
    """(value, share) of the percentiles that there are; value_of("p50") gives one or None."""
    return [(value, share) for value, share in ((value_of(key), share) for key, share in _MARKS)
            if value]


def distribution(looks, histograms, marks, label):
    """A figure of cumulative distributions by name; None where nothing was counted."""
    curves = {name: _curve(histogram, marks[name]) for name, histogram in histograms.items()}
    times = [time for points in (*curves.values(), *marks.values()) for time, _ in points]
    if not times:
        return None
    low, high = min(times), max(times)
    low, high = 10 ** (math.log10(low) - 0.15), 10 ** (math.log10(high) + 0.15)
    last = max((time for points in marks.values() for time, _ in points), default=0)
    if last:
        # Room for the label at the rightmost mark.
        high = max(high, low * (last / low) ** (1 / _ROOM))
    counted = max(sum((histogram or {"counts": []})["counts"]) for histogram in histograms.values())
    top = max(3.25, _stretch(1 - 0.5 / counted) + 0.1 if counted else 0)
    with style():
        figure, ax = axes(300, left=54)
        _distribution_axes(ax, low, high, top)
        ax.set_xlabel(label)
        for name, points in curves.items():
            look = looks[name]
            ax.plot([t for t, _ in points], [_stretch(s) for _, s in points], linewidth=2,
                    color=look.colour, linestyle=look.dashes, solid_joinstyle="round")
        for name, points in marks.items():
            look = looks[name]
            ax.plot([v for v, _ in points], [_stretch(s) for _, s in points], look.marker,
                    color=look.colour, markersize=7, markeredgecolor=theme.PAPER)
        _label_extremes(ax, marks, low, high)
    return figure


def _distribution_axes(ax, low, high, top):
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.set_ylim(0, top)
    grid(ax, "both")
    # A tick at the very end has no room for its label.
    positions = [v for v in log_steps(low, high)
                 if math.log(v / low) < _LAST_TICK * math.log(high / low)]
    ticks(ax.xaxis, positions, [units.duration_ns(v, 1) for v in positions])
    shares = [s for s in (0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
              if _stretch(s) <= top]
    ticks(ax.yaxis, [_stretch(s) for s in shares], [f"{100 * s:.6g} %" for s in shares])


def _in_flight(results):
    """The curves of an engine and a CPU do not start alike; the reader has to know."""
    depth = results.setting("queue.depth")
    if not isinstance(depth, int) or len({b.is_engine for b in results.backends}) < 2:
        return ""
    return (f" An engine has up to {units.integer(depth)} pages in flight, a CPU one in hand; the "
            "table has the times from entering the queue.")


def _label_extremes(ax, marks, low, high):
    """Writes the percentiles of the leftmost curve to its left and of the rightmost to its
    right, where neither curve passes; those between would collide."""
    for _, share in _MARKS:
        values = sorted({value for points in marks.values() for value, at in points if at == share})
        if not values:
            continue
        for value, right in ((values[0], False), (values[-1], True))[:len(values)]:
            # Too near the border for a label of about 60 px.
            place = math.log(value / low) / math.log(high / low)
            if place > _ROOM + 1e-9 if right else place < 1 - _ROOM:
                continue
            write(ax, units.duration_ns(value), (value, _stretch(share)),
                  (8, -4) if right else (-8, 4), fontsize=SMALL,
                  ha="left" if right else "right", va="top" if right else "bottom")
