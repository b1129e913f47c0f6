"""Checks the handbook's links and contents: python3 docs/check.py

Every link to a file of the repository and to a heading must lead somewhere, every page must be in SUMMARY.md,
and every picture must be used.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(path):
    """A page without code, in which brackets mean something else."""
    text = re.sub(r"^ {4}[^\n]*$|^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", path.read_text(), flags=re.M)
    words = (re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings)
    return set(words)


def main():
    faults, reached = [], set()
    pages = sorted(DOCS.glob("*.md"))
    for page in sorted(ROOT.glob("*.md")) + pages + sorted((ROOT / ".github").rglob("*.md")):
        for link in LINK.findall(prose(page)):
            if re.match(r"\w+:", link):
                continue
            file, _, anchor = link.partition("#")
            target = (page.parent / file).resolve() if file else page
            reached.add(target)
            if not target.exists():
                faults.append(f"{page.relative_to(ROOT)}: {link} does not exist")
            elif anchor and anchor not in anchors(target):
                faults.append(f"{page.relative_to(ROOT)}: {link} names no heading of that page")
    contents = {(DOCS / link).resolve() for link in LINK.findall((DOCS / "SUMMARY.md").read_text())}
    for page in pages:
        if page.name != "SUMMARY.md" and page not in contents:
            faults.append(f"docs/{page.name} is not in SUMMARY.md")
    for picture in sorted((DOCS / "pictures").glob("*.png")):
        if picture not in reached:
            faults.append(f"docs/pictures/{picture.name} is not used")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(pages)} pages, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
