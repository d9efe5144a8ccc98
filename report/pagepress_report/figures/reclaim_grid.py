# SPDX-License-Identifier: Apache-2.0
"""What a policy gains over the base, against cores, their speed, and pressure: a figure an axis of
the grid, a line a policy. The other axes stand at their reference; the caption says where."""

import matplotlib.ticker

from .. import theme, units
from ..reclaim_verdict import AWAKE, CLAIMED_STALL, CLAIMED_STEAL, STALL, STEAL, change
from .canvas import Drawing, SMALL, axes, grid, style, ticks, write

_AXES = {"cores": "cores", "speed": "speed of the cores, against the scenario",
         "pressure": "size of the programs, against the scenario"}


def gains(results, looks):
    """Figures of pgsteal_anon/s, over the run and while kswapd is awake, and of stalls, for each
    axis with several values."""
    drawn = []
    for axis, words in _AXES.items():
        values = _values(results, axis)
        if len(values) < 2:
            continue
        drawn += [_draw(results, looks, axis, words, values, STEAL, f"reclaim-gain-{axis}",
                        f"pgsteal_anon/s against {axis}", CLAIMED_STEAL,
                        "Change of pgsteal_anon/s of the whole run over the base; higher is more, "
                        "which is not better where pages come back."),
                  _draw(results, looks, axis, words, values, AWAKE, f"reclaim-awake-{axis}",
                        f"pgsteal_anon/s while kswapd is awake against {axis}", CLAIMED_STEAL,
                        "Change of pgsteal_anon/s over the time that kswapd is awake; higher is "
                        "better."),
                  _draw(results, looks, axis, words, values, STALL, f"reclaim-stall-{axis}",
                        f"Stall time against {axis}", CLAIMED_STALL,
                        "Change of the time that allocations stall, in all, over the base; lower "
                        "is better.")]
    return [item for item in drawn if item is not None]


def _values(results, axis):
    return sorted({getattr(point, axis) for point in results.grid} - {None})


def _reference(results, axis):
    """Where figures along other axes stand: at the scenario itself, if the grid has that."""
    values = _values(results, axis)
    cores = results.base["cpu"]["cores"]
    # The grid counts cores of the first kind.
    own = sum(core["kind"] == cores[0]["kind"] for core in cores) if axis == "cores" else 1
    return own if own in values else values[0] if values else None


def _lines(results, axis, path):
    """{policy: [(value of the axis, change)]}; and the points' other axes, as words."""
    held = {other: _reference(results, other) for other in _AXES if other != axis}
    lines = {}
    for point in results.grid:
        base = point.run(results.base.name)
        if base is None or any(getattr(point, other) != value for other, value in held.items()):
            continue
        for run in point.runs:
            gain = change(run, base, path)
            if run is not base and gain is not None:
                lines.setdefault(run.name, []).append((getattr(point, axis), gain))
    words = ", ".join(f"{other} = {value:g}" for other, value in held.items() if value is not None)
    return lines, words


def _draw(results, looks, axis, words, values, path, name, title, claimed, caption):
    lines, held = _lines(results, axis, path)
    gains_found = [gain for line in lines.values() for _, gain in line]
    if not gains_found:
        return None
    places = {value: i for i, value in enumerate(values)}
    low, high = min([0, *gains_found]), max([0, *gains_found])
    # The claim, unless it would press all lines flat.
    shown = low - 1 <= claimed <= 2 * high + 0.2
    if shown:
        low, high = min(low, claimed), max(high, claimed)
    room = (high - low or 0.1) * 0.08
    with style():
        figure, ax = axes(260, left=66)
        ax.set_xlim(-0.25, len(places) - 0.75)
        ax.set_ylim(low - room, high + room)
        grid(ax, "y")
        locator = matplotlib.ticker.MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10])
        steps = [v for v in locator.tick_values(low, high) if low - room <= v <= high + room]
        ticks(ax.yaxis, steps, [f"{100 * v:+.4g}\u00a0%".replace("-", "−") if abs(v) > 1e-12
                                else "0" for v in steps])
        ticks(ax.xaxis, places.values(), [f"{value:g}" for value in places])
        ax.set_xlabel(words)
        ax.axhline(0, color=theme.MUTED, linewidth=1.2)
        if shown:
            ax.axhline(claimed, color=theme.INK, linewidth=1, linestyle=(0, (1.5, 2)))
            write(ax, "the claim", (len(places) - 0.75, claimed), (-2, 3), fontsize=SMALL,
                  ha="right", va="bottom", color=theme.MUTED)
        for line, points in lines.items():
            points = sorted((places[value], gain) for value, gain in points)
            ax.plot([x for x, _ in points], [y for _, y in points], marker=looks[line].marker,
                    color=looks[line].colour, linestyle=looks[line].dashes, linewidth=2,
                    markersize=6)
    caption += f" The base is {results.base.name} at the same point."
    if shown:
        caption += f" Dotted: the claim, {units.signed_percent(claimed)}."
    if held:
        caption += f" The other axes stand at {held}."
    return Drawing(name, title, caption, figure, [(line, "simulated") for line in lines]), looks
