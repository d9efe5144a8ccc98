# SPDX-License-Identifier: Apache-2.0
"""The answer of a reclaim run in sentences: what each policy gains over the base, whether
kcompressd's claim is reached, what an engine adds, and which resource binds.

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


def signed(fraction):
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
    text = Markup("pgsteal_anon/s <b>{}</b> ({} to {})").format(
        signed(here / there - 1), units.number(there), units.number(here))
    awake = change(run, base, AWAKE)
    if awake is not None:
        text += Markup(", while kswapd is awake <b>{}</b> ({} to {})").format(
            signed(awake), units.number(base.value(AWAKE)), units.number(run.value(AWAKE)))
    return text


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
        "not comparable" if total is None else signed(total),
        units.duration_ns(there["total_ns"]), units.duration_ns(here["total_ns"]),
        units.integer(there["stalled"]), units.integer(here["stalled"]))
    tail = change(run, base, STALL_P99)
    if tail is not None:
        text += Markup(", their 99th percentile {} ({} to {})").format(
            signed(tail), units.duration_ns(there["p99_ns"]), units.duration_ns(here["p99_ns"]))
    if here.get("all_p999_ns") is not None and there.get("all_p999_ns") is not None:
        text += Markup("; of all allocations 99.9 % stall for at most {} ({} before)").format(
            units.duration_ns(here["all_p999_ns"]), units.duration_ns(there["all_p999_ns"]))
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
    text = Markup("{} <b>{}</b>: pgsteal_anon/s of the whole run {}, of +260 % claimed; time "
                  "stalled {}, of −50 %.").format(
                      name(run), _falls_short(pages, stalls), *_halves(run, base))
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
    if results.base.who != "kswapd":
        return [Sentence(Markup("The claim is against kswapd compressing inline. The base here is "
                                "{}: it is not tried.").format(name(results.base)))]
    found = [*_demand(results.base), *(_claim_of(run, results.base) for run in results.others)]
    if not any(run.who == "kcompressd" for run in results.others):
        found.append(Sentence(Markup("No run has kcompressd, whose claim it is.")))
    for policy in results.policies:
        pairs = grid_pairs(results, lambda run, wanted=policy: run.name == wanted.name)
        if pairs:
            both = [str(point) for point, run, base in pairs if all(reached(run, base))]
            text = Markup("In the grid {} reaches both at {} of {}").format(
                name(policy), len(both), units.plural(len(pairs), "point"))
            if both:
                text += ": " + "; ".join(both[:3]) + ("; …" if len(both) > 3 else "")
            found.append(Sentence(text + "."))
    return found


def _demand_bounds(base):
    """Whether what programs ask for, not reclaim, bounds the rate over the whole run."""
    awake, seconds = base.value("kswapd_awake_s"), base.value("seconds")
    return bool(seconds) and awake is not None and awake / seconds < BUSY / 2


def _demand(base):
    if not _demand_bounds(base):
        return []
    return [Sentence(Markup(
        "With {} as the policy, kswapd is awake {} of the run: what programs ask for bounds "
        "pgsteal_anon/s of the whole run, and no way to compress can multiply it. What reclaim is "
        "able to do is in the rate while kswapd is awake, and in the stalls.").format(
            name(base), units.percent(base.value("kswapd_awake_s") / base.value("seconds"))))]


def grid_pairs(results, wanted):
    """(point, run, base) of all runs that are wanted(run), where the point has the base."""
    found = []
    for point in results.grid:
        base = point.run(results.base.name)
        if base is not None:
            found += [(point, run, base) for run in point.runs
                      if run is not base and wanted(run)]
    return found


def engine(results):
    """What each engine adds to kcompressd."""
    engines = [run for run in results.runs if run.is_engine]
    if not engines:
        return [Sentence(Markup("No run has an engine."))]
    if results.kcompressd is None:
        return [Sentence(Markup("No run has kcompressd to compare the engine with."))]
    return [Sentence(Markup("Over {}, {}: {}; {}. {}").format(
        name(results.kcompressd), name(run), steal_words(run, results.kcompressd),
        stall_words(run, results.kcompressd), _now_binds(run))) for run in engines]


def _now_binds(run):
    resource, share = run["binds"]["resource"], run["binds"]["share"]
    if share is None:
        return ""
    if _polls(run, resource):
        return Markup("Its worker polls.{}").format(_next_busiest(run, resource))
    return Markup("Now {} {} ({}).").format(
        resource, "binds" if share >= BUSY else "is busiest, but not saturated",
        units.percent(share))


def binding(run):
    """Which resource binds in a run."""
    resource, share = run["binds"]["resource"], run["binds"]["share"]
    if share is None:
        return Sentence(Markup("{}: kswapd was never awake.").format(name(run)))
    if share < BUSY:
        return Sentence(Markup("{}: nothing is saturated; busiest is {}, {} while kswapd is awake."
                               ).format(name(run), resource, units.percent(share)))
    text = Markup("{}: <b>{}</b> binds, {} busy while kswapd is awake.").format(
        name(run), resource, units.percent(share))
    if _polls(run, resource):
        text = Markup("{}: {} is busy {} of the time that kswapd is awake, but it polls for the "
                      "engine: waiting is in it.{}").format(
                          name(run), resource, units.percent(share), _next_busiest(run, resource))
    return Sentence(text)


def _polls(run, resource):
    """Whether the resource is a core that looks busy while it waits."""
    return (run.is_engine and resource == "kcompressd CPU"
            and str(run["settings"].get("wait", "")).startswith("poll"))


def _next_busiest(run, resource):
    others = [item for item in run["binds"].get("shares", ())
              if item["resource"] != resource and item["share"] is not None]
    if not others:
        return ""
    top = max(others, key=lambda item: item["share"])
    return Markup(" Of the others, {} is busiest ({}).").format(
        top["resource"], units.percent(top["share"]))


def headline(results):
    """The first line of the page."""
    if not results.others:
        return Markup("{} ran alone: there is nothing to compare it with.").format(
            name(results.base))
    path, when = (AWAKE, " while kswapd is awake") if _demand_bounds(results.base) else (STEAL, "")
    known = [(change(run, results.base, path), run) for run in results.others]
    known = [(gain, run) for gain, run in known if gain is not None]
    if not known:
        return Markup("What others gain over {} in pgsteal_anon/s cannot be said.").format(
            name(results.base))
    gain, best = max(known, key=lambda pair: pair[0])
    if gain < SAME:
        return Markup("No policy reclaims anonymous pages faster than {} here{}.").format(
            name(results.base), when)
    total = change(best, results.base, STALL)
    tail = Markup("") if total is None or not results.base["stalls"]["stalled"] else Markup(
        ", with time stalled in allocations <b>{}</b>").format(signed(total))
    return Markup("{} reclaims anonymous pages fastest{}: pgsteal_anon/s <b>{}</b> against {}{}."
                  ).format(name(best), when, units.change(gain), name(results.base), tail)
