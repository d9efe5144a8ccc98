# SPDX-License-Identifier: Apache-2.0
"""Processes that a test has started, by id: who is whose child, and who still lives."""

import os
import pathlib
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
GUEST = ROOT / "kernel_glue/guest"
FOLDER = pathlib.Path(os.environ.get("PAGEPRESS_GUEST", ROOT / "build/guest"))
PAGEPRESS = os.environ.get("PAGEPRESS", str(ROOT / "build/release/bin/pagepress"))
PATIENCE = 30  # seconds, on a host that has other things to do


def stat(pid):
    """Name, state and parent of a process; None if there is none."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    state, parent = rest.split()[:2]
    return name, state, int(parent)


def alive(pid):
    found = stat(pid)
    return found is not None and found[1] != "Z"


def child(parent, name):
    """The id of the child whose program's name begins so; waits for it."""
    def look():
        if not alive(parent):
            raise AssertionError(f"{parent} has ended before it had a child {name}")
        for entry in os.listdir("/proc"):
            found = stat(entry) if entry.isdigit() else None
            if found and found[2] == parent and found[0].startswith(name):
                return int(entry)
        return None
    return wait_for(look, f"no child {name} of {parent}")


def wait_for(condition, complaint):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(complaint)
