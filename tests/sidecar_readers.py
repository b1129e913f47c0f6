#!/usr/bin/env python3
"""What other programs read in sidecars before and after Taglens put keywords in.

    tests/sidecar_readers.py [--edit PROGRAM] [--table FILE] [SIDECAR...]

Every sidecar is copied, read by exiftool and exiv2 (and darktable-cli, where it is installed), given
two keywords by examples/sidecar_edit, and read again. Keywords and hierarchies must be those before
and ours, every other field must be the same, and removing the keywords must bring back every byte.
Without names, sidecars are made up here, and those of $TAGLENS_SHARED/xmp are taken where it is set.

exiftool and exiv2 must be there: apt-get install libimage-exiftool-perl exiv2.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ADDED = ["animal|dog", "beach"]
LEAVES = {"dog", "beach"}
PATHS = {"animal|dog", "beach"}

MADE_UP = {
    "lightroom.xmp": """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:Rating="3"
   xmp:Label="Red"
   crs:Exposure2012="+0.35"
   crs:Contrast2012="-12">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>person</rdf:li>
     <rdf:li>Anna</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>person|Anna</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
   <crs:ToneCurvePV2012>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
     <rdf:li>255, 255</rdf:li>
    </rdf:Seq>
   </crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
""",
    "bare.xmp": """<x:xmpmeta xmlns:x='adobe:ns:meta/'>\r
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\r
<rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='5'/>\r
</rdf:RDF>\r
</x:xmpmeta>\r
""",
    "empty.xmp": """<x:xmpmeta xmlns:x='adobe:ns:meta/'>
 <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
  <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='image/jpeg'>
   <dc:subject>
    <rdf:Bag/>
   </dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
""",
}

# Field names of keywords, by reader, and what separates the levels there.
EXIFTOOL = {
    "XMP-dc:Subject": None,
    "XMP-lr:HierarchicalSubject": "|",
    "XMP-digiKam:TagsList": "/",
}
EXIV2 = {
    "Xmp.dc.subject": None,
    "Xmp.lr.hierarchicalSubject": "|",
    "Xmp.digiKam.TagsList": "/",
}
DEVELOP = re.compile(r"^(XMP-|Xmp\.)(crs|darktable)\b")


def run(*command):
    result = subprocess.run(command, capture_output=True, check=False)
    return result.returncode, result.stdout.decode("utf-8", "replace"), result.stderr.decode()


def read_exiftool(path):
    _, out, error = run("exiftool", "-j", "-G1", "-a", "-struct", "-XMP:all", str(path))
    if not out:
        sys.exit(f"exiftool: {error}")
    fields = json.loads(out)[0]
    fields.pop("SourceFile")
    keywords = {}
    for name in EXIFTOOL:
        value = fields.pop(name, [])
        values = value if isinstance(value, list) else [value]
        keywords[name] = [str(v) for v in values if v != ""]
    return keywords, fields


def read_exiv2(path):
    _, out, error = run("exiv2", "-Pkyv", "-q", str(path))
    if error.strip():
        sys.exit(f"exiv2 on {path}: {error}")
    keywords = {name: [] for name in EXIV2}
    fields = {}
    last = None
    for line in out.split("\n"):
        part = re.match(r"(Xmp\.\S+)\s+(Xmp\w+|LangAlt)\s*(.*)", line)
        if not part:
            if last:
                fields[last] = fields[last] + "\n" + line
            continue
        name, _, value = part.groups()
        last = None
        if name in keywords:
            keywords[name] = [v for v in value.split(", ") if v]
        else:
            last = name
            # A structure's fields come one a line.
            fields[name] = fields.get(name, "") + value
    return keywords, {name: value.strip() for name, value in fields.items()}


def as_paths(keywords, names):
    """The keywords of the hierarchical properties, each as a set of paths with |."""
    return {
        name: {value.replace(separator, "|") for value in keywords[name]}
        for name, separator in names.items()
        if separator
    }


def check(path, before, after, names, problems):
    (keywords, fields), (new_keywords, new_fields) = before, after
    flat, *_ = names
    expected = set(keywords[flat]) | LEAVES
    if set(new_keywords[flat]) != expected:
        problems.append(f"{path}: {flat} is {new_keywords[flat]}, not {sorted(expected)}")
    # What was there in any of the properties, for those that Taglens brings in.
    known = set(keywords[flat]) | {leaf for v in as_paths(keywords, names).values() for leaf in v}
    for name, paths in as_paths(keywords, names).items():
        found = as_paths(new_keywords, names)[name]
        if not (paths | PATHS) <= found:
            problems.append(f"{path}: {name} lacks {sorted((paths | PATHS) - found)}")
        extra = found - paths - PATHS
        # A slash in a name is a backslash where slashes separate.
        if paths and extra or not {e.replace("\\", "/") for e in extra} <= {k.replace("|", "/") for k in known} | known:
            problems.append(f"{path}: {name} has {sorted(extra)} too many")
    if fields != new_fields:
        changed = {k for k in fields.keys() | new_fields.keys() if fields.get(k) != new_fields.get(k)}
        problems.append(f"{path}: other fields changed: {sorted(changed)}")


def rating(fields):
    return next((str(v) for k, v in fields.items() if k.endswith(("xmp:Rating", "xmp.Rating"))), "–")


def develop(fields):
    return sum(1 for name in fields if DEVELOP.search(name))


def row(path, reader, before, after, names):
    (keywords, fields), (new_keywords, new_fields) = before, after
    counts = [f"{len(keywords[name])} → {len(new_keywords[name])}" for name in names]
    same = "same" if fields == new_fields else "CHANGED"
    return [
        path.name[:40], reader, *counts,
        f"{rating(fields)} → {rating(new_fields)}",
        f"{develop(fields)} → {develop(new_fields)}",
        f"{len(fields)}, {same}",
    ]


def read_darktable(sidecar, folder):
    """The keywords with which darktable takes a picture that has this sidecar into its library."""
    work = folder / "darktable"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    picture = work / "picture.ppm"
    picture.write_bytes(b"P6 16 16 255\n" + b"\x80" * (16 * 16 * 3))
    shutil.copyfile(sidecar, work / "picture.ppm.xmp")
    _, log, error = run(
        "darktable-cli", str(picture), str(work / "out.jpg"), "--core",
        "--configdir", str(work), "--library", str(work / "library.db"),
    )
    if not (work / "data.db").exists():
        return f"darktable-cli made no library: {(error or log).strip()[-200:]}"
    library = sqlite3.connect(work / "library.db")
    library.execute("ATTACH ? AS data", (str(work / "data.db"),))
    query = "SELECT name FROM data.tags JOIN main.tagged_images ON id = tagid"
    tags = {name for (name,) in library.execute(query)}
    # The lowest three bits of the flags are the rating.
    (stars,) = library.execute("SELECT flags & 7 FROM images").fetchone()
    (steps,) = library.execute("SELECT count(*) FROM history").fetchone()
    return tags, stars, steps


def parsed_options(*programs):
    """What was asked for, where the programs are there; `edit` is made where it was not named."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edit", help="the program made from examples/sidecar_edit.rs")
    parser.add_argument("--table", help="where the table goes as Markdown")
    parser.add_argument("sidecars", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    for program, package in programs:
        if not shutil.which(program):
            sys.exit(f"{program} is not installed: apt-get install {package}")
    if not options.edit:
        build = ["cargo", "build", "--quiet", "--example", "sidecar_edit"]
        subprocess.run(build, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", "target")
        options.edit = f"{target}/debug/examples/sidecar_edit"
    return options


def sidecars(options, folder):
    """The sidecars to try; without names those made up here, into `folder`, and the shared ones."""
    sources = list(options.sidecars)
    if not sources:
        for name, text in MADE_UP.items():
            (folder / f"made-up-{name}").write_bytes(text.encode())
            sources.append(folder / f"made-up-{name}")
        shared = os.environ.get("TAGLENS_SHARED")
        sources += sorted(pathlib.Path(shared, "xmp").glob("*.xmp")) if shared else []
    return sources


def report(options, lines, problems, tried):
    """Prints the table and what is wrong, and ends."""
    print("\n".join(lines))
    if options.table:
        pathlib.Path(options.table).write_text("\n".join(lines) + "\n")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{tried}, {len(problems)} problems", file=sys.stderr)
    sys.exit(1 if problems else 0)


def main():
    options = parsed_options(("exiftool", "libimage-exiftool-perl"), ("exiv2", "exiv2"))
    edit = options.edit
    problems, rows = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        sources = sidecars(options, folder)
        for source in sources:
            original = source.read_bytes()
            copy = folder / f"copy-of-{source.name}"
            copy.write_bytes(original)
            code, _, error = run(edit, str(copy), "--dry-run", "--add", ADDED[0])
            if code != 0:
                rows.append([source.name[:40], "–", *["refused"] * 3, "–", "–", error.strip()[:60]])
                if copy.read_bytes() != original:
                    problems.append(f"{source}: refused, but changed")
                continue
            before = read_exiftool(copy), read_exiv2(copy)
            add = [word for keyword in ADDED for word in ("--add", keyword)]
            code, _, error = run(edit, str(copy), *add)
            if code != 0:
                problems.append(f"{source}: {error}")
                continue
            after = read_exiftool(copy), read_exiv2(copy)
            for reader, old, new, names in zip(("exiftool", "exiv2"), before, after, (EXIFTOOL, EXIV2)):
                check(source, old, new, names, problems)
                rows.append(row(source, reader, old, new, names))
            if shutil.which("darktable-cli"):
                exported = read_darktable(copy, folder), read_darktable(source, folder)
                if isinstance(exported[0], str) or isinstance(exported[1], str):
                    problems.append(f"{source}: {exported}")
                else:
                    (paths, *state), (old_paths, *old_state) = exported
                    rows.append([
                        source.name[:40], "darktable", "–", f"{len(old_paths)} → {len(paths)}", "–",
                        *(f"{old} → {new}" for old, new in zip(old_state, state)), "–",
                    ])
                    lost = (old_paths | PATHS) - paths
                    if state != old_state:
                        problems.append(f"{source}: darktable has {state}, had {old_state}")
                    # darktable's own tags about the picture come and go with what it does.
                    lost = {e for e in lost if not e.startswith("darktable|")}
                    if lost:
                        problems.append(f"{source}: darktable lost {sorted(lost)}; it has {sorted(paths)}")
            remove = [word for keyword in ADDED for word in ("--remove", keyword)]
            run(edit, str(copy), *remove)
            if copy.read_bytes() != original:
                problems.append(f"{source}: does not come back to the byte")

    head = ["sidecar", "reader", "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList", "rating", "develop settings", "other fields"]
    lines = ["| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *rows]]
    report(options, lines, problems, f"{len(sources)} sidecars")


if __name__ == "__main__":
    main()
