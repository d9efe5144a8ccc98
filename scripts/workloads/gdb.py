#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""gdb with all symbols of a C++ program read and asked for."""

import pathlib
import subprocess

import cxx
import workload

COMMANDS = """
set pagination off
set confirm off
file big
maint expand-symtabs
info types Tag
info functions work
info line main
info scope work7
ptype Tag3
echo \\nready\\n
"""


def main():
    pathlib.Path("big.cpp").write_text(cxx.source())
    subprocess.run(["/usr/bin/g++", "-std=c++20", "-g", "-O0", "-o", "big", "big.cpp"], check=True)
    gdb = workload.start(["/usr/bin/gdb", "-nx", "-q"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
    gdb.stdin.write(COMMANDS)
    gdb.stdin.flush()
    workload.await_line(gdb, "ready", "gdb")
    workload.ready(gdb.pid)


if __name__ == "__main__":
    main()
