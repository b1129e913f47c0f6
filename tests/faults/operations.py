"""What meets faults: commands, what they start from, and what must hold afterwards."""

import dataclasses
import shutil
import sqlite3
import typing

from world import THEIRS, Broken, age, png

MODEL = "vit-b-32-openai"


@dataclasses.dataclass
class Operation:
    """A command and its promises."""

    name: str
    prepare: typing.Callable
    command: typing.Callable
    # A last check, which gets the files as they were before.
    finish: typing.Callable = lambda world, before: None
    # Whether it may end with 0 when it has named what it could not read, for the next run.
    names: bool = False
    # Whether it pauses after an error, so that more runs at a time cost nothing.
    waits: bool = False
    # Whether the library is damaged until the operation has succeeded.
    is_damaged: bool = False
    # What to run again afterwards; by default the same.
    again: typing.Callable = None


def nothing(_):
    """No library."""


def labels(world):
    """A library with labels and no photos."""
    world.done("vocabulary", "import", world.folder / "a.toml")


def tagged(world):
    """A library that knows the photos, with a decision."""
    labels(world)
    world.done("index", world.photos)
    world.done("decide", "reject", "thing 1", world.photos / "a.png")
    # So that the operation makes today's.
    shutil.rmtree(f"{world.library}.backups", ignore_errors=True)


def changed(world):
    """A library that is behind its photos, their sidecars and its labels."""
    tagged(world)
    world.done("export", world.photos / "b.png")
    world.done("vocabulary", "import", world.folder / "b.toml")
    png(world.photos / "sub/e.png", 5)
    age(world.photos / "sub/e.png")
    (world.photos / "b.png").rename(world.photos / "sub/b.png")
    (world.photos / "sub/c.png.xmp").write_text(THEIRS % "Paris")


def exported(world):
    """A library whose tags are in sidecars."""
    tagged(world)
    world.done("export")


def embedded(world):
    """A library whose tags are inside the photos."""
    tagged(world)
    world.done("export", "--embed")


def interrupted(world):
    """An export that was killed between two sidecars."""
    tagged(world)
    world.original = world.files()
    start = world.folder.parent / "start"
    shutil.copytree(world.folder, start)
    for n in range(1, 3000, 20):
        world.inject("kill", "once", n, "export")
        visible = {name: data for name, data in world.files().items() if "/." not in f"/{name}"}
        if visible != world.original and world.asked("open writes")["open writes"]:
            break
        shutil.rmtree(world.folder)
        shutil.copytree(start, world.folder)
    else:
        raise Broken("no export was killed half-way")
    for path in world.photos.rglob(".*"):
        path.unlink()
    shutil.rmtree(start)


def decided_elsewhere(world):
    """A library, and decisions in a file."""
    tagged(world)
    world.done("decide", "accept", "thing 2", world.photos)
    world.done("decisions", "export", world.folder / "decisions.jsonl")
    world.done("decide", "clear", "thing 2", world.photos)


def damaged(world):
    """A library with a damaged decision, and its backup."""
    tagged(world)
    # It makes the backup.
    world.done("vocabulary", "import", world.folder / "b.toml")
    library = sqlite3.connect(world.library)
    library.execute("UPDATE decisions SET accepted = 1 - accepted")
    library.commit()
    library.close()


def backed_up(world):
    """A library that has changed since its backup."""
    tagged(world)
    world.done("vocabulary", "import", world.folder / "b.toml")
    world.done("decide", "clear", "thing 1", world.photos / "a.png")


def newest_backup(world):
    return sorted(world.library.parent.glob("*.backups/*.gz"))[0].name.removesuffix(".library.gz")


def listed_elsewhere(world):
    """A library, and an older list of decisions."""
    tagged(world)
    (world.folder / "out.jsonl").write_text("old\n")


def copy_is_whole(world, _):
    """A copy that has its name is complete."""
    copy = world.folder / "copy.sqlite"
    if copy.exists():
        library = sqlite3.connect(copy)
        whole = library.execute("PRAGMA integrity_check").fetchall()
        decisions = library.execute("SELECT count(*) FROM decisions").fetchone()[0]
        library.close()
        if whole != [("ok",)] or decisions != 3:
            raise Broken(f"the copy is {whole} with {decisions} decisions")


def undo_all(world, before):
    """Whatever the exports wrote can be taken back."""
    for _ in range(4):
        status, said = world.run("export", "--undo")
        if status:
            raise Broken(f"export --undo ended with {status}: {said}")
        if "no export" in said:
            break
    else:
        raise Broken("undoing has no end")
    if world.files() != (world.original or before):
        raise Broken("the exports cannot be undone")


OPERATIONS = [
    Operation("create", nothing, lambda w: ["vocabulary", "import", w.folder / "a.toml"]),
    Operation("index", labels, lambda w: ["index", w.photos, "--threads", "1"], names=True),
    Operation("index again", changed, lambda w: ["index", "--threads", "1"], names=True),
    Operation("export", tagged, lambda w: ["export"], undo_all),
    Operation("embed", tagged, lambda w: ["export", "--embed"], undo_all),
    Operation("undo embedding", embedded, lambda w: ["export", "--undo"]),
    Operation("export after a kill", interrupted, lambda w: ["export"], undo_all),
    Operation("undo", exported, lambda w: ["export", "--undo"]),
    Operation("decide", tagged, lambda w: ["decide", "accept", "thing 2", w.photos / "d.jpg"]),
    Operation("import labels", tagged, lambda w: ["vocabulary", "import", w.folder / "b.toml"]),
    Operation(
        "import decisions",
        decided_elsewhere,
        lambda w: ["decisions", "import", w.folder / "decisions.jsonl"],
    ),
    Operation(
        "list decisions",
        listed_elsewhere,
        lambda w: ["decisions", "export", w.folder / "out.jsonl"],
    ),
    Operation(
        "back up",
        tagged,
        lambda w: ["library", "backup", w.folder / "copy.sqlite"],
        copy_is_whole,
        again=lambda w: ["library", "check"],
    ),
    Operation("repair", damaged, lambda w: ["library", "repair"], is_damaged=True),
    Operation("restore", backed_up, lambda w: ["library", "restore", newest_backup(w)]),
    Operation("read", tagged, lambda w: ["tags"]),
    Operation("pull", nothing, lambda w: ["model", "pull", MODEL, "--replace"], waits=True),
]
