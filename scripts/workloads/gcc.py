#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GCC's C++ compiler proper (cc1plus) in the middle of a program of many templates."""

import pathlib
import subprocess

import cxx


def main():
    pathlib.Path("big.cpp").write_text(cxx.source())
    compiler = subprocess.run(["/usr/bin/g++", "-print-prog-name=cc1plus"], check=True,
                              capture_output=True, text=True).stdout.strip()
    subprocess.run(["/usr/bin/g++", "-std=c++20", "-E", "-o", "big.ii", "big.cpp"], check=True)
    cxx.hold([compiler, "-quiet", "-fpreprocessed", "-std=c++20", "-O1", "big.ii", "-o", "out.s"],
             "cc1plus")


if __name__ == "__main__":
    main()
