# SPDX-License-Identifier: Apache-2.0
"""What all figures share: size, text, axes, and how a Drawing is handed over.

One SVG unit is one CSS pixel. A figure is WIDTH pixels wide by nature: two fit side by
side on a screen, and on a telephone it shrinks so little that its text can be read.
"""

import contextlib
import dataclasses
import math

import matplotlib
import matplotlib.figure
import matplotlib.ticker

from .. import theme
from ..units import ellipsis

WIDTH = 460
TEXT = 12       # px
SMALL = 11      # px: ticks and remarks


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A figure with its words. `provenance` has one (name, kind) a back end."""

    name: str           # short, for ids and file names
    title: str
    caption: str
    figure: matplotlib.figure.Figure
    provenance: list


@contextlib.contextmanager
def style():
    """Matplotlib's defaults, not the user's: the same file gives the same figures."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({
            "svg.fonttype": "none",
            "svg.hashsalt": "pagepress",
            "font.family": "DejaVu Sans",
            "font.size": TEXT,
            "text.color": theme.INK,
            "axes.labelcolor": theme.MUTED,
            "axes.edgecolor": theme.MUTED,
            "axes.linewidth": 0.8,
            "xtick.color": theme.MUTED,
            "ytick.color": theme.MUTED,
            "xtick.labelsize": SMALL,
            "ytick.labelsize": SMALL,
            "axes.labelsize": SMALL,
            "path.simplify": False,
        })
        yield


def axes(height, left=52, right=14, top=12, bottom=44):
    """A figure of WIDTH x height pixels with one axes, margins in pixels."""
    figure = matplotlib.figure.Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    figure.patch.set_visible(False)
    ax = figure.add_axes((left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH,
                          (height - top - bottom) / height))
    ax.patch.set_visible(False)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0, pad=6)
    ax.set_axisbelow(True)
    return figure, ax


def grid(ax, axis):
    ax.grid(axis=axis, color=theme.GRID, linewidth=0.8)


def ticks(axis, positions, labels):
    """Exactly these ticks: no minor ones, no offset text."""
    axis.set_major_locator(matplotlib.ticker.FixedLocator(list(positions)))
    axis.set_major_formatter(matplotlib.ticker.FixedFormatter(list(labels)))
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def round_steps(top, most):
    """0 and at most `most` round multiples up to top."""
    if top <= 0:
        return [0.0]
    locator = matplotlib.ticker.MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=1)
    return [float(v) for v in locator.tick_values(0, top) if 0 <= v <= top]


def log_steps(low, high):
    """1-2-5 steps from low to high, thinned until at most six remain."""
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0 ** power for power in range(-4, 19) for step in steps]
        found = [v for v in found if low * 0.999 <= v <= high * 1.001]
        if len(found) <= 6:
            return found
    return found[::math.ceil(len(found) / 6)]


def tick_text(show, value):
    """A round value as show() writes it, without the zeros that fill up to three digits."""
    number, space, unit = show(value).partition("\u00a0")
    if "." in number and "×" not in number:
        number = number.rstrip("0").rstrip(".")
    return number + space + unit


def write(ax, text, place, offset=(0, 0), **style):
    """Text beside a point of the data, `offset` pixels away; never read as a formula, whatever
    a file is called."""
    ax.annotate(printable(text), place, xytext=offset, textcoords="offset points",
                parse_math=False, **style)


def printable(text):
    """Without control characters, which SVG cannot hold."""
    return "".join(c if c.isprintable() or c == "\u00a0" else "\ufffd" for c in text)


def label(name):
    """A back end's name, short enough for a line of its own in a figure."""
    return ellipsis(name, 44)
