# SPDX-License-Identifier: Apache-2.0
"""Results -> HTML text, and figures for other uses."""

import dataclasses
import json
import pathlib
import shlex

import jinja2
from markupsafe import Markup

from . import figures, svg, table, theme, units
from .consistency import contradictions
from .headline import headline

_HERE = pathlib.Path(__file__).parent

BADGES = {
    "measured": "read off this machine, or counted from real bytes",
    "simulated": "came out of the model, on its own timeline",
    "assumed": "an input that nobody measured here",
    "given": "set by the user",
    "unstated": "the results file does not say",
}


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


def _value_text(value):
    """A setting as the page shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "" or value == []:
        return units.NONE
    if isinstance(value, int):
        return units.integer(value)
    if isinstance(value, float):
        text = units.number(value, 6)
        return text.rstrip("0").rstrip(".") if "." in text and "×" not in text else text
    if isinstance(value, list):
        return ", ".join(_value_text(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _drawings(results):
    looks = theme.looks(results.backends)
    return [drawing for drawing in (draw(results, looks) for draw in figures.ALL)
            if drawing is not None]


def _figure_kinds(drawing):
    """One badge if all back ends agree, else one each."""
    kinds = {kind for _, kind in drawing.provenance}
    if len(kinds) == 1:
        return [("", kinds.pop())]
    return drawing.provenance


def _used_badges(results, drawings):
    """Kinds to explain: the three always, others where they occur."""
    used = {cell.provenance for group in table.groups(results) for row in group.rows
            for cell in row.cells}
    used |= {kind for item in drawings for _, kind in item["kinds"]}
    used |= {setting.provenance for setting in results.settings}
    return [kind for kind in BADGES if kind in used or kind in ("measured", "simulated", "assumed")]


def _config_groups(results):
    """Settings by section, in the order of the file."""
    groups = {}
    for setting in results.settings:
        groups.setdefault(setting.section, []).append(setting)
    return list(groups.items())


def _key_assumptions(results):
    """The assumptions that bear most on an engine's figures, for the first page."""
    wanted = ("engine.clock_mhz", "link.preset", "host.cost_scale")
    return [s for name in wanted for s in results.settings
            if s.name == name and s.provenance in ("assumed", "")]


def _per_file(results):
    """Back ends to show ratios of, file by file."""
    return [b for b in results.backends if len(b["files"]) == len(results.inputs)]


def html(results, title="pagepress: what the engine gains"):
    """The report as one HTML document."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(integer=units.integer, number=units.number, plural=units.plural,
                               percent=units.percent, duration=units.duration_ns,
                               value=_value_text)
    drawings = [
        {"drawing": d, "kinds": _figure_kinds(d),
         "svg": Markup(svg.inline(d.figure, d.name, d.title, d.caption))}
        for d in _drawings(results)]
    return environment.get_template("template.html.j2").render(
        title=title, results=results, badges=BADGES, used_badges=_used_badges(results, drawings),
        style=Markup((_HERE / "style.css").read_text(encoding="utf-8")),
        headline=headline(results), groups=table.groups(results), drawings=drawings,
        looks=theme.looks(results.backends), contradictions=contradictions(results),
        assumed=[s for s in results.settings if s.provenance == "assumed"],
        key_assumptions=_key_assumptions(results), config_groups=_config_groups(results),
        mixes=[(b, _mix(b)) for b in results.backends], per_file=_per_file(results),
        wrong=[b for b in results.backends if b.wrong],
        wrong_names={b.name for b in results.backends if b.wrong},
        costs=results.data.get("costs"), command=shlex.join(results.created["command"]))


def svg_files(results):
    """(file name, text) of each figure as an SVG document of its own."""
    return [(f"{d.name}.svg", svg.standalone(d.figure, d.name, d.title))
            for d in _drawings(results)]
