# SPDX-License-Identifier: Apache-2.0
"""Figures of a sweep along one axis, a line a link: throughput against engines, latency against
depth. All other axes stand at their reference; the caption says where."""

from .. import theme, units
from ..sweep import show
from .canvas import Drawing, axes, grid, log_steps, round_steps, style, tick_text, ticks

_LINK = "link.preset"
_THROUGHPUT = "compress.sim_gb_per_s"


def throughput_engines(sweep):
    axis = sweep.axis("engine.engines")
    if axis is None:
        return None
    return _draw(sweep, axis, [(_THROUGHPUT, "solid")], "sweep-throughput",
                 "Throughput against engines",
                 "Page data compressed in a second of simulated time. Higher is better.",
                 units.rate_gb, "engines in the device")


def latency_depth(sweep):
    axis = sweep.axis("queue.depth")
    if axis is None:
        return None
    return _draw(sweep, axis,
                 [("compress.latency_ns.p50", "solid"),
                  ("compress.latency_ns.p99", (0, (4, 2)))], "sweep-latency",
                 "Latency against depth",
                 "From submission to completion at full load: solid the median, broken the 99th "
                 "percentile. Lower is better; the scale is logarithmic.", units.duration_ns,
                 "descriptors in flight", logarithmic=True)


def _lines(sweep, axis, path):
    """{line's name: [(value of the axis, figure)]} of engines; and figures of the rest, by name."""
    lines, flat = {}, {}
    several = len([name for name in sweep.backends if name.startswith("engine:")]) > 1
    for run in sweep.slice(axis.name, _LINK):
        figure = run.figure(path)
        if figure.value is None:
            continue
        if not run.backend.is_engine:
            flat.setdefault(run.name, figure)
            continue
        link = show(run.axes.get(_LINK, sweep.setting(_LINK)))
        name = f"{run.name}, {link}" if several else link
        lines.setdefault(name, []).append((run.axes[axis.name], figure))
    return lines, flat


def _vertical(ax, values, unit, logarithmic):
    top = max(values) or 1
    if logarithmic and min(values) > 0:
        low, high = min(values) / 1.3, top * 1.3
        ax.set_yscale("log")
        ax.set_ylim(low, high)
        steps = log_steps(low, high)
    else:
        ax.set_ylim(0, top * 1.12)
        steps = round_steps(top * 1.1, 5)
    ticks(ax.yaxis, steps, [tick_text(unit, v) if v else "0" for v in steps])


def _draw(sweep, axis, paths, name, title, caption, unit, label, logarithmic=False):
    found = [(dash, *_lines(sweep, axis, path)) for path, dash in paths]
    names = list(dict.fromkeys(n for _, lines, flat in found for n in (*lines, *flat)))
    values = [figure.value for _, lines, flat in found
              for figure in (*(f for line in lines.values() for _, f in line), *flat.values())]
    if not values or not any(lines for _, lines, _ in found):
        return None
    looks = theme.series(names)
    places = {value: i for i, value in enumerate(sorted(axis.values))}
    with style():
        figure, ax = axes(280, left=72)
        ax.set_xlim(-0.25, max(len(places) - 0.75, 0.25))
        _vertical(ax, values, unit, logarithmic)
        grid(ax, "y")
        ticks(ax.xaxis, places.values(), [show(value) for value in places])
        ax.set_xlabel(label)
        kinds = {}
        for dash, lines, flat in found:
            for line, points in lines.items():
                look = looks[line]
                points = sorted((places[value], item.value) for value, item in points)
                ax.plot([x for x, _ in points], [y for _, y in points], marker=look.marker,
                        color=look.colour, linestyle=dash, linewidth=2, markersize=6)
            for line, item in flat.items():
                ax.axhline(item.value, color=looks[line].colour, linestyle=(0, (1.5, 1.5)))
            for line, points in lines.items():
                kinds[line] = points[0][1].provenance
            kinds.update({line: item.provenance for line, item in flat.items()})
    held = sweep.held(axis.name, _LINK)
    if held:
        caption += f" The other axes stand at {held}."
    return Drawing(name, title, caption, figure, [(n, kinds[n]) for n in names]), looks
