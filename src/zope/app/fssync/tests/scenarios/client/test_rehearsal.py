"""A rehearsal says what the real run says, and changes nothing anywhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.demoserver import Place
from zope.fssync.errors import ServerRefused

pytestmark = pytest.mark.slow

NOTE = "Nothing was changed, this was a rehearsal."


def change(place: Place) -> str:
    """Edit a file, add a folder and a file in it; returns the name of both."""
    # Tests share a server.
    name = place.directory.name
    place.todo.write_text(f"- edited by {name}\n")
    place("mkdir", f"co/notes/{name}")
    (place.notes / name / name).write_text("new\n")
    place("add", f"co/notes/{name}/{name}")
    return name


def rehearsed(place: Place, *args: str, status: int = 0) -> tuple[str, str]:
    """What a rehearsal says, which changes nothing."""
    with place.unchanged():
        process = place.start(*args)
        out, err = process.communicate(timeout=60)
        assert process.returncode == status, out + err
    return out, err


def test_commit_dry_run_changes_nothing(place: Place) -> None:
    name = change(place)
    out, err = rehearsed(place, "commit", "--dry-run", "-m", "try", "co")
    assert err == f"{NOTE}\n"
    assert f"Adding    co/notes/{name}/{name}" in out.splitlines()
    real = place("commit", "-m", "real", "co")
    assert re.sub(" as 0x[0-9a-f]{16}", "", real) == out.replace(
        "Would commit", "Committed"
    )
    assert place("status", "co") == ""
    assert rehearsed(place, "commit", "-n", "co")[0] == "Nothing to commit.\n"


def test_commit_dry_run_names_what_is_not_up_to_date(
    place: Place, tmp_path: Path
) -> None:
    shutil.copytree(place.directory / "co", place.directory / "co2")
    change(place)
    (place.directory / "co2" / "notes" / "todo.txt").write_text(
        f"- theirs, {place.directory.name}\n"
    )
    place("commit", "co2")
    real = "zsync: Up-to-date check failed:\nnotes/todo.txt\n"
    _, err = rehearsed(place, "commit", "--dry-run", "co", status=5)
    assert err.startswith(real)
    assert place("commit", "co", status=5) == err


def test_commit_dry_run_is_refused_as_a_commit_is(place: Place) -> None:
    bad = place.notes / "bad.txt"
    bad.write_text("bad\n")
    place("add", "-f", "no.such.Factory", "co/notes/bad.txt")
    _, err = rehearsed(place, "commit", "--dry-run", "co", status=6)
    assert "no.such.Factory" in err
    assert place("commit", "co", status=6) == err


def test_update_dry_run_changes_nothing(place: Place) -> None:
    shutil.copytree(place.directory / "co", place.directory / "co2")
    other = place.directory / "co2" / "notes"
    original = place.todo.read_text()
    (other / "todo.txt").write_text(f"{original}- theirs\n")
    more = f"{place.directory.name}.txt"
    (other / more).write_text("more\n")
    place("add", f"co2/notes/{more}")
    place("commit", "co2")
    (place.notes / more).write_text("in the way\n")
    out, err = rehearsed(place, "update", "--dry-run", "co", status=3)
    assert "UU co/notes/todo.txt" in out.splitlines()
    assert f"CU co/notes/{more}" in out.splitlines()
    assert NOTE in err
    process = place.start("update", "co")
    said = process.communicate(timeout=60)[0]
    assert said == out.replace("Would update", "Updated")


def test_an_update_that_loses_much_is_refused_in_a_rehearsal_too(
    client: Client, server: Server, co: Path
) -> None:
    before = snapshot(co.parent)
    server.objects["demo/a.txt"] = b"new\n"
    assert client("update", "co/demo", dry_run=True) == ["U co/demo/a.txt"]
    assert snapshot(co.parent) == before
    assert client("update", "co/demo") == ["U co/demo/a.txt"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_server_that_cannot_rehearse_is_named(
    client: Client, server: Server, co: Path, dry_run: bool
) -> None:
    (co / "a.txt").write_bytes(b"edited\n")
    server.refusal = ServerRefused("HTTP error 404 (Not Found); error document:\n")
    before = snapshot(co.parent)
    with pytest.raises(ServerRefused) as caught:
        client("commit", "co/demo", dry_run=dry_run)
    assert ("which cannot rehearse" in str(caught.value)) is dry_run
    assert "@@rehearse-commit" in server.requests[-1] or not dry_run
    assert snapshot(co.parent) == before
