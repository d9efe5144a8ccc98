# SPDX-License-Identifier: Apache-2.0
"""Colours and line styles: one per back end, the same in every figure and table.

The hues are those of Okabe and Ito, which colour-blind readers can tell apart; CPU
back ends take the cool ones, engines the warm ones. Dash patterns repeat the
distinction for those who print in black and white.

Figures are drawn once and shown on light and on dark paper: matplotlib draws with
the stand-in colours below, and svg.py puts CSS variables in their place.
"""

import dataclasses

# Stand-ins: what matplotlib draws with. Both sets of real values are in style.css.
INK = "#0a0001"
MUTED = "#0a0002"
GRID = "#0a0003"
PAPER = "#0a0004"

_CPU = ["cpu0", "cpu1", "cpu2", "cpu3", "cpu4", "cpu5"]
_ENGINE = ["eng0", "eng1", "eng2", "eng3"]
_STANDINS = {name: f"#0a01{index:02x}" for index, name in enumerate(_CPU + _ENGINE)}

# What a figure that leaves the page (--figures) is drawn with.
LIGHT = {
    "ink": "#1c1f24", "muted": "#5c6470", "grid": "#e3e6ea", "paper": "#ffffff",
    "cpu0": "#0072b2", "cpu1": "#009e73", "cpu2": "#4a9fd8", "cpu3": "#5b6c8f",
    "cpu4": "#6a51a3", "cpu5": "#4c7a34",
    "eng0": "#d55e00", "eng1": "#b4588f", "eng2": "#c98a00", "eng3": "#8c5a2b",
}
STANDIN_TO_NAME = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper",
                   **{value: name for name, value in _STANDINS.items()}}

# Engines are drawn solid, CPUs broken: what is new stands out, and neither hides the other.
_DASHES = {
    "cpu": [(0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)), (0, (3, 1)),
            (0, (8, 1.5, 1.5, 1.5, 1.5, 1.5)), (0, (1, 2.5))],
    "engine": ["solid", (0, (9, 1.5)), (0, (9, 1.5, 3, 1.5)), (0, (2.5, 1.5))],
}
_MARKERS = {"cpu": "ohpPX*", "engine": "sD^v"}


@dataclasses.dataclass(frozen=True)
class Look:
    """How a back end is drawn. `variable` is its CSS variable without the dashes."""

    variable: str
    colour: str
    dashes: object
    marker: str


def looks(backends):
    """Back end name -> Look; by order within each family, so that a file always looks the same.

    More than six CPUs or four engines repeat colours, with other markers.
    """
    result, counts = {}, {"cpu": 0, "engine": 0}
    for backend in backends:
        family = "engine" if backend.is_engine else "cpu"
        number = counts[family]
        counts[family] += 1
        names = _ENGINE if family == "engine" else _CPU
        name = names[number % len(names)]
        # A repeated colour comes with the next marker.
        marker = _MARKERS[family][(number + number // len(names)) % len(names)]
        result[backend.name] = Look(name, _STANDINS[name],
                                    _DASHES[family][number % len(names)], marker)
    return result


def series(names):
    """Name -> Look, for lines that are not back ends: a colour each, then with other markers."""
    variables = _ENGINE[:1] + _CPU[:1] + _ENGINE[1:] + _CPU[1:]
    markers = _MARKERS["engine"] + _MARKERS["cpu"]
    return {name: Look(variables[i % len(variables)], _STANDINS[variables[i % len(variables)]],
                       "solid", markers[(i + i // len(variables)) % len(markers)])
            for i, name in enumerate(names)}
