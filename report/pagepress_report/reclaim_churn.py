# SPDX-License-Identifier: Apache-2.0
"""Whether more reclaim is better: pages that are compressed and not freed, and what the programs
got done meanwhile.

Limitation: touches are counted, whatever program they are of.
"""

from markupsafe import Markup

from . import units
from .reclaim_verdict import SAME, Sentence, name, signed

CHURN = 0.1     # pages compressed beyond those freed, as a share, that is worth a word


def churn(results):
    """What is compressed beyond what is freed, and what the programs got done."""
    return [text for text in (_churn_of(run) for run in results.runs) if text] + _work(results)


def _churn_of(run):
    written, freed = run.value("vmstat.nr_vmscan_write"), run.value("vmstat.pgsteal_anon")
    if not freed or not written or written / freed < 1 + CHURN:
        return None
    return Sentence(Markup(
        "{} compresses <b>{:.2f} pages for each that it frees</b> ({} written, {} freed; {} faults "
        "took a page back from the swap cache): a folio is only freed when it is scanned again, or "
        "when its write ends.").format(
            name(run), written / freed, units.integer(written), units.integer(freed),
            units.integer(run.value("vmstat.swap_cache_hit") or 0)), tone="bad")


def _work(results):
    """Touches of the programs against the base's, where some run differs."""
    base = _touches(results.base)
    changes = [(run, _touches(run) / base - 1) for run in results.others] if base else []
    if all(abs(gain) < SAME for _, gain in changes):
        return []
    return [Sentence(Markup("Programs got done, in touches of pages against {}: {}.").format(
        name(results.base), Markup(", ").join(
            Markup("{} {}").format(name(run), signed(gain)) for run, gain in changes)))]


def _touches(run):
    programs = run.data.get("workload", {}).get("programs", ())
    return sum(program.get("touches", 0) for program in programs)
