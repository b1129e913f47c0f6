#!/usr/bin/env python3
"""Two exports into the same photos at once, while another program replaces photos and swaps them for links.

    tests/embed_races.py target/debug/taglens [--rounds N] [--photos N] [--seed N]

Two libraries know the same photos and write keywords into them at the same time. Meanwhile photos are replaced by
others, as an editor does, and swapped for links to files outside, and back. After each round

- every photo is there, and is the one that was put there last: all but its XMP is the same to the byte,
- no file outside was changed,
- nothing but photos, and hidden files of writers at work, is in the folder.

At the end, all is exported once more without disturbance, and the keyword is in every photo.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

SAMPLES = pathlib.Path(__file__).parent.parent / "assets" / "samples"
XMP = b"http://ns.adobe.com/xap/1.0/\0"


def segments(data):
    """The segments of a JPEG, and what follows them."""
    assert data[:2] == b"\xff\xd8", "not a JPEG"
    at, found = 2, []
    while data[at + 1] != 0xDA:
        assert data[at] == 0xFF, "no marker"
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        found.append(data[at : at + 2 + length])
        at += 2 + length
    return found, data[at:]


def without_xmp(data):
    found, rest = segments(data)
    kept = [part for part in found if not (part[1] == 0xE1 and part[4:].startswith(XMP))]
    assert rest.endswith(b"\xff\xd9"), "cut off"
    return b"".join(kept) + rest


def variant(number):
    """A photo like none of another number: two factors of its first table of quantisation differ."""
    data = bytearray((SAMPLES / "cat.jpg").read_bytes())
    at = data.index(b"\xff\xdb") + 5
    data[at + 40], data[at + 41] = 1 + number % 250, 1 + number // 250 % 250
    return bytes(data)


class World:
    def __init__(self, program, folder, photos, seed):
        self.program, self.random = os.path.abspath(program), random.Random(seed)
        self.photos, self.outside = folder / "photos", folder / "outside"
        self.photos.mkdir()
        self.outside.mkdir()
        self.next = 0
        self.placed = {self.photos / f"{i:03}.jpg": self.new_version() for i in range(photos)}
        for path, data in self.placed.items():
            self.write(path, data)
        self.libraries = [folder / "a.sqlite", folder / "b.sqlite"]
        words = folder / "words.toml"
        words.write_text('[[label]]\nname = "word"\nthreshold = 0\n')
        for library in self.libraries:
            self.run(library, "vocabulary", "import", str(words))
            self.run(library, "index", str(self.photos))
        self.replaced = self.linked = 0

    def new_version(self):
        self.next += 1
        return variant(self.next)

    def write(self, path, data):
        path.write_bytes(data)
        # What is just being written is waited for, which is not what is tried here.
        at = time.time() - self.random.randint(3600, 1 << 26)
        os.utime(path, (at, at))

    def command(self, library, *arguments):
        return [self.program, "--library", str(library), "--quiet", *arguments]

    def run(self, library, *arguments):
        command = self.command(library, *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done

    def replace(self, path):
        """As an editor saves: beside it, then in its place."""
        new = self.outside / "new.jpg"
        self.write(new, self.new_version())
        self.placed[path] = new.read_bytes()
        os.replace(new, path)
        self.replaced += 1

    def swap(self, path):
        """A link to a file outside stands there for a moment, then a photo again."""
        target = self.outside / "target.jpg"
        self.write(target, self.new_version())
        kept = target.read_bytes()
        link = self.outside / "link.jpg"
        link.symlink_to(target)
        os.replace(link, path)
        self.placed[path] = kept
        time.sleep(self.random.random() * 0.02)
        assert target.read_bytes() == kept, "a file outside was written through a link"
        os.replace(target, path)
        self.linked += 1

    def disturb(self, ended):
        while not ended.is_set():
            act = self.random.choice([self.replace, self.replace, self.swap])
            act(self.random.choice(sorted(self.placed)))
            time.sleep(self.random.random() * 0.01)

    def check(self):
        for path, placed in self.placed.items():
            assert path.is_file() and not path.is_symlink(), f"{path.name} is gone"
            now = path.read_bytes()
            assert len(now) >= len(without_xmp(placed)), f"{path.name} is shorter"
            assert without_xmp(now) == without_xmp(placed), f"{path.name} is not the photo put there last"
        others = {p.name for p in self.photos.iterdir()} - {p.name for p in self.placed}
        strange = [name for name in others if not name.startswith(".taglens-") and not name.endswith(".xmp")]
        assert not strange, f"left over: {strange}"
        assert not list(self.outside.iterdir()), "left outside"

    def round(self, number):
        option = ["--microsoft"] if number % 2 else []
        running = [
            subprocess.Popen(
                self.command(library, "export", "--embed", *option),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for library in self.libraries
        ]
        ended = threading.Event()
        failed = []

        def disturb():
            try:
                self.disturb(ended)
            except AssertionError as error:
                failed.append(error)

        disturber = threading.Thread(target=disturb)
        disturber.start()
        for process in running:
            assert process.wait(timeout=300) in (0, 1)
        ended.set()
        disturber.join()
        assert not failed, failed
        self.check()
        for library in self.libraries:
            self.run(library, "index")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(given.program, pathlib.Path(folder), given.photos, given.seed)
        for number in range(given.rounds):
            world.round(number)
        for _ in range(2):
            for library in world.libraries:
                world.run(library, "export", "--embed")
                world.run(library, "index")
        world.check()
        for path in world.placed:
            assert b"<rdf:li>word</rdf:li>" in path.read_bytes(), f"{path.name} has no keyword"
        rounds = f"{given.rounds} rounds of two exports into {given.photos} photos"
        print(f"{rounds}: {world.replaced} photos replaced, {world.linked} swapped for links, none lost")


if __name__ == "__main__":
    sys.exit(main())
