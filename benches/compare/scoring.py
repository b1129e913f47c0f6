#!/usr/bin/env python3
"""numpy's time for what Taglens' scoring benches do, to stand beside `cargo bench`.

    scoring.py                # about 4 GB of memory
    scoring.py --photos 100000 --many 100000    # smaller

Embeddings are unit vectors of 512 numbers in 32 bits, drawn from a seeded normal distribution.
The benches draw theirs likewise but not bit for bit alike: the time of a matrix product does not
depend on the numbers. Two threads; the first of each kind of run is thrown away.
"""

import argparse
import statistics
import time

import environment

environment.enter(environment.TO_MEASURE, cores=2)

import numpy as np
from threadpoolctl import threadpool_info

DIMENSION = 512
LABELS = 1_000
TOP = 10


def unit_rows(count, seed):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, DIMENSION), dtype=np.float32)
    # In place and in parts: a million rows are 2 GB, and one copy of them is enough.
    for start in range(0, count, 65_536):
        part = rows[start:start + 65_536]
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return rows


def seconds(work, rounds):
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def top(photos, query):
    scores = photos @ query
    best = np.argpartition(scores, -TOP)[-TOP:]
    return best[np.argsort(-scores[best])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000, help="rows that are scored against 1,000 labels")
    parser.add_argument("--many", type=int, default=1_000_000, help="rows for one label, and for a search")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    photos, labels = unit_rows(options.photos, 1), unit_rows(LABELS, 2)
    scores = np.empty((options.photos, LABELS), dtype=np.float32)
    runs = {
        # Into memory that is there already, and into new memory as an expression would.
        f"{options.photos:,} × {LABELS:,} labels, into place": seconds(lambda: np.matmul(photos, labels.T, out=scores), options.rounds),
        f"{options.photos:,} × {LABELS:,} labels": seconds(lambda: photos @ labels.T, options.rounds),
    }
    del scores, photos
    many, one = unit_rows(options.many, 3), labels[0]
    runs[f"one label over {options.many:,}"] = seconds(lambda: many @ one, options.rounds)
    runs[f"search over {options.many:,}, top {TOP}"] = seconds(lambda: top(many, one), options.rounds)

    for library in threadpool_info():
        print(f"numpy {np.__version__}, {library['internal_api']} {library.get('version')}, "
              f"{library.get('architecture')} kernels, {library['num_threads']} threads")
    if environment.unset_variables():
        print(f"unset for this run, as it slows a current numpy down: {environment.unset_variables()}")
    print(f"\n| numpy, {options.rounds} rounds | median, ms | min–max |\n|---|---|---|")
    for name, times in runs.items():
        low, middle, high = (1000 * f(times) for f in (min, statistics.median, max))
        print(f"| {name} | {middle:.1f} | {low:.1f}–{high:.1f} |")


if __name__ == "__main__":
    main()
