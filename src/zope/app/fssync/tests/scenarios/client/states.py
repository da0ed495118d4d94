"""Every state of a working copy, every state of the server, and every verb.

A person brings a working copy into a state, others bring the server into one, and
then a command runs.  What it prints is followed to the letter: a command that a
message names is run next.  `docs/states.rst` shows what came of it.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from typing import NamedTuple

from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.tests.scenarios.client.twosides import URL
from zope.app.fssync.tests.scenarios.client.twosides import Site
from zope.app.fssync.tests.scenarios.client.twosides import Tree
from zope.app.fssync.tests.scenarios.client.twosides import lines_of
from zope.fssync.descriptionnames import description_name
from zope.fssync.descriptionnames import is_description

__all__ = [
    "LOCALS",
    "VERBS",
    "Cell",
    "Known",
    "Outcome",
    "Run",
    "World",
    "cells",
    "put_back",
    "server_states",
]

#: Where a working copy is checked in.
COPY = f"{URL}-copy"

#: What else makes the file.
TEXT = "@@f.txt.meta"

#: What is there before either side does anything.
BEGINNING: Tree = {
    "d": None,
    "d/e": None,
    "d/e/y.txt": b"y\n",
    "d/x.txt": b"x\n",
    "f.txt": b"one\ntwo\nthree\n",
    "keep.txt": b"keep\n",
}


#: A line about an object: letters or a word, and the path.
SHOWN = re.compile(
    r"([A-Z?!~ ]{2}|Sending|Adding|Moving|Removing|Resolved|Reverted) +(\S+)"
    r"(?: \([^)]*\))?$"
)


class Outcome(NamedTuple):
    """What a command printed, and how it ended."""

    command: str
    status: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def changed(self) -> bool:
        """Did it report anything?"""
        return self.lines not in (["Up to date."], ["Nothing to commit."])

    def letters(self, path: str) -> str:
        """The letters before a path, or before what belongs to it."""
        found = (SHOWN.match(line) for line in self.lines)
        shown = [m[1].strip() for m in found if m and m[2].rstrip("/") == path]
        return ", ".join(dict.fromkeys(shown))

    def parts(self) -> list[str]:
        """The parts of objects that are told to be in conflict."""
        found = (re.match(r" +> (\S*@@\S*\.meta): ", line) for line in self.lines)
        return [match[1] for match in found if match]

    def named(self) -> list[list[str]]:
        """The commands that the messages name, with their arguments."""
        shown = filter(None, map(SHOWN.match, self.lines))
        # The second letter is that of parts of an object.
        marked = [match[2].rstrip("/") for match in shown if "C" in match[1]]
        marked = marked or self.parts()
        found: list[list[str]] = []
        for command in re.findall(r"'zsync ([^']+)'", self.text):
            words = command.split()
            if words[0] in LOOKING:
                continue
            if "PATH" not in words:
                found.append(words)
                continue
            # One conflict after the other would commit the first without the others.
            if marked:
                found.append(words[: words.index("PATH")] + marked)
        return found


class World:
    """A site and a working copy of it; `zsync` runs in this process."""

    def __init__(self, site: Site, home: Path) -> None:
        self.site = site
        self.top = home / "co" / "demo"

    def begin(self) -> None:
        """Make the objects and check them out."""
        for path, content in BEGINNING.items():
            self.site.put(path, content)
        self.zsync("checkout", URL, str(self.top.parent))

    def zsync(self, *args: str) -> Outcome:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            status = main(list(args))
        lines = [line.replace(" ./", " ") for line in out.getvalue().splitlines()]
        return Outcome(" ".join(args), status, lines)

    def status(self) -> list[str]:
        """What is not as the server last sent it."""
        lines = self.zsync("status").lines
        return [line for line in lines if not line.startswith("hint: the server")]

    # The person here

    def path(self, path: str) -> Path:
        return self.top / path

    def read(self, path: str) -> bytes:
        return self.path(path).read_bytes()

    def write(self, path: str, content: bytes) -> None:
        self.path(path).parent.mkdir(exist_ok=True)
        self.path(path).write_bytes(content)

    def delete(self, path: str) -> None:
        place = self.path(path)
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()

    def settle(self, path: str) -> None:
        """Edit what is in conflict of an object, and drop the markers."""
        own, beside = description_name(""), description_name(self.path(path).name)
        self._settle(self.path(path))
        self._settle(self.path(path) / own)
        self._settle(self.path(path).parent / beside)

    def _settle(self, place: Path) -> None:
        if not place.is_file():
            return
        before = content = place.read_bytes()
        if is_description(place.name):
            # Both versions in one are no value.
            content = re.sub(
                rb"^=======\n.*?^>>>>>>> ", b">>>>>>> ", content, flags=re.S | re.M
            )
        markers = (b"<<<<<<< ", b"=======", b">>>>>>> ", b"||||||| ")
        lines = content.splitlines(keepends=True)
        content = b"".join(each for each in lines if not each.startswith(markers))
        if content != before:
            place.write_bytes(content)

    def tree(self) -> Tree:
        """All that is in the working copy beside its control data, by path."""
        found: Tree = {}
        for place in sorted(self.top.rglob("*")):
            name = str(place.relative_to(self.top))
            if not is_description(place.name):
                found[name] = None if place.is_dir() else place.read_bytes()
        return found

    def everything(self) -> tuple[dict[str, bytes | str], dict[bytes, bytes]]:
        """The working copy with its control data, and the objects of the site."""
        return snapshot(self.top.parent), self.site.serials()

    # Others

    def hide(self, path: str) -> None:
        rights = IPrincipalPermissionManager(self.site.get(path))
        for permission in ("zope.View", "zope.ManageContent"):
            rights.denyPermissionToPrincipal(permission, "zope.manager")
        self.site.site.commit()

    def set_type(self, path: str, value: str) -> None:
        self.site.get(path).contentType = value
        self.site.site.commit()


class Local(NamedTuple):
    """A state of the working copy: the path it is about, and how it comes.

    A ``new`` object is not on the server before.  The object of another one may have
    another path ``there``.
    """

    path: str
    make: Callable[[World], Any]
    about: str
    new: bool = False
    there: str = ""


def _edit(world: World) -> None:
    world.write("f.txt", b"one\nmine\nthree\n")


def _conflict(world: World) -> None:
    _edit(world)
    world.site.put("f.txt", b"one\ntheirs before\nthree\n")
    world.zsync("update")


def put_back(world: World, path: str = "") -> None:
    """Let others change something, and put files back from before the next update.

    All files, or those in a directory with their control data, but for the state.
    """
    copy = world.top.parent
    kept = copy.with_name("kept")
    shutil.copytree(copy, kept, ignore=shutil.ignore_patterns("State"))
    world.site.put("f.txt", b"one\ntwo\nthree\ntheirs before\n")
    world.site.put("d/e/y.txt", b"y\ntheirs before\n")
    world.zsync("update")
    for each in (path, f".zsync/tree/{path}") if path else ("",):
        for place in (copy / each).rglob("*"):
            if place.name != "State" and not place.is_dir():
                place.unlink()
        shutil.copytree(kept / each, copy / each, dirs_exist_ok=True)
    shutil.rmtree(kept)


def _folder_for_file(world: World) -> None:
    world.delete("f.txt")
    world.write("f.txt/m.txt", b"mine\n")


def _file_for_folder(world: World) -> None:
    world.delete("d")
    world.write("d", b"mine\n")


def _remade(world: World) -> None:
    world.delete("d")
    world.path("d").mkdir()


def _copied_over(world: World) -> None:
    _remade(world)
    world.write("d/x.txt", b"mine\n")


def _removed_with_backup(world: World) -> None:
    world.write("d/x.txt~", b"mine\n")
    world.zsync("remove", "d")


def _removed_and_remade(world: World) -> None:
    world.zsync("remove", "f.txt")
    world.write("f.txt", b"mine\n")


def _add(world: World) -> None:
    world.write("n.txt", b"mine\n")
    world.zsync("add", "n.txt")


def _added_and_lost(world: World) -> None:
    _add(world)
    world.delete("n.txt")


def _copy(world: World) -> None:
    world.zsync("copy", "f.txt", "n.txt")


def _copied_and_lost(world: World) -> None:
    _copy(world)
    world.delete("n.txt")


def _describe(world: World, change: Callable[[bytes], bytes]) -> None:
    """Edit the text with what else makes the file, though it may go without saying."""
    world.write(TEXT, change(f"{world.zsync('cat', TEXT).text}\n".encode()))


def _text_edited(world: World) -> None:
    _describe(world, lambda text: text.replace(b"text/plain", b"text/mine"))


def _text_laid_out_anew(world: World) -> None:
    _describe(world, lambda text: b"# Mine.\n\n" + text + b"\n\n")


def _value_emptied(world: World) -> None:
    _describe(world, lambda text: text.replace(b"text/plain", b'""'))


def _line_lost(world: World) -> None:
    _describe(
        world, lambda text: text.replace(b"Extra/contentType = text/plain\n", b"")
    )


LOCALS = {
    "unchanged": Local("f.txt", lambda world: None, "The file is as it was sent."),
    "edited": Local("f.txt", _edit, "The file was edited."),
    "lost": Local(
        "f.txt", lambda world: world.delete("f.txt"), "The file was deleted by hand."
    ),
    "removed": Local(
        "f.txt",
        lambda world: world.zsync("remove", "f.txt"),
        "The file is to be removed.",
    ),
    "removed and made anew": Local(
        "f.txt",
        _removed_and_remade,
        "The file is to be removed, and there is another one by its name.",
    ),
    "in conflict": Local(
        "f.txt", _conflict, "Both sides edited the same lines, and an update ran."
    ),
    "put back": Local(
        "f.txt",
        put_back,
        "The file was put back as it was before an update, with all control data but "
        "the state.",
    ),
    "a folder in the place of a file": Local(
        "f.txt", _folder_for_file, "The file was deleted, and a folder has its name."
    ),
    "unregistered": Local(
        "n.txt",
        lambda world: world.write("n.txt", b"mine\n"),
        "A new file that nobody has added.",
        True,
    ),
    "added": Local("n.txt", _add, "A new file that is to be added.", True),
    "added and lost": Local(
        "n.txt", _added_and_lost, "The file is to be added, and was deleted.", True
    ),
    "copied": Local("n.txt", _copy, "A copy of another file, to be added.", True),
    "copied and lost": Local(
        "n.txt", _copied_and_lost, "A copy that was deleted by hand.", True
    ),
    "folder unchanged": Local("d", lambda world: None, "The folder is as it was sent."),
    "folder with an edited file": Local(
        "d",
        lambda world: world.write("d/x.txt", b"mine\n"),
        "A file in the folder was edited.",
    ),
    "folder lost": Local(
        "d", lambda world: world.delete("d"), "The folder was deleted by hand."
    ),
    "folder made anew": Local(
        "d", _remade, "The folder was deleted, and an empty one has its name."
    ),
    "folder copied over": Local(
        "d", _copied_over, "The folder was deleted, and another one copied there."
    ),
    "folder removed": Local(
        "d", lambda world: world.zsync("remove", "d"), "The folder is to be removed."
    ),
    "folder removed but for a backup": Local(
        "d",
        _removed_with_backup,
        "The folder is to be removed, and holds the backup file of an editor.",
    ),
    "a file in the place of a folder": Local(
        "d", _file_for_folder, "The folder was deleted, and a file has its name."
    ),
    "folder put back": Local(
        "d",
        lambda world: put_back(world, "demo/d"),
        "The folder was put back as it was before an update, with its control data.",
    ),
    "moved": Local(
        "n.txt",
        lambda world: world.zsync("move", "f.txt", "n.txt"),
        "The file was moved, to this name.",
        there="f.txt",
    ),
    "description edited": Local(
        TEXT, _text_edited, "The content type was edited.", there="f.txt"
    ),
    "description laid out anew": Local(
        TEXT,
        _text_laid_out_anew,
        "A comment and blank lines were added to the description of the file.",
        there="f.txt",
    ),
    "description with an emptied value": Local(
        TEXT, _value_emptied, "The content type is empty.", there="f.txt"
    ),
    "description without a line": Local(
        TEXT,
        _line_lost,
        "The line with the content type was deleted from the description.",
        there="f.txt",
    ),
}

VERBS = ("status", "update", "commit", "resolve", "revert", "add", "remove", "doctor")

#: Verbs that make something else of what is there, and how they are called.
OTHERS: dict[str, Callable[[str], list[str]]] = {
    "diff": lambda path: ["diff", path],
    "copy": lambda path: ["copy", path, "c.txt"],
    "move": lambda path: ["move", path, "c.txt"],
    "prop": lambda path: ["prop", "set", path, "title", "A title"],
    "checkin": lambda path: ["checkin", COPY, "."],
}

#: Verbs that change nothing, and are named to be used before the others.
LOOKING = ("status", "diff", "cat")

#: Verbs that the whole working copy is given to, and not the path.
WHOLE = ("status", "update", "commit", "doctor")


def server_states(local: Local) -> dict[str, Callable[[World], Any]]:
    """What others can have done to the object at a path."""
    path = local.there or local.path

    def edit(world: World) -> None:
        if local.path == TEXT:
            world.set_type(path, "text/theirs")
        elif path == "d":
            world.site.put("d/x.txt", b"theirs\n")
        else:
            world.site.put(path, b"one\ntheirs\nthree\n")

    def other_kind(world: World) -> None:
        world.site.remove(path)
        if path == "d":
            world.site.put(path, b"theirs\n")
        else:
            world.site.put(path, None)
            world.site.put(f"{path}/t.txt", b"theirs\n")

    def hide(world: World) -> None:
        if local.new:
            edit(world)
        world.hide(path)

    if local.new:
        return {
            "same": lambda world: None,
            "added": edit,
            "folder added": other_kind,
            "hidden": hide,
        }
    return {
        "same": lambda world: None,
        "edited": edit,
        "removed": lambda world: world.site.remove(path),
        "kind changed": other_kind,
        "hidden": hide,
    }


class Row(NamedTuple):
    """What the document says of a cell, or of several that are alike."""

    server: str
    verb: str
    shown: str
    kept: str
    then: str


HEADER = Row("there", "command", "shown", "kept", "then")


def section(name: str, rows: list[Row]) -> str:
    """Return the part of the document about a state of the working copy."""
    found: dict[Row, list[Row]] = {}
    for row in rows:
        found.setdefault(row._replace(verb=""), []).append(row)
    merged = [
        key._replace(verb=", ".join(row.verb for row in alike))
        for key, alike in found.items()
    ]
    width = [max(map(len, column)) for column in zip(HEADER, *merged, strict=True)]
    rule = "  ".join("=" * size for size in width)
    lines = [
        "  ".join(text.ljust(size) for text, size in zip(row, width, strict=True))
        for row in (HEADER, *merged)
    ]
    table = [rule, lines[0], rule, *lines[1:], rule]
    title = f"{name[0].upper()}{name[1:]}"
    said = f"{LOCALS[name].about}\n\n"
    return "\n".join(
        [title, "-" * len(title), "", said.rstrip(), "", *map(str.rstrip, table)]
    )


class Cell(NamedTuple):
    """A state here, a state there, and a command."""

    local: str
    server: str
    verb: str


def cells(name: str, server: str) -> list[Cell]:
    """Return a state here with one there, and the verbs that run then."""
    return [Cell(name, server, verb) for verb in (*VERBS, *OTHERS)]


def _lines(tree: Tree, whose: bytes) -> set[bytes]:
    return {line for line in lines_of(tree) if line.startswith(whose)}


class Rest(NamedTuple):
    """What follows from a situation."""

    outcomes: list[Outcome]
    problems: list[str]
    kept: set[bytes]


#: What follows from each situation that a run was in.
Known = dict[Any, Rest]


class Run:
    """A cell, and all that follows from it.

    Of the commands that a message names the first is run, or the ``liked`` one.  What
    follows from a situation that is ``known`` is not run again: all runs that share
    it begin with the same working copy and the same site.
    """

    def __init__(
        self, world: World, cell: Cell, known: Known, liked: str | None = None
    ) -> None:
        self.world = world
        self.cell = cell
        self.local = LOCALS[cell.local]
        self.liked = liked
        self.advised = 0
        #: The verbs that messages name beside the command that was run.
        self.passed_over: set[str] = set()
        self.outcomes: list[Outcome] = []
        self.problems: list[str] = []
        self.kept: set[bytes] = set()
        self.mine = _lines(world.tree(), b"mine")
        self.theirs = _lines(world.site.tree(), b"theirs")
        self.given_up_mine = self.given_up_theirs = False
        if cell.verb in OTHERS:
            self.run(OTHERS[cell.verb](self.local.path))
        elif cell.verb in WHOLE:
            self.run([cell.verb])
        else:
            self.run([cell.verb, self.local.path])
        self.follow(known)

    def run(self, args: list[str]) -> None:
        if args[0] == "resolve":
            parts = self.outcomes[-1].parts() if self.outcomes else []
            for path in [*args[1:], *parts]:
                self.world.settle(path)
            self.given_up_theirs = True
        self.given_up_mine |= args[0] in ("revert", "remove")
        self.given_up_theirs |= args[0] == "remove"
        self.outcomes.append(self.world.zsync(*args))
        if str(self.world.top) in self.outcomes[-1].text:
            self.problems.append("an absolute path")

    def situation(self) -> Any:
        """All that decides what follows."""
        last = self.outcomes[-1]
        return (
            self.liked,
            self.advised,
            self.given_up_mine,
            self.given_up_theirs,
            [last.named(), last.parts(), self.has_just("commit")],
            self.has_just("update"),
            self.world.everything(),
        )

    def follow(self, known: Known) -> None:
        """Do as the messages say, and commit where they say nothing."""
        been: list[tuple[str, int]] = []
        while (situation := repr(self.situation())) not in known:
            been.append((situation, len(self.outcomes)))
            if not self.go_on():
                self.check()
                rest: Rest = Rest([], self.problems, self.kept)
                break
        else:
            rest = known[situation]
            self.outcomes += rest.outcomes
            self.problems += rest.problems
            self.kept = rest.kept
        for situation, count in been:
            known[situation] = rest._replace(outcomes=self.outcomes[count:])
        for outcome in self.outcomes:
            self.passed_over |= self.not_chosen(outcome)

    def go_on(self) -> bool:
        """Run the next command, if there is one."""
        if len(self.outcomes) > 9:
            self.problems.append("does not end")
            return False
        named = self.outcomes[-1].named()
        if named:
            self.advised += 1
            self.run(self.choose(named))
        elif not self.has_just("commit") and self.unsettled():
            self.run(["commit"])
        elif not self.has_just("update"):
            self.run(["update"])
        else:
            return False
        return True

    def choose(self, named: list[list[str]]) -> list[str]:
        return next((words for words in named if words[0] == self.liked), named[0])

    def not_chosen(self, outcome: Outcome) -> set[str]:
        named = outcome.named()
        return (
            {words[0] for words in named} - {self.choose(named)[0]} if named else set()
        )

    def has_just(self, verb: str) -> bool:
        """Is it the last that was done, and all that was to do?"""
        last = self.outcomes[-1]
        return last.command == verb and last.status == 0

    def unsettled(self) -> list[str]:
        return [line for line in self.world.status() if not line.startswith("?")]

    def check(self) -> None:
        if self.advised > 3:
            self.problems.append(f"{self.advised} commands were advised")
        for verb in ("commit", "update"):
            end = self.world.zsync(verb)
            if end.status:
                self.problems.append(f"{verb}: {end.text}")
        here, there = self.world.tree(), self.world.site.tree()
        kept = self.kept = lines_of(here) | lines_of(there)
        if not self.given_up_mine and self.mine - kept:
            self.problems.append(f"lost of mine: {self.mine - kept}")
        if not self.given_up_theirs and self.theirs - kept:
            self.problems.append(f"lost of theirs: {self.theirs - kept}")
        status = self.world.status()
        if unsettled := [line for line in status if not line.startswith("?")]:
            self.problems.append(f"status: {unsettled}")
        stray = [line[3:].rstrip("/") for line in status]
        for path in here.keys() | there.keys():
            if any(f"{path}/".startswith(f"{each}/") for each in stray):
                continue
            if path.endswith("~"):
                # A backup file, of which nothing is said.
                continue
            hidden = (self.local.path, self.local.there or self.local.path)
            if self.cell.server == "hidden" and path.startswith(hidden):
                continue
            if here.get(path, 1) != there.get(path, 1):
                self.problems.append(f"differs: {path}")

    # What the document says of it

    def row(self) -> Row:
        first, *others = self.outcomes
        local = self.local
        shown = first.letters(local.there if local.path == TEXT else local.path)
        if not shown:
            shown = "refused" if first.status not in (0, 3) else "-"
        then = [outcome.command.split()[0] for outcome in others]
        while then and then[-1] == "update" and not others[len(then) - 1].changed():
            # It brought nothing.
            then.pop()
        sides = [
            name
            for name, lines in (("mine", self.mine), ("theirs", self.theirs))
            if lines <= self.kept
        ]
        return Row(
            self.cell.server,
            self.cell.verb,
            shown,
            "both" if len(sides) == 2 else "".join(sides),
            ", ".join(then) or "-",
        )

    def __str__(self) -> str:
        lines = [f"{self.cell.local} / {self.cell.server} / {self.cell.verb}"]
        for outcome in self.outcomes:
            lines.append(f"  $ zsync {outcome.command}  -> {outcome.status}")
            lines += [f"    {line}" for line in outcome.lines]
        lines += [f"  !! {problem}" for problem in self.problems]
        return "\n".join(lines)
