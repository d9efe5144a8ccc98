# SPDX-License-Identifier: Apache-2.0
"""What every page of the report shares: badges, style, how values are written."""

import json
import pathlib

import jinja2
from markupsafe import Markup

from . import units

_HERE = pathlib.Path(__file__).parent

BADGES = {
    "measured": "read off this machine, or counted from real bytes",
    "simulated": "came out of the model, on its own timeline",
    "assumed": "an input that nobody measured here",
    "given": "set by the user",
    "unstated": "the results file does not say",
}


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


def figure_kinds(drawing):
    """One badge if all back ends agree, else one each."""
    kinds = {kind for _, kind in drawing.provenance}
    if len(kinds) == 1:
        return [("", kinds.pop())]
    return drawing.provenance


def environment():
    """Templates of this folder, with the filters that they use."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    made.filters.update(integer=units.integer, number=units.number, plural=units.plural,
                        percent=units.percent, duration=units.duration_ns, value=_value_text)
    return made


def style():
    """The style sheet."""
    return Markup((_HERE / "style.css").read_text(encoding="utf-8"))


def config_groups(settings, without=()):
    """Settings by section, in the order of the file; without those named."""
    groups = {}
    for setting in settings:
        if setting.name not in without:
            groups.setdefault(setting.section, []).append(setting)
    return list(groups.items())
