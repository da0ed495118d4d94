"""Every command takes its targets however they are written, and in any state."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from typing import NamedTuple

import pytest

from zope.app.fssync.cli.main import main
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.demoserver import Place
from zope.fssync import paths

pytestmark = pytest.mark.slow

#: Files, and what they hold on the server.
SENT = [
    "changed.txt",
    "gone.txt",
    "missing.txt",
    "still.txt",
    "oldsub/x",
    "sub/x",
    "quiet/x",
]

#: A command, and targets in ``co/notes``.
COMMANDS = {
    "status": "changed.txt new.txt gone.txt missing.txt sub fresh oldsub stray.txt",
    "diff": "changed.txt new.txt gone.txt still.txt sub fresh oldsub",
    "revert": "changed.txt new.txt gone.txt missing.txt sub fresh oldsub",
    "resolve": "changed.txt new.txt gone.txt missing.txt sub fresh oldsub",
    "cat": "changed.txt gone.txt missing.txt still.txt sub/x",
    "remove": "gone.txt missing.txt still.txt oldsub",
    "remove --keep-local": "changed.txt new.txt missing.txt still.txt sub fresh",
    "remove --force -n": "changed.txt new.txt gone.txt missing.txt sub fresh oldsub",
    "add": "stray.txt straydir",
    "add -N": "stray.txt straydir straydir/x",
    "add -n": "stray.txt straydir",
    "mkdir": "made made/in sub/made",
    "copy": "still.txt sub/copied.txt",
    "copy -l": "sub fresh",
    "move": "still.txt new.txt sub",
    "move -n": "sub moved",
    "ignore": "a.orig sub/b~",
    "info": "changed.txt new.txt gone.txt missing.txt sub fresh stray.txt",
    "doctor": "changed.txt new.txt gone.txt missing.txt sub fresh oldsub",
    "cleanup": "changed.txt sub fresh",
    "upgrade": "changed.txt sub fresh",
    "downgrade": "changed.txt sub fresh",
    "list": "changed.txt sub gone.txt oldsub",
    "log": "changed.txt",
    "update -n": "changed.txt gone.txt sub oldsub",
    "commit -n -m x": "changed.txt new.txt gone.txt sub fresh oldsub",
}


#: Commands that take something else before the target: {url} is that of ``co/notes``,
#: {host} that of its server, and {source} another working copy, with changes.
OTHERS = {
    "merge {source}/notes/quiet": "quiet",
    "relocate {host} {host}": "still.txt",
    "checkin -n -m x {url}/copied": "sub",
    "checkout --depth empty {url}/sub": "made",
    "log -l 1": "sub",
}


class Form(NamedTuple):
    """A way to write a target: where one stands, and what is before it and behind."""

    cwd: str
    before: str
    behind: str = ""
    options: tuple[str, ...] = ()


FORMS = {
    "dots": Form(".", "./co/../co/notes/"),
    "inside": Form("co/notes", ""),
    "inside-dot": Form("co/notes", "./"),
    "from-below": Form("co/notes/fresh", "../"),
    "absolute": Form("other", "{place}/co/notes/"),
    "link": Form(".", "link/"),
    "link-above": Form(".", "colink/notes/"),
    "absolute-link": Form("other", "{place}/link/"),
    "in-a-link": Form("link", ""),
    "directory-option": Form(".", "", options=("-C", "co/notes")),
    "doubled-slashes": Form(".", "co//notes//"),
    "slash": Form(".", "co/notes/", "/"),
}

PLAIN = Form(".", "co/notes/")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with a checkout in which objects are in all states."""
    demo = Demo(tmp_path_factory.mktemp("demo") / "data")
    demo("start", "--port", "0")
    try:
        demo("sample")
        place = Place(tmp_path_factory.mktemp("prepared"), demo)
        place("checkout", place.url(), "co")
        _write(place.notes, *SENT)
        place("add", "co/notes")
        place("commit", "-m", "sent", "co")
        for name in ("changed.txt", "sub/x"):
            (place.notes / name).write_text("mine\n")
        place("remove", "co/notes/gone.txt", "co/notes/oldsub")
        (place.notes / "missing.txt").unlink()
        _write(place.notes, "new.txt", "fresh/in.txt")
        place("add", "co/notes/new.txt", "co/notes/fresh")
        _write(place.notes, "stray.txt", "straydir/x")
        (place.directory / "link").symlink_to("co/notes")
        (place.directory / "colink").symlink_to("co")
        (place.directory / "other").mkdir()
        place("checkout", place.url(), "source")
        (place.directory / "source" / "notes" / "quiet" / "x").write_text("theirs\n")
        yield place.directory
    finally:
        demo("stop")


def _write(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(f"{name}\n")


class Outcome(NamedTuple):
    """What a command has done: its exit status, what it told of, and the files."""

    status: int
    told: list[str]
    files: dict[str, Any]


Run = Callable[..., Outcome]


@pytest.fixture
def run(
    prepared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    no_proxies: None,
) -> Run:
    """Run a command in a copy of the place; it is the same place each time."""
    place = tmp_path / "place"

    def run(command: str, form: Form, names: str) -> Outcome:
        monkeypatch.chdir(tmp_path)
        if place.exists():
            shutil.rmtree(place)
        shutil.copytree(prepared, place, symlinks=True)
        _keep_states(control(place / "co"))
        monkeypatch.setenv("HOME", str(place / "home"))
        monkeypatch.chdir(place / form.cwd)
        before = form.before.format(place=place)
        targets = [f"{before}{name}{_slash(form, name)}" for name in names.split()]
        url = (control(place / "co") / "Root").read_text().strip()
        host, source = url.partition("/demo")[0], place / "source"
        words = command.format(url=url, host=host, source=source).split()
        status = main(["--json", *form.options, *words, *targets])
        document = json.loads(capfd.readouterr().out)
        base = place / form.cwd / (form.options[1] if form.options else "")
        told = sorted(_told(item, base) for item in document["items"])
        # These tell where the copy lies on the disk, and when it was written.
        derived = tuple(
            f"{directory}/{name}"
            for directory in (paths.CONTROL, paths.DATA)
            for name in ("State", "Index")
        )
        files = {
            name: content
            for name, content in snapshot(place / "co").items()
            if not name.endswith(derived)
        }
        return Outcome(status, told, files)

    return run


def _keep_states(control: Path) -> None:
    """Let the states of the server count in a copy."""
    data = json.loads((control / "State").read_text())
    data["place"] = control.stat().st_ino
    (control / "State").write_text(json.dumps(data))


def _slash(form: Form, name: str) -> str:
    """Return a slash behind the name of a directory, where the form has one."""
    is_file = "." in name or name.endswith(("/x", "~"))
    return "" if is_file else form.behind


def _told(item: dict[str, Any], base: Path) -> str:
    """Return an action with the real path of the object."""
    if "path" not in item:
        return json.dumps(item)
    path = item["path"]
    head, tail = os.path.split(os.path.join(base, path).rstrip("/"))
    real = os.path.join(os.path.realpath(head), tail)
    return f"{item.get('action', '')} {item.get('part', '')} {real}"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_target_is_the_same_however_it_is_written(
    run: Run, command: str, form: str
) -> None:
    names = COMMANDS[command]
    expected = run(command, PLAIN, names)
    assert expected.status == 0
    assert run(command, FORMS[form], names) == expected


@pytest.mark.parametrize("form", ["from-below", "absolute-link", "slash"])
@pytest.mark.parametrize("command", OTHERS)
def test_a_target_behind_others_is_the_same_however_it_is_written(
    run: Run, command: str, form: str
) -> None:
    expected = run(command, PLAIN, OTHERS[command])
    assert expected.status == 0
    assert run(command, FORMS[form], OTHERS[command]) == expected


def test_every_target_is_shown_of_which_something_is_known(run: Run) -> None:
    found = run("info", PLAIN, "nosuch still.txt nosuch2")
    assert (found.status, len(found.told)) == (1, 1)
    found = run("list {host}/nosuch", PLAIN, "still.txt")
    assert (found.status, len(found.told)) == (6, 1)


@pytest.mark.parametrize(
    "command",
    ["status", "diff", "revert", "resolve", "list", "log", "doctor", "update -n"],
)
@pytest.mark.parametrize(
    "form", [Form(".", ""), Form(".", "", "/"), Form("co/notes", ".")], ids=str
)
def test_a_directory_is_the_same_through_a_link(
    run: Run, command: str, form: Form
) -> None:
    expected = run(command, Form(".", "co/"), "notes")
    assert expected.status == 0
    name = "" if form.before else "link"
    assert run(command, form, name) == expected


#: Commands that take several targets, with one that is good.
GOOD = {
    "status": "changed.txt",
    "diff": "changed.txt",
    "revert": "changed.txt",
    "resolve": "changed.txt",
    "cat": "changed.txt",
    "remove": "still.txt",
    "add": "stray.txt",
    "mkdir": "made",
    "move": "still.txt",
    "list": "changed.txt",
    "doctor": "changed.txt",
    "cleanup": "changed.txt",
    "upgrade": "changed.txt",
    "downgrade": "changed.txt",
    "update": "changed.txt",
    "commit -m x": "changed.txt",
}


@pytest.mark.parametrize("command", GOOD)
def test_nothing_happens_if_a_target_is_unknown(run: Run, command: str) -> None:
    before = run("status", PLAIN, "still.txt").files
    assert run(command, PLAIN, f"{GOOD[command]} nosuch/deep") == (1, [], before)
