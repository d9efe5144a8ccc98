#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""git taking in a history: 1500 commits of a tree of 800 files (git fast-import)."""

import random
import subprocess

import workload


def commits(rng, words):
    """The history in fast-import's language."""
    files = {f"src/{rng.choice(workload.LAST).lower()}/file{i}.txt": rng.randrange(len(words))
             for i in range(800)}
    names = sorted(files)
    for n in range(1500):
        author = f"{rng.choice(workload.FIRST)} {rng.choice(workload.LAST)} <dev@example.org> {1700000000 + n} +0000"
        message = " ".join(words[n:n + 12])
        yield f"commit refs/heads/main\nmark :{n + 1}\ncommitter {author}\ndata {len(message.encode())}\n{message}\n"
        for name in (names if n == 0 else rng.sample(names, 4)):
            at = rng.randrange(len(words) - 300)
            text = "\n".join(" ".join(words[at + k:at + k + 9]) for k in range(0, 270, 9))
            yield f"M 100644 inline {name}\ndata {len(text.encode())}\n{text}\n"
    yield "progress ready\n"


def main():
    rng = random.Random(workload.SEED)
    subprocess.run(["/usr/bin/git", "init", "-q", "--bare", "repository"], check=True)
    git = workload.start(["/usr/bin/git", "-C", "repository", "fast-import", "--quiet"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in commits(rng, workload.licence_words()):
        git.stdin.write(line)
    git.stdin.flush()
    workload.await_line(git, "progress ready", "git fast-import")
    workload.ready(git.pid)


if __name__ == "__main__":
    main()
