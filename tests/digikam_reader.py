#!/usr/bin/env python3
"""What digiKam's own reader takes from sidecars before and after Taglens put keywords in.

    tests/digikam_reader.py [--edit PROGRAM] [--table FILE] [SIDECAR...]

Each sidecar lies beside a small picture in a collection of digiKam's, and again, with two keywords that
examples/sidecar_edit put in, in a second one. digiKam scans both without a screen, and its database says
which tags it took: those after must be those before and ours. Without names, sidecars are made up here,
and those of $TAGLENS_SHARED/xmp are taken where it is set. This takes a minute or two, and is no part of
the usual checks.

digiKam and a display that needs no screen must be there: apt-get install digikam xvfb. Tried with 7.9.0.
"""

import os
import pathlib
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import zlib

from sidecar_readers import ADDED, parsed_options, report, run, sidecars

SETTINGS = """[General Settings]
Version=7.9.0

[Album Settings]
Scan At Start=true

[Metadata Settings]
Use XMP Sidecar For Reading=true
"""
# digiKam's own notes.
INTERNAL = "_Digikam_Internal_Tags_"
PATIENCE_S = 300


def picture(number):
    """A PNG like no other."""
    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    size = 32
    line = b"\0" + struct.pack(">H", number) * (size // 2) + bytes(size * 3 - size)
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * size)) + chunk(b"IEND", b"")


class DigiKam:
    """A digiKam with a database of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.database = folder / "database" / "digikam4.db"
        for name in ("database", "home/.config", "run"):
            (folder / name).mkdir(parents=True)
        (folder / "run").chmod(0o700)
        (folder / "home/.config/digikamrc").write_text(SETTINGS)
        self.log = open(folder / "log", "w+")

    def start(self):
        environment = {
            **os.environ,
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            # Its browser refuses to start as root otherwise.
            "QTWEBENGINE_DISABLE_SANDBOX": "1",
        }
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            environment.pop(name, None)
        return subprocess.Popen(
            ["xvfb-run", "-a", "digikam", "--database-directory", str(self.database.parent)],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
        )

    def query(self, sql, *values):
        # It may be writing.
        database = sqlite3.connect(self.database, timeout=30)
        try:
            with database:
                return database.execute(sql, values).fetchall()
        except sqlite3.OperationalError:
            return []
        finally:
            database.close()

    def until(self, test):
        """Runs digiKam until `test` holds."""
        process = self.start()
        try:
            start = time.monotonic()
            while not test():
                if time.monotonic() - start > PATIENCE_S or process.poll() is not None:
                    self.log.seek(0)
                    sys.exit(f"digiKam does not get there, status {process.returncode}:\n{self.log.read()[-2000:]}")
                time.sleep(1)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def scan(self, folders, pictures):
        """The tags of each picture, by its path, as paths with /."""
        self.until(lambda: self.database.exists() and self.query("SELECT 1 FROM Settings WHERE keyword = 'DBVersion'"))
        for folder in folders:
            self.query(
                "INSERT INTO AlbumRoots (label, status, type, identifier, specificPath) VALUES (?, 0, 1, ?, '/')",
                folder.name, f"volumeid:?path={folder}",
            )
        last = [None, 0]

        def is_settled():
            found = self.query("SELECT count(*) FROM Images WHERE status = 1 AND uniqueHash != ''")
            state = found, self.query("SELECT count(*) FROM ImageTags")
            if state != last[0] or found != [(pictures,)]:
                last[:] = state, time.monotonic()
            return found == [(pictures,)] and time.monotonic() - last[1] > 8

        self.until(is_settled)
        parents = {tag: (name, parent) for tag, parent, name in self.query("SELECT id, pid, name FROM Tags")}

        def path(tag):
            name, parent = parents[tag]
            return f"{path(parent)}/{name}" if parent else name

        tags = {}
        for root, name, tag in self.query(
            "SELECT AlbumRoots.label, Images.name, tagid FROM Images JOIN Albums ON Albums.id = album"
            " JOIN AlbumRoots ON AlbumRoots.id = albumRoot LEFT JOIN ImageTags ON imageid = Images.id"
        ):
            of = tags.setdefault((root, name), set())
            if tag and not path(tag).startswith(INTERNAL):
                of.add(path(tag))
        return tags


def main():
    options = parsed_options(("digikam", "digikam"), ("xvfb-run", "xvfb"))
    problems, lines = [], ["| sidecar | digiKam's tags before | after |", "| --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        sources = sidecars(options, folder)
        before, after = folder / "before", folder / "after"
        before.mkdir()
        after.mkdir()
        kept = []
        for number, source in enumerate(sources):
            name, content = source.name, source.read_bytes()
            sidecar = after / f"{number}.png.xmp"
            sidecar.write_bytes(content)
            code, _, error = run(options.edit, str(sidecar), *[w for keyword in ADDED for w in ("--add", keyword)])
            if code != 0:
                lines.append(f"| {name[:40]} | refused: {error.strip()[:60]} | |")
                sidecar.unlink()
                continue
            for where, salt in (before, 0), (after, 1 << 15):
                (where / f"{number}.png").write_bytes(picture(number | salt))
            (before / f"{number}.png.xmp").write_bytes(content)
            kept.append((number, name))
        tags = DigiKam(folder / "digikam").scan([before, after], 2 * len(kept))
        for number, name in kept:
            old, new = tags.get(("before", f"{number}.png"), set()), tags.get(("after", f"{number}.png"), set())
            lines.append(f"| {name[:40]} | {len(old)} | {len(new)} |")
            expected = old | {keyword.replace("|", "/") for keyword in ADDED}
            if new != expected:
                problems.append(f"{name}: digiKam lacks {sorted(expected - new)}, has {sorted(new - expected)} too many")
    report(options, lines, problems, f"{len(kept)} of {len(sources)} sidecars")


if __name__ == "__main__":
    main()
