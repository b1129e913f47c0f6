"""Follows the handbook to the letter, as somebody with a fresh account: python3 tests/handbook.py PROGRAM

Every command of README.md's Start and of docs/first-hour.md must work on a home folder with the sample photos in
~/Pictures, in their order. The block after a sentence that ends with "prints, among other things," is in what its
command prints. docs/pictures.sh follows what needs a window.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# They open the window.
WINDOW = re.compile(r"taglens(\s+[~/]\S*)?$")


def blocks(page):
    """The page's paragraphs and indented blocks, in order: (is it a block, text)."""
    parts = re.split(r"\n{2,}(?=\S)|\n\n(?= {4})", page.strip("\n"))
    return [(part.startswith("    "), re.sub(r"^ {4}", "", part, flags=re.M).strip()) for part in parts]


def commands(block):
    lines = (line.split("  #")[0].strip() for line in block.splitlines())
    return [line for line in lines if re.match(r"taglens\b", line)]


def words(text):
    return " ".join(text.split())


def follow(page, run, faults):
    """Runs a page's commands; returns how many."""
    ran, printed = 0, None
    name = page.name
    text = page.read_text()
    if name == "README.md":
        text = text.split("\n## Start\n")[1].split("\n## ")[0]
    for is_block, part in blocks(text):
        if not is_block:
            asked = re.search(r"`(\w+)` prints, among other things,$", part)
            printed = asked and asked.group(1)
        elif found := commands(part):
            for command in found:
                if WINDOW.match(command):
                    continue
                ran += 1
                result = run(command)
                if result.returncode != 0:
                    faults.append(f"{name}: `{command}` ends with {result.returncode}: {result.stderr.strip()}")
        elif printed:
            command = next(c for c in re.findall(r"taglens .*", text) if c.split()[1] == printed)
            output = run(command).stdout
            ran += 1
            if words(part) not in words(output):
                faults.append(f"{name}: `{command}` prints\n{output}\nwithout\n{part}")
            printed = None
    return ran


def main():
    program = Path(sys.argv[1]).resolve()
    faults, ran = [], 0
    for page in [ROOT / "README.md", ROOT / "docs/first-hour.md"]:
        with tempfile.TemporaryDirectory() as home:
            home = Path(home)
            (home / "bin").mkdir()
            (home / "bin/taglens").symlink_to(program)
            shutil.copytree(ROOT / "assets/samples", home / "Pictures")
            environment = {
                "HOME": str(home),
                "XDG_DATA_HOME": str(home / "data"),
                "XDG_RUNTIME_DIR": str(home),
                "PATH": f"{home}/bin:/usr/bin:/bin",
            }
            ran += follow(
                page,
                lambda command: subprocess.run(
                    ["bash", "-c", f"{command} --format table" if " explain " in command else command],
                    cwd=home, env=environment, capture_output=True, text=True, timeout=300,
                ),
                faults,
            )
    for fault in faults:
        print(fault)
    print(f"{ran} commands, {len(faults)} faults")
    sys.exit(bool(faults) or ran < 10)


main()
