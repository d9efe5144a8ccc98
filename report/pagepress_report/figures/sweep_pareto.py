# SPDX-License-Identifier: Apache-2.0
"""All points of a sweep at once: throughput against what it costs, with the Pareto front, the
points that no other one beats in both."""

from .. import theme, units
from ..provenance import loosest
from ..sweep import front, show
from .canvas import Drawing, axes, grid, log_steps, round_steps, style, tick_text, ticks

_LINK = "link.preset"
_THROUGHPUT = "compress.sim_gb_per_s"
_P99 = "compress.latency_ns.p99"


def positions(run):
    """Engines x W: positions that all match finders look at in a cycle; None for a CPU."""
    device = run.backend.data.get("device")
    return device["engines"] * device["positions"] if device else None


def latency_front(sweep):
    """Runs on the front of throughput against the 99th percentile."""
    return front(sweep.runs, lambda r: r.value(_P99), lambda r: r.value(_THROUGHPUT))


def pareto_latency(sweep):
    return _draw(sweep, latency_front(sweep), lambda run: run.value(_P99), "sweep-pareto-latency",
                 "Throughput and latency",
                 "Every point; higher and further left is better. The line joins the points that "
                 "no other one beats in both.", units.duration_ns,
                 "99th percentile of the latency at full load", _P99)


def pareto_size(sweep):
    if sweep.axis("engine.engines") is None and sweep.axis("engine.w") is None:
        return None
    best = front(sweep.runs, positions, lambda r: r.value(_THROUGHPUT))
    return _draw(sweep, best, positions, "sweep-pareto-size", "Throughput and size",
                 "Every point; higher and further left is better. Engines × W stands for the area "
                 "of the match finders; it is a count, not a synthesis. The line joins the points "
                 "that no other one beats in both.", lambda v: units.integer(round(v)),
                 "engines × W: positions looked at in a cycle", None)


def _draw(sweep, best, cost, name, title, caption, unit, label, path):
    runs = [r for r in sweep.runs if cost(r) is not None and r.value(_THROUGHPUT) is not None]
    if len(runs) < 2:
        return None

    def series(run):
        return (show(run.axes.get(_LINK, sweep.setting(_LINK))) if run.backend.is_engine
                else run.name)

    names = list(dict.fromkeys(series(run) for run in runs))
    looks = theme.series(names)
    low, high = min(map(cost, runs)), max(map(cost, runs))
    top = max(run.value(_THROUGHPUT) for run in runs)
    with style():
        figure, ax = axes(300, left=72)
        ax.set_xscale("log")
        ax.set_xlim(low / 1.3, high * 1.3)
        ax.set_ylim(0, top * 1.08 if top else 1)
        grid(ax, "both")
        costs = sorted({cost(run) for run in runs})
        places = costs if len(costs) <= 8 else log_steps(low / 1.3, high * 1.3)
        ticks(ax.xaxis, places, [tick_text(unit, value) for value in places])
        steps = round_steps(top * 1.05, 5)
        ticks(ax.yaxis, steps, [tick_text(units.rate_gb, v) if v else "0" for v in steps])
        ax.set_xlabel(label)
        ax.plot([cost(r) for r in best], [r.value(_THROUGHPUT) for r in best], color=theme.MUTED,
                linewidth=1.4, zorder=1, drawstyle="steps-post")
        for line in names:
            mine = [run for run in runs if series(run) == line]
            ax.plot([cost(r) for r in mine], [r.value(_THROUGHPUT) for r in mine],
                    looks[line].marker, color=looks[line].colour, markersize=4.5, linestyle="none",
                    markeredgecolor=theme.PAPER, markeredgewidth=0.4)
    kinds = {}
    for run in runs:
        found = [run.figure(p).provenance for p in (_THROUGHPUT, path) if p]
        kinds[series(run)] = loosest([*found, kinds.get(series(run), found[0])])
    return Drawing(name, title, caption, figure, [(n, kinds[n]) for n in names]), looks


