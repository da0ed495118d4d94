"""A demo server tells what it has, and a working copy follows it to another URL."""

from __future__ import annotations

import re

import pytest

from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.demoserver import Place

pytestmark = [pytest.mark.slow, pytest.mark.layout(3)]


def test_list_shows_what_the_server_has(place: Place) -> None:
    names = [line.split()[0] for line in place("list", place.url()).splitlines()]
    assert "todo.txt" in names
    (place.notes / "todo.txt").unlink()
    shown = place("list", "-v", "co/notes")
    line = next(each for each in shown.splitlines() if each.startswith("todo.txt"))
    assert re.search(r"  20\d\d-\d\d-\d\dT[^ ]+  zope\.app\.file\.file\.File", line)
    assert place("list", place.url("/demo/notes/todo.txt")) == "todo.txt  File\n"
    assert "notes/" in place("list", place.url("/demo"))
    place("list", place.url("/demo/nosuch"), status=6)


def test_info_asks_the_server_if_wanted(place: Place) -> None:
    local = place("info", "co/notes/todo.txt")
    assert "permissions:" not in local
    assert re.search(r"transaction: +[0-9a-f]{16}\n", local)
    assert re.search(r"url: +http://zsync@\S+/demo/notes/todo\.txt\n", local)
    asked = place("info", "-u", "co/notes/todo.txt")
    assert re.search(r"permissions: +checkout, commit\n", asked)
    assert re.search(r"changed: +20\d\d-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\n", asked)
    assert re.search(r"changed by: +\S+\nchanged in: +[0-9a-f]{16}\n", asked)
    assert re.search(r"layout: +described\n", asked)
    with place.unchanged():
        reader = place("info", place.url(user="reader:reader@"), status=4)
    assert "login" in reader
    place("info", place.url("/demo/nosuch"), status=6)


def test_relocate_follows_the_server_to_another_name(place: Place) -> None:
    host = place.host
    other = host.replace("127.0.0.1", "localhost")
    place(
        "relocate", f"http://{host}/demo/notes", f"http://{host}/demo", "co", status=1
    )
    place("relocate", f"http://{other}", f"http://{host}", "co", status=1)
    place("relocate", f"http://{host}", status=2)
    place("relocate", f"http://{host}", f"http://zsync:zsync@{other}", "co")
    assert (control(place.directory / "co") / "Root").read_text().strip() == (
        f"http://zsync@{other}/demo/notes"
    )
    place.todo.write_text("done\n")
    place("commit", "co", "-m", "from elsewhere")
    assert place.demo.get("demo/notes/todo.txt") == b"done\n"
    assert "Updated" not in place("update", "co")
    place("relocate", f"http://{other}", f"http://{host}", "co", "--force")
    place("update", "co")
    assert place("status", "co") == ""
