# SPDX-License-Identifier: Apache-2.0
"""results.json of a sweep, read and checked: Sweep, Axis, Run.

Limitation: a figure is looked up in the points of the file as it is; nothing is interpolated.
"""

import dataclasses
import json
import pathlib

from . import jsonschema_subset
from .errors import ReportError
from .provenance import Provenance
from .results import Backend, read_settings

SCHEMA_NAME = "pagepress.sweep/1"
_SCHEMA_FILE = pathlib.Path(__file__).with_name("sweep.schema.json")


@dataclasses.dataclass(frozen=True)
class Axis:
    name: str       # engine.engines
    values: list
    reference: object   # where figures about other axes stand on this one

    @property
    def key(self):
        return self.name.rpartition(".")[2]


class Run:
    """One back end at one point."""

    def __init__(self, point, backend):
        self.index = point["index"]
        self.axes = point["axes"]
        self.backend = backend

    @property
    def name(self):
        return self.backend.name

    def figure(self, path):
        return self.backend.figure(path)

    def value(self, path):
        return self.figure(path).value

    def at(self, settings):
        """Whether the point stands at these values of these axes."""
        return all(self.axes[name] == value for name, value in settings.items())


class Sweep:
    """A whole results.json of a sweep. `digest` names it: the same file gives the same report."""

    def __init__(self, data, digest=""):
        self.data = data
        self.digest = digest
        self.created = data["created"]
        self.inputs = data["inputs"]
        self.settings = list(read_settings(data["config"]))
        base = {s.name: s.value for s in self.settings}
        self.axes = [
            Axis(a["name"], a["values"],
                 base[a["name"]] if base.get(a["name"]) in a["values"] else a["values"][0])
            for a in data["axes"]]
        self.points = data["points"]
        self.failed = [p for p in self.points if "error" in p]
        provenance = Provenance({key.removeprefix("points[]."): kind
                                 for key, kind in data["provenance"].items()})
        self.runs = [Run(point, Backend(index, backend, provenance))
                     for point in self.points
                     for index, backend in enumerate(point.get("backends", []))]
        self.backends = list(dict.fromkeys(run.name for run in self.runs))

    def axis(self, name):
        """The axis, or None where the sweep does not have it."""
        return next((a for a in self.axes if a.name == name), None)

    def setting(self, name):
        """The value that holds for all points, or None."""
        return next((s.value for s in self.settings if s.name == name), None)

    def slice(self, *free):
        """Runs at the reference of every axis but those named."""
        fixed = {a.name: a.reference for a in self.axes if a.name not in free}
        return [run for run in self.runs if run.at(fixed)]

    def held(self, *free):
        """The axes that slice() holds, as words."""
        return ", ".join(f"{a.name} = {show(a.reference)}" for a in self.axes
                         if a.name not in free)

    @property
    def wrong(self):
        return sum(run.backend.wrong for run in self.runs)


def show(value):
    """An axis's value, short."""
    if isinstance(value, list):
        return " + ".join(pathlib.PurePath(path).name for path in value)
    if isinstance(value, str):
        return pathlib.PurePath(value).name
    return f"{value:g}" if isinstance(value, float) else str(value)


def check(data):
    """Raises ReportError if data is not what docs/sweep.md says."""
    try:
        jsonschema_subset.validate(data, json.loads(_SCHEMA_FILE.read_text(encoding="utf-8")))
    except jsonschema_subset.ValidationError as error:
        raise ReportError(str(error)) from error
    names = {axis["name"] for axis in data["axes"]}
    for index, point in enumerate(data["points"]):
        if set(point["axes"]) != names:
            raise ReportError(f"points[{index}].axes: not the axes of the sweep")
        if ("error" in point) == ("backends" in point):
            raise ReportError(f"points[{index}]: needs either backends or error")
    if data["complete"] != all("error" not in point for point in data["points"]):
        raise ReportError("complete: contradicts the points")


def front(runs, worse, better):
    """Those that no other one beats: less of `worse` and more of `better`, both functions of a
    run. In the order of `worse`."""
    known = [r for r in runs if worse(r) is not None and better(r) is not None]
    best, found = None, []
    for run in sorted(known, key=lambda r: (worse(r), -better(r))):
        if best is None or better(run) > best:
            best = better(run)
            found.append(run)
    return found
