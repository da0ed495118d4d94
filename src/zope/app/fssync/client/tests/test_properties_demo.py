"""Metadata that are set here are those of a demo server after the commit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zope.app.fssync.client import dublincore
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.processes import free_port

pytestmark = [pytest.mark.slow, pytest.mark.layout(3)]

CORE = "@@Zope/Annotations/{}/" + dublincore.ANNOTATION

EDITOR = "#!/bin/sh\nsed -i 's/^title = .*/title = Edited/' \"$1\"\n"


@pytest.mark.parametrize("layout", ["described", "3.6.0"])
def test_a_title_is_committed_like_an_edit(place: Place, layout: str) -> None:
    if layout == "3.6.0":
        place("downgrade", "co")
    todo = "co/notes/todo.txt"
    assert place("prop", "set", todo, "title", f"In {layout}") == f" M {todo}\n"
    place("prop", "set", todo, "content-type", "text/x-todo")
    place("prop", "set", todo, "subjects", "a & b", "]]>", "ä")
    place("prop", "set", todo, "description", "two\nlines")
    place("prop", "set", "co/notes", "title", f"Notes in {layout}")
    assert place("status", "co") == f" M {todo}\n M co/notes/\n"
    place("commit", "co", "-m", "titles")
    assert place("status", "co") == ""
    assert place.demo.get("demo/notes/todo.txt") == place.todo.read_bytes()
    other = Place(_made(place.directory / "other"), place.demo)
    other("checkout", other.url(), "co")
    for target in (todo, "co/notes"):
        assert other("prop", "list", target) == place("prop", "list", target)
    shown = other("prop", "list", todo)
    assert f"title: In {layout}\ndescription: two\\x0alines\nsubjects: a & b\n" in shown
    assert shown.endswith("contentType: text/x-todo\n")
    # What the client writes are the bytes that the server has written.
    core = other.notes / CORE.format("todo.txt")
    written = read(core)
    document = dublincore.loads(written)
    assert document is not None
    assert dublincore.dumps(document) == written
    other("prop", "set", todo, "title", "x")
    other("prop", "set", todo, "title", f"In {layout}")
    assert read(core) == written
    assert other("status", "co") == ""
    other("prop", "delete", todo, "description")
    other("prop", "delete", todo, "subjects")
    other("commit", "co", "-m", "fewer")
    place("update", "co")
    assert "description" not in place("prop", "list", todo)


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def test_a_new_file_has_a_title_from_the_start(place: Place) -> None:
    name = f"new-{free_port()}.txt"
    (place.notes / name).write_text("new\n")
    new = f"co/notes/{name}"
    place("add", new)
    place("prop", "set", new, "title", "A new one")
    place("prop", "set", new, "content-type", "text/x-new")
    place("commit", "co", "-m", "new")
    assert place("status", "co") == ""
    place("update", "co")
    assert place("prop", "get", new, "title") == "A new one\n"
    assert place("prop", "get", new, "contentType") == "text/x-new\n"
    place("remove", "--force", new)
    place("commit", "co", "-m", "gone")


def test_an_editor_changes_all_or_one(place: Place) -> None:
    todo = "co/notes/todo.txt"
    program = place.directory / "editor"
    program.write_text(EDITOR)
    program.chmod(0o700)
    option = ("-o", f"commit.editor={program}")
    assert place(*option, "prop", "edit", todo) == f" M {todo}\n"
    assert place("prop", "get", todo, "title") == "Edited\n"
    assert place(*option, "prop", "edit", todo) == ""
    program.write_text('#!/bin/sh\nprintf "a\\n\\nb\\n" > "$1"\n')
    place(*option, "prop", "edit", todo, "creators")
    found = json.loads(place("--json", "prop", "get", todo, "creators"))
    assert found["items"][0]["value"] == ["a", "b"]
    program.write_text('#!/bin/sh\necho "nosuch = 1" > "$1"\n')
    said = place(*option, "prop", "edit", todo, status=1)
    kept = control(place.directory / "co") / "properties.txt"
    assert f"kept in {kept.relative_to(place.directory)} " in said
    assert kept.read_text() == "nosuch = 1\n"
    assert place("prop", "get", todo, "title") == "Edited\n"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert "nothing was changed" in place(*option, "prop", "edit", todo, status=1)
    assert not kept.exists()
    place("revert", todo)
    assert place("status", "co") == ""


def test_invalid_property_is_refused(place: Place) -> None:
    todo = "co/notes/todo.txt"
    with place.unchanged():
        for args, status in [
            (["prop"], 2),
            (["prop", "put", todo], 2),
            (["prop", "list"], 2),
            (["prop", "get", todo], 2),
            (["prop", "set", todo, "title"], 2),
            (["prop", "edit", todo, "title", "more"], 2),
            (["prop", "get", todo, "nosuch"], 1),
            (["prop", "set", todo, "nosuch", "x"], 1),
            (["prop", "delete", todo, "nosuch"], 1),
            (["prop", "list", "co/notes/nosuch"], 1),
        ]:
            place(*args, status=status)
        several = place("prop", "list", todo, "co/notes")
    assert several.startswith(f"{todo}:\ntitle: ")
    assert "\n\nco/notes:\ntitle: " in several
