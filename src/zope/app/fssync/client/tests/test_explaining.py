"""A demo server explains its objects, and a working copy names their files."""

from __future__ import annotations

import re

import pytest

from zope.app.fssync.testing.demoserver import Place

pytestmark = pytest.mark.slow


def test_explain_tells_which_synchronizer_an_object_has(place: Place) -> None:
    told = place("explain", "co/notes/todo.txt", "co/notes")
    assert re.search(r"synchronizer: +\S+file\.adapter\.FileSynchronizer\n", told)
    assert re.search(r"permission to write: +zope\.ManageContent\n", told)
    assert re.search(r"parts: +\S+ZopeDublinCore, Extra/contentType\n", told)
    assert re.findall(r"file: +(\S+)\n", told) == [
        "co/notes/todo.txt",
        "co/notes/@@todo.txt.meta",
        "co/notes/",
        "co/notes/@@.meta",
    ]
    told = place("explain", place.url())
    assert "file:" not in told
    with place.unchanged():
        place("explain", place.url(user="reader:reader@"), status=4)
