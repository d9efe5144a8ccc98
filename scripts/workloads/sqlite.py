#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sqlite3 with a database in memory: orders, readings, notes, indexes, a few queries."""

import json
import random
import subprocess

import workload


def statements(rng, words):
    """The database as SQL."""
    yield "PRAGMA temp_store = MEMORY; BEGIN;"
    yield "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer TEXT, city TEXT, total REAL, document TEXT);"
    yield "CREATE TABLE readings(at INTEGER, sensor INTEGER, value REAL, state TEXT);"
    yield "CREATE TABLE notes(id INTEGER PRIMARY KEY, author TEXT, body TEXT, hash BLOB);"
    for i in range(4000):
        order = workload.order(rng, i)
        customer = order["customer"]
        yield (f"INSERT INTO orders VALUES({i}, '{customer['name']}', '{customer['address']['city']}', "
               f"{rng.random() * 500:.2f}, '{json.dumps(order)}');")
    for i in range(30000):
        yield (f"INSERT INTO readings VALUES({1700000000 + 10 * i}, {i % 40}, {rng.gauss(20, 4):.3f}, "
               f"'{rng.choice(('ok', 'ok', 'ok', 'late', 'lost'))}');")
    for i in range(1500):
        at = rng.randrange(len(words) - 80)
        body = " ".join(words[at:at + rng.randrange(20, 80)]).replace("'", "''")
        yield (f"INSERT INTO notes VALUES({i}, '{rng.choice(workload.LAST)}', '{body}', x'{rng.randbytes(32).hex()}');")
    yield "COMMIT; CREATE INDEX by_customer ON orders(customer, city); CREATE INDEX by_sensor ON readings(sensor, at);"
    yield "DELETE FROM orders WHERE id % 7 = 3; UPDATE notes SET body = upper(body) WHERE id % 5 = 0;"
    yield ".output /dev/null"
    yield "SELECT city, count(*), sum(total) FROM orders GROUP BY city ORDER BY 3;"
    yield "SELECT a.sensor, avg(a.value) FROM readings a GROUP BY a.sensor ORDER BY 2;"
    yield ".output stdout"
    yield ".print ready"


def main():
    rng = random.Random(workload.SEED)
    # The shell's output goes through a buffer when it is no terminal.
    shell = workload.start(["/usr/bin/stdbuf", "-oL", "/usr/bin/sqlite3", "-init", "/dev/null", ":memory:"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for statement in statements(rng, workload.licence_words()):
        shell.stdin.write(statement + "\n")
    shell.stdin.flush()
    workload.await_line(shell, "ready", "sqlite3")
    workload.ready(shell.pid)


if __name__ == "__main__":
    main()
