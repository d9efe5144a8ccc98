# SPDX-License-Identifier: Apache-2.0
"""Sweep -> HTML text, and figures for other uses."""

import dataclasses
import shlex

from markupsafe import Markup

from . import page, svg, units
from .figures.sweep_lines import latency_depth, throughput_engines
from .figures.sweep_pareto import latency_front, pareto_latency, pareto_size
from .sweep import show

# Each with what it takes, for when it is not there.
_FIGURES = [
    (throughput_engines, "throughput against engines needs the axis engine.engines"),
    (latency_depth, "latency against depth needs the axis queue.depth"),
    (pareto_latency, "throughput against latency needs two points at least"),
    (pareto_size, "throughput against size needs the axis engine.engines or engine.w"),
]


@dataclasses.dataclass(frozen=True)
class Column:
    title: str
    path: str
    text: object        # of a value


_COLUMNS = [
    Column("GB/s", "compress.sim_gb_per_s", lambda v: units.number(v, 4)),
    Column("p50", "compress.latency_ns.p50", units.duration_ns),
    Column("p99", "compress.latency_ns.p99", units.duration_ns),
    Column("ratio", "ratio", lambda v: units.number(v, 4)),
    Column("engine use", "engine_use", units.percent),
    Column("CPU a page", "compress.cpu_ns_per_page", units.duration_ns),
    Column("back GB/s", "decompress.sim_gb_per_s", lambda v: units.number(v, 4)),
    Column("back p99", "decompress.latency_ns.p99", units.duration_ns),
]


def _drawings(sweep):
    """(Drawing, looks) of each figure that the sweep has; and why the others are absent."""
    drawn = [(draw(sweep), why) for draw, why in _FIGURES]
    return [d for d, _ in drawn if d is not None], [why for d, why in drawn if d is None]


def _rows(sweep):
    best = {id(run) for run in latency_front(sweep)}
    rows = []
    for run in sweep.runs:
        cells = [(units.NONE if run.value(c.path) is None else c.text(run.value(c.path)))
                 for c in _COLUMNS]
        rows.append({"index": run.index, "axes": [show(run.axes[a.name]) for a in sweep.axes],
                     "name": run.name, "cells": cells, "front": id(run) in best,
                     "wrong": run.backend.wrong})
    return rows


def _kinds(sweep):
    """The columns' provenances: of the first run that has the figure."""
    return [next((run.figure(c.path).provenance for run in sweep.runs
                  if run.value(c.path) is not None), "") for c in _COLUMNS]


def _fastest(sweep):
    known = [run for run in sweep.runs if run.value("compress.sim_gb_per_s") is not None]
    return max(known, key=lambda run: run.value("compress.sim_gb_per_s"), default=None)


def html(sweep, title="pagepress: a sweep"):
    """The report as one HTML document."""
    drawings, absent = _drawings(sweep)
    figures = [{"drawing": d, "looks": looks, "kinds": page.figure_kinds(d),
                "svg": Markup(svg.inline(d.figure, d.name, d.title, d.caption))}
               for d, looks in drawings]
    return page.environment().get_template("sweep.html.j2").render(
        title=title, schema=sweep.data["schema"], digest=sweep.digest, sweep=sweep,
        badges=page.BADGES, style=page.style(), figures=figures, absent=absent,
        columns=_COLUMNS, kinds=_kinds(sweep), rows=_rows(sweep), show=show, fastest=_fastest(sweep),
        config_groups=page.config_groups(sweep.settings, {a.name for a in sweep.axes}),
        assumed=[s for s in sweep.settings if s.provenance == "assumed"],
        command=shlex.join(sweep.created["command"]))


def svg_files(sweep):
    """(file name, text) of each figure as an SVG document of its own."""
    return [(f"{d.name}.svg", svg.standalone(d.figure, d.name, d.title))
            for d, _ in _drawings(sweep)[0]]
