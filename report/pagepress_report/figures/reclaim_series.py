# SPDX-License-Identifier: Apache-2.0
"""Time series of a reclaim run: free memory, pages reclaimed, stalls, queue, a line a policy; and
what the cores do, a strip a policy.

Limitation: a figure has as many points as can be told apart; samples between are put together
(counts added, levels averaged, free memory at its lowest).
"""

import math

from .. import theme, units
from ..results import PAGE_BYTES
from .canvas import (Drawing, SMALL, TEXT, axes, grid, label, round_steps, style, tick_text, ticks,
                     write)

_POINTS = 120       # in a line
_STRIP = 84         # px a policy


def _joined(series):
    """Lists of the indices of samples that make one point; the first sample is of no interval."""
    count = len(series["t_s"]) - 1
    step = max(1, math.ceil(count / _POINTS))
    return [range(i, min(i + step, count + 1)) for i in range(1, count + 1, step)]


def _rate(series, key):
    """(time, number a second) of what was counted."""
    times, counts = series["t_s"], series[key]
    return [(times[part[-1]], sum(counts[i] for i in part)
             / (times[part[-1]] - times[part[0] - 1])) for part in _joined(series)]


def _level(series, key, join):
    times, values = series["t_s"], series[key]
    return [(times[part[-1]], join([values[i] for i in part])) for part in _joined(series)]


def _mean(values):
    return sum(values) / len(values)


def _memory_text(value):
    return tick_text(units.size_bytes, value) if value else "0"


def _number_text(value):
    return tick_text(units.number, value) if value else "0"


def free_memory(results, looks):
    def lowest(series):
        return [(t, pages * PAGE_BYTES) for t, pages in _level(series, "free", min)]
    return _lines(results, looks, "free", lowest, "reclaim-free", "Free memory",
                  "Free memory of all zones, at its lowest between two points. Dotted: the "
                  "watermarks min, low and high, of all zones together.", _memory_text,
                  marks=_watermarks(results.base))


def _watermarks(run):
    zones = run["memory"]["watermarks"]
    return {name: PAGE_BYTES * sum(zone[name] for zone in zones)
            for name in ("min", "low", "high")} \
        if zones else {}


def steal_rate(results, looks):
    return _lines(results, looks, "pgsteal_anon",
                  lambda series: _rate(series, "pgsteal_anon"), "reclaim-steal",
                  "Anonymous pages reclaimed",
                  "pgsteal_anon a second of simulated time.", _number_text)


def stall_rate(results, looks):
    return _lines(results, looks, "allocstall",
                  lambda series: _rate(series, "allocstall"), "reclaim-allocstall",
                  "Allocations that enter direct reclaim",
                  "allocstall a second of simulated time. Lower is better.", _number_text)


def queued(results, looks):
    return _lines(results, looks, "queued",
                  lambda series: _level(series, "queued", _mean), "reclaim-queue",
                  "Pages waiting to be compressed",
                  "In queues and engines, the mean between two points.", _number_text)


def engine_use(results, looks):
    return _lines(results, looks, "engine_busy",
                  lambda series: _level(series, "engine_busy", _mean), "reclaim-engine",
                  "Engine use", "Share of the time that the engines work, the mean between two "
                  "points.", lambda v: f"{100 * v:.3g}\u00a0%" if v else "0")


def _lines(results, looks, key, points_of, name, title, caption, show, marks=None):
    lines = {run.name: points_of(run.series) for run in results.runs
             if run.series and key in run.series}
    if not lines:
        return None
    top = max(value for points in lines.values() for _, value in points)
    if top == 0:
        return None     # a figure of nothing says less than the table
    top = max([top, *(marks or {}).values()])
    with style():
        figure, ax = axes(240, left=66)
        ax.set_xlim(0, max(points[-1][0] for points in lines.values()))
        ax.set_ylim(0, top * 1.08)
        grid(ax, "y")
        steps = round_steps(top, 4)
        ticks(ax.yaxis, steps, [show(v) for v in steps])
        _seconds(ax)
        for line, points in lines.items():
            ax.plot([t for t, _ in points], [v for _, v in points], linewidth=1.6,
                    color=looks[line].colour, linestyle=looks[line].dashes)
        for value in (marks or {}).values():
            ax.axhline(value, color=theme.INK, linewidth=1, linestyle=(0, (1.5, 2)))
        for word, value in list((marks or {}).items())[-1:]:
            write(ax, f"{word} watermark", (0, value), (4, 3), fontsize=SMALL, va="bottom",
                  color=theme.MUTED)
    return Drawing(name, title, caption, figure, [(line, "simulated") for line in lines]), looks


def _seconds(ax):
    positions = round_steps(ax.get_xlim()[1], 5)
    ticks(ax.xaxis, positions, [f"{v:g} s" for v in positions])
    ax.set_xlabel("simulated time")


def busy_cores(results, _looks):
    """What the cores do: a strip a policy, groups of tasks on top of each other."""
    runs = [run for run in results.runs if run.series and run.series.get("busy")]
    groups = list(dict.fromkeys(group for run in runs for group in run.series["busy"]
                                if any(run.series["busy"][group])))
    if not groups:
        return None
    looks = theme.series(groups)
    cores = max((len(run["cpu"]["cores"]) for run in runs), default=0)
    stacks = {run.name: _stack(run.series, groups) for run in runs}
    top = max([cores, *(max(values[-1]) for _, values in stacks.values())]) or 1
    height = 44 + _STRIP * len(runs)
    with style():
        figure, first = axes(height, left=44, top=4, bottom=44)
        figure.delaxes(first)
        for row, run in enumerate(runs):
            ax = figure.add_axes((44 / 460, 1 - (4 + _STRIP * (row + 1) - 8) / height,
                                  (460 - 44 - 14) / 460, (_STRIP - 30) / height))
            _strip(ax, run, stacks[run.name], groups, looks, top)
            if run is runs[-1]:
                _seconds(ax)
    return Drawing(
        "reclaim-busy", "What the cores do",
        "Cores in use by each group of tasks, on top of each other; a strip a policy. "
        f"The machine has {units.plural(cores, 'core')}.", figure,
        [(group, "simulated") for group in groups]), looks


def _stack(series, groups):
    """(times, for each group the upper edge of its band)."""
    times, edges, below = None, [], None
    for group in groups:
        shares = series["busy"].get(group) or [0.0] * len(series["t_s"])
        points = _level({**series, "share": shares}, "share", _mean)
        times = [t for t, _ in points]
        below = [v + b for (_, v), b in zip(points, below or [0.0] * len(points))]
        edges.append(below)
    return times, edges


def _strip(ax, run, stack, groups, looks, top):
    times, edges = stack
    ax.patch.set_visible(False)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0, pad=6)
    ax.set_xlim(0, times[-1])
    ax.set_ylim(0, top * 1.02)
    grid(ax, "y")
    ticks(ax.xaxis, [], [])
    ticks(ax.yaxis, [0, top], ["0", f"{top:.3g}"])
    write(ax, label(run.name), (0, top), (0, 4), fontsize=TEXT, va="bottom")
    below = [0.0] * len(times)
    for group, edge in zip(groups, edges):
        ax.fill_between(times, below, edge, color=looks[group].colour, linewidth=0, step="pre")
        below = edge
