# SPDX-License-Identifier: GPL-2.0-only
"""Scenarios: which there are, and what their `# guest: WORD=VALUE...` line says of the guest.

A scenario is FOLDER/NAME.sh. Its first comment line after the licence's and the guest's says what it
shows.
"""

import dataclasses
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE / "scenarios"
NAME = re.compile(r"[a-z0-9_]+")
GUEST = re.compile(r"^# guest:(.*)$", re.MULTILINE)
LIKE_GUEST = re.compile(r"^\s*#\s*guest\s*:", re.MULTILINE | re.IGNORECASE)
# Least and most of each number.
RANGES = {"memory": (64, 65536), "seconds": (1, 3600), "disk": (0, 65536), "cpus": (1, 16),
          "icount": (-1, 10), "iommu": (0, 1)}


class ScenarioError(Exception):
    """Names the file and what is wrong with it."""


@dataclasses.dataclass
class Settings:
    """What a scenario's `# guest:` line says."""

    memory: int = 512  # MiB
    seconds: float = 120  # the longest run
    disk: int = 0  # MiB of /dev/vda; 0: none
    cpus: int = 1
    cpu: str = "max"  # QEMU's -cpu
    icount: int = -1  # 0 and more: the guest's clock counts instructions, 2^icount ns each
    iommu: int = 0  # 1: there is one, passed through (Machine)
    programs: str = ""  # of the build folder, with commas: "tests/vfio_pages"; in the guest's /bin
    kernel: str = "debian"
    append: str = ""  # a word more of the kernel's command line
    emulator: str = ""  # options of `pagepress emulate`, with commas between them


def settings_of(text, kernels):
    """The settings in a scenario's text. Raises ValueError, which names the word."""
    lines = GUEST.findall(text)
    if len(lines) > 1:
        raise ValueError("has two lines `# guest:`")
    if len(LIKE_GUEST.findall(text)) > len(lines):
        raise ValueError("has a line that is nearly `# guest: WORD=VALUE...`")
    types = {field.name: field.type for field in dataclasses.fields(Settings)}
    values = {}
    for word in lines[0].split() if lines else []:
        key, equals, value = word.partition("=")
        if key not in types:
            raise ValueError(f"# guest: {word}: no such word; there are: {', '.join(types)}")
        if not equals or not value:
            raise ValueError(f"# guest: {word}: no value")
        if key in values:
            raise ValueError(f"# guest: {word}: said twice")
        try:
            values[key] = types[key](value)
        except ValueError:
            raise ValueError(f"# guest: {word}: not a number") from None
        least, most = RANGES.get(key, (None, None))
        if least is not None and not least <= values[key] <= most:
            raise ValueError(f"# guest: {word}: not from {least} to {most}")
    if values.get("kernel", "debian") not in kernels:
        raise ValueError(f"# guest: kernel={values['kernel']}: there are: {', '.join(kernels)}")
    return Settings(**values)


def summary_of(text):
    """The first comment line that is neither for the machine nor the licence."""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not re.match(r"# (SPDX-|guest:|shellcheck )", line):
            return line[1:].strip()
    return ""


@dataclasses.dataclass
class Scenario:
    name: str
    file: pathlib.Path
    summary: str
    settings: Settings

    def reads(self, variable):
        """Whether its text has $VARIABLE."""
        text = self.file.read_text(encoding="utf-8")
        return re.search(rf"\$\{{?{re.escape(variable)}\b", text) is not None


def find(folder, kernels):
    """All scenarios in a folder, by name. Raises ScenarioError."""
    found = {}
    for file in sorted(folder.glob("*.sh")):
        if not NAME.fullmatch(file.stem):
            raise ScenarioError(f"{file}: a scenario's name has small letters, digits and _ only")
        try:
            text = file.read_text(encoding="utf-8")
            found[file.stem] = Scenario(file.stem, file, summary_of(text),
                                        settings_of(text, kernels))
        except ValueError as error:
            raise ScenarioError(f"{file}: {error}") from None
    if not found:
        raise ScenarioError(f"{folder}: there is no scenario in it")
    return found
