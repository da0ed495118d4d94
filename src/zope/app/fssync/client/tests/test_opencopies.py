"""Working copies are opened for a verb, or shared by the targets of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.opencopies import OpenCopies
from zope.app.fssync.client.session import ChangingSession
from zope.fssync.errors import Error


@pytest.fixture
def copies() -> OpenCopies:
    return OpenCopies(lambda line: None)


def test_each_target_has_a_session_of_its_own(copies: OpenCopies, co: Path) -> None:
    with copies.changing(str(co / "a.txt"), "add") as first:
        assert copies.session is first
    with copies.changing(str(co / "b.txt"), "add") as second:
        assert second is not first
    assert not isinstance(copies.session, ChangingSession)


def test_targets_share_the_session_of_their_working_copy(
    copies: OpenCopies, co: Path
) -> None:
    with copies.sharing():
        with copies.changing(str(co / "a.txt"), "add") as first:
            pass
        with copies.changing(str(co / "b.txt"), "add") as second:
            assert second is first
    with copies.changing(str(co / "a.txt"), "add") as third:
        assert third is not first


def test_results_are_collected_and_changes_reported_at_the_end(co: Path) -> None:
    told: list[str] = []
    copies = OpenCopies(told.append)
    with copies.changing(str(co), "update") as session:
        session.reporter("U a")
        session.conflicts.append("a")
        session.later.append("b")
        session.transaction = "0x1"
        assert told == []
    assert told == ["U a"]
    assert (copies.conflicts, copies.later) == (["a"], ["b"])
    assert copies.transaction == "0x1"


def test_a_failed_change_is_not_reported(co: Path) -> None:
    told: list[str] = []
    copies = OpenCopies(told.append)

    def change() -> None:
        with copies.changing(str(co), "update") as session:
            session.reporter("U a")
            session.conflicts.append("a")
            raise Error("oh")

    with pytest.raises(Error):
        change()
    assert (told, copies.conflicts) == ([], [])
