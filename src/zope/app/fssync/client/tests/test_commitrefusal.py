"""A commit that is refused changes nothing, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerUnreachable

UNKNOWN = [
    ServerUnreachable("it closed the connection without an answer"),
    ProxyFailed("HTTP error 504 (Gateway Timeout) for /demo"),
]


def test_a_refused_commit_changes_nothing(
    client: Client, server: Server, co: Path, home: Path
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    before = snapshot(home)
    server.refusal = OutOfDate("Up-to-date check failed:\ndemo/a.txt", ["demo/a.txt"])
    with pytest.raises(OutOfDate):
        client.each("commit", "co")
    assert snapshot(home) == before


@pytest.mark.parametrize("refusal", UNKNOWN)
def test_a_commit_without_an_answer_may_have_been_done(
    client: Client, server: Server, co: Path, refusal: Error
) -> None:
    (co / "a.txt").write_bytes(b"changed\n")
    server.refusal = refusal
    with pytest.raises(type(refusal)) as caught:
        client.each("commit", "co")
    assert "It is not known" in str(caught.value.advice)
    assert "Nothing was committed" not in str(caught.value.advice)
