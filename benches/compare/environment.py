"""The Python that the comparisons run in: a virtual environment with fixed versions.

Every script here can be started with any Python 3.11 or newer; `enter` makes the environment in
target/compare where it is missing, and starts the script again inside it. That way each
comparison is one command, and its figures always belong to the same versions.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "compare"
TO_MEASURE = "requirements.txt"
TO_EXPORT = "requirements-export.txt"

# Old OpenBLAS builds need them on some processors; a current numpy is only slowed down by them.
OPENBLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def shared():
    """The folder of reference photographs, where the tests look for it too."""
    return Path(os.environ.get("TAGLENS_SHARED", ROOT.parent / "shared"))


def limit_to(cores):
    """Holds this process and what it starts to so many cores, and libraries to as many threads.

    The affinity is what counts: no engine can cheat it, and those that ask the system how many
    cores there are (Taglens among them) get the right answer."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(cores)


def enter(*requirements, cores=None):
    """Goes on inside the environment, with the packages of `requirements` (file names)."""
    environment = WORK / "venv"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    for name in requirements:
        wanted = (HERE / name).read_text(encoding="utf-8")
        mark = environment / f"installed-{name}"
        if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
            print(f"installing {name} into {environment}", file=sys.stderr)
            # Both lists at once, so that the second cannot move a version of the first.
            both = [part for r in requirements for part in ("-r", str(HERE / r))]
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *both],
                           check=True)
            mark.write_text(wanted, encoding="utf-8")
    # An environment's python is a link to the system's: only the prefix tells them apart.
    unset = [name for name in OPENBLAS if name in os.environ]
    if Path(sys.prefix).resolve() != environment.resolve() or unset:
        kept = {k: v for k, v in os.environ.items() if k not in OPENBLAS}
        if unset:
            kept["TAGLENS_COMPARE_UNSET"] = ", ".join(unset)
        os.execve(str(python), [str(python), *sys.argv], kept)
    if cores:
        limit_to(cores)


def unset_variables():
    """Which of the OPENBLAS variables `enter` has taken away, as text, or None."""
    return os.environ.get("TAGLENS_COMPARE_UNSET")


def versions():
    """The packages that are measured with, as one line of text."""
    lines = (HERE / TO_MEASURE).read_text(encoding="utf-8").splitlines()
    return ", ".join(line for line in lines if not line.startswith("#"))
