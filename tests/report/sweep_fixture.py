# SPDX-License-Identifier: Apache-2.0
"""Invented results of a sweep, for tests of its report. Nothing here was measured."""

import copy
import itertools

import fixtures

AXES = [("queue.depth", [16, 64, 256]), ("engine.engines", [1, 2, 4]), ("engine.w", [16, 32]),
        ("link.preset", ["soc", "pcie4x8"])]


def _backend(axes):
    """More engines are faster until the link is full; deeper queues are slower."""
    engines, depth = axes.get("engine.engines", 2), axes.get("queue.depth", 64)
    w = axes.get("engine.w", 16)
    link = {"soc": 60.0, "pcie4x8": 14.0}[axes.get("link.preset", "soc")]
    rate = min(engines * w * 0.98, link, depth * 0.9)
    data = copy.deepcopy(fixtures.backend("engine:fast", [("a.pages", 40)]))
    for key in ("host", "files", "size_histogram", "latency_histogram"):
        data.pop(key, None)
    data["device"] = {"queues": 8, "engines": engines, "positions": w, "unit_bytes": 4096}
    data["compress"]["sim_gb_per_s"] = rate
    data["compress"]["latency_ns"] = {"p50": int(4096 * depth / rate),
                                      "p99": int(4096 * depth / rate * 1.6), "p999": 10 ** 6}
    data["engine_use"] = rate / (engines * w)
    return data


def sweep(axes=tuple(AXES), failing=()):
    """A sweep of these axes, in which the points of the indices `failing` failed."""
    base = fixtures.one()
    points = []
    for index, values in enumerate(itertools.product(*(v for _, v in axes))):
        where = {name: value for (name, _), value in zip(axes, values)}
        point = {"index": index, "axes": where}
        if index in failing:
            point["error"] = f"point {index}: <it> hung"
        else:
            point["backends"] = [_backend(where)]
        points.append(point)
    config = base["config"]
    config["queue"]["depth"] = {"value": 64, "provenance": "assumed", "source": "x"}
    config["link"] = {"preset": "soc"}
    return {"schema": "pagepress.sweep/1", "kind": "sweep", "complete": not failing,
            "created": base["created"], "config": config,
            "axes": [{"name": name, "values": list(values)} for name, values in axes],
            "skipped": 0, "inputs": base["inputs"], "costs": [],
            "provenance": {"points[].backends[]": "measured",
                           "points[].backends[].compress": "simulated",
                           "points[].backends[].decompress": "simulated",
                           "points[].backends[].engine_use": "simulated",
                           "points[].backends[engine:*].compress.cpu_ns_per_page": "assumed"},
            "points": points,
            "host": {"jobs": 2, "wall_s": 3.0, "points_found": 0,
                     "point_wall_s": [0.1] * len(points)}}
