# SPDX-License-Identifier: Apache-2.0
"""Compression ratio file by file: a row a file, a mark a back end."""

import pathlib

from .. import theme, units
from .canvas import Drawing, SMALL, TEXT, axes, grid, round_steps, style, ticks, write
from ..units import ellipsis

_ROW = 42           # px a file
_SHIFT = 8          # px from one back end's mark to the next
_MOST = 20          # files drawn; the table has them all


def short_names(paths):
    """File names; with as many folders as it takes to tell them apart."""
    parts = [pathlib.PurePath(path).parts or (path,) for path in paths]
    depth = 1
    longest = max(len(p) for p in parts)
    while depth < longest and len({p[-depth:] for p in parts}) < len(set(paths)):
        depth += 1
    return [str(pathlib.PurePath(*p[-depth:])) for p in parts]


def file_ratios(results, looks):
    """None for a single file: its ratio is in the table."""
    files = len(results.inputs)
    if files < 2 or any(len(b["files"]) not in (0, files) for b in results.backends):
        return None
    drawn = [b for b in results.backends if b["files"]]
    rows = min(files, _MOST)
    values = [[b["files"][row]["ratio"] for b in drawn] for row in range(rows)]
    known = [v for row in values for v in row if v is not None]
    if not known:
        return None
    names = short_names([item["path"] for item in results.inputs])
    top = max(known)
    with style():
        figure, ax = axes(52 + _ROW * rows, left=8, right=16, top=4, bottom=46)
        ax.set_xlim(0, top * 1.12)
        ax.set_ylim(rows - 0.5 + 0.05, -0.5)
        grid(ax, "x")
        positions = round_steps(top * 1.1, 6)
        ticks(ax.xaxis, positions, [f"{v:,.6g}" for v in positions])
        ticks(ax.yaxis, [], [])
        ax.set_xlabel("compression ratio")
        for row, ratios in enumerate(values):
            y = row + 0.16
            write(ax, ellipsis(names[row], 56), (0, row), (4, 2), fontsize=TEXT, va="bottom")
            ax.plot([0, top * 1.12], [y, y], color=theme.GRID, linewidth=1)
            for place, (backend, value) in enumerate(zip(drawn, ratios)):
                if value is not None:
                    look = looks[backend.name]
                    # Side by side, or equal ratios would hide each other.
                    shift = (place - (len(drawn) - 1) / 2) * min(_SHIFT, 20 / len(drawn)) / _ROW
                    ax.plot([value], [y + shift], look.marker, color=look.colour, markersize=8,
                            markeredgecolor=theme.PAPER, clip_on=False)
            if all(v is None for v in ratios):
                write(ax, "nothing stored", (0, y), (4, 0), fontsize=SMALL, color=theme.MUTED,
                      va="center")
    more = f" The first {_MOST} of {units.integer(files)} files." if files > _MOST else ""
    return Drawing("files", "Ratio file by file",
                   f"Bytes in for each byte stored; further right is better.{more}", figure,
                   [(b.name, b.figure("files").provenance) for b in drawn])
