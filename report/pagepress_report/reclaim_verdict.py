# SPDX-License-Identifier: Apache-2.0
"""The answer of a reclaim run in sentences: what each policy gains over the base, whether
kcompressd's claim is reached, what an engine adds, and where it loses.

Every sentence follows its figures. Limitation: one run is one workload and one seed: a
difference is a fact of the simulation, not a statistic.
"""

import dataclasses

from markupsafe import Markup

from . import units

# What the authors of "mm: Add Kcompressd" (30 Apr 2025) report of handhelds.
CLAIMED_STEAL = 2.6     # pgsteal_anon/s: +260 %
CLAIMED_STALL = -0.5    # allocation stalls: -50 %
SAME = 0.005            # relative difference below which two figures are called equal
BUSY = 0.9              # share from which a resource is said to bind

STEAL = "rates.pgsteal_anon_per_s"
AWAKE = "rates.pgsteal_anon_per_s_awake"
STALL = "stalls.total_ns"
STALL_P99 = "stalls.p99_ns"
FAULT = "faults.mean_ns"
ENERGY = "energy.uj_per_page_reclaimed"


@dataclasses.dataclass(frozen=True)
class Sentence:
    text: Markup
    kind: str = "simulated"
    tone: str = ""      # good or bad, where it is a verdict


@dataclasses.dataclass(frozen=True)
class Loss:
    """A run that is worse than the base beside it, in what is in `worse`."""

    where: str
    name: str
    changes: dict       # path -> relative change, or None
    worse: set          # of paths


def change(run, base, path):
    """Relative change against the base: 0.5 is half as much again. None where there is nothing to
    divide: a figure is null, or the base's is 0 and this one is not."""
    here, there = run.value(path), base.value(path)
    if here is None or there is None:
        return None
    if there == 0:
        return 0.0 if here == 0 else None
    return here / there - 1


def name(run):
    return Markup('<span class="name">{}</span>').format(run.name)


def _signed(fraction):
    return "no change" if abs(fraction) < SAME else units.change(fraction)


def steal_words(run, base):
    """How pgsteal_anon/s changes, in words."""
    here, there = run.value(STEAL), base.value(STEAL)
    if here is None or there is None:
        return Markup("pgsteal_anon/s is not known")
    if there == 0:
        if here == 0:
            return Markup("neither reclaims an anonymous page")
        return Markup("it reclaims {} anonymous pages a second where {} reclaims none").format(
            units.number(here), name(base))
    return Markup("pgsteal_anon/s <b>{}</b> ({} to {})").format(
        _signed(here / there - 1), units.number(there), units.number(here))


def stall_words(run, base):
    """How allocation stalls change, in words."""
    here, there = run["stalls"], base["stalls"]
    if not here["stalled"] and not there["stalled"]:
        return Markup("no allocation stalls under either")
    if not there["stalled"]:
        return Markup("<b>{}</b> for {} in all, where none did").format(
            _stalled(here["stalled"]), units.duration_ns(here["total_ns"]))
    if not here["stalled"]:
        return Markup("<b>no allocation stalls</b> any more ({} did, for {} in all)").format(
            units.integer(there["stalled"]), units.duration_ns(there["total_ns"]))
    total = change(run, base, STALL)
    text = Markup("time stalled in allocations <b>{}</b> ({} to {}; {} to {} stalls)").format(
        "not comparable" if total is None else _signed(total),
        units.duration_ns(there["total_ns"]), units.duration_ns(here["total_ns"]),
        units.integer(there["stalled"]), units.integer(here["stalled"]))
    tail = change(run, base, STALL_P99)
    if tail is not None:
        text += Markup(", their 99th percentile {} ({} to {})").format(
            _signed(tail), units.duration_ns(there["p99_ns"]), units.duration_ns(here["p99_ns"]))
    return text


def _stalled(count):
    return "1 allocation stalls" if count == 1 else f"{units.integer(count)} allocations stall"


def against_base(results):
    """A sentence a policy."""
    return [Sentence(Markup("{} against {}: {}; {}.").format(
        name(run), name(results.base), steal_words(run, results.base),
        stall_words(run, results.base))) for run in results.others]


def reached(run, base, path=STEAL):
    """Whether both halves of the claim hold: (pages, stalls), each None where it cannot be said."""
    steal, stall = change(run, base, path), change(run, base, STALL)
    if not base["stalls"]["stalled"]:
        stall = None    # what is not there cannot be halved
    return (None if steal is None else steal >= CLAIMED_STEAL,
            None if stall is None else stall <= CLAIMED_STALL)


def _claim_of(run, base):
    pages, stalls = reached(run, base)
    if pages and stalls:
        return Sentence(Markup("{} <b>reaches</b> +260 % pgsteal_anon/s and −50 % time stalled: {} "
                               "and {}.").format(name(run), *_halves(run, base)), tone="good")
    text = Markup("{} <b>{}</b>: pgsteal_anon/s {}, of +260 % claimed; time stalled {}, of −50 %."
                  ).format(name(run), _falls_short(pages, stalls), *_halves(run, base))
    awake = change(run, base, AWAKE)
    if pages is False and awake is not None and awake >= CLAIMED_STEAL:
        text += Markup(" Over the time that kswapd is awake alone, the rate changes by {}.").format(
            units.change(awake))
    if not base["stalls"]["stalled"]:
        text += Markup(" {} has no stalls here that could be halved.").format(name(base))
    return Sentence(text)


def _falls_short(pages, stalls):
    if pages is None and stalls is None:
        return "cannot be judged"
    if pages:
        return "reaches only the claimed pgsteal_anon/s"
    if stalls:
        return "reaches only the claimed stalls"
    return "does not reach the claim"


def _halves(run, base):
    """Both changes as text."""
    return [units.change(change(run, base, path)) for path in (STEAL, STALL)]


def claim(results):
    """Which policies reach what kcompressd's authors claim, and at how many points of the grid."""
    found = [_claim_of(run, results.base) for run in results.others]
    if not any(run.who == "kcompressd" for run in results.others):
        found.append(Sentence(Markup("No run has kcompressd, whose claim it is.")))
    for who in dict.fromkeys(run.who for run in results.policies):
        points = grid_pairs(results, who)
        if points:
            both = [str(point) for point, run, base in points if all(reached(run, base))]
            text = Markup("In the grid {} reaches both at {} of {}").format(
                who, len(both), units.plural(len(points), "point"))
            if both:
                text += ": " + "; ".join(both[:3]) + ("; …" if len(both) > 3 else "")
            found.append(Sentence(text + "."))
    return found


def grid_pairs(results, who):
    """(point, run of the policy, base) where a point has both."""
    pairs = []
    for point in results.grid:
        base = point.run(results.base.name)
        run = next((r for r in point.runs if r.who == who), None)
        if base is not None and run is not None and run is not base:
            pairs.append((point, run, base))
    return pairs


def engine(results):
    """What each engine adds to kcompressd."""
    engines = [run for run in results.others if run.is_engine]
    if not engines:
        return [Sentence(Markup("No run has an engine."))]
    kcompressd = results.first("kcompressd")
    if kcompressd is None:
        return [Sentence(Markup("No run has kcompressd to compare the engine with."))]
    return [Sentence(Markup("Over {}, {}: {}; {}. {}").format(
        name(kcompressd), name(run), steal_words(run, kcompressd), stall_words(run, kcompressd),
        _now_binds(run))) for run in engines]


def _now_binds(run):
    resource, share = run["binds"]["resource"], run["binds"]["share"]
    if share is None:
        return ""
    return Markup("Now {} {} ({}).").format(
        resource, "binds" if share >= BUSY else "is busiest, but not saturated",
        units.percent(share))


def binding(run):
    """Which resource binds in a run."""
    resource, share = run["binds"]["resource"], run["binds"]["share"]
    if share is None:
        return Sentence(Markup("{}: kswapd was never awake.").format(name(run)))
    if share >= BUSY:
        return Sentence(Markup("{}: <b>{}</b> binds, {} busy while kswapd is awake.").format(
            name(run), resource, units.percent(share)))
    return Sentence(Markup("{}: nothing is saturated; busiest is {}, {} while kswapd is awake."
                           ).format(name(run), resource, units.percent(share)))


# What counts as a loss: path, and whether more of it is better.
JUDGED = ((STEAL, True), (STALL, False), (STALL_P99, False))
SHOWN = (*JUDGED, (FAULT, False), (ENERGY, False))


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
    own = [(run, results.base) for run in results.others if run.who == "kcompressd"]
    pairs = own + [(run, base) for _, run, base in grid_pairs(results, "kcompressd")]
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


def headline(results):
    """The first line of the page."""
    if not results.others:
        return Markup("{} ran alone: there is nothing to compare it with.").format(
            name(results.base))
    known = [(change(run, results.base, STEAL), run) for run in results.others]
    known = [(gain, run) for gain, run in known if gain is not None]
    if not known:
        return Markup("What others gain over {} in pgsteal_anon/s cannot be said.").format(
            name(results.base))
    gain, best = max(known, key=lambda pair: pair[0])
    if gain < SAME:
        return Markup("No policy reclaims anonymous pages faster than {} here.").format(
            name(results.base))
    total = change(best, results.base, STALL)
    tail = Markup("") if total is None or not results.base["stalls"]["stalled"] else Markup(
        ", with time stalled in allocations <b>{}</b>").format(_signed(total))
    return Markup("{} reclaims anonymous pages fastest: pgsteal_anon/s <b>{}</b> against {}{}."
                  ).format(name(best), units.change(gain), name(results.base), tail)
