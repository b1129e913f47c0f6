"""Writes the tables that text cleaning needs into resources/clip/, from the libraries that the
reference tokenizer calls: Python's html.entities and ftfy.

Run with Python 3.11 and ftfy 6.3.1:  python tests/golden/tokenizer/tables.py
"""

import html.entities
import json
import pathlib
import re

import ftfy
from ftfy import badness, chardata

assert ftfy.__version__ == "6.3.1", ftfy.__version__
OUT = pathlib.Path(__file__).resolve().parents[3] / "resources" / "clip"


def flat(verbose: str) -> str:
    """A re.VERBOSE pattern without its layout, for an engine whose verbose mode has other rules."""
    out, in_class, in_comment, escaped = [], False, False, False
    for c in verbose:
        if in_comment:
            in_comment = c != "\n"
        elif escaped:
            out.append(c)
            escaped = False
        elif c == "\\":
            out.append(c)
            escaped = True
        elif in_class:
            out.append(c)
            in_class = c != "]"
        elif c == "[":
            out.append(c)
            in_class = True
        elif c == "#":
            in_comment = True
        elif not c.isspace():
            out.append(c)
    return "".join(out)


def members(char_class: str) -> str:
    """Every character of a regex class's inside, such as "a-cx"."""
    one = re.compile(f"[{char_class}]")
    return "".join(chr(i) for i in range(0x10000) if one.match(chr(i)))


bad = flat(badness.BADNESS_RE.pattern)
# Python's \s takes in U+001C to U+001F too; its \w is letters, numbers and the underscore.
bad = bad.replace("\\s", "[\\s\\x1c-\\x1f]").replace("\\w", "[\\p{L}\\p{N}_]")

tables = {
    "source": "ftfy 6.3.1 (Apache-2.0): BADNESS_RE, UTF8_CLUES and the codecs of CHARMAP_ENCODINGS",
    "badness": bad,
    "clues": {name: members(chars) for name, chars in chardata.UTF8_CLUES.items()},
    "charmaps": [
        {"name": name, "high_half": bytes(range(0x80, 0x100)).decode(name)}
        for name in chardata.CHARMAP_ENCODINGS
    ],
    "ligatures": {chr(k): v for k, v in chardata.LIGATURES.items()},
}
(OUT / "mojibake.json").write_text(
    json.dumps(tables, ensure_ascii=True, indent=1) + "\n", encoding="ascii"
)

lines = [
    name + "\t" + " ".join(f"{ord(c):X}" for c in chars)
    for name, chars in sorted(html.entities.html5.items())
]
(OUT / "html_entities.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
print(len(lines), "entities;", len(bad), "characters of badness")
