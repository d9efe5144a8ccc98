# SPDX-License-Identifier: Apache-2.0
"""What is refused, and that the message names the key; that schema and document agree."""

import json
import re
import unittest

import support
from support import fixtures
from pagepress_report import jsonschema_subset
from pagepress_report.errors import ReportError
from pagepress_report.results import parse

SCHEMA_FILE = support.REPORT / "pagepress_report" / "results.schema.json"


def edit(path, value=None, remove=False):
    """The usual fixture with one key set or removed. path: keys and indices."""
    data = fixtures.two()
    node = data
    for key in path[:-1]:
        node = node[key]
    if remove:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return data


class Refusals(unittest.TestCase):
    def refused(self, data, *parts):
        with self.assertRaises(ReportError) as caught:
            parse(data if isinstance(data, str) else json.dumps(data))
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def test_all_variants_are_accepted(self):
        for name, make in fixtures.VARIANTS.items():
            with self.subTest(name):
                parse(json.dumps(make()))

    def test_files_without_decompression_are_accepted(self):
        parse(json.dumps(fixtures.without_decompression(fixtures.two())))
        data = fixtures.two()
        data["backends"][0]["decompress"] = None
        parse(json.dumps(data))

    def test_every_required_key_is_missed_by_its_path(self):
        paths = [["schema"], ["kind"], ["created"], ["config"], ["inputs"], ["provenance"],
                 ["backends"], ["created", "machine", "cpu"], ["created", "versions"],
                 ["inputs", 0, "crc32c"]]
        item = ["backends", 1]
        optional = ("mismatch_list", "device", "decompress")
        paths += [item + [key] for key in fixtures.two()["backends"][1] if key not in optional]
        paths += [item + ["decompress", key] for key in (
            "pages", "bytes_in", "bytes_out", "verified", "mismatches", "sim_gb_per_s",
            "latency_ns", "cpu_ns_per_page", "latency_histogram")]
        paths += [item + ["compress", key] for key in (
            "sim_gb_per_s", "latency_ns", "cpu_ns_per_page", "engine_cycles_per_page",
            "bytes_per_cycle")]
        paths += [item + ["compress", "latency_ns", "p999"], item + ["host", "wall_s"],
                  item + ["compress", "engine_cycles_per_page", "mean"],
                  item + ["size_histogram", "counts"], item + ["latency_histogram", "bins_ns"],
                  item + ["files", 0, "ratio"]]
        for path in paths:
            shown = ""
            for key in path:
                shown = jsonschema_subset.join(shown, key)
            with self.subTest(shown):
                self.refused(edit(path, remove=True), f"missing key: {shown}")

    def test_wrong_types_are_named_with_what_was_found(self):
        self.refused(edit(["backends", 0, "pages"], "many"),
                     "backends[0].pages: expected a whole number", '"many"')
        self.refused(edit(["backends", 0, "pages"], True), "backends[0].pages", "true")
        self.refused(edit(["backends", 0, "ratio"], []), "backends[0].ratio", "a list")
        self.refused(edit(["backends", 0, "mismatches"], -1), "backends[0].mismatches",
                     "less than 0")
        self.refused(edit(["backends"], []), "backends: 0 entries")
        self.refused(edit(["inputs", 0, "crc32c"], "XYZ"), "inputs[0].crc32c")
        self.refused(edit(["backends", 0, "name"], "no colon"), "backends[0].name")
        self.refused(edit(["provenance", "backends[]"], "guessed"), "provenance.backends[]",
                     "guessed")

    def test_other_versions_and_kinds(self):
        self.refused(edit(["schema"], "pagepress.results/2"),
                     'reads "pagepress.results/1", found "pagepress.results/2"')
        self.refused(edit(["schema"], 1), "schema", "found 1")
        self.refused(edit(["kind"], "sweep"), "kind", "sweep")

    def test_histograms(self):
        self.refused(edit(["backends", 0, "size_histogram", "counts"], [0] * 64), "64 entries")
        self.refused(edit(["backends", 0, "size_histogram", "bin_bytes"], 32), "bin_bytes")
        self.refused(edit(["backends", 0, "latency_histogram"], {"bins_ns": [1, 2],
                                                                 "counts": [1, 2]}),
                     "backends[0].latency_histogram.bins_ns", "3 expected")
        self.refused(edit(["backends", 0, "latency_histogram"], {"bins_ns": [1, 3, 3],
                                                                 "counts": [1, 2]}),
                     "bins_ns[2]", "ascend")
        self.refused(edit(["backends", 0, "decompress", "latency_histogram"],
                          {"bins_ns": [1, 3, 3], "counts": [1, 2]}),
                     "backends[0].decompress.latency_histogram.bins_ns[2]", "ascend")

    def test_two_back_ends_of_one_name(self):
        self.refused(edit(["backends", 1, "name"], "cpu:lz4"), "backends[1].name", "twice")

    def test_settings(self):
        self.refused(edit(["config", "queue", "batch"], {"value": 1, "provenance": "assumed"}),
                     "missing key: config.queue.batch.source")
        self.refused(edit(["config", "queue", "batch"],
                          {"value": 1, "provenance": "guess", "source": "x"}),
                     "config.queue.batch.provenance", "guess")

    def test_what_is_not_json(self):
        self.refused("{", "not JSON", "line 1")
        self.refused("[1]", "not a JSON object")
        self.refused("{}", "missing key: schema")
        self.refused('{"schema": NaN}', "NaN")
        self.refused('{"schema": 1e999}', "out of range")
        self.refused('{"schema": ' + "9" * 5000 + "}", "out of range")
        self.refused("[" * 200_000, "nested too deeply")
        text = json.dumps(fixtures.two()).replace("redis.pages", "redis\\ud800.pages")
        self.refused(text, "surrogate")


class Schema(unittest.TestCase):
    def setUp(self):
        self.schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

    def test_the_validator_refuses_keywords_that_it_does_not_know(self):
        with self.assertRaises(jsonschema_subset.SchemaError):
            jsonschema_subset.validate({}, {"type": "object", "maxProperties": 1})
        with self.assertRaises(jsonschema_subset.SchemaError):
            jsonschema_subset.validate({}, {"$ref": "#/$defs/none"})

    def test_unknown_keys_can_be_forbidden(self):
        with self.assertRaisesRegex(jsonschema_subset.ValidationError, "unknown key: b"):
            jsonschema_subset.validate({"b": 1}, {"properties": {"a": {}},
                                                  "additionalProperties": False})

    def _keys(self, node):
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for value in node.values():
                yield from self._keys(value)
        elif isinstance(node, list):
            for value in node:
                yield from self._keys(value)

    def test_the_document_names_every_key_of_the_schema(self):
        document = (support.ROOT / "docs" / "results.md").read_text(encoding="utf-8")
        document = re.sub(r"(?s)```.*?```", "", document)
        words = set(re.findall(r"[a-z0-9_]+", " ".join(re.findall(r"`([^`]+)`", document))))
        self.assertEqual(sorted(set(self._keys(self.schema)) - words), [])

    def test_the_fixture_has_every_key_of_the_schema(self):
        found = set()

        def walk(node):
            if isinstance(node, dict):
                found.update(node)
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)
        walk(fixtures.mismatches())
        walk(fixtures.real())
        self.assertEqual(sorted(set(self._keys(self.schema)) - found), [])


if __name__ == "__main__":
    unittest.main()
