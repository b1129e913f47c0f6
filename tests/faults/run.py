#!/usr/bin/env python3
"""A fault at every system call of what Taglens does with a library, sidecars and downloads.

    tests/faults/run.py PROGRAM [--points N] [--operation NAME]... [--kind NAME]... [--workers N]

For each operation and each kind of fault, the calls are counted once without a fault. Then the
operation runs again for each call, and that call fails (`once`), or it and all after it (`stay`);
`kill` ends the program before the call. What must hold:

- It ends by itself, with 0 or a stated error.
- Every photo and sidecar is the old or the new one, to the byte. Nothing else is left beside them.
- Decisions and vocabularies are all there, and the library is intact.
- A run that claims success has done everything, or has named what it could not read.
- The same command, run again without a fault, arrives at the same state as if there had been none.

`--points` tries only so many calls of each kind, evenly spread. Linux on x86-64 with a C compiler;
inject.c says how calls are made to fail.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

from hub import Hub
from operations import OPERATIONS
from world import Broken, World, small_model

HERE = pathlib.Path(__file__).parent
# Which calls can fail for good: after a signal or a short read, the next call is as good as any.
KINDS = {
    "enospc": ["once", "stay"],
    "eio": ["once", "stay"],
    "emfile": ["once", "stay"],
    "busy": ["once", "stay"],
    "enomem": ["once", "stay"],
    "eintr": ["once"],
    "short": ["once"],
    "kill": ["once"],
}
MODES = [(kind, mode) for kind, modes in KINDS.items() for mode in modes]
# Such a run takes as long as Taglens waits for a lock, so that only some are tried, side by side.
LOCKED_FOR_GOOD, MOST_LOCKED, SIDE_BY_SIDE = ("busy", "stay"), 16, 16
# What is printed of an operation's failures.
MOST_PRINTED = 10


def state(world):
    """All that an operation may change."""
    return {"files": world.files(), "library": world.asked(), "models": world.installed()}


def visible(now):
    """Without hidden files."""
    of = lambda part: {name: value for name, value in part.items() if "/." not in f"/{name}"}
    return {name: of(part) for name, part in now.items()}


def leftovers(world):
    """What was meant to be there for a moment."""
    found = [*(world.folder / "tmp").iterdir(), *world.photos.rglob(".*")]
    found += world.library.parent.glob("*.backups/taglens-*")
    found += world.library.parent.glob("*.partial")
    found += world.folder.glob(".taglens-*")
    return found + list(world.models.glob(".staging-*"))


def difference(name, found, expected):
    """In a few words."""
    if isinstance(found, list) and isinstance(expected, list):
        extra = [row for row in found if row not in expected]
        missing = [row for row in expected if row not in found]
        return f"{name} has {extra[:2]}, lacks {missing[:2]}"[:300]
    size = lambda value: "nothing" if value is None else f"{len(value)} bytes"
    return f"{name} is {size(found)}, not {size(expected)}"


class Bench:
    """One operation in one worker's world, which is put back before each run."""

    def __init__(self, place, operation, sweep):
        self.operation, self.template = operation, place / "template"
        self.world = World(place / "world", sweep.program, sweep.model, sweep.injector)
        self.world.environment["HF_ENDPOINT"] = sweep.hub.address
        self.world.begin()
        operation.prepare(self.world)
        shutil.copytree(self.world.folder, self.template)
        self.before = state(self.world)
        self.world.done(*operation.command(self.world))
        self.after = state(self.world)

    def reset(self):
        shutil.rmtree(self.world.folder)
        shutil.copytree(self.template, self.world.folder)

    def counts(self):
        """The number of calls that each kind of fault can meet."""
        self.reset()
        self.world.inject("eio", "none", 0, *self.operation.command(self.world))
        return {kind: int(n) for kind, n in self.world.reported() if kind != "failed"}

    def try_point(self, kind, mode, n):
        """Returns the calls that failed; raises Broken."""
        self.reset()
        try:
            status, said = self.world.inject(kind, mode, n, *self.operation.command(self.world))
        except subprocess.TimeoutExpired as error:
            raise Broken(f"it hangs: {error.stderr}") from error
        failed = [call.split(" ", 1) for word, call in self.world.reported() if word == "failed"]
        try:
            self.judge(kind, status, said, failed)
        except Broken as error:
            call = " ".join(failed[0]) if failed else "no call"
            text = f"{call}: status {status}: {said.strip()[:300]}\n    {error}"
            raise Broken(text.replace(str(self.world.folder), "")) from error
        return failed

    def judge(self, kind, status, said, failed):
        world, operation = self.world, self.operation
        if kind != "kill" or status != 128 + 9:
            self.check_end(status, said, {path for _, path in failed})
        hidden = [str(path.relative_to(world.photos)) for path in world.photos.rglob(".*")]
        self.check_files(world.files(), hidden)
        is_there = world.library.exists() and world.library.stat().st_size > 0
        if is_there and not (operation.is_damaged and status):
            checked, what = world.run("library", "check")
            if checked:
                raise Broken(f"library check: {what}")
            self.check_said(world.asked("decisions", "vocabularies"))
        # This lock shows that another Taglens watches, and `index` leaves the folders to that one.
        watched = any(name == "flock" and path == f"{world.library}.lock" for name, path in failed)
        if status == 0 and not watched and not (operation.names and said.strip()):
            # Leftovers were judged above.
            self.compare(visible(state(world)), "it claims success, but")
        world.done(*(operation.again or operation.command)(world))
        # They are removed only when they are a minute old.
        for path in world.photos.rglob(".*"):
            path.unlink()
        self.compare(state(world), "after another run,")
        operation.finish(world, self.before["files"])

    def check_end(self, status, said, kept):
        """A stated end. What could not be removed may stay."""
        if status not in (0, 1, 2) or "panicked" in said:
            raise Broken("it ended badly")
        if status and not said.strip():
            raise Broken("it failed without a word")
        for path in leftovers(self.world):
            # The lock shows the next pull that the folder is nobody's.
            name = str(path).removesuffix(".lock")
            inside = any(other in (name, str(path)) or other.startswith(f"{name}/") for other in kept)
            if not inside and str(path.parent) not in kept:
                raise Broken(f"{path} is left")

    def check_files(self, now, hidden):
        before, after = self.before["files"], self.after["files"]
        for name in {*now, *before, *after} - {*hidden}:
            if now.get(name) not in (before.get(name), after.get(name)):
                raise Broken(f"{name} is neither the old nor the new file")

    def check_said(self, now):
        """What a person said: nothing is lost, and nothing comes from nowhere."""
        for name, rows in now.items():
            before = set(self.before["library"].get(name, ()))
            after = set(self.after["library"].get(name, ()))
            if not before & after <= set(rows) <= before | after:
                raise Broken(difference(name, rows, sorted(after)))

    def compare(self, now, when):
        for part, value in now.items():
            expected = self.after[part]
            names = [name for name in {*value, *expected} if value.get(name) != expected.get(name)]
            if names:
                detail = [difference(name, value.get(name), expected.get(name)) for name in names]
                raise Broken(f"{when} {part} differ: {'; '.join(detail)}")


class Sweep:
    """All points of some operations, over several workers."""

    def __init__(self, options, scratch):
        self.options, self.scratch, self.program = options, scratch, options.program.resolve()
        self.injector, self.model = scratch / "inject", scratch / "small.safetensors"
        compiler = ["cc", "-O2", "-Wall", "-Wextra", "-o", str(self.injector), str(HERE / "inject.c")]
        subprocess.run(compiler, check=True)
        small_model(self.model)
        self.hub = Hub((HERE.parent / "golden/cbow.safetensors").read_bytes())
        self.lock, self.free, self.made = threading.Lock(), collections.defaultdict(list), 0
        self.tried, self.calls, self.failed = (collections.Counter() for _ in range(3))
        # The points of each operation that were not tried yet.
        self.left = collections.Counter()

    def take(self, operation):
        """A bench that nobody else uses."""
        with self.lock:
            if self.free[operation.name]:
                return self.free[operation.name].pop()
            self.made += 1
            place = self.scratch / str(self.made)
        place.mkdir()
        return Bench(place, operation, self)

    def give_back(self, operation, bench):
        with self.lock:
            self.free[operation.name].append(bench)

    def points(self, operation):
        """Counts the calls, and picks some of them or all."""
        bench = self.take(operation)
        counts = bench.counts()
        self.give_back(operation, bench)
        print(f"{operation.name}:", ", ".join(f"{n} {kind}" for kind, n in counts.items()), flush=True)
        for kind, mode in MODES:
            count = counts[kind] if kind in self.options.kind else 0
            most = min(self.options.points or count, count)
            if (kind, mode) == LOCKED_FOR_GOOD and most:
                most = min(most, MOST_LOCKED) if most > 4 else 1
            for i in range(most):
                yield operation, (kind, mode, 1 + (2 * i + 1) * count // (2 * most))

    def one(self, task):
        operation, point = task
        bench = self.take(operation)
        try:
            calls = [name for name, _ in bench.try_point(*point)[:1]]
            with self.lock:
                self.calls.update(calls)
        # A library that cannot be asked, and a run without a fault that hangs, are failures too.
        except (Broken, OSError, sqlite3.Error, subprocess.SubprocessError) as error:
            with self.lock:
                self.failed[operation.name] += 1
                if self.failed[operation.name] <= MOST_PRINTED:
                    print(f"FAILED {operation.name} {' '.join(map(str, point))}: {error}", flush=True)
        self.give_back(operation, bench)
        with self.lock:
            self.tried[operation.name, point[:2]] += 1
            self.left[operation.name] -= 1
            if not self.left[operation.name]:
                self.report(operation.name)

    def run(self, operations):
        tasks = [task for operation in operations for task in self.points(operation)]
        print(len(tasks), "points\n\n| |", " | ".join(" ".join(mode) for mode in MODES), "|", flush=True)
        self.left = collections.Counter(operation.name for operation, _ in tasks)
        waits = lambda task: task[0].waits or task[1][:2] == LOCKED_FOR_GOOD
        pools = [(SIDE_BY_SIDE, [task for task in tasks if waits(task)])]
        pools.append((self.options.workers, [task for task in tasks if not waits(task)]))
        executors = [concurrent.futures.ThreadPoolExecutor(workers) for workers, _ in pools]
        results = [pool.map(self.one, part) for pool, (_, part) in zip(executors, pools)]
        for result in results:
            list(result)

    def report(self, name):
        """Prints what was tried of an operation."""
        numbers = [self.tried[name, mode] for mode in MODES]
        print(f"| {name} |", " | ".join(map(str, numbers)), "|", sum(numbers), flush=True)

    def sum_up(self):
        print("the first call that failed:", dict(self.calls.most_common()))
        # Threads take turns in another order each time, and the last calls may not be reached.
        print(sum(self.tried.values()) - sum(self.calls.values()), "points met no call, or failed")
        print(f"{sum(self.tried.values())} points, {sum(self.failed.values())} failures", dict(self.failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--points", type=int, help="calls of each kind to try (default: all)")
    names = [operation.name for operation in OPERATIONS]
    parser.add_argument("--operation", action="append", choices=names)
    parser.add_argument("--kind", action="append", choices=KINDS)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.kind = options.kind or list(KINDS)
    wanted = [o for o in OPERATIONS if o.name in (options.operation or names)]
    # Every run writes and flushes hundreds of times.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory) as scratch:
        sweep = Sweep(options, pathlib.Path(scratch).resolve())
        sweep.run(wanted)
        sweep.sum_up()
    return 1 if sweep.failed else 0


if __name__ == "__main__":
    sys.exit(main())
