#!/usr/bin/env python3
"""Embeds keywords into copies of photos, compares old and new with exiftool, exiv2 and ImageMagick,
and takes all back.

    tests/embed.py target/debug/taglens FOLDER...

Each photo that `taglens export --embed` writes has to have the keywords, the same pixels and the same
other tags, a second export has to change nothing, and `export --undo` has to restore every byte. Programs
that are not installed are left out, and named at the end.
"""

import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FORMATS = {".jpg", ".jpeg", ".jpe", ".mpo", ".png", ".webp", ".tif", ".tiff", ".dng"}
LABEL = "embedded by Taglens"
# What holds keywords, what follows from the file's length, and where things are in the file: what is
# there is compared instead.
KEYWORDS = re.compile(
    r"(Subject|HierarchicalSubject|TagsList|LastKeywordXMP|CatalogSets|State|XMPToolkit|Keywords|XPKeywords"
    r"|CurrentIPTCDigest|IPTCDigest|ApplicationNotes|PhotoshopSettings)$"
)
PLACES = re.compile(
    r"^(System:|File:File|ExifTool:|SourceFile|.*:(ThumbnailOffset|PreviewImageStart|OtherImageStart"
    r"|JpgFromRawStart|MPImageStart|MPImageLength|RedOriginalSize|WebPFlags|WebP_Flags|XMP$|ExifByteOrder))"
)


def tags(path):
    """All tags by exiftool, with binary data."""
    done = subprocess.run(
        ["exiftool", "-json", "-G1", "-a", "-u", "-b", "-struct", str(path)], capture_output=True, check=False
    )
    try:
        found = json.loads(done.stdout)[0]
    except (json.JSONDecodeError, IndexError):
        return None
    # VP8X repeats the size that the picture has.
    is_other = lambda name: not KEYWORDS.search(name) and not PLACES.match(name)
    return {
        name: value
        for name, value in found.items()
        if is_other(name) and not (name.startswith("RIFF:") and name.endswith(("Width", "Height", "Scale", "Version")))
    }


def keywords(path):
    done = subprocess.run(
        ["exiftool", "-json", "-XMP-dc:Subject", str(path)], capture_output=True, check=False
    )
    try:
        found = json.loads(done.stdout)[0].get("Subject", [])
    except (json.JSONDecodeError, IndexError):
        return []
    return [str(word) for word in (found if isinstance(found, list) else [found])]


def exiv2(path):
    """EXIF and IPTC tags by exiv2, without keywords."""
    done = subprocess.run(["exiv2", "-PEIkt", str(path)], capture_output=True, check=False)
    lines = done.stdout.decode(errors="replace").splitlines()
    skipped = ("Keywords", "XPKeywords", "XMLPacket", "IPTCNAA", "ImageResources", "JPEGInterchangeFormat ")
    return [line for line in lines if not any(word in line for word in skipped)]


def pixels(path):
    """ImageMagick's hash of the pixels of all pictures in a file."""
    done = subprocess.run(["identify", "-format", "%#\n", str(path)], capture_output=True, check=False)
    return done.stdout


def differences(old, new, programs):
    """What differs between two files besides keywords."""
    problems = []
    if "exiftool" in programs:
        before, after = tags(old), tags(new)
        if before is None or after is None:
            problems.append("exiftool cannot read it")
        else:
            names = sorted(set(before) | set(after))
            other = [name for name in names if before.get(name) != after.get(name)]
            if other:
                problems.append("exiftool: " + ", ".join(other[:5]))
    if "exiv2" in programs and exiv2(old) != exiv2(new):
        problems.append("exiv2 finds other tags")
    before = pixels(old) if "identify" in programs else b""
    if before and before != pixels(new):
        problems.append("ImageMagick finds other pixels")
    return problems


def installed():
    return [name for name in ("exiftool", "exiv2", "identify") if shutil.which(name)]


def compare_pairs(lines):
    """Compares pairs of files, one pair a line: old, tab, new."""
    programs, counts, bad = installed(), collections.Counter(), 0
    for line in lines:
        old, new = line.rstrip("\n").split("\t")
        problems = differences(old, new, programs)
        if "exiftool" in programs and not keywords(new):
            problems.append("exiftool finds no keywords")
        counts[pathlib.Path(old).suffix.lower()] += 1
        if problems:
            bad += 1
            print(f"{old}: {'; '.join(problems)}")
    print(dict(counts), "compared with", ", ".join(programs))
    return bad


def digests(folder):
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def main():
    if sys.argv[1:2] == ["--pairs"]:
        return 1 if compare_pairs(sys.stdin) else 0
    program, folders = os.path.abspath(sys.argv[1]), sys.argv[2:]
    programs = installed()
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        (work / "old").mkdir()
        (work / "photos").mkdir()
        number = 0
        for folder in folders:
            for path in sorted(pathlib.Path(folder).rglob("*")):
                if path.is_file() and path.suffix.lower() in FORMATS:
                    number += 1
                    name = f"{number:05}{path.suffix.lower()}"
                    for to in ("old", "photos"):
                        shutil.copyfile(path, work / to / name)
        library = work / "library.sqlite"

        def run(*arguments):
            command = [program, "--library", str(library), "--quiet", "--format", "json", *arguments]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        words = work / "words.txt"
        words.write_text(f"{LABEL}\nanimal\n")
        run("vocabulary", "import", str(words))
        run("index", str(work / "photos"))
        run("decide", "accept", LABEL, str(work / "photos"))
        before = digests(work / "photos")
        done = run("export", "--embed")
        print(done.stdout.strip())
        after = digests(work / "photos")
        written, bad = collections.Counter(), 0
        for path in before:
            suffix = path.suffix
            if before[path] == after.get(path):
                continue
            written[suffix] += 1
            problems = differences(work / "old" / path.name, path, programs)
            if "exiftool" in programs and LABEL not in keywords(path):
                problems.append(f"exiftool does not find the keyword among {keywords(path)}")
            if problems:
                bad += 1
                print(f"{path.name}: {'; '.join(problems)}")
        all_of = collections.Counter(path.suffix for path in before)
        reasons = collections.Counter(
            line.rsplit(": ", 1)[-1] for line in done.stderr.splitlines() if " was not " in line
        )
        for suffix in sorted(all_of):
            print(f"{suffix}: {written[suffix]} of {all_of[suffix]} written")
        for reason, count in reasons.most_common():
            print(f"  {count} × {reason}")
        run("index")
        again = run("export", "--embed")
        if digests(work / "photos") != after:
            bad += 1
            print("a second export changes files:", again.stdout.strip())
        undone = run("export", "--undo")
        back = digests(work / "photos")
        if back != before:
            bad += 1
            other = [path.name for path in set(before) | set(back) if before.get(path) != back.get(path)]
            print(f"{len(other)} files do not come back: {other[:5]}", undone.stderr.strip()[-300:])
        print(f"{sum(written.values())} photos written, {bad} problems; compared with {', '.join(programs)}")
        return 1 if bad or not written else 0


if __name__ == "__main__":
    sys.exit(main())
