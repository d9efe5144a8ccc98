#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Perl running perl.pl: starts it and says when it is ready."""

import pathlib
import subprocess

import workload


def main():
    script = pathlib.Path(__file__).with_suffix(".pl")
    perl = workload.start(["/usr/bin/perl", str(script)], stdout=subprocess.PIPE, text=True)
    workload.await_line(perl, "ready", "perl")
    workload.ready(perl.pid)


if __name__ == "__main__":
    main()
