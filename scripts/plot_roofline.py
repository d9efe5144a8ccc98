#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the device's throughput against its bound from bench_roofline's JSON.

  plot_roofline.py ROOFLINE.json [-o FILE.svg]     default: docs/img/roofline.svg

A row a link, a panel an operation. Across: units in flight. Up: page bytes a nanosecond. A dot is
measured; a pale line is the bound of so many engines, a broken one the bound with the latency of
so many units in flight. Limitation: four numbers of engines at most.
"""

import bench_figure  # first: it finds pagepress_report
from pagepress_report import theme
from pagepress_report.figures import canvas

ROW = 190           # px
LEFT, RIGHT, TOP, BOTTOM, GAP = 46, 12, 40, 46, 34
COLOURS = ("cpu0", "cpu1", "eng2", "eng0")


def series(points):
    """{(link, operation): {engines: [point, in order of depth]}}, links in the order of the file."""
    panels = {}
    for point in points:
        of_panel = panels.setdefault((point["link"], point["operation"]), {})
        of_panel.setdefault(point["engines"], []).append(point)
    if not panels:
        raise ValueError("no points")
    for of_panel in panels.values():
        for line in of_panel.values():
            line.sort(key=lambda p: p["depth"])
    return panels


def draw_panel(ax, title, lines, colours):
    depths = sorted({p["depth"] for line in lines.values() for p in line})
    ax.set_xscale("log", base=2)
    canvas.grid(ax, "y")
    canvas.ticks(ax.xaxis, depths, [str(d) for d in depths])
    for engines, line in sorted(lines.items()):
        colour = colours[engines]
        across = [p["depth"] for p in line]
        bound = [p["bound_bytes_per_ns"] for p in line]
        ax.plot(across, bound, color=colour, linewidth=3, alpha=0.3, solid_capstyle="butt", zorder=2)
        ax.plot(across, [min(b, p["latency_bytes_per_ns"]) for b, p in zip(bound, line)], color=colour,
                linewidth=0.8, linestyle=(0, (4, 2)), zorder=3)
        ax.scatter(across, [p["bytes_per_ns"] for p in line], s=14, color=colour, linewidths=0, zorder=4)
    ax.set_title(canvas.printable(title), fontsize=canvas.SMALL, color=theme.INK, loc="left", pad=5)


def draw(bench):
    """The figure."""
    panels = series(bench["points"])
    links = list(dict.fromkeys(link for link, _ in panels))
    operations = list(dict.fromkeys(operation for _, operation in panels))
    numbers = sorted({engines for lines in panels.values() for engines in lines})
    if len(numbers) > len(COLOURS):
        raise ValueError(f"more than {len(COLOURS)} numbers of engines")
    colours = {n: theme._STANDINS[c] for n, c in zip(numbers, COLOURS)}  # pylint: disable=protected-access
    height = TOP + BOTTOM + ROW * len(links)
    width = (canvas.WIDTH - LEFT - RIGHT - GAP * (len(operations) - 1)) / len(operations)
    with canvas.style():
        figure, first = canvas.axes(height)
        first.remove()
        top = 1.08 * max(max(p["bound_bytes_per_ns"], p["bytes_per_ns"]) for p in bench["points"])
        for row, link in enumerate(links):
            for column, operation in enumerate(operations):
                left = LEFT + column * (width + GAP)
                bottom = BOTTOM + (len(links) - 1 - row) * ROW
                ax = figure.add_axes((left / canvas.WIDTH, bottom / height, width / canvas.WIDTH,
                                      (ROW - 44) / height))
                ax.patch.set_visible(False)
                for side in ("top", "right", "left"):
                    ax.spines[side].set_visible(False)
                ax.tick_params(length=0, pad=5)
                ax.set_ylim(0, top)
                draw_panel(ax, f"{link}, {operation}", panels.get((link, operation), {}), colours)
                if column == 0:
                    ax.set_ylabel("page bytes, B/ns")
                if row == len(links) - 1:
                    ax.set_xlabel("units in flight")
        for place, engines in enumerate(numbers):
            figure.text((LEFT + place * 90) / canvas.WIDTH, 1 - 14 / height,
                        f"\u25cf {engines} engine{'s' if engines > 1 else ''}",
                        color=colours[engines], fontsize=canvas.SMALL, va="center")
    return figure


if __name__ == "__main__":
    bench_figure.main(__doc__, "bench_roofline", draw, "roofline",
                      "Throughput of the device against its bound", "docs/img/roofline.svg")
