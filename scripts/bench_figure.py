# SPDX-License-Identifier: Apache-2.0
"""The command line of a script that draws a bench's JSON as one SVG file.

Limitation: one figure a script, with the fixed colours of a figure that leaves a report.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "report"))
from pagepress_report import svg  # noqa: E402  pylint: disable=wrong-import-position


def main(description, bench, draw, name, title, output):
    """draw(JSON) makes the figure; `bench` is the program whose JSON it is, `output` the default."""
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / output)
    args = parser.parse_args()
    try:
        figure = draw(json.loads(args.bench.read_text()))
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        sys.exit(f"{parser.prog}: {args.bench}: {error if str(error) else 'not of ' + bench}")
    text = svg.standalone(figure, name, title)
    comment = "<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
    head, body = text.split("\n", 1)
    try:
        args.output.write_text(head + "\n" + comment + body)
    except OSError as error:
        sys.exit(f"{parser.prog}: {error}")
