#!/usr/bin/env python3
"""Random work on one library for a long time, with the watcher and the window open on it.

    tests/soak.py PROGRAM [--minutes N] [--seed N] [--window] [--folder FOLDER]

Photos come, change, move and go, in every folder; another program edits sidecars; a person decides, edits
labels, exports and undoes, on the command line and (--window, which needs Xvfb and xdotool) with keys in
the window. `taglens index --watch` runs all the time. Every few minutes the work stops. Then

- all must come to rest within REST_SECONDS,
- the library must equal a new one made from the same folder with the same labels and decisions: photos,
  failures, decisions, embeddings, and tags that follow from a decision or a threshold of 0,
- tags must equal those that a copy of the library computes anew, within ROUNDING,
- the watcher and the window must use less than IDLE_SHARE of a core, and their memory, descriptors and
  threads must stay within the bounds below.

What breaks is printed with the seed, the folder is kept, and the exit status is 1.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SAMPLES = pathlib.Path(__file__).parent.parent / "assets" / "samples"
VOCABULARY = """# Given to every photo, so that a photo without it has been forgotten.
[[label]]
name = "picture"
threshold = 0.0
[[label]]
name = "animal"
[[label]]
name = "cat"
parent = "animal"
[[label]]
name = "coffee"
[[label]]
name = "rocket"
# Only other programs use these two.
[[label]]
name = "holiday"
threshold = 1.0
[[label]]
name = "family"
threshold = 1.0
"""
# Labels that a person decides on; keywords that other programs write. A word in both would have two
# answers: a new library cannot know which came later.
DECIDED = ["cat", "coffee", "rocket", "animal"]
FOREIGN = ["holiday", "family", "Rome", "Grandma's house"]
EXTRA = ["dog", "tree", "car", "beach", "sky", "cup", "night", "food"]

CHECK_SECONDS = 120
REST_SECONDS = 120
# A machine with other work may need long; what hangs needs longer.
COMMAND_SECONDS = 900
QUIET_SECONDS = 6
IDLE_SECONDS = 15
IDLE_SHARE = 0.02
# Of a confidence.
ROUNDING = 0.001
# Between the second check, when caches are full, and every later one.
MEMORY_GROWTH_MIB = 64
DESCRIPTOR_GROWTH = 12
THREAD_GROWTH = 6

KEYS = (
    "Right Left Down Up a x a x ctrl+z ctrl+shift+z ctrl+a Escape space space F5 ctrl+1 ctrl+1 ctrl+2 ctrl+3"
    " ctrl+5 ctrl+b ctrl+b ctrl+i ctrl+i"
).split()


class Broken(Exception):
    """A promise is broken."""


def png(draw):
    """A small photo: a gradient with rectangles."""
    width, height = draw.randint(40, 160), draw.randint(40, 160)
    low, high = [[draw.randrange(256) for _ in range(3)] for _ in range(2)]
    boxes = [
        (draw.randrange(width), draw.randrange(height), bytes(draw.randrange(256) for _ in range(3)))
        for _ in range(3)
    ]
    rows = bytearray()
    for y in range(height):
        shade = bytes((a * (height - y) + b * y) // height for a, b in zip(low, high))
        row = bytearray(shade * width)
        for left, top, colour in boxes:
            if top <= y < top + height // 4:
                right = min(width, left + width // 4)
                row[left * 3 : right * 3] = colour * (right - left)
        rows += b"\0" + row
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(draw):
    """A sample with a comment of its own: another file that shows the same."""
    data = draw.choice(sorted(SAMPLES.glob("*.jpg"))).read_bytes()
    comment = str(draw.random()).encode()
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + data[2:]


def content(draw, name):
    """What a file of that name may contain; some are damaged."""
    if draw.random() < 0.06:
        return jpeg(draw)[: draw.randint(0, 60)]
    return png(draw) if name.endswith(".png") else jpeg(draw)


class Process:
    """A program that runs all the time, with what it uses."""

    def __init__(self, name, words, environment, folder):
        self.name, self.samples = name, []
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(
            words, env=environment, stdout=subprocess.DEVNULL, stderr=self.log.open("w")
        )
        self.proc = pathlib.Path("/proc") / str(self.process.pid)

    def must_run(self):
        said = self.log.read_text(errors="replace")
        if self.process.poll() is not None or "panicked" in said:
            raise Broken(f"{self.name} ended with {self.process.poll()}: {said[-2000:]}")

    def processor_seconds(self):
        fields = (self.proc / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def uses(self):
        """Memory in MiB, descriptors, threads."""
        status = dict(line.split(":", 1) for line in (self.proc / "status").read_text().splitlines())
        memory = int(status["VmRSS"].split()[0]) / 1024
        return memory, len(list((self.proc / "fd").iterdir())), int(status["Threads"])

    def end(self):
        """Ends it as a system does; the seconds that it takes. A shell may have its children ignore Ctrl-C."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Broken(f"{self.name} does not end")
        return time.monotonic() - began


class World:
    """The folder, the library, and the programs on it."""

    def __init__(self, program, folder, seed, window):
        self.program, self.folder, self.draw = program, folder, random.Random(seed)
        self.photos, self.away = folder / "photos", folder / "away"
        self.library, self.labels = folder / "library.sqlite", folder / "labels.toml"
        self.journal = (folder / "acts.log").open("w", buffering=1)
        self.counts, self.refusals, self.number = {}, 0, 0
        for made in [self.photos, self.away, folder / "home", folder / "runtime"]:
            made.mkdir()
        (folder / "runtime").chmod(0o700)
        self.environment = {n: v for n, v in os.environ.items() if not n.startswith(("XDG_", "TAGLENS_"))}
        self.environment |= {"HOME": str(folder / "home"), "XDG_RUNTIME_DIR": str(folder / "runtime")}
        self.labels.write_text(VOCABULARY)
        self.taglens("vocabulary", "import", self.labels)
        for _ in range(20):
            add(self)
        self.taglens("index", self.photos)
        self.xvfb, self.running = None, []
        self.running.append(self.start("watcher", "index", "--watch"))
        if window:
            # The first to come keeps the library up to date; the window then shows what it does.
            time.sleep(3)
            self.open_window()

    def start(self, name, *words):
        words = [self.program, *words, "--library", self.library]
        return Process(name, list(map(str, words)), self.environment, self.folder)

    def open_window(self):
        ours, theirs = os.pipe()
        words = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        self.xvfb = subprocess.Popen(words, pass_fds=[theirs], stderr=subprocess.DEVNULL)
        os.close(theirs)
        self.environment["DISPLAY"] = ":" + os.read(ours, 16).decode().strip()
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.running.append(self.start("window"))
        self.xdotool("search", "--sync", "--onlyvisible", "--name", "Taglens", "windowfocus")

    def xdotool(self, *words):
        subprocess.run(["xdotool", *words], env=self.environment, timeout=60, stdout=subprocess.DEVNULL)

    def taglens(self, *words, library=None, allowed=(0, 1)):
        """Runs a command; what it prints."""
        words = [self.program, *words, "--library", library or self.library]
        done = subprocess.run(
            list(map(str, words)), env=self.environment, capture_output=True, text=True, timeout=COMMAND_SECONDS
        )
        if done.returncode == 2 and 2 in allowed:
            self.refusals += 1
        if done.returncode not in allowed or "panicked" in done.stderr:
            raise Broken(f"{words[1:]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def files(self):
        kinds = {".jpg", ".png"}
        return sorted(p for p in self.photos.rglob("*") if p.suffix in kinds and p.is_file())

    def folders(self):
        return [self.photos, *sorted(p for p in self.photos.rglob("*") if p.is_dir())]

    def act(self):
        act = self.draw.choices([a for a, _ in ACTS], [weight for _, weight in ACTS])[0]
        self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
        what = act(self)
        print(f"{time.time():.2f} {act.__name__} {what or ''}", file=self.journal)

    def is_quiet(self):
        """Whether nothing happens for QUIET_SECONDS."""
        look = lambda: [
            [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(self.folder.glob("library.sqlite*"))
             if p.is_file() and not p.name.endswith("-shm")],
            [r.processor_seconds() for r in self.running],
        ]
        files, used = look()
        time.sleep(QUIET_SECONDS)
        later, used_later = look()
        busy = any(b - a > QUIET_SECONDS * 0.1 for a, b in zip(used, used_later))
        waiting = json.loads(self.taglens("status", "--format", "json"))["waiting"]
        return files == later and not busy and not waiting

    def come_to_rest(self):
        until = time.monotonic() + REST_SECONDS
        while not self.is_quiet():
            if time.monotonic() > until:
                raise Broken(f"no rest within {REST_SECONDS} s")

    def end(self):
        took = [(r.name, r.end()) for r in self.running]
        if self.xvfb:
            self.xvfb.terminate()
        return took


# What people and other programs do.


def new_name(world):
    world.number += 1
    # Cameras count anew, and give names again.
    return f"IMG_{world.draw.randint(1, 400):04}." + world.draw.choice(["jpg", "jpg", "png"])


def write(world, path, data):
    """As a camera, a download or a program that replaces the file."""
    how = world.draw.randrange(3)
    if how == 0:
        path.write_bytes(data)
    elif how == 1:
        with path.open("wb") as file:
            for at in range(0, len(data), 20_000):
                file.write(data[at : at + 20_000])
                file.flush()
                time.sleep(0.05)
    else:
        made = path.with_name("." + path.name + ".part")
        made.write_bytes(data)
        made.replace(path)


def add(world):
    if len(world.files()) > 120:
        return None
    path = world.draw.choice(world.folders()) / new_name(world)
    if not path.exists():
        write(world, path, content(world.draw, path.name))
    return path


def change(world):
    path = world.draw.choice(world.files())
    write(world, path, content(world.draw, path.name))
    return path


def touch(world):
    path = world.draw.choice(world.files())
    path.touch()
    return path


def delete(world):
    files = world.files()
    if len(files) < 15:
        return None
    path = world.draw.choice(files)
    path.unlink()
    if world.draw.random() < 0.5:
        sidecar(path).unlink(missing_ok=True)
    return path


def move(world, how=shutil.move):
    path = world.draw.choice(world.files())
    to = world.draw.choice(world.folders()) / (new_name(world)[:-3] + path.suffix[1:])
    if to.exists() or sidecar(to).exists():
        return None
    how(path, to)
    if sidecar(path).exists():
        how(sidecar(path), sidecar(to))
    return f"{path} {to}"


def copy(world):
    return move(world, shutil.copy2) if len(world.files()) < 120 else None


def make_folder(world):
    if len(world.folders()) > 12:
        return None
    path = world.draw.choice(world.folders()) / f"trip-{world.draw.randint(1, 40)}"
    path.mkdir(exist_ok=True)
    return path


def move_folder(world):
    """Renamed, moved, or away for a while and back."""
    folders = world.folders()[1:]
    if not folders:
        return None
    path = world.draw.choice(folders)
    inside = [f for f in world.folders() if path not in [f, *f.parents]]
    to = world.draw.choice(inside) / f"trip-{world.draw.randint(1, 40)}"
    if to.exists():
        return None
    if world.draw.random() < 0.5:
        away = world.away / path.name
        path.rename(away)
        time.sleep(world.draw.choice([0.2, 3]))
        away.rename(to)
    else:
        path.rename(to)
    return f"{path} {to}"


def delete_folder(world):
    folders = world.folders()[1:]
    if not folders or len(world.files()) < 30:
        return None
    path = world.draw.choice(folders)
    shutil.rmtree(path)
    return path


def sidecar(path):
    return path.with_name(path.name + ".xmp")


SIDECAR = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
"""


def edit_sidecar(world):
    """Another program adds or removes a keyword of its own, or deletes the sidecar."""
    path = sidecar(world.draw.choice(world.files()))
    word = world.draw.choice(FOREIGN)
    item = f"<rdf:li>{word}</rdf:li>"
    text = path.read_text() if path.exists() else SIDECAR.format("")
    if path.exists() and world.draw.random() < 0.15:
        path.unlink()
        return f"{path} deleted"
    bag = re.search(r"<dc:subject>\s*<rdf:Bag>", text)
    if bag is None:
        text = SIDECAR.format(item)
    elif item in text:
        text = text.replace(item, "")
    else:
        text = text[: bag.end()] + item + text[bag.end() :]
    path.write_text(text)
    return f"{path} {word}"


def take_out(world):
    """Another program removes one of Taglens's keywords, which rejects the tag."""
    for path in world.draw.sample(world.files(), 5):
        text = sidecar(path).read_text() if sidecar(path).exists() else ""
        there = [w for w in DECIDED if f"<rdf:li>{w}</rdf:li>" in text]
        if there:
            word = world.draw.choice(there)
            whole = re.compile(rf"\s*<rdf:li>([^<]*[|/])?{word}</rdf:li>")
            sidecar(path).write_text(whole.sub("", text))
            return f"{path} {word}"
    return None


def decide(world):
    files = world.draw.sample(world.files(), world.draw.randint(1, 4))
    verb = world.draw.choice(["accept", "accept", "reject", "clear"])
    label = world.draw.choice(DECIDED)
    world.taglens("decide", verb, label, *files, allowed=(0, 1, 2))
    return f"{verb} {label} {' '.join(map(str, files))}"


def edit_labels(world):
    word, other = world.draw.sample(EXTRA, 2)
    words = world.draw.choice([
        ["add", word],
        ["remove", word],
        ["rename", word, other],
        ["set", world.draw.choice(DECIDED), "--threshold", f"{world.draw.uniform(0.1, 0.9):.2f}"],
    ])
    world.taglens("vocabulary", *words, allowed=(0, 2))
    return " ".join(words)


def edit_labels_file(world):
    """The file that the labels came from: its changes are taken up, unless labels were edited since."""
    world.labels.write_text(VOCABULARY + "".join(
        f'[[label]]\nname = "{word}"\n' for word in world.draw.sample(EXTRA, 3)
    ))


def export(world):
    world.taglens("export")


def undo_export(world):
    world.taglens("export", "--undo", allowed=(0, 1, 2))


def press_keys(world):
    if not world.xvfb:
        return None
    keys = world.draw.choices(KEYS, k=world.draw.randint(1, 6))
    world.xdotool("key", "--delay", "60", *keys)
    return " ".join(keys)


ACTS = [
    (add, 8), (change, 5), (touch, 2), (delete, 4), (move, 6), (copy, 3), (make_folder, 2), (move_folder, 3),
    (delete_folder, 1), (edit_sidecar, 8), (take_out, 3), (decide, 8), (edit_labels, 3), (edit_labels_file, 1),
    (export, 2), (undo_export, 1), (press_keys, 6),
]


# What must be true at rest.


def read(library, sql):
    with sqlite3.connect(f"file:{library}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def state(world, library):
    """What a library says, as far as it must not depend on how it came about."""
    rows = json.loads(world.taglens("tags", "--format", "json", library=library))
    decided, given = {}, {}
    for row in rows:
        tags = row["tags"]
        decided[row["path"]] = {(t["label"], t["state"], t["origin"]) for t in tags if t["origin"] != "auto"}
        given[row["path"]] = "picture" in {t["label"] for t in tags}
    status = json.loads(world.taglens("status", "--format", "json", library=library))
    present = "JOIN files f ON f.photo_id = p.id AND f.presence = 0"
    return {
        "photos": {row["path"]: True for row in rows},
        "decided tags": decided,
        "photos with the label of all": given,
        "failures": {f["path"]: f["error"] for f in status["failures"]},
        "problems of sidecars": {s["path"]: s for s in status["sidecars"]},
        "damage": {str(d): True for d in status["damage"]},
        "decisions": dict(read(library, f"""SELECT f.path || ' ' || l.name, d.accepted || ' ' || d.origin
            FROM decisions d JOIN labels l ON l.id = d.label_id JOIN photos p ON p.id = d.photo_id {present}""")),
        "embeddings": dict(read(library, f"""SELECT f.path, e.vector FROM embeddings e
            JOIN photos p ON p.id = e.photo_id {present}""")),
    }


def differences(old, new, names=("the library", "a new one")):
    for what in old:
        for key in sorted({*old[what], *new[what]}):
            a, b = old[what].get(key), new[what].get(key)
            if a != b:
                yield f"{what}: {key}: {names[0]} has {str(a)[:300]}, {names[1]} {str(b)[:300]}"


def forget_tags(library):
    with sqlite3.connect(library) as connection:
        connection.execute("DELETE FROM tags")
        connection.execute("DELETE FROM scored")


def all_tags(world, library):
    rows = json.loads(world.taglens("tags", "--format", "json", library=library))
    return {(row["path"], tag["label"]): tag for row in rows for tag in row["tags"]}


def different_tags(world, again):
    """Tags that are not as computed anew. Those of new photos are computed before embeddings are rounded."""
    rows = json.loads(world.taglens("vocabulary", "list", "--format", "json"))
    thresholds = {row["name"]: row.get("threshold") or 0.33 for row in rows}
    now, then = all_tags(world, world.library), all_tags(world, again)
    for key in sorted({*now, *then}):
        a, b = now.get(key), then.get(key)
        given_from = thresholds.get(key[1], 0.33)
        bounds = [given_from, max(0.2, given_from * 0.65)]
        if any(abs((a or b)["confidence"] - bound) < ROUNDING for bound in bounds):
            continue
        same = lambda tag: tag and (tag["state"], tag["origin"])
        if same(a) != same(b) or abs(a["confidence"] - b["confidence"]) > ROUNDING:
            yield f"tags: {key}: the library has {a}, its copy with tags computed anew {b}"


def compare(world):
    scratch = pathlib.Path(tempfile.mkdtemp(dir=world.folder, prefix="compare-"))
    new, again = scratch / "new.sqlite", scratch / "again.sqlite"
    # Accepted keywords must come from the files; a rejection has left no trace in them.
    lines = [json.loads(line) for line in world.taglens("decisions", "export", "-").splitlines()]
    lines = [line for line in lines if not (line["sidecar"] and line["accepted"])]
    (scratch / "decisions").write_text("".join(json.dumps(line) + "\n" for line in lines))
    world.taglens("vocabulary", "export", scratch / "labels.toml")
    world.taglens("vocabulary", "import", scratch / "labels.toml", library=new)
    # Decisions may be there before the photos, or come to them.
    steps = [["index", world.photos], ["decisions", "import", scratch / "decisions"], ["index", world.photos]]
    for step in steps[world.draw.randrange(2) :]:
        world.taglens(*step, library=new)
    found = list(differences(state(world, world.library), state(world, new)))
    world.taglens("library", "backup", again)
    forget_tags(again)
    world.taglens("index", library=again)
    found += different_tags(world, again)
    if found:
        raise Broken("\n".join(found[:20]))
    shutil.rmtree(scratch)


def check(world, checks):
    """Rest, states, and what the programs use."""
    for running in world.running:
        running.must_run()
    world.come_to_rest()
    # Until an export, sidecars say what they said at the last one, and a new library believes them.
    world.taglens("export")
    world.come_to_rest()
    before = [r.processor_seconds() for r in world.running]
    time.sleep(IDLE_SECONDS)
    shares = [(r.processor_seconds() - b) / IDLE_SECONDS for r, b in zip(world.running, before)]
    compare(world)
    world.taglens("library", "check", allowed=(0,))
    for running, share in zip(world.running, shares):
        memory, descriptors, threads = running.uses()
        running.samples.append((memory, descriptors, threads, share))
        print(
            f"{time.strftime('%T')} {running.name}: {memory:.0f} MiB, {descriptors} descriptors,"
            f" {threads} threads, {share:.1%} of a core at rest",
            flush=True,
        )
        if share > IDLE_SHARE:
            raise Broken(f"{running.name} uses {share:.1%} of a core at rest")
        if checks > 2:
            was = running.samples[1]
            bounds = [MEMORY_GROWTH_MIB, DESCRIPTOR_GROWTH, THREAD_GROWTH]
            for what, a, b, most in zip(["MiB", "descriptors", "threads"], was, running.samples[-1], bounds):
                if b - a > most:
                    raise Broken(f"{running.name} has grown from {a:.0f} to {b:.0f} {what}")


def soak(world, minutes):
    end = time.monotonic() + minutes * 60
    checks = 0
    while checks == 0 or time.monotonic() < end:
        until = min(end, time.monotonic() + CHECK_SECONDS)
        while time.monotonic() < until:
            world.act()
            time.sleep(world.draw.choice([0, 0, 0.1, 0.5, 2]))
        checks += 1
        check(world, checks)
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--window", action="store_true", help="also open the window, and press keys in it")
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="taglens-soak-", dir=options.folder))
    program = str(pathlib.Path(options.program).resolve())
    print(f"seed {options.seed}, in {folder}", flush=True)
    world = None
    try:
        world = World(program, folder, options.seed, options.window)
        checks = soak(world, options.minutes)
    except (Broken, subprocess.TimeoutExpired) as broken:
        print(f"seed {options.seed}, in {folder}: {broken}", file=sys.stderr)
        return 1
    finally:
        took = world.end() if world else []
    acts = ", ".join(f"{name} {count}" for name, count in sorted(world.counts.items()))
    print(f"{checks} checks after {sum(world.counts.values())} acts, {world.refusals} refused: {acts}")
    for running, (_, seconds) in zip(world.running, took):
        peak = max(sample[0] for sample in running.samples)
        idle = statistics.median(sample[3] for sample in running.samples)
        print(f"{running.name}: at most {peak:.0f} MiB, {idle:.1%} of a core at rest, ended in {seconds:.1f} s")
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
