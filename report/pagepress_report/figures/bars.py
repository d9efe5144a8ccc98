# SPDX-License-Identifier: Apache-2.0
"""Horizontal bars, one a back end: throughput and CPU time.

The name stands above its bar, not beside it: names are long and telephones narrow.
"""

from .. import theme, units
from .canvas import (Drawing, SMALL, TEXT, axes, grid, label, round_steps, style, tick_text, ticks,
                     write)

_ROW = 46           # px a back end
BAR = 0.36         # of a row


def throughput(results, looks):
    return _bars(
        results, looks, "compress.sim_gb_per_s", "throughput", "Throughput",
        f"Page data taken in a second of {results.clock} time. Longer is better.", units.rate_gb)


def cpu_time(results, looks):
    return _bars(
        results, looks, "compress.cpu_ns_per_page", "cpu-time", "CPU time a page",
        "What a page costs the processor: compressing it, or handing it to the engine and "
        "collecting the result. Shorter is better.", units.duration_ns)


def decompress_throughput(results, looks):
    return _bars(
        results, looks, "decompress.sim_gb_per_s", "decompress-throughput",
        "Decompression throughput",
        f"Page data given back in a second of {results.clock} time, of pages that were stored "
        "compressed. "
        "Longer is better.", units.rate_gb)


def decompress_cpu_time(results, looks):
    return _bars(
        results, looks, "decompress.cpu_ns_per_page", "decompress-cpu-time",
        "CPU time a page, decompressing",
        "What it costs the processor to have a page back: decompressing it, or handing its block "
        "to the engine and collecting the page. Shorter is better.", units.duration_ns)


def _bars(results, looks, path, name, title, caption, show):
    figures = [(b.name, b.figure(path)) for b in results.backends]
    if all(figure.value is None for _, figure in figures):
        return None
    top = max(figure.value or 0 for _, figure in figures)
    with style():
        figure, ax = bar_axes([backend for backend, _ in figures], top, show)
        for row, (backend, item) in enumerate(figures):
            value, y = item.value or 0, bar_place(row)
            ax.barh(y, value, height=BAR, color=looks[backend].colour)
            known = item.value is not None
            write(ax, show(value) if known else "does not apply", (value, y), (6, 0), va="center",
                  fontsize=TEXT if known else SMALL, fontweight="bold" if known else "normal",
                  color=theme.INK if known else theme.MUTED)
    return Drawing(name, title, caption, figure,
                   [(backend, item.provenance) for backend, item in figures])


def bar_place(row):
    """Where the row's bar stands, below its name."""
    return row + 0.16


def bar_axes(names, top, show):
    """A figure for a bar of at most `top` each, names above; to be called within style()."""
    figure, ax = axes(34 + _ROW * len(names), left=8, right=8, top=4, bottom=30)
    # Room for the value at the end of the longest bar.
    ax.set_xlim(0, top * 1.26 if top > 0 else 1)
    ax.set_ylim(len(names) - 0.5 + 0.02, -0.5)
    grid(ax, "x")
    positions = round_steps(top * 1.1, 4)
    ticks(ax.xaxis, positions, [tick_text(show, v) if v else "0" for v in positions])
    ticks(ax.yaxis, [], [])
    ax.spines["bottom"].set_visible(False)
    ax.axvline(0, color=theme.MUTED, linewidth=1.2)
    for row, name in enumerate(names):
        write(ax, label(name), (0, row), (5, 7), fontsize=TEXT, va="bottom")
    return figure, ax
