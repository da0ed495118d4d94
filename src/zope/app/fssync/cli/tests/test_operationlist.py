"""The commands that can be taken back, for people and programs."""

from __future__ import annotations

from zope.app.fssync.cli.operationlist import fields
from zope.app.fssync.cli.operationlist import shown
from zope.app.fssync.client.workingcopy.operations import Operation

REVERT = Operation(3, "revert", 1764399600.0, 5, ["a.txt", "a.txt", "b"], False)


def test_an_operation_is_a_line() -> None:
    assert shown(REVERT).split()[2:] == ["revert", "2", "paths"]
    assert shown(REVERT._replace(paths=["a"])).split()[2:] == ["revert", "1", "path"]
    assert shown(REVERT._replace(paths=[])).endswith("  revert")
    final = REVERT._replace(verb="commit", is_final=True)
    assert shown(final).endswith("commit     cannot be taken back")


def test_programs_are_told_all() -> None:
    told = fields(REVERT)
    assert told["number"] == 3
    assert told["final"] is False
