#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the Pareto front of the engine's design space from bench_engine's JSON.

  plot_engine.py BENCH.json [-o FILE.svg]     default: docs/img/engine_pareto.svg

Across: bytes a cycle over process pages. Up: the compression ratio over LZ4_compress_fast(1)'s.
A circle's area is the number of gates (yosys); where that is not known there is only a dot. Pale
points are beaten by another one in speed, ratio and gates at once. Limitation: gates leave
memories out (docs/engine_paths.md).
"""

import math
import bench_figure  # first: it finds pagepress_report
from pagepress_report import theme
from pagepress_report.figures import canvas

GROUP = "process"
HEIGHT = 400
AREA = 300 / 500_000  # square points a gate
LABEL = 2.2           # bytes a cycle from a point to its label


def points_of(bench):
    """(name, B/cycle, gain in percent, gates or None) of every point."""
    for point in bench["points"]:
        if GROUP not in point["groups"]:
            raise ValueError(f"no figures of {GROUP} pages")
        figures = point["groups"][GROUP]
        gates = point["synthesis"]["cells"] if point["synthesis"] else None
        yield (point["name"], figures["bytes_per_cycle"], 100 * figures["ratio_over_lz4_fast"], gates)


def beaten(point, points):
    """Whether another point is as good in all and better in one of speed, gain and gates."""
    def figures(one):
        return one[1], one[2], -(one[3] or 0)
    mine = figures(point)
    return any(all(a >= b for a, b in zip(figures(other), mine)) and figures(other) != mine
               for other in points)


def spread(places, least):
    """Moves labels apart: at least so far from the next; keeps their order."""
    placed = []
    for place in sorted(places):
        placed.append(max(place, placed[-1] + least) if placed else place)
    shift = sum(p - q for p, q in zip(placed, sorted(places))) / max(1, len(placed))
    return [p - shift for p in placed]


def draw(bench):
    """The figure."""
    points = list(points_of(bench))
    default = next(p["name"] for p in bench["points"] if p["default"])
    blue, orange = theme._STANDINS["cpu0"], theme._STANDINS["eng0"]  # pylint: disable=protected-access
    with canvas.style():
        figure, ax = canvas.axes(HEIGHT, left=46)
        ax.set_xlim(min(p[1] for p in points) - 3, max(p[1] for p in points) + 14)
        gains = [p[2] for p in points]
        room = max(1.0, max(gains) - min(gains))
        ax.set_ylim(min(0, min(gains) - 0.1 * room), max(gains) + 0.12 * room)
        canvas.grid(ax, "both")
        canvas.ticks(ax.xaxis, [8, 16, 32], ["8", "16", "32"])
        ax.set_xlabel("bytes a cycle, process pages")
        ax.set_ylabel("compression ratio over lz4 fast 1, %")
        for point in sorted(points, key=lambda p: p[0] == default):
            name, speed, gain, gates = point
            colour = orange if name == default else blue
            pale = 0.35 if beaten(point, points) else 1
            if gates:
                ax.scatter([speed], [gain], s=AREA * gates, facecolors="none", edgecolors=colour,
                           linewidths=1.2, alpha=pale, zorder=3)
            ax.scatter([speed], [gain], s=10, color=colour, alpha=pale, linewidths=0, zorder=4)
        ax.axhline(0, color=theme.MUTED, linewidth=1)
        # Labels to the right of each width's points, none over another.
        low, high = ax.get_ylim()
        line_height = (high - low) * 14 / (HEIGHT - 56)
        columns = {}
        for point in points:
            columns.setdefault(round(math.log2(point[1])), []).append(point)
        for column in columns.values():
            column.sort(key=lambda p: p[2])
            for (name, speed, gain, gates), place in zip(column, spread([p[2] for p in column], line_height)):
                text = f"{name}  {gates / 1000:.0f}k" if gates else name
                ax.plot([speed, speed + LABEL - 0.1], [gain, place], color=theme.GRID, linewidth=0.8, zorder=1)
                canvas.write(ax, text, (speed + LABEL, place), va="center", fontsize=canvas.SMALL,
                             fontweight="bold" if name == default else "normal")
    return figure


if __name__ == "__main__":
    bench_figure.main(__doc__, "bench_engine", draw, "engine",
                      "Design points of the engine: ratio over speed", "docs/img/engine_pareto.svg")
