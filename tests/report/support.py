# SPDX-License-Identifier: Apache-2.0
"""What the tests of the report share. Importing it makes pagepress_report importable."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPORT = ROOT / "report"
sys.path.insert(0, str(REPORT))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import fixtures  # noqa: E402
from pagepress_report.results import Results, parse  # noqa: E402


def load(data):
    """Results of a fixture, through the same door as a file."""
    return Results(parse(json.dumps(data)), digest="0" * 64)


def variant(name):
    return load(fixtures.VARIANTS[name]())
