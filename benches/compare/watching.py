#!/usr/bin/env python3
"""Drives `taglens index --watch` with everything that happens to a folder of photos.

    watching.py --taglens target/release/taglens
    watching.py --only edited --only moved --keep DIR      # some scenarios, leaving all files in DIR

While the program watches, other processes of it are asked for `status` and `tags`, until what
they say is what lies in the folder, and still is a moment later. A scenario's time goes from its
last change to the library being right. Tags tell contents apart: every cat has to be tagged as
the reference cat is, so an edit that is not embedded again is noticed.

Lowering the watch limit needs root, and holds for all that root runs, until the script puts it
back: run this where nothing else is watching. Ends with 1 where a scenario ended in the wrong
state, or could not be run.
"""

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environment

environment.enter(environment.TO_MEASURE)

import make_photos
from environment import ROOT

WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
LOWERED = 3
SAMPLES = ("cat", "coffee", "rocket")
# Any content, told apart by its path alone.
ANY = None
SLOW_CHUNKS, SLOW_S = 10, 5.0
DROPPED = 5_000
SHORT_S, LONG_S = 60.0, 900.0


class Wrong(Exception):
    """What is not as it should be."""


class World:
    """A folder, its library, and what the library should say about it."""

    def __init__(self, options, home):
        self.taglens = str(options.taglens)
        self.more = ["--model", options.model, "--device", "cpu"] if options.model else ["--device", "cpu"]
        self.home = home
        self.folder = home / "photos"
        self.folder.mkdir(parents=True)
        self.library = home / "library.db"
        self.expected = {}
        self.tags_of = {}
        self.settle_s = options.settle
        self.process = None
        self.said = home / "stderr.txt"

    # What the program says.

    def run(self, *arguments):
        command = [self.taglens, *arguments, "--library", str(self.library), *self.more]
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
        if done.returncode != 0:
            raise Wrong(f"`{' '.join(arguments)}` ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def status(self):
        return json.loads(self.run("status", "--format", "json"))

    def tags(self):
        found = {}
        for line in self.run("tags", "--format", "jsonl").splitlines():
            row = json.loads(line)
            path = Path(row["path"])
            path = str(path.relative_to(self.folder)) if path.is_absolute() else str(path)
            if path in found:
                raise Wrong(f"{path} is listed twice")
            # In an order of our own: what is compared is which tags there are, and where from.
            found[path] = sorted(
                (t["label"], round(t["confidence"], 4), t["origin"], t["state"]) for t in row["tags"])
        return found

    def check(self):
        """Raises what is wrong, if anything is."""
        status = self.status()
        wanted = {"photos": len(self.expected), "embedded": len(self.expected), "waiting": 0, "failed": 0}
        counts = {key: status[key] for key in wanted}
        if counts != wanted:
            raise Wrong(f"status has {counts}, not {wanted}; failures {status['failures'][:3]}")
        tags = self.tags()
        if tags.keys() != self.expected.keys():
            missing = sorted(self.expected.keys() - tags.keys())
            added = sorted(tags.keys() - self.expected.keys())
            raise Wrong(f"tags lacks {missing[:5]} and has {added[:5]} that should not be there")
        for path, kind in self.expected.items():
            if kind in self.tags_of and tags[path] != self.tags_of[kind]:
                raise Wrong(f"{path} is a {kind}, but has {tags[path]}")

    def until_right(self, since, limit_s):
        """Seconds from `since` until all is right, and stays so."""
        while True:
            if self.process and self.process.poll() is not None:
                raise Wrong(f"the watching process ended with {self.process.returncode}: {self.tail()}")
            try:
                self.check()
                right = time.monotonic()
                time.sleep(self.settle_s)
                self.check()
                return right - since
            except Wrong:
                if time.monotonic() - since > limit_s:
                    raise
            # Asking costs a process: less often where it takes long anyway.
            time.sleep(min(2.0, 0.1 + (time.monotonic() - since) / 20))

    def tail(self):
        return self.said.read_text(encoding="utf-8", errors="replace").strip()[-500:]

    # The watching process.

    def start(self):
        command = [self.taglens, "index", "--watch", str(self.folder), "--library", str(self.library), *self.more]
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)

    def stop(self):
        """Ctrl-C; the program has to end by itself, and to say that it was interrupted."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Wrong("it did not end within 20 s of Ctrl-C") from None
        if process.returncode != 130:
            raise Wrong(f"interrupted, it ended with {process.returncode}, not 130: {self.tail()}")

    # Changes to the folder, and to what is expected.

    def put(self, path, kind):
        to = self.folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sample(kind), to)
        self.expected[path] = kind

    def move(self, old, new):
        """A file or a folder."""
        (self.folder / new).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / old).rename(self.folder / new)
        for path in list(self.expected):
            if path == old or path.startswith(f"{old}/"):
                self.expected[new + path[len(old):]] = self.expected.pop(path)

    def delete(self, path):
        at = self.folder / path
        shutil.rmtree(at) if at.is_dir() else at.unlink()
        for known in list(self.expected):
            if known == path or known.startswith(f"{path}/"):
                del self.expected[known]


def sample(kind):
    return ROOT / "assets" / "samples" / f"{kind}.jpg"


# The scenarios, in order: each changes the folder, and what is expected of the library.

def created(world):
    """A file in a folder that is known, one in a new folder, one deep in new folders."""
    world.put("reference/second cat.jpg", "cat")
    world.put("new/rocket.jpg", "rocket")
    world.put("new/deep/deeper/coffee.jpg", "coffee")


def edited(world):
    """Written over in place, and replaced by a rename as most editors do it."""
    world.put("reference/second cat.jpg", "coffee")
    part = world.folder / "new" / ".rocket.part"
    shutil.copyfile(sample("cat"), part)
    part.rename(world.folder / "new" / "rocket.jpg")
    world.expected["new/rocket.jpg"] = "cat"


def moved(world):
    """To another folder, and to another name."""
    world.move("new/rocket.jpg", "elsewhere/cat.jpg")
    world.move("reference/second cat.jpg", "reference/coffee again.jpg")


def decided(world):
    """A rejected tag has to stay rejected when the photo moves."""
    # With a comment of its own: decisions may go by content, and the other cats keep theirs.
    photo = world.folder / "decided" / "cat.jpg"
    photo.parent.mkdir()
    content = sample("cat").read_bytes()
    photo.write_bytes(content[:2] + b"\xff\xfe\x00\x06mine" + content[2:])
    world.expected["decided/cat.jpg"] = ANY
    world.until_right(time.monotonic(), SHORT_S)
    label = world.tags()["decided/cat.jpg"][0][0]
    world.run("decide", "reject", label, str(photo))
    tags = world.tags()["decided/cat.jpg"]
    if not any(t[0] == label and t[2:] == ("person", "rejected") for t in tags):
        raise Wrong(f"“{label}” was rejected, but tags has {tags}")
    world.tags_of["decided cat"] = tags
    world.expected["decided/cat.jpg"] = "decided cat"
    world.move("decided/cat.jpg", "decided later/my cat.jpg")


def swapped(world):
    """Two photos change names, by way of a third."""
    world.move("elsewhere/cat.jpg", "elsewhere/third.jpg")
    world.move("reference/coffee again.jpg", "elsewhere/cat.jpg")
    world.move("elsewhere/third.jpg", "reference/coffee again.jpg")


def written_slowly(world):
    """In chunks over five seconds; nobody may call it broken meanwhile."""
    content = sample("cat").read_bytes()
    size = -(-len(content) // SLOW_CHUNKS)
    with (world.folder / "reference" / "slow.jpg").open("wb") as file:
        for start in range(0, len(content), size):
            file.write(content[start:start + size])
            file.flush()
            time.sleep(SLOW_S / SLOW_CHUNKS)
            if world.status()["failed"]:
                raise Wrong(f"reported as failed while it is written: {world.status()['failures']}")
    world.expected["reference/slow.jpg"] = "cat"


def folder_renamed(world):
    world.move("new", "renamed/new name")


def deleted(world):
    """A file, and a folder with all that is in it."""
    world.delete("reference/slow.jpg")
    world.delete("renamed")


def dropped_at_once(world):
    """5,000 photos, all different."""
    staged = world.home / "staged"
    per_folder = DROPPED // 10
    for i in range(10):
        make_photos.save_small((staged / f"{i}", i * per_folder, (i + 1) * per_folder))
    shutil.copytree(staged, world.folder / "dropped")
    world.expected.update({f"dropped/{p.relative_to(staged)}": ANY for p in staged.rglob("*.jpg")})


def large_folder_renamed(world):
    """The 5,000: nothing is embedded again, or the time shows it."""
    world.move("dropped", "picked up")


def large_folder_deleted(world):
    world.delete("picked up")


def changed_unwatched(world):
    """Everything at once while the program is stopped; the time goes from its start."""
    world.stop()
    world.put("reference/unwatched.jpg", "rocket")
    world.put("elsewhere/cat.jpg", "rocket")
    world.move("reference/coffee again.jpg", "moved unwatched.jpg")
    world.delete("temporary.jpg")
    world.start()


SCENARIOS = [
    (created, SHORT_S), (edited, SHORT_S), (moved, SHORT_S), (decided, SHORT_S), (swapped, SHORT_S),
    (written_slowly, SHORT_S), (folder_renamed, SHORT_S), (deleted, SHORT_S), (dropped_at_once, LONG_S),
    (large_folder_renamed, SHORT_S), (large_folder_deleted, SHORT_S), (changed_unwatched, SHORT_S),
]
LIMIT = "watch_limit_reached"


def first_index(world):
    """The reference photos; what the program says about them is what all others are held to.

    Every label has a threshold of zero, so that no photo goes without tags to compare.
    """
    labels = world.folder.parent / "labels.toml"
    names = ["cat", "cup of coffee", "space shuttle", "bicycle", "bridge"]
    tables = [f'[[label]]\nname = "{name}"\nthreshold = 0.0\n' for name in names]
    labels.write_text("".join(tables))
    world.run("vocabulary", "import", str(labels))
    for kind in SAMPLES:
        world.put(f"reference/{kind}.jpg", kind)
    world.put("temporary.jpg", "rocket")
    since = time.monotonic()
    world.start()
    # The library's file comes with the first run: until then, there is nothing to ask.
    took_s = world.until_right(since, SHORT_S)
    tags = world.tags()
    world.tags_of = {kind: tags[f"reference/{kind}.jpg"] for kind in SAMPLES}
    if not all(world.tags_of.values()):
        raise Wrong(f"a reference photo has no tags: {world.tags_of}")
    for one, other in itertools.combinations(SAMPLES, 2):
        if world.tags_of[one] == world.tags_of[other]:
            raise Wrong(f"{one} and {other} have the same tags: edits could not be noticed")
    return took_s


def with_limit(world):
    """More folders than can be watched: the program has to say so, and to find changes all the same."""
    before = WATCH_LIMIT.read_text(encoding="ascii")
    try:
        WATCH_LIMIT.write_text(str(LOWERED), encoding="ascii")
        for i in range(20):
            world.put(f"{i:02}/{SAMPLES[i % 3]}.jpg", SAMPLES[i % 3])
        world.start()
        world.until_right(time.monotonic(), SHORT_S)
        tags = world.tags()
        world.tags_of = {kind: tags[f"{i:02}/{kind}.jpg"] for i, kind in enumerate(SAMPLES)}
        world.put("19/created.jpg", "cat")
        world.put(f"18/{SAMPLES[0]}.jpg", "rocket")
        world.delete("17")
        took_s = world.until_right(time.monotonic(), 300.0)
    finally:
        WATCH_LIMIT.write_text(before, encoding="ascii")
    said = [line for line in world.tail().splitlines() if "poll" in line.lower() or "limit" in line.lower()]
    if not said:
        raise Wrong(f"it did not say that it cannot watch; it said: {world.tail()!r}")
    print(f"it said: {said[-1]}", file=sys.stderr)
    return took_s


def attempt(name, work, results):
    """Runs one scenario; whether the library ended in the right state."""
    try:
        results.append((name, work(), None))
    except Wrong as wrong:
        results.append((name, None, str(wrong)))
    print(f"{name}: {results[-1][2] or f'{results[-1][1]:.2f} s'}", file=sys.stderr)
    return results[-1][2] is None


def scenario(world, change, limit_s):
    change(world)
    return world.until_right(time.monotonic(), limit_s)


def has_command(taglens, command):
    shown = subprocess.run([taglens, "--help"], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    return any(line.split()[:1] == [command] for line in shown.splitlines())


def drive(options, home, results):
    wanted = [s for s in SCENARIOS if not options.only or s[0].__name__ in options.only]
    world = World(options, home / "watched")
    try:
        if wanted and attempt("first index", lambda: first_index(world), results):
            for change, limit_s in wanted:
                name = change.__name__.replace("_", " ")
                if change is decided and not has_command(world.taglens, "decide"):
                    results.append((name, None, "NOT RUN: this build has no `decide`"))
                elif not attempt(name, lambda c=change, s=limit_s: scenario(world, c, s), results):
                    # The later ones would only report this one's mistake again.
                    break
            if world.process:
                attempt("Ctrl-C", lambda: timed(world.stop), results)
    finally:
        if world.process:
            world.process.kill()
            world.process.wait()
    if not options.only or LIMIT in options.only:
        name = LIMIT.replace("_", " ")
        if not os.access(WATCH_LIMIT, os.W_OK):
            results.append((name, None, "NOT RUN: lowering the limit needs root, and Linux"))
            return
        limited = World(options, home / "limited")
        try:
            attempt(name, lambda: with_limit(limited), results)
        finally:
            if limited.process:
                limited.process.kill()
                limited.process.wait()


def timed(work):
    start = time.monotonic()
    work()
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--taglens", type=Path, default=ROOT / "target" / "release" / "taglens")
    parser.add_argument("--model", help="default: the built-in starter")
    parser.add_argument("--only", action="append", choices=[s[0].__name__ for s in SCENARIOS] + [LIMIT],
                        help="later scenarios build on earlier ones: name those too")
    parser.add_argument("--settle", type=float, default=1.0, help="seconds for which the right state has to last")
    parser.add_argument("--keep", type=Path, help="work in this folder, and leave it there")
    options = parser.parse_args()
    options.taglens = options.taglens.resolve()
    results = []
    with tempfile.TemporaryDirectory(prefix="taglens-watching-") as scratch:
        home = (options.keep or Path(scratch)).resolve()
        # The person's own models and library stay out of it.
        os.environ.update(HOME=str(home), XDG_DATA_HOME=str(home / "data"))
        os.environ.pop("TAGLENS_LIBRARY", None)
        drive(options, home, results)
    print("\n| scenario | until right, s |\n|---|---|")
    for name, took_s, wrong in results:
        print(f"| {name} | {wrong.splitlines()[0] if wrong else f'{took_s:.2f}'} |")
    if any(wrong for _, _, wrong in results):
        sys.exit(1)


if __name__ == "__main__":
    main()
