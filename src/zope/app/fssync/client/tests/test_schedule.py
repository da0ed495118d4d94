"""Checks of the verbs that register local changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.fssync.errors import Error


# Elsewhere the entries are not in the folder.
@pytest.mark.layout(2)
@pytest.mark.parametrize("verb", ["copy", "move"])
def test_a_folder_that_was_put_in_the_place_of_another_stays(
    client: Client, co: Path, home: Path, verb: str
) -> None:
    shutil.rmtree(co / "sub")
    (co / "sub").mkdir()
    (co / "sub" / "c.txt").write_text("mine")
    before = snapshot(home)
    source = "co/demo/sub"
    with pytest.raises(Error, match=f"can't {verb} .*its entries are lost") as refused:
        client(verb, [source] if verb == "move" else source, "co/demo/new")
    assert "zsync update" in str(refused.value)
    assert snapshot(home) == before


def test_a_rehearsal_changes_nothing(client: Client, co: Path) -> None:
    lines: list[str] = []
    fs = FSSync(reporter=lines.append)
    fs.rehearsing = True
    (co / "new").write_text("x")
    before = snapshot(co)
    fs.each([str(co / "new")], fs.add)
    fs.each([str(co / "a.txt"), str(co / "sub")], fs.remove)
    assert [line[0] for line in lines] == ["A", "R", "R"]
    assert snapshot(co) == before
