#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs scenarios in a Linux guest with the emulated engine: fetches Debian's kernel, builds the
module against its headers, boots QEMU (TCG) and judges what comes over the console.

  scripts/guest.sh zswap zram                      two of them, one after the other
  scripts/guest.sh zram --verbose --device rtl     what is not listed here: `pagepress emulate`'s
  scripts/guest.sh kcompressd --set rounds=3       a variable of the scenario
  scripts/guest.sh zswap --kernel backports        another kernel than the scenario's

Kernels: debian (Debian 12's 6.1), backports (6.12 of bookworm-backports), patched and debug (6.1 with
the patches of kernel_glue/kernel, the second one with the kernel's own checks on).

A scenario is scenarios/NAME.sh: busybox sh with what lib/ has. Its line `# guest: WORD=VALUE...`
says what the guest is like (scenario.py). Consoles and results are in FOLDER/results (run.py).

Exit code: 0 all passed, 1 one failed, 2 usage or preparation, 130 interrupted.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))
from kernels import KERNELS, lock, prepare  # noqa: E402
from programs import programs_of  # noqa: E402
from run import Run  # noqa: E402
from scenario import SCENARIOS, ScenarioError, find  # noqa: E402


def folder_of(text):
    if not text:
        raise argparse.ArgumentTypeError("which folder?")  # "" would be the current one
    return pathlib.Path(text)


def command_line():
    summary, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="guest.sh", description=summary, epilog=rest, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("scenario", nargs="*", help="names; --list has them")
    add("--list", action="store_true", help="the scenarios, and what each one shows")
    add("--prepare", action="store_true", help="fetch and build what they need, boot nothing")
    add("--kernel", choices=sorted(KERNELS), help="instead of the scenario's")
    add("--set", action="append", default=[], metavar="NAME=VALUE",
        help="a variable of the scenarios")
    add("--scenarios", type=pathlib.Path, default=SCENARIOS, metavar="FOLDER",
        help="where they are (default: those of this tree)")
    add("--folder", type=folder_of, metavar="FOLDER",
        default=os.environ.get("PAGEPRESS_GUEST") or ROOT / "build/guest",
        help="kernels, modules, results (default: $PAGEPRESS_GUEST or build/guest)")
    add("--pagepress", metavar="FILE",
        default=os.environ.get("PAGEPRESS", ROOT / "build/release/bin/pagepress"),
        help="the emulator's binary (default: $PAGEPRESS or the release build's)")
    add("--verbose", action="store_true", help="show the console")
    return parser


def check(parser, options, found):
    """Ends the program if the command line asks for what there is not."""
    if not options.scenario and not options.prepare:
        parser.error("which scenario? --list names them")
    for name in options.scenario:
        if name not in found:
            parser.error(f"{name}: there is no such scenario; there are: {', '.join(found)}")
    if options.scenario and not (os.path.isfile(options.pagepress)
                                 and os.access(options.pagepress, os.X_OK)):
        parser.error(f"{options.pagepress}: there is no such program")
    for name in options.scenario:
        for program in programs_of(found[name], options.pagepress):
            if not program.is_file():
                parser.error(f"{name} needs {program}, which is not built")
    for word in options.set:
        if not re.fullmatch(r"[a-z_]+=[\w.-]*", word):
            parser.error(f"--set {word}: not NAME=VALUE of small letters, digits, dots and dashes")
        variable = word.partition("=")[0]
        if not any(found[name].reads(variable) for name in options.scenario):
            parser.error(f"--set {word}: none of these scenarios has such a variable")


def report(document):
    print(f"{'PASS' if document['passed'] else 'FAIL'} {document['scenario']}, "
          f"{document['kernel']} ({document['seconds']} s)")
    for line in document["trouble"]:
        print(f"  {line}")
    for key, value in document["results"].items():
        print(f"  {key} {value}")
    sys.stdout.flush()


def run_all(options, emulator_options, found):
    folder = options.folder.resolve()
    kernels = {name: options.kernel or found[name].settings.kernel for name in options.scenario}
    passed = True
    with lock(folder):
        prepare(folder, set(kernels.values()) or {options.kernel or "debian"}, options.scenarios)
        for name in [] if options.prepare else options.scenario:
            document = Run(found[name], kernels[name], folder=folder, words=options.set,
                           pagepress=options.pagepress, emulator_options=emulator_options,
                           verbose=options.verbose).run()
            report(document)
            passed &= document["passed"]
    return 0 if passed else 1


def main():
    parser = command_line()
    options, emulator_options = parser.parse_known_args()
    try:
        found = find(options.scenarios, KERNELS)
        if options.list:
            for scenario in found.values():
                print(f"{scenario.name:12} {scenario.summary}")
            return 0
        check(parser, options, found)
        return run_all(options, emulator_options, found)
    except (OSError, ScenarioError, subprocess.CalledProcessError) as error:
        print(f"guest.sh: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
