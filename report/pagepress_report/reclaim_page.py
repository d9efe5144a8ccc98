# SPDX-License-Identifier: Apache-2.0
"""Reclaim -> HTML text, and figures for other uses."""

import shlex

from markupsafe import Markup

from . import page, reclaim_churn, reclaim_losses, reclaim_table, reclaim_verdict, svg, theme
from .figures import reclaim_bars, reclaim_grid, reclaim_series
from .reclaim import contradictions

# In the order of the page; each gives a Drawing with the looks of its keys, or None.
_FIGURES = (reclaim_series.steal_rate, reclaim_series.free_memory, reclaim_series.stall_rate,
            reclaim_bars.stalls, reclaim_series.queued, reclaim_series.engine_use,
            reclaim_series.busy_cores, reclaim_bars.cpu_time, reclaim_bars.energy)


def _drawings(results):
    """(Drawing, looks) of the runs, and of the grid."""
    looks = theme.looks(results.policies)
    runs = [drawn for drawn in (draw(results, looks) for draw in _FIGURES) if drawn is not None]
    return runs, reclaim_grid.gains(results, looks)


def _shown(drawings):
    return [{"drawing": d, "looks": looks, "kinds": page.figure_kinds(d),
             "svg": Markup(svg.inline(d.figure, d.name, d.title, d.caption))}
            for d, looks in drawings]


def html(results, title="pagepress: reclaim under memory pressure"):
    """The report as one HTML document."""
    runs, grid = _drawings(results)
    losses = reclaim_losses.losses(results)
    return page.environment().get_template("reclaim.html.j2").render(
        title=title, schema=results.data["schema"], digest=results.digest, results=results,
        badges=page.BADGES, style=page.style(), looks=theme.looks(results.policies),
        contradictions=contradictions(results), headline=reclaim_verdict.headline(results),
        against=reclaim_verdict.against_base(results), claim=reclaim_verdict.claim(results),
        engine=reclaim_verdict.engine(results), churn=reclaim_churn.churn(results),
        binding=[reclaim_verdict.binding(run) for run in results.runs],
        loss_summary=reclaim_losses.losses_summary(results),
        losses=reclaim_table.loss_rows(losses),
        loss_columns=[reclaim_table.CHANGES[path] for path, _ in reclaim_losses.SHOWN],
        grid_rows=reclaim_table.grid_rows(results),
        grid_columns=[reclaim_table.CHANGES[path] for path, _ in reclaim_losses.JUDGED],
        groups=reclaim_table.groups(results), figures=_shown(runs), grid_figures=_shown(grid),
        config_groups=page.config_groups(results.settings),
        assumed=[s for s in results.settings if s.provenance == "assumed"],
        costs=results.data["costs"], command=shlex.join(results.created["command"]))


def svg_files(results):
    """(file name, text) of each figure as an SVG document of its own."""
    runs, grid = _drawings(results)
    return [(f"{d.name}.svg", svg.standalone(d.figure, d.name, d.title)) for d, _ in runs + grid]
