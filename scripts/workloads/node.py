#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Node.js running node.js: starts it and says when it is ready."""

import pathlib
import subprocess

import workload


def main():
    script = pathlib.Path(__file__).with_suffix(".js")
    node = workload.start(["/usr/bin/node", str(script)], stdout=subprocess.PIPE, text=True)
    workload.await_line(node, "ready", "node")
    workload.ready(node.pid)


if __name__ == "__main__":
    main()
