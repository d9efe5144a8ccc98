# SPDX-License-Identifier: Apache-2.0
"""Bars of a reclaim run, one a policy, made of parts: CPU time by group of tasks, energy by where
it goes. And the distribution of allocation stalls."""

from .. import theme, units
from .bars import BAR, bar_axes, bar_place
from .canvas import TEXT, Drawing, style, write
from .latency import distribution, percentile_marks

def cpu_time(results, _looks):
    groups = list(dict.fromkeys(item["group"] for run in results.runs
                                for item in run["cpu"]["groups"] if item["cpu_ns"]))
    parts = {run.name: {group: run.group_ns(group) for group in groups} for run in results.runs}
    return _stacked(parts, groups, "simulated", "reclaim-cpu", "CPU time by task",
                    "Of all cores, in the whole run, by their own clocks.", units.duration_ns)


_ENERGY = {"cpu_mj": "CPUs", "engine_mj": "engine", "dram_mj": "DRAM", "link_mj": "link",
           "device_mj": "swap device"}


def energy(results, _looks):
    parts = {run.name: {word: run.value(f"energy.{key}") or 0 for key, word in _ENERGY.items()}
             for run in results.runs}
    words = [word for word in _ENERGY.values() if any(part[word] for part in parts.values())]
    return _stacked(parts, words, "assumed", "reclaim-energy", "Energy",
                    "In the whole run, by the scenario's powers and energies, which are assumed.",
                    units.energy_mj)


def _stacked(parts, words, kind, name, title, caption, show):
    totals = {policy: sum(part.values()) for policy, part in parts.items()}
    if not any(totals.values()):
        return None
    looks = theme.series(words)
    with style():
        figure, ax = bar_axes(list(parts), max(totals.values()), show)
        for row, part in enumerate(parts.values()):
            left, y = 0, bar_place(row)
            for word in words:
                ax.barh(y, part[word], left=left, height=BAR, color=looks[word].colour)
                left += part[word]
            write(ax, show(left), (left, y), (6, 0), va="center", fontsize=TEXT, fontweight="bold",
                  color=theme.INK)
    return Drawing(name, title, f"{caption} Shorter is better.", figure,
                   [(word, kind) for word in words]), looks


def stalls(results, looks):
    """The allocations that stalled: how long."""
    runs = [run for run in results.runs if run["stalls"]["stalled"]]
    if not runs:
        return None
    histograms = {run.name: run["stalls"].get("histogram") for run in runs}
    marks = {run.name: percentile_marks(lambda key, run=run: run.value(f"stalls.{key}_ns"))
             for run in runs}
    figure = distribution(looks, histograms, marks, "time that an allocation stalls")
    if figure is None:
        return None
    absent = [run.name for run in results.runs if not run["stalls"]["stalled"]]
    caption = ("Of the allocations that stalled, in direct reclaim or throttled: the share that "
               "goes on after a time; further left is better. The marks are the 50th, 99th and "
               "99.9th percentile. How many stalled is in the table.")
    if absent:
        caption += f" Without stalls: {', '.join(absent)}."
    return Drawing("reclaim-stalls", "Allocation stalls", caption, figure,
                   [(run.name, "simulated") for run in runs]), looks
