#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of files of Debian packages, as page files: make_file_pages.py DIR

For each kind (shared libraries, programs, documents, Python sources and bytecode, C++ headers,
C headers, data) DIR/KIND.pages: whole 4 KiB pages of its files in order of their names, evenly
spaced, at most 250. The last, partial page of a file is left out, as are links and files that
are compressed. Limitation: bytes are those of the installed packages' versions.
"""

import glob
import sys
from pathlib import Path

PAGE = 4096
MOST = 250
# The packages that scripts/setup.sh installs, and what each Debian has.
KINDS = {
    "libraries": ("/usr/lib/x86_64-linux-gnu/lib{c,m,stdc++,crypto,lz4,z,systemc*,fmt,python3.11}.so*",),
    "programs": ("/usr/bin/{bash,perl,git,find,tar,verilator_bin,yosys,ninja,cmake,dpkg}",),
    "documents": ("/usr/share/common-licenses/*", "/usr/share/doc/*/copyright", "/usr/share/doc/*/README*"),
    "python": ("/usr/lib/python3.11/*.py", "/usr/lib/python3/dist-packages/numpy/core/*.py"),
    "bytecode": ("/usr/lib/python3/dist-packages/{numpy/core,matplotlib,jinja2}/__pycache__/*.pyc",),
    "cxx_headers": ("/usr/include/c++/12/*", "/usr/include/c++/12/bits/*.h"),
    "c_headers": ("/usr/include/linux/*.h", "/usr/include/*.h"),
    "data": ("/usr/share/zoneinfo/Europe/*", "/usr/lib/locale/C.utf8/*", "/usr/share/perl/5*/unicore/lib/*/*.pl",
             "/usr/share/matplotlib/mpl-data/fonts/ttf/DejaVuSans*.ttf"),
}
LEAST_KINDS = 5


def expand(pattern):
    """Shell braces, one pair at most, then glob."""
    head, brace, rest = pattern.partition("{")
    if not brace:
        return glob.glob(pattern)
    inside, _, tail = rest.partition("}")
    return [path for word in inside.split(",") for path in glob.glob(head + word + tail)]


def pages_of(patterns):
    """Whole pages of regular files, files in order."""
    names = sorted({str(Path(path).resolve()) for pattern in patterns for path in expand(pattern)})
    for name in names:
        path = Path(name)
        if not path.is_file() or path.suffix in (".gz", ".xz", ".zip"):
            continue
        data = path.read_bytes()
        yield from (data[at:at + PAGE] for at in range(0, len(data) - PAGE + 1, PAGE))


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    if not folder.is_dir():
        sys.exit(f"make_file_pages.py: {folder} is no folder")
    made = 0
    for kind, patterns in KINDS.items():
        pages = list(pages_of(patterns))
        if len(pages) < 50:
            print(f"make_file_pages.py: {kind}: only {len(pages)} pages, left out", file=sys.stderr)
            continue
        count = min(MOST, len(pages))
        chosen = [pages[i * len(pages) // count] for i in range(count)]
        (folder / f"{kind}.pages").write_bytes(b"".join(chosen))
        print(f"{count} of {len(pages)} pages of {kind}", file=sys.stderr)
        made += 1
    if made < LEAST_KINDS:
        sys.exit(f"make_file_pages.py: pages of {made} kinds only; is scripts/setup.sh done?")


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"make_file_pages.py: {error}")
