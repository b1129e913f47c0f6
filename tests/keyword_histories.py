#!/usr/bin/env python3
"""Random histories of keywords, through the program and exiftool, against the rules of docs/keywords.md.

    tests/keyword_histories.py PROGRAM [--count N] [--seed N]

Each history is a photo and its copies, with sidecars of both names. A person decides in Taglens; other
programs (exiftool here) add, remove, move and embed keywords; files are copied, moved and renumbered.
The rules are stated by what was done and what lies on the disk, not by what the library remembers. A
history that breaks one is printed with its seed, and the exit status is 1.

exiftool must be there: apt-get install libimage-exiftool-perl.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

PHOTO = pathlib.Path(__file__).parent.parent / "assets" / "samples" / "cat.jpg"
VOCABULARY = """
threshold = 1.0
[[label]]
name = "animal"
[[label]]
name = "dog"
parent = "animal"
[[label]]
name = "cat"
parent = "animal"
threshold = 0.0
[[label]]
name = "sky"
threshold = 0.0
"""
# Keywords as other programs write them, and the labels that they stand for.
LABELS = {"animal|dog": "dog", "animal|cat": "cat", "sky": "sky", "Rome": "Rome"}
GIVEN = {"cat", "sky"}


class Broken(Exception):
    """A rule is broken."""


class ExifTool:
    """One exiftool for all histories."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["exiftool", "-stay_open", "True", "-@", "-", "-common_args", "-m"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, *args):
        self.process.stdin.write("\n".join([*map(str, args), "-execute\n"]))
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) and line.strip() != "{ready}":
            lines.append(line)
        return "".join(lines)

    def end(self):
        """It would wait for ever for more, even where nobody can write to it."""
        self.process.communicate("-stay_open\nFalse\n")

    def keywords(self, path):
        """The keywords of a file: each path, and flat names that are no level of one."""
        text = self.run("-j", "-struct", "-XMP-dc:Subject", "-XMP-lr:HierarchicalSubject", path)
        found = json.loads(text[text.index("[") : text.rindex("]") + 1])[0] if "[" in text else {}
        as_list = lambda v: [str(x) for x in v] if isinstance(v, list) else [str(v)]
        paths = as_list(found["HierarchicalSubject"]) if "HierarchicalSubject" in found else []
        flat = as_list(found["Subject"]) if "Subject" in found else []
        levels = {name for keyword in paths for name in keyword.split("|")}
        return set(paths) | {name for name in flat if name not in levels}

    def change(self, path, add=(), remove=()):
        """What a program does that knows both lists; a sidecar is made where there is none."""
        args = []
        for keyword in remove:
            leaf = keyword.split("|")[-1]
            args += [f"-XMP-dc:Subject-={leaf}", f"-XMP-lr:HierarchicalSubject-={keyword}"]
            args += [f"-XMP-digiKam:TagsList-={keyword.replace('|', '/')}"]
        for keyword in add:
            leaf = keyword.split("|")[-1]
            args += [f"-XMP-dc:Subject-={leaf}", f"-XMP-dc:Subject+={leaf}"]
            args += [f"-XMP-lr:HierarchicalSubject+={keyword}"]
        self.run("-overwrite_original", *args, path)


class World:
    """A folder with a library, and what the person did in it."""

    def __init__(self, program, tool, folder):
        self.program, self.tool = program, tool
        self.photos = folder / "photos"
        self.photos.mkdir()
        self.home = folder
        self.library = folder / "library.sqlite"
        (folder / "labels.toml").write_text(VOCABULARY)
        self.taglens("vocabulary", "import", folder / "labels.toml")
        self.next = 1
        shutil.copy(PHOTO, self.photos / "a0.jpg")
        self.photo(0).chmod(0o644)
        # What was said, in the order of time: a label and whether it belongs on the photo.
        self.said = {}
        self.exported = None
        self.index()

    def taglens(self, *args):
        """Runs the program."""
        environment = os.environ | {"HOME": str(self.home), "TAGLENS_LIBRARY": str(self.library)}
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]:
            environment.pop(name, None)
        done = subprocess.run(
            [self.program, *map(str, args), "--quiet"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode not in (0, 1) or "panicked" in done.stderr:
            raise Broken(f"{args} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def index(self):
        self.taglens("index", self.photos)

    def photo(self, number):
        return self.photos / f"a{number}.jpg"

    def files(self):
        return sorted(self.photos.glob("*.jpg"))

    def sidecars(self):
        return sorted(self.photos.glob("*.xmp"))

    def bytes(self):
        return {path.name: path.read_bytes() for path in self.sidecars()}

    def tags(self):
        """The photo's labels: state and origin; all copies have the same."""
        rows = [json.loads(line) for line in self.taglens("tags", "--format", "jsonl").splitlines()]
        tags = [{t["label"]: (t["state"], t["origin"]) for t in row["tags"]} for row in rows]
        return tags[0] if tags else {}

    def accepted(self):
        return {label for label, (state, _) in self.tags().items() if state == "accepted"}

    def steady(self):
        """Rule 9: looking again changes nothing."""
        before, files = self.tags(), self.bytes()
        self.index()
        if self.tags() != before:
            raise Broken(f"index twice: {before} then {self.tags()}")
        if self.bytes() != files:
            raise Broken("index writes")


def index(world, _):
    world.index()
    world.steady()


def export(world, _):
    """Rules 1, 5 and 9: what was there stays, what is rejected is not written, once is enough."""
    world.index()
    tags, before = world.tags(), world.bytes()
    there = {path.name: world.tool.keywords(path) for path in world.sidecars()}
    world.taglens("export")
    if world.tags() != tags:
        raise Broken(f"export decides: {tags} then {world.tags()}")
    after = world.bytes()
    rejected = {label for label, (state, _) in tags.items() if state == "rejected"}
    for path in world.sidecars():
        has = world.tool.keywords(path)
        new = has - there.get(path.name, set())
        wrong = [k for k in new if LABELS.get(k) in rejected]
        if wrong:
            raise Broken(f"{path.name}: {wrong} was rejected and is written")
    world.taglens("export")
    if world.bytes() != after:
        raise Broken("export twice")
    # One that has nothing to write is none that could be undone.
    world.exported = (before, after) if before != after else None
    world.steady()


def undo(world, _):
    """Rule 3: what nobody touched since is as it was before the export, to the byte."""
    if world.exported is None:
        return
    before, after = world.exported
    now = world.bytes()
    world.taglens("export", "--undo")
    back = world.bytes()
    for name, content in after.items():
        if now.get(name) == content and back.get(name) != before.get(name):
            raise Broken(f"{name} is not as it was")
    world.exported = None


def decide(word, accepted):
    def act(world, draw):
        label = LABELS[word(draw)]
        photo = draw.choice(world.files())
        world.index()
        world.taglens("decide", "accept" if accepted else "reject", label, photo)
        state = world.tags().get(label, (None,))[0]
        if state != ("accepted" if accepted else "rejected"):
            raise Broken(f"{label} is {state} after the decision")

    act.__qualname__ = "accept" if accepted else "reject"
    return act


def add(world, draw):
    """Rule 1: a keyword that a person puts anywhere is on the photo."""
    world.index()
    keyword = draw.choice(sorted(LABELS))
    photo = draw.choice(world.files())
    name = draw.choice([photo.name + ".xmp", photo.stem + ".xmp"])
    path = world.photos / name
    if path.exists() and any(k.split("|")[-1] == keyword.split("|")[-1] for k in world.tool.keywords(path)):
        return
    elsewhere = set().union(*(world.tool.keywords(p) for p in [*world.files(), *world.sidecars()]))
    world.tool.change(path, add=[keyword])
    world.exported = None
    world.index()
    # One that another place has already is no news, and a rejection of it stays.
    if LABELS[keyword] not in world.accepted() and keyword not in elsewhere:
        raise Broken(f"{keyword} was put into {name} and is not on the photo: {world.tags()}")
    world.steady()


def remove(world, draw):
    """Rules 1 and 2: what is removed where it was alone is on the photo no more."""
    world.index()
    sidecars = world.sidecars()
    if not sidecars:
        return
    path = draw.choice(sidecars)
    keywords = sorted(world.tool.keywords(path))
    if not keywords:
        return
    keyword = draw.choice(keywords)
    others = [p for p in [*world.files(), *sidecars] if p != path]
    leaf = keyword.split("|")[-1].lower()
    is_there = any(
        k.split("|")[-1].lower() == leaf for p in others for k in world.tool.keywords(p)
    )
    before = world.tags()
    world.tool.change(path, remove=[keyword])
    world.exported = None
    world.index()
    label = LABELS.get(keyword)
    same = any(k.split("|")[-1].lower() == leaf for k in world.tool.keywords(path))
    # Ours alone may have been written over; a decision in Taglens holds beside the person's keyword.
    is_own = before.get(label, (None, None))[1] == "person"
    if label and not is_there and not same and len(keywords) > 2 and not is_own:
        if label in world.accepted():
            raise Broken(f"{keyword} was removed from {path.name} and stays: {world.tags()}")
    world.steady()


def move_parent(world, draw):
    """Rule 2: a keyword of any kind that is moved is not rejected."""
    world.index()
    sidecars = world.sidecars()
    if not sidecars:
        return
    path = draw.choice(sidecars)
    moved = [k for k in sorted(world.tool.keywords(path)) if k in LABELS]
    if not moved:
        return
    keyword = draw.choice(moved)
    leaf = keyword.split("|")[-1]
    world.tool.change(path, remove=[keyword], add=[f"mine|{leaf}"])
    world.exported = None
    world.index()
    if not any(state == "accepted" and label.split("|")[-1] == leaf for label, (state, _) in world.tags().items()):
        raise Broken(f"{keyword} was moved in {path.name} and nothing of it is left: {world.tags()}")
    world.steady()


def delete(world, draw):
    """Who deletes a sidecar rejects nothing."""
    world.index()
    if not world.sidecars():
        return
    before = {label for label, (state, _) in world.tags().items() if state == "rejected"}
    draw.choice(world.sidecars()).unlink()
    world.exported = None
    world.index()
    after = {label for label, (state, _) in world.tags().items() if state == "rejected"}
    if after - before:
        raise Broken(f"{after - before} is rejected by a sidecar that was deleted")
    world.steady()


def stay(act):
    """Rule 3: records follow the photo."""

    def acted(world, draw):
        world.index()
        before = world.tags()
        act(world, draw)
        world.index()
        if world.tags() != before:
            raise Broken(f"moving: {before} then {world.tags()}")
        world.steady()

    acted.__qualname__ = act.__qualname__
    return acted


def carry(world, old, new, how):
    for suffix in [".jpg", ".jpg.xmp", ".xmp"]:
        source = world.photos / (old.stem + suffix)
        if source.exists():
            how(source, world.photos / (new + suffix))


def move(world, draw):
    carry(world, draw.choice(world.files()), f"a{world.next}", shutil.move)
    world.next += 1


def copy(world, draw):
    if len(world.files()) < 3:
        carry(world, draw.choice(world.files()), f"a{world.next}", shutil.copy2)
        world.next += 1


def lost_library(world):
    """Rule 8: a library made anew has the same tags, and the machine's are still the machine's."""
    world.index()
    world.taglens("export")
    world.index()
    before = world.tags()
    shutil.rmtree(world.home / "library.sqlite.backups", ignore_errors=True)
    for path in world.home.glob("library.sqlite*"):
        path.unlink()
    world.taglens("vocabulary", "import", world.home / "labels.toml")
    world.index()
    after = world.tags()
    for label, (state, origin) in before.items():
        if state == "accepted":
            now = after.get(label, (None, None))
            if now[0] != "accepted":
                raise Broken(f"{label} is lost with the library: {before} then {after}")
            if origin == "auto" and now[1] != "auto":
                raise Broken(f"{label} was the machine's: {before} then {after}")


# Those that the vocabulary has: only on them can be decided.
WORD = lambda draw: draw.choice(["animal|dog", "animal|cat", "sky"])
ACTS = [
    (index, 2),
    (export, 4),
    (undo, 1),
    (decide(WORD, True), 2),
    (decide(WORD, False), 2),
    (add, 3),
    (remove, 3),
    (move_parent, 1),
    (delete, 1),
    (stay(move), 1),
    (stay(copy), 1),
]


def play(program, tool, seed):
    """Plays a history. What broke, and after which acts."""
    draw = random.Random(seed)
    done = []
    with tempfile.TemporaryDirectory() as folder:
        world = World(program, tool, pathlib.Path(folder))
        try:
            for _ in range(draw.randint(4, 10)):
                act = draw.choices([a for a, _ in ACTS], [weight for _, weight in ACTS])[0]
                done.append(act.__qualname__)
                act(world, draw)
            done.append("lost_library")
            lost_library(world)
        except Broken as broken:
            return f"seed {seed}: {' '.join(done)}: {broken}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    tool = ExifTool()
    broken = 0
    try:
        for seed in range(options.seed, options.seed + options.count):
            wrong = play(program, tool, seed)
            if wrong:
                broken += 1
                print(wrong, flush=True)
    finally:
        tool.end()
    print(f"{options.count} histories, {broken} broke a rule")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
