#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Numerical work with NumPy: measurements, a matrix and its factors, counts, an image, a mask."""

import sys

sys.path.pop(0)  # this folder: its numpy.py is not the library
import numpy as np  # noqa: E402  pylint: disable=wrong-import-position

sys.path.insert(0, __file__.rpartition("/")[0])
import workload  # noqa: E402  pylint: disable=wrong-import-position


def main():
    rng = np.random.default_rng(workload.SEED)
    measured = np.round(20 + 5 * np.sin(np.arange(200_000) / 500) + rng.normal(0, 0.5, 200_000), 2)
    walk = np.cumsum(rng.normal(0, 1, 120_000)).astype(np.float32)
    counts = rng.poisson(3, 250_000).astype(np.int64)
    ids = np.sort(rng.integers(0, 10**9, 120_000))
    matrix = rng.normal(0, 1, (220, 220))
    factors = np.linalg.svd(matrix)
    sparse = np.where(rng.random((500, 500)) < 0.05, rng.random((500, 500)), 0.0)
    y, x = np.mgrid[0:600, 0:800]
    image = ((np.sin(x / 40) + np.cos(y / 30) + 2) * 60 + rng.normal(0, 2, x.shape)).astype(np.uint8)
    labels = (image // 32).astype(np.int32)
    records = np.zeros(30_000, dtype=[("id", "i4"), ("x", "f8"), ("kind", "S6")])
    records["id"] = np.arange(30_000)
    records["x"] = measured[:30_000]
    records["kind"] = rng.choice([b"car", b"bus", b"tram"], 30_000)
    keep = measured, walk, counts, ids, factors, sparse, image, labels, records
    workload.ready()
    return keep


if __name__ == "__main__":
    main()
