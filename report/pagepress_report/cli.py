# SPDX-License-Identifier: Apache-2.0
"""The command line: RESULTS.json -> report.html.

Exit codes: 0 done, 1 bad input or output that cannot be written (nothing is left half
written), 2 wrong usage.
"""

import argparse
import atexit
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile

from . import reclaim, sweep
from . import results as results_module
from .errors import ReportError

_EXAMPLES = """examples:
  python3 -m pagepress_report out/results.json -o out/report.html
  pagepress compare pages.bin --json - | python3 -m pagepress_report - -o report.html
  python3 -m pagepress_report out/results.json --check
"""


def _parser():
    parser = argparse.ArgumentParser(
        prog="pagepress_report",
        description="Draws the report of a results.json (docs/results.md, docs/sweep.md,\n"
                    "docs/reclaim/results.md).", epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", metavar="RESULTS.json", help="what compare, sweep or reclaim wrote; - for stdin")
    parser.add_argument("-o", "--output", metavar="FILE", type=pathlib.Path,
                        help="the HTML file to write (default: report.html beside the results)")
    parser.add_argument("--figures", metavar="DIR", type=pathlib.Path,
                        help="also write each figure as an SVG file into DIR")
    parser.add_argument("--check", action="store_true",
                        help="check the results file and write nothing")
    return parser


def _prepare_matplotlib():
    """Matplotlib wants a folder for its configuration and font cache, and complains at length
    where the home folder cannot be written (services, containers)."""
    given = os.environ.get("MPLCONFIGDIR")
    home = os.path.expanduser("~")
    folders = [given] if given else [
        os.path.join(os.environ.get(variable) or os.path.join(home, default), "matplotlib")
        for variable, default in (("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache"))]
    if all(map(_usable, folders)):
        return
    folder = tempfile.mkdtemp(prefix="pagepress-mpl-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["MPLCONFIGDIR"] = folder


def _usable(folder):
    """Is folder there, or can it be made, and be written? Asked by doing, as matplotlib does:
    what the mode bits say does not hold for root and odd file systems."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _read(name):
    """The results, or ReportError that begins with the file's name."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
    except OSError as error:
        raise ReportError(f"{name}: {error.strerror}") from error
    shown = "standard input" if name == "-" else name
    if not raw.strip():
        raise ReportError(f"{shown}: the file is empty")
    try:
        data = results_module.read_json(raw.decode("utf-8"))
        check, kind = _kind(data)
        check(data)
    except UnicodeDecodeError as error:
        raise ReportError(f"{shown}: not UTF-8 text (byte {error.start})") from error
    except ReportError as error:
        raise ReportError(f"{shown}: {error}") from error
    digest = hashlib.sha256(raw).hexdigest()
    return kind(data, digest)


def _kind(data):
    """What checks the file, and what reads it."""
    name = data.get("schema") if isinstance(data, dict) else None
    if name == sweep.SCHEMA_NAME:
        return sweep.check, sweep.Sweep
    if name == reclaim.SCHEMA_NAME:
        return reclaim.check, reclaim.Reclaim
    return results_module.check, results_module.Results


def _warnings(results):
    """Where the file contradicts itself."""
    if isinstance(results, sweep.Sweep):
        return []
    if isinstance(results, reclaim.Reclaim):
        return reclaim.contradictions(results)
    from .consistency import contradictions
    return contradictions(results)


def write_whole(path, text):
    """Writes text to path in one step: readers see the old file or the new one."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent or ".")
    except OSError as error:
        raise ReportError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for the owner alone; a report is for whom the folder is for.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException as error:  # Ctrl-C, too
        pathlib.Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ReportError(f"{path}: cannot be written: {error.strerror}") from error
        raise


def _run(arguments):
    results = _read(arguments.results)
    # Pages come late: --check needs no matplotlib.
    for text in _warnings(results):
        print(f"pagepress_report: warning: {text}", file=sys.stderr)
    if arguments.check:
        return
    output = arguments.output
    if output is None:
        if arguments.results == "-":
            raise ReportError("results from standard input need -o FILE")
        output = pathlib.Path(arguments.results).with_name("report.html")
    _prepare_matplotlib()
    try:
        from . import reclaim_page, render, sweep_page
    except ImportError as error:
        raise ReportError(f"{error}: the report needs Debian's python3-matplotlib and "
                          "python3-jinja2 (scripts/setup.sh installs them)") from error
    # Everything is drawn before anything is written.
    page = {sweep.Sweep: sweep_page, reclaim.Reclaim: reclaim_page}.get(type(results), render)
    text = page.html(results)
    drawings = page.svg_files(results) if arguments.figures else []
    if arguments.figures:
        try:
            arguments.figures.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReportError(f"{arguments.figures}: {error.strerror}") from error
    for name, drawing in drawings:
        write_whole(arguments.figures / name, drawing)
    write_whole(output, text)


def main(argv=None):
    arguments = _parser().parse_args(argv)
    try:
        _run(arguments)
    except ReportError as error:
        print(f"pagepress_report: error: {error}", file=sys.stderr)
        return 1
    return 0
