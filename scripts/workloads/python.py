#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Python program at work: parsed JSON, objects, indexes of words, syntax trees, byte strings.

Limitation: the standard library's sources are those of the installed Python.
"""

import ast
import collections
import dataclasses
import json
import pathlib
import random
import sysconfig

import workload


@dataclasses.dataclass
class Account:
    number: int
    owner: str
    balance: float
    history: list


def main():
    rng = random.Random(workload.SEED)
    documents = [json.loads(json.dumps(workload.order(rng, i))) for i in range(2500)]
    accounts = {i * 7919: Account(i, f"{rng.choice(workload.FIRST)} {rng.choice(workload.LAST)}",
                                  rng.random() * 1e5, [rng.randrange(1000) for _ in range(8)])
                for i in range(8000)}
    words = workload.licence_words()
    index = collections.defaultdict(list)
    for place, word in enumerate(words):
        index[word].append(place)
    pairs = collections.Counter(zip(words, words[1:]))
    text = [" ".join(words[at:at + 60]).upper() for at in range(0, len(words) - 60, 60)]
    library = pathlib.Path(sysconfig.get_path("stdlib"))
    trees = [ast.parse((library / name).read_text())
             for name in ("argparse.py", "subprocess.py", "datetime.py", "inspect.py")]
    cache = {rng.randbytes(8).hex(): rng.randbytes(rng.randrange(20, 200)) for _ in range(2000)}
    for key in rng.sample(sorted(cache), 600):  # a heap that has holes
        del cache[key]
    keep = documents, accounts, index, pairs, text, trees, cache
    workload.ready()
    return keep


if __name__ == "__main__":
    main()
