# SPDX-License-Identifier: Apache-2.0
"""results.json, read and checked: Results, Backend, Setting.

A file that breaks the schema raises ReportError. One that keeps the schema but
contradicts itself loads; see consistency.py.
Limitation: numbers beyond 64 bits are refused, as other readers would round them.
"""

import dataclasses
import json
import math
import pathlib

from . import jsonschema_subset
from .errors import ReportError
from .provenance import Provenance

SCHEMA_NAME = "pagepress.results/1"
_SCHEMA_FILE = pathlib.Path(__file__).with_name("results.schema.json")
PAGE_BYTES = 4096


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number of one back end, and where it comes from."""

    value: float | None
    provenance: str


@dataclasses.dataclass(frozen=True)
class Setting:
    """One leaf of `config`."""

    name: str          # dotted: queue.fifo_entries
    value: object
    provenance: str    # "" for a plain flag
    source: str

    @property
    def section(self):
        return self.name.rpartition(".")[0]

    @property
    def key(self):
        return self.name.rpartition(".")[2]


class Backend:
    """One entry of `backends`. `index` is its place in the file."""

    def __init__(self, index, data, provenance):
        self.index = index
        self.data = data
        self.name = data["name"]
        self._provenance = provenance

    def __getitem__(self, key):
        return self.data[key]

    @property
    def is_engine(self):
        return self.name.startswith("engine:")

    @property
    def stored_compressed(self):
        """Pages that are stored in compressed form."""
        return self["pages"] - self["same_filled_pages"] - self["incompressible_pages"]

    @property
    def decompress(self):
        """Its figures of decompression; None where the file has none."""
        return self.data.get("decompress")

    @property
    def unverified(self):
        """Pages that nobody compared with their source, there or back."""
        return sum(max(0, part["pages"] - part["verified"] - part["mismatches"])
                   for part in (self.data, self.decompress) if part)

    @property
    def wrong(self):
        """Pages that came back wrong, whoever spoilt them."""
        return sum(part["mismatches"] for part in (self.data, self.decompress) if part)

    @property
    def wrong_list(self):
        """Some of them: path, page, reason."""
        back = (self.decompress or {}).get("mismatch_list", [])
        return [*self.data.get("mismatch_list", []),
                *({**item, "reason": f"on its way back: {item['reason']}"} for item in back)]

    def histogram(self, operation):
        """The latency histogram of compress or decompress, or None."""
        if operation == "compress":
            return self["latency_histogram"]
        return (self.decompress or {}).get("latency_histogram")

    def figure(self, path):
        """The number at a dotted path below the back end; null or absent above it gives None."""
        value = self.data
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return Figure(value, self._provenance.of(f"backends[{self.name}].{path}"))


class Results:
    """A whole results.json. `digest` names it: the same file gives the same report."""

    def __init__(self, data, digest=""):
        self.data = data
        self.digest = digest
        self.provenance = Provenance(data["provenance"])
        self.backends = [Backend(i, b, self.provenance) for i, b in enumerate(data["backends"])]
        self.inputs = data["inputs"]
        self.created = data["created"]
        self.settings = list(read_settings(data["config"]))

    def setting(self, name):
        """The value of a setting, or None where this file does not have it."""
        return next((s.value for s in self.settings if s.name == name), None)

    @property
    def incompressible_limit(self):
        value = self.setting("queue.limit_bytes")
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    @property
    def real_time(self):
        """Whether times are the host's, measured, and not those of a simulation."""
        return self.data.get("time") == "real"

    @property
    def clock(self):
        """Whose time throughput and latency are of, as an adjective."""
        return "wall-clock" if self.real_time else "simulated"

    @property
    def wrong(self):
        return sum(b.wrong for b in self.backends)

    @property
    def has_decompression(self):
        """Whether any back end has brought a page back."""
        return any((b.decompress or {}).get("pages") for b in self.backends)


def read_settings(node, name=""):
    """Leaves of `config`, in the order of the file."""
    for key, value in node.items():
        path = f"{name}.{key}" if name else key
        if isinstance(value, dict) and "value" in value:
            yield Setting(path, value["value"], value.get("provenance", ""),
                          value.get("source", ""))
        elif isinstance(value, dict):
            yield from read_settings(value, path)
        else:
            yield Setting(path, value, "", "")


def _refuse_constant(text):
    raise ReportError(f"not JSON: {text} is not a number")


def _read_int(text):
    value = int(text) if len(text) <= 20 else 2 ** 64
    if abs(value) >= 2 ** 64:
        raise ReportError(f"number out of range: {text[:40]}")
    return value


def _read_float(text):
    value = float(text)
    if math.isinf(value):
        raise ReportError(f"number out of range: {text[:40]}")
    return value


def read_json(text):
    """JSON text -> data. Raises ReportError, naming the key but not the file."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant, parse_int=_read_int,
                          parse_float=_read_float)
    except json.JSONDecodeError as error:
        raise ReportError(
            f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ReportError("not JSON that can be read: nested too deeply") from error
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReportError("not Unicode text: half of a surrogate pair") from error
    return data


def parse(text):
    """JSON text -> checked data. Raises ReportError, naming the key but not the file."""
    data = read_json(text)
    check(data)
    return data


def check(data):
    """Raises ReportError if data is not what docs/results.md says."""
    # The version first: a file of another version breaks other rules as well,
    # and only this message says why.
    if not isinstance(data, dict):
        raise ReportError("not a results file: the document is not a JSON object")
    if "schema" not in data:
        raise ReportError("not a results file: missing key: schema")
    if data["schema"] != SCHEMA_NAME:
        found = json.dumps(data["schema"])[:80]
        raise ReportError(f"schema: this report reads {json.dumps(SCHEMA_NAME)}, found {found}")
    schema = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    try:
        jsonschema_subset.validate(data, schema)
    except jsonschema_subset.ValidationError as error:
        raise ReportError(str(error)) from error
    _check_config(data["config"], "config")
    _check_names(data["backends"])
    for index, backend in enumerate(data["backends"]):
        _check_latency_histogram(backend["latency_histogram"],
                                 f"backends[{index}].latency_histogram")
        if backend.get("decompress"):
            _check_latency_histogram(backend["decompress"]["latency_histogram"],
                                     f"backends[{index}].decompress.latency_histogram")


def _check_config(node, path):
    """What a schema without recursion cannot say: the leaves of `config`."""
    for key, value in node.items():
        where = f"{path}.{key}"
        if not isinstance(value, dict):
            continue
        if "value" not in value:
            _check_config(value, where)
            continue
        for name in ("provenance", "source"):
            if not isinstance(value.get(name), str):
                raise ReportError(f"missing key: {where}.{name}" if name not in value
                                  else f"{where}.{name}: expected a string")
        if value["provenance"] not in ("measured", "simulated", "assumed", "given"):
            raise ReportError(f"{where}.provenance: expected one of \"measured\", \"simulated\", "
                              f"\"assumed\", \"given\", found {json.dumps(value['provenance'])}")


def _check_names(backends):
    seen = set()
    for index, backend in enumerate(backends):
        if backend["name"] in seen:
            name = json.dumps(backend["name"])
            raise ReportError(f"backends[{index}].name: {name} appears twice")
        seen.add(backend["name"])


def _check_latency_histogram(histogram, path):
    if histogram is None:
        return
    edges, counts = histogram["bins_ns"], histogram["counts"]
    if len(edges) != len(counts) + 1 and (edges or counts):
        raise ReportError(f"{path}.bins_ns: {len(edges)} edges for {len(counts)} counts, "
                          f"{len(counts) + 1} expected")
    for index in range(1, len(edges)):
        if edges[index] <= edges[index - 1]:
            raise ReportError(f"{path}.bins_ns[{index}]: edges must ascend")
