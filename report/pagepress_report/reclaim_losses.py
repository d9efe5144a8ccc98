# SPDX-License-Identifier: Apache-2.0
"""Where a policy is worse than the base: at which points, and in what.

Limitation: a run is compared with the base at the same point only.
"""

import dataclasses

from markupsafe import Markup

from . import units
from .reclaim_verdict import (ENERGY, FAULT, SAME, STALL, STALL_P99, STEAL, Sentence, change,
                              grid_pairs, name)


# What counts as a loss: path, and whether more of it is better.
JUDGED = ((STEAL, True), (STALL, False), (STALL_P99, False))
SHOWN = (*JUDGED, (FAULT, False), (ENERGY, False))


@dataclasses.dataclass(frozen=True)
class Loss:
    """A run that is worse than the base beside it, in what is in `worse`."""

    where: str
    name: str
    changes: dict       # path -> relative change, or None
    worse: set          # of paths


def _is_worse(run, base, path, more_is_better):
    here, there = run.value(path), base.value(path)
    if here is None or there is None:
        # Stalls where the base has none have no percentile to be compared with.
        return path == STALL_P99 and here is not None and there is None
    margin = SAME * abs(there)
    return here < there - margin if more_is_better else here > there + margin


def losses(results):
    """Runs that are worse than the base beside them, kcompressd's first; a run of the grid with
    its point."""
    found = []
    places = [("the scenario", results.runs, results.base)]
    places += [(str(point), point.runs, point.run(results.base.name)) for point in results.grid]
    for where, runs, base in places:
        for run in runs if base is not None else ():
            if run is base:
                continue
            worse = {path for path, more in SHOWN if _is_worse(run, base, path, more)}
            if worse & {path for path, _ in JUDGED}:
                found.append(Loss(where, run.name, {path: change(run, base, path)
                                                    for path, _ in SHOWN}, worse))
    return sorted(found, key=lambda loss: not loss.name.startswith("kcompressd"))


def losses_summary(results):
    """How often kcompressd is worse than the base, in a sentence."""
    pairs = [(run, results.base) for run in results.others if run.who == "kcompressd"]
    pairs += [(run, base) for _, run, base in
              grid_pairs(results, lambda run: run.who == "kcompressd")]
    if not pairs:
        return Sentence(Markup("No run has kcompressd."))
    counts = [sum(_is_worse(run, base, path, more) for run, base in pairs)
              for path, more in JUDGED]
    if not any(counts):
        return Sentence(Markup("kcompressd is not worse than {} in any of the {} compared here, "
                               "neither in pgsteal_anon/s nor in stalls.").format(
                                   name(results.base), units.plural(len(pairs), "run")))
    return Sentence(Markup(
        "Of {} of kcompressd, {} in pgsteal_anon/s, {} in time stalled, and {} in the 99th percentile "
        "of stalls.").format(units.plural(len(pairs), "run"), *(
            f"{count} {'is' if count == 1 else 'are'} worse than the base" if not i else str(count)
            for i, count in enumerate(counts))))
