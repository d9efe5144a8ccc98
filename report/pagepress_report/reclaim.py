# SPDX-License-Identifier: Apache-2.0
"""results.json of a reclaim run, read and checked: Reclaim, Run, Point.

Limitation: runs are compared as they are in the file; nothing is interpolated.
"""

import json
import pathlib

from . import jsonschema_subset
from .errors import ReportError
from .results import Figure, Setting

SCHEMA_NAME = "pagepress.reclaim/1"
_SCHEMA_FILE = pathlib.Path(__file__).with_name("reclaim.schema.json")
# Queues are drained after the workload's end, with which a run's `seconds` end.
_DRAIN = 1.01


class Run:
    """One policy in one scenario. `index` is its place among the runs beside it."""

    def __init__(self, index, data):
        self.index = index
        self.data = data
        self.name = data["policy"]

    def __getitem__(self, key):
        return self.data[key]

    @property
    def who(self):
        """The policy without its options: kswapd, kcompressd, threads, batch, engine."""
        return self.name.partition("@")[0]

    @property
    def is_engine(self):
        return self.who == "engine" or str(self["settings"].get("codec", "")).startswith("engine:")

    @property
    def series(self):
        """Samples, or None where the run has none."""
        series = self.data.get("series")
        return series if series and len(series.get("t_s", ())) > 1 else None

    def value(self, path):
        """The number at a dotted path; None where it is null or absent."""
        value = self.data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return None if isinstance(value, (dict, list, str, bool)) else value

    def figure(self, path):
        return Figure(self.value(path), self.kind(path))

    def kind(self, path):
        """Where a figure comes from. All is simulated but for energy, made of assumed powers, and
        traffic that nobody counted."""
        part = path.partition(".")[0]
        if part == "energy":
            return "assumed"
        if part == "traffic":
            return "simulated" if self["traffic"]["basis"] == "counted" else "assumed"
        return "measured" if part == "host" else "simulated"

    def group_ns(self, group, key="cpu_ns"):
        """CPU time of a group of tasks; 0 if the run has no such group."""
        return sum(item[key] for item in self["cpu"]["groups"] if item["group"] == group)


class Point:
    """One point of the grid, with a run a policy."""

    def __init__(self, data):
        self.cores = data["cores"]
        self.speed = data["speed"]
        self.pressure = data["pressure"]
        self.runs = [Run(i, run) for i, run in enumerate(data["runs"])]

    def run(self, name):
        return next((run for run in self.runs if run.name == name), None)

    def __str__(self):
        cores = [] if self.cores is None else [f"{self.cores} core{'s' if self.cores != 1 else ''}"]
        return ", ".join([*cores, f"speed {self.speed:g}", f"pressure {self.pressure:g}"])


class Reclaim:
    """A whole results.json of a reclaim run. `digest` names it: the same file gives the same
    report."""

    def __init__(self, data, digest=""):
        self.data = data
        self.digest = digest
        self.created = data["created"]
        self.inputs = data["inputs"]
        self.scenario = data["scenario"]
        self.settings = list(_settings(data["scenario"]["settings"]))
        self.runs = [Run(i, run) for i, run in enumerate(data["runs"])]
        self.base = self.runs[0]
        self.others = self.runs[1:]
        self.grid = [Point(point) for point in data["grid"]]

    @property
    def policies(self):
        """A run of each policy: those that only the grid has, too."""
        found = {}
        for runs in (self.runs, *(point.runs for point in self.grid)):
            for run in runs:
                found.setdefault(run.name, run)
        return list(found.values())

    @property
    def kcompressd(self):
        """The first run of kcompressd with a CPU; None if there is none."""
        return next((run for run in self.runs
                     if run.who == "kcompressd" and not run.is_engine), None)


def _settings(node, name=""):
    """Leaves of the scenario's settings; elements of lists are numbered."""
    items = enumerate(node) if isinstance(node, list) else node.items()
    for key, value in items:
        path = f"{name}[{key}]" if isinstance(node, list) else f"{name}.{key}" if name else key
        if isinstance(value, dict) and "value" in value:
            yield Setting(path, value["value"], value.get("provenance", ""),
                          value.get("source", ""))
        elif isinstance(value, dict) or (isinstance(value, list) and value
                                         and all(isinstance(item, dict) for item in value)):
            yield from _settings(value, path)
        else:
            yield Setting(path, value, "", "")


def check(data):
    """Raises ReportError if data is not what docs/reclaim/results.md says."""
    try:
        jsonschema_subset.validate(data, json.loads(_SCHEMA_FILE.read_text(encoding="utf-8")))
    except jsonschema_subset.ValidationError as error:
        raise ReportError(str(error)) from error
    _check_runs(data["runs"], "runs")
    for index, point in enumerate(data["grid"]):
        _check_runs(point["runs"], f"grid[{index}].runs")


def _check_runs(runs, path):
    seen = set()
    for index, run in enumerate(runs):
        where = f"{path}[{index}]"
        if run["policy"] in seen:
            raise ReportError(f"{where}.policy: {json.dumps(run['policy'])} appears twice")
        seen.add(run["policy"])
        for part in ("stalls", "faults"):
            _check_histogram(run[part].get("histogram"), f"{where}.{part}.histogram")
        queued = run["faults"].get("queued_wait") or {}
        _check_histogram(queued.get("histogram"), f"{where}.faults.queued_wait.histogram")
        _check_series(run.get("series") or {}, f"{where}.series")


def _check_histogram(histogram, path):
    if histogram is None:
        return
    edges, counts = histogram["bins_ns"], histogram["counts"]
    if len(edges) != len(counts) + 1:
        raise ReportError(f"{path}.bins_ns: {len(edges)} edges for {len(counts)} counts, "
                          f"{len(counts) + 1} expected")
    for index in range(1, len(edges)):
        if edges[index] <= edges[index - 1]:
            raise ReportError(f"{path}.bins_ns[{index}]: edges must ascend")


def _check_series(series, path):
    if not series:
        return
    if "t_s" not in series:
        raise ReportError(f"missing key: {path}.t_s")
    times = series["t_s"]
    for index in range(1, len(times)):
        if times[index] <= times[index - 1]:
            raise ReportError(f"{path}.t_s[{index}]: times must ascend")
    flat = {key: values for key, values in series.items() if isinstance(values, list)}
    flat.update({f"busy.{key}": values for key, values in series.get("busy", {}).items()})
    for key, values in flat.items():
        if len(values) != len(times):
            raise ReportError(f"{path}.{key}: {len(values)} samples for {len(times)} times")


def contradictions(results):
    """Where the counters of a run disagree with each other: sentences, empty if all is well."""
    found = []
    runs = [(run.name, run) for run in results.runs]
    runs += [(f"{run.name} at {point}", run) for point in results.grid for run in point.runs]
    for name, run in runs:
        found += [f"{name}: {text}" for text in _run_contradictions(run)]
    return found


def _run_contradictions(run):
    v, stalls = run["vmstat"], run["stalls"]
    for what in ("pgscan", "pgsteal"):
        if v[f"{what}_kswapd"] + v[f"{what}_direct"] != v[f"{what}_anon"] + v[f"{what}_file"]:
            yield f"{what}_kswapd + {what}_direct is not {what}_anon + {what}_file"
    for who in ("kswapd", "direct", "anon", "file"):
        if v[f"pgsteal_{who}"] > v[f"pgscan_{who}"]:
            yield f"pgsteal_{who} exceeds pgscan_{who}"
    if stalls["stalled"] > stalls["allocations"]:
        yield "more allocations stalled than there were"
    longest = run["seconds"] * _DRAIN
    if run["kswapd_awake_s"] > longest:
        yield "kswapd was awake longer than the run"
    for core in run["cpu"]["cores"]:
        if core["busy_ns"] > longest * 1e9:
            yield f"core {core['name']} was busy longer than the run"
