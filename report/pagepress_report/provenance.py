# SPDX-License-Identifier: Apache-2.0
"""Which figures are measured, simulated or assumed (docs/results.md, `provenance`)."""

import re

# From firm to loose. What is computed from several figures is as loose as the loosest.
ORDER = ["given", "measured", "simulated", "assumed", "unstated"]


def _compile(pattern):
    text = pattern.replace("[]", "[*]")
    parts = (".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", text))
    # A pattern covers what stands below it, so it must end at a component's border.
    regex = re.compile("".join(parts) + r"(?=$|\.|\[)")
    return len(text.replace("*", "")), regex


class Provenance:
    """Answers `of(path)`; 'unstated' where no pattern matches."""

    def __init__(self, patterns):
        compiled = [(*_compile(pattern), kind) for pattern, kind in patterns.items()]
        # Most literal characters first; equals go by the
        # alphabet, so that the answer does not hang on the order of keys in the file.
        self._rules = sorted(compiled, key=lambda rule: (-rule[0], rule[1].pattern))

    def of(self, path):
        for _, regex, kind in self._rules:
            if regex.match(path):
                return kind
        return "unstated"


def loosest(kinds):
    """What a figure computed from these is."""
    kinds = list(kinds)
    return max(kinds, key=ORDER.index) if kinds else "unstated"
