"""Photos, a library and a home folder for one program, and what they hold."""

import json
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess
import time
import zlib

REPOSITORY = pathlib.Path(__file__).parents[2]
# Tokens of CLIP's vocabulary, and the width that the golden tests' small model has.
TOKENS, WIDTH = 49_408, 48
# No command takes longer without a fault, and none waits longer for another program's lock.
PATIENCE_S = 90

THEIRS = """<x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'
  xmlns:dc='http://purl.org/dc/elements/1.1/'>
<dc:subject><rdf:Bag><rdf:li>thing 3</rdf:li><rdf:li>%s</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>
"""

# What must be the same after a run without faults, whether or not one with a fault came before.
QUESTIONS = {
    "decisions": """SELECT hex(photos.hash), name, accepted, origin FROM decisions
        JOIN photos ON photos.id = photo_id JOIN labels ON labels.id = label_id""",
    "vocabularies": "SELECT name, text, active FROM vocabularies",
    "files": """SELECT files.path, presence, hex(coalesce(files.hash, photos.hash)), files.error, photos.error
        FROM files LEFT JOIN photos ON photos.id = photo_id""",
    "embeddings": "SELECT hex(photos.hash), hex(vector) FROM embeddings JOIN photos ON photos.id = photo_id",
    "tags": """SELECT hex(photos.hash), name, round(confidence, 3), tags.accepted FROM tags
        JOIN photos ON photos.id = photo_id JOIN labels ON labels.id = label_id""",
    # A file that is known without its digest is read again, so that of what is inside photos is left out.
    "sources": "SELECT owner, kind, path, state, iif(kind = 0, '', digest) FROM sources",
    "keywords": """SELECT owner, kind, role, keyword, name FROM source_keywords
        JOIN sources ON sources.id = source_id JOIN labels ON labels.id = label_id""",
    "problems": "SELECT photo, writing, path FROM sidecar_problems",
    "open writes": "SELECT path FROM export_writes WHERE settled = 0",
    "about": "SELECT hex(photos.hash), version, captured_ms, camera FROM about JOIN photos ON photos.id = photo_id",
}


def small_model(path):
    """The golden tests' small model with as many tokens as the tokenizer has."""
    data = (REPOSITORY / "tests/golden/cbow.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    head, values = json.loads(data[8 : 8 + length]), data[8 + length :]
    numbers = random.Random(1)
    table = b"".join(struct.pack("<e", numbers.uniform(-1, 1)) for _ in range(TOKENS * WIDTH))
    head["cbow.token_embedding.weight"] = {
        "dtype": "F16",
        "shape": [TOKENS, WIDTH],
        "data_offsets": [len(values), len(values) + len(table)],
    }
    head = {name: entry for name, entry in head.items() if name != "__metadata__"}
    # No gaps are allowed: the old table goes.
    body = b""
    for name, entry in head.items():
        start, end = entry["data_offsets"]
        part = (values + table)[start:end]
        entry["data_offsets"] = [len(body), len(body) + len(part)]
        body += part
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def png(path, seed):
    """A small picture like no other."""
    numbers = random.Random(seed)
    rows = b"".join(b"\0" + numbers.randbytes(3 * 8) for _ in range(8))

    def chunk(kind, data):
        sum_ = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", sum_)

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


def vocabulary(numbers):
    """Labels that every photo gets."""
    return "".join(f'[[label]]\nname = "thing {n}"\nthreshold = 0\n' for n in numbers)


def age(path):
    """Photos that have just been written would be waited for."""
    hour_ago = time.time() - 3600
    os.utime(path, (hour_ago, hour_ago))


class World:
    """All files of one user. Only what lies in `folder` meets faults."""

    def __init__(self, folder, program, model, injector):
        self.folder, self.program, self.model, self.injector = folder, program, model, injector
        self.report = folder.parent / "report"
        # The photos and sidecars before all exports, where that is not how the operation found them.
        self.original = None
        self.photos, self.library = folder / "photos", folder / "data/taglens/library.sqlite"
        self.models = folder / "data/taglens/models"
        self.environment = {
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "HF_HOME": str(folder / "hub"),
            "TMPDIR": str(folder / "tmp"),
            "PATH": os.environ.get("PATH", ""),
            "RAYON_NUM_THREADS": "1",
        }

    def begin(self):
        """Photos, two vocabularies and no library."""
        (self.photos / "sub").mkdir(parents=True)
        (self.folder / "tmp").mkdir()
        for name, seed in [("a.png", 1), ("b.png", 2), ("sub/c.png", 3)]:
            png(self.photos / name, seed)
        shutil.copy(REPOSITORY / "assets/samples/cat.jpg", self.photos / "d.jpg")
        (self.photos / "sub/c.png.xmp").write_text(THEIRS % "Rome")
        for path in self.photos.rglob("*.*"):
            age(path)
        (self.folder / "a.toml").write_text(vocabulary(range(5)))
        (self.folder / "b.toml").write_text(vocabulary(range(7, 2, -1)))

    def command(self, *args):
        return [
            str(self.program),
            *map(str, args),
            *["--quiet", "--device", "cpu", "--model", str(self.model), "--library", str(self.library)],
        ]

    def run(self, *args, through=()):
        """Exit status and standard error; raises TimeoutExpired."""
        command = [*map(str, through), *self.command(*args)]
        child = subprocess.run(
            command,
            env=self.environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=False,
        )
        return child.returncode, child.stderr.decode(errors="replace")

    def inject(self, kind, mode, n, *args):
        """Like `run`, with a fault."""
        self.report.write_text("")
        through = [self.injector, kind, mode, n, self.report, self.folder, "--"]
        return self.run(*args, through=through)

    def reported(self):
        """What the last fault was: see inject.c."""
        return [line.split(" ", 1) for line in self.report.read_text().splitlines()]

    def done(self, *args):
        """A run that has to succeed."""
        status, said = self.run(*args)
        if status:
            raise Broken(f"without a fault, {' '.join(map(str, args))} ended with {status}: {said}")

    def files(self):
        """The bytes of all photos and sidecars, and of what was asked for (`out.`)."""
        paths = [path for path in self.photos.rglob("*") if path.is_file()]
        found = {str(path.relative_to(self.photos)): path.read_bytes() for path in paths}
        return found | {path.name: path.read_bytes() for path in self.folder.glob("out.*")}

    def asked(self, *names):
        """The library's answers to some questions, or to all."""
        if not self.library.exists():
            return {}
        library = sqlite3.connect(self.library)
        library.text_factory = lambda data: data.decode(errors="replace")
        try:
            whole = library.execute("PRAGMA integrity_check").fetchall()
            if whole != [("ok",)]:
                raise Broken(f"the library is damaged: {whole}")
            answers = {}
            for name in names or QUESTIONS:
                try:
                    rows = library.execute(QUESTIONS[name]).fetchall()
                except sqlite3.OperationalError as error:
                    if "no such table" not in str(error):
                        raise
                    rows = []
                here = str(self.folder)
                answers[name] = sorted(repr(row).replace(here, "") for row in rows)
            return answers
        finally:
            library.close()

    def installed(self):
        """The models' files."""
        if not self.models.exists():
            return {}
        paths = [path for path in self.models.rglob("*") if path.is_file()]
        return {
            # The manifest has the time and the server's address.
            str(path.relative_to(self.models)): path.read_bytes() if path.suffix != ".json" else b""
            for path in paths
        }


class Broken(Exception):
    """A promise is broken."""
