# SPDX-License-Identifier: Apache-2.0
"""Compressed sizes: a histogram of 64-byte bins, and beside it the pages stored whole."""

from .. import theme, units
from ..results import PAGE_BYTES
from .canvas import Drawing, SMALL, axes, grid, round_steps, style, ticks

_GAP = 380          # bytes' worth of paper between the sizes and the pages stored whole
_WHOLE = 440        # bytes' worth of width for these
_CROWDED = 3        # a whole-page bar this many times above the rest is cut off


def sizes(results, looks):
    drawn = [b for b in results.backends if b["size_histogram"]
             and sum(b["size_histogram"]["counts"])]
    if not drawn:
        return None
    sized = max(max(b["size_histogram"]["counts"][:-1]) for b in drawn)
    whole = max(b["size_histogram"]["counts"][-1] for b in drawn)
    top = sized if sized and whole > _CROWDED * sized else max(sized, whole)
    with style():
        figure, ax = axes(300, left=54, top=24)
        ax.set_xlim(0, PAGE_BYTES + _GAP + _WHOLE)
        ax.set_ylim(0, top * 1.12)
        grid(ax, "y")
        positions = [v for v in round_steps(top * 1.1, 5) if v == int(v)]
        ticks(ax.yaxis, positions, [units.integer(int(v)) for v in positions])
        centre = PAGE_BYTES + _GAP + _WHOLE / 2
        ticks(ax.xaxis, [0, 1024, 2048, 3072, 4096, centre],
              ["0", "1,024", "2,048", "3,072", "4,096", "whole"])
        ax.set_xlabel("compressed size, bytes")
        ax.set_ylabel("pages")
        _limit(ax, results.incompressible_limit)
        for place, backend in enumerate(drawn):
            histogram, look = backend["size_histogram"], looks[backend.name]
            edges = [i * histogram["bin_bytes"] for i in range(len(histogram["counts"]))]
            if not backend.is_engine:
                # CPUs as ground, engines as lines: two fills would mix to a third colour.
                ax.stairs(histogram["counts"][:-1], edges, fill=True, color=look.colour,
                          alpha=0.2 if len(drawn) <= 2 else 0.1, linewidth=0)
            ax.stairs(histogram["counts"][:-1], edges, color=look.colour, linewidth=1.5,
                      linestyle=look.dashes)
            _whole_bar(ax, histogram["counts"][-1], place, len(drawn), look, top)
    cut = [f"{b.name} {units.integer(b['size_histogram']['counts'][-1])}" for b in drawn
           if b["size_histogram"]["counts"][-1] > top]
    return Drawing(
        "sizes", "Compressed size",
        "Pages by compressed size, in bins of 64 bytes; further left is better. Same-filled pages "
        "are left out. A page above the limit is stored whole."
        + (f" Bars cut off: {', '.join(cut)}." if cut else ""), figure,
        [(b.name, b.figure("size_histogram").provenance) for b in drawn])


def _limit(ax, limit):
    if limit is None:
        return
    ax.axvline(limit, color=theme.MUTED, linewidth=1, linestyle=(0, (3, 2)))
    ax.annotate(f"limit {units.integer(limit)} B", (limit, 1), xycoords=("data", "axes fraction"),
                xytext=(0, 4), textcoords="offset points", ha="center", va="bottom",
                fontsize=SMALL, color=theme.MUTED)


def _whole_bar(ax, count, place, places, look, top):
    width = _WHOLE / places
    left = PAGE_BYTES + _GAP + place * width
    ax.bar(left, min(count, top * 1.06), width=width * 0.86, align="edge", color=look.colour)
    if count > top:
        # A slit says that the bar goes on; the caption says how far.
        ax.plot([left, left + width * 0.86], [top * 0.97, top * 1.0], color=theme.PAPER,
                linewidth=3)
