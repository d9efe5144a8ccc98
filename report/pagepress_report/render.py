# SPDX-License-Identifier: Apache-2.0
"""Results -> HTML text, and figures for other uses."""

import dataclasses
import shlex

from markupsafe import Markup

from . import figures, page, svg, table, theme
from .consistency import contradictions
from .headline import headline


@dataclasses.dataclass(frozen=True)
class Share:
    """A part of the pages, for the strip that shows what they are."""

    kind: str
    label: str
    pages: int
    fraction: float


def _mix(backend):
    """What the pages are, as back end saw them."""
    pages = backend["pages"]
    parts = [("zero", "all zero", backend["zero_pages"]),
             ("same", "one repeated word", backend["same_filled_pages"] - backend["zero_pages"]),
             ("packed", "stored compressed", backend.stored_compressed),
             ("whole", "stored whole", backend["incompressible_pages"])]
    return [Share(kind, label, count, max(count, 0) / pages if pages else 0)
            for kind, label, count in parts]


def _drawings(results):
    looks = theme.looks(results.backends)
    return [drawing for drawing in (draw(results, looks) for draw in figures.ALL)
            if drawing is not None]


def _used_badges(results, drawings):
    """Kinds to explain: the three always, others where they occur."""
    used = {cell.provenance for group in table.groups(results) for row in group.rows
            for cell in row.cells}
    used |= {kind for item in drawings for _, kind in item["kinds"]}
    used |= {setting.provenance for setting in results.settings}
    return [kind for kind in page.BADGES
            if kind in used or kind in ("measured", "simulated", "assumed")]


def _key_assumptions(results):
    """The assumptions that bear most on an engine's figures, for the first page."""
    wanted = ("engine.clock_mhz", "link.preset", "host.cost_scale")
    return [s for name in wanted for s in results.settings
            if s.name == name and s.provenance in ("assumed", "")]


def _per_file(results):
    """Back ends to show ratios of, file by file."""
    return [b for b in results.backends if len(b["files"]) == len(results.inputs)]


def _repairs(results):
    """Counters of the drivers that had faults to deal with, without rows of nothing."""
    backends = [b for b in results.backends if b.data.get("driver")]
    names = [name for name in (backends[0]["driver"]["counters"] if backends else ())]
    rows = [(name.replace("_", " "), [b["driver"]["counters"].get(name, 0) for b in backends])
            for name in names]
    return {"backends": backends, "rows": [row for row in rows if any(row[1])]}


def html(results, title="pagepress: what the engine gains"):
    """The report as one HTML document."""
    drawings = [
        {"drawing": d, "kinds": page.figure_kinds(d),
         "svg": Markup(svg.inline(d.figure, d.name, d.title, d.caption))}
        for d in _drawings(results)]
    return page.environment().get_template("template.html.j2").render(
        title=title, schema=results.data["schema"], digest=results.digest, results=results,
        badges=page.BADGES, used_badges=_used_badges(results, drawings), style=page.style(),
        headline=headline(results), groups=table.groups(results), drawings=drawings,
        looks=theme.looks(results.backends), contradictions=contradictions(results),
        assumed=[s for s in results.settings if s.provenance == "assumed"],
        key_assumptions=_key_assumptions(results), config_groups=page.config_groups(results.settings),
        mixes=[(b, _mix(b)) for b in results.backends], per_file=_per_file(results),
        wrong=[b for b in results.backends if b.wrong],
        wrong_names={b.name for b in results.backends if b.wrong},
        repairs=_repairs(results), costs=results.data.get("costs"), command=shlex.join(results.created["command"]))


def svg_files(results):
    """(file name, text) of each figure as an SVG document of its own."""
    return [(f"{d.name}.svg", svg.standalone(d.figure, d.name, d.title))
            for d in _drawings(results)]
