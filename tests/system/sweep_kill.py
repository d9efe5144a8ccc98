#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a sweep at random until it is done, and compares its results with those of one that
nobody disturbs.

    tests/system/sweep_kill.py SWEEP.toml FILE...          all options: --help

Limitation: kill -9, not a power failure: what was written stays written.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

_PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build/release/bin/pagepress"


def repeatable_part(results):
    """The bytes of a results.json without `created` and `host`."""
    kept, skipping = [], False
    for line in pathlib.Path(results).read_bytes().splitlines(keepends=True):
        if line.startswith((b'  "created": {', b'  "host": {')):
            skipping = True
        if not skipping:
            kept.append(line)
        if line.startswith(b"  }"):
            skipping = False
    return b"".join(kept)


def children_of(pid):
    """Its descendants that live."""
    found, parents = [], [pid]
    for parent in parents:
        try:
            tasks = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found += map(int, tasks)
        parents += map(int, tasks)
    return found


def lives(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def run_and_kill(command, seconds):
    """Runs it and kills it after so long; its exit code, or None if it was killed. Its children
    must die with it."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    try:
        _, errors = process.communicate(timeout=seconds)
        if process.returncode != 0:
            raise RuntimeError(f"exit code {process.returncode}: {errors}")
        return process.returncode
    except subprocess.TimeoutExpired:
        pass
    children = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 10
    while left := [pid for pid in children if lives(pid)]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"processes outlive the sweep: {left}")
        time.sleep(0.01)
    return None


def kill_until_done(command, folder, mean, chooser):
    """Runs the sweep again and again, killed after random times; gives how often it was killed,
    and after how many finished points each time. What looks like results before the end is an
    error."""
    finished = []
    while run_and_kill(command, chooser.uniform(0, 2 * mean)) is None:
        points = pathlib.Path(folder, "points")
        finished.append(len(list(points.glob("*.json"))) if points.is_dir() else 0)
        if os.path.exists(os.path.join(folder, "results.json")):
            break  # killed after the results, as while the report is drawn
    return finished


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("sweep", metavar="SWEEP.toml")
    parser.add_argument("files", metavar="FILE", nargs="*", help="page files")
    parser.add_argument("--program", default=_PROGRAM, help="default: %(default)s")
    parser.add_argument("--mean", type=float, default=3,
                        help="mean seconds to a kill (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-o", "--output", metavar="DIR", help="default: a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pagepress-sweep-") as temporary:
        folder = pathlib.Path(arguments.output or temporary)

        def command(name):
            return [str(arguments.program), "sweep", "-c", arguments.sweep, *arguments.files,
                    "--jobs", str(arguments.jobs), "--no-report", "-o", str(folder / name)]

        started = time.monotonic()
        subprocess.run(command("undisturbed"), check=True)
        whole = time.monotonic() - started
        finished = kill_until_done(command("killed"), folder / "killed", arguments.mean,
                                   random.Random(arguments.seed))
        killed = time.monotonic() - started - whole
        subprocess.run(command("killed"), check=True)  # finds all of them finished
        same = (repeatable_part(folder / "undisturbed" / "results.json")
                == repeatable_part(folder / "killed" / "results.json"))
    print(f"undisturbed: {whole:.1f} s; killed {len(finished)} times: {killed:.1f} s; "
          f"points finished at each kill: {finished}")
    print("results are the same, byte for byte" if same else "RESULTS DIFFER")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
