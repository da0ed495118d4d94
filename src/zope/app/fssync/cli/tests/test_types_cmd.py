"""A server tells what it can make, and add uses that."""

from __future__ import annotations

import json

import pytest

from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.rawserver import answer


@pytest.mark.slow
def test_types_and_add_agree(place: Place) -> None:
    listed = place("types", "co/notes")
    assert "zope.app.file.image.Image" in listed
    items = json.loads(place("types", "--json", place.url()))["items"]
    assert [f"{each['factory']}" for each in items] == [
        line.split()[0].rstrip("/") for line in listed.splitlines()
    ]
    said = place("types", place.url("/demo/notes/todo.txt"))
    assert said.startswith("You may make nothing in http://")

    (place.notes / "drawing").write_text("<svg/>")
    shown = place("add", "-v", "-n", "co/notes/drawing")
    assert "   co/notes/drawing: zope.app.file.file.File\n" in shown
    place("add", "-f", "image", "co/notes/drawing")
    place("commit", "-m", "an image", "co")
    assert "type:         zope.app.file.image.Image" in place(
        "info", "co/notes/drawing"
    )
    place("remove", "co/notes/drawing")
    place("commit", "-m", "none", "co")


def test_types_lists_what_can_be_made(zsync):
    made = {"factory": "zope.app.file.File", "kind": "file", "title": "File"}
    told = json.dumps({"types": [made], "names": {}}).encode()
    shown = zsync("types", "co/demo", answer=answer(told, "text/plain"))
    assert "zope.app.file.File" in shown
