#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""clang in the middle of a program of many templates."""

import pathlib

import cxx


def main():
    pathlib.Path("big.cpp").write_text(cxx.source())
    cxx.hold(["/usr/bin/clang++", "-std=c++20", "-O1", "-S", "big.cpp", "-o", "out.s"], "clang++")


if __name__ == "__main__":
    main()
