"""An undo on the server leaves the working copy as it was if it fails."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from zope.app.fssync.client import serverundo
from zope.app.fssync.client.serverundo import undo_on_server
from zope.fssync.errors import Error


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(serverundo, "check_unchanged", lambda target: None)
    client = Mock(conflicts=[], later=[])
    client.undo_transaction.return_value = Mock(id="0x1", message="More")
    return client


def test_serverundo_is_rehearsed_and_committed(client: Any) -> None:
    undo_on_server(client, "co", "PREV", None, False)
    rehearsal, real = client.commit_all.call_args_list
    assert rehearsal.args == real.args == (["co"], "Undo 0x1: More")
    assert (rehearsal.kwargs, real.kwargs) == ({"dry_run": True}, {})
    client.undo.assert_not_called()


def test_a_rehearsal_commits_nothing(client: Any) -> None:
    undo_on_server(client, "co", "PREV", "why", True)
    client.commit_all.assert_called_once_with(["co"], "why", dry_run=True)
    client.undo.assert_called_once_with("co")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"conflicts": ["a"]}, "others changed the same since, 'a' for one"),
        ({"later": ["b"]}, "objects have to leave 'b' first"),
    ],
)
def test_an_incomplete_undo_is_refused(
    client: Any, found: dict[str, list[str]], message: str
) -> None:
    client.configure_mock(**found)
    with pytest.raises(Error, match=message):
        undo_on_server(client, "co", "PREV", None, False)
    client.commit_all.assert_not_called()
    client.undo.assert_called_once_with("co")
    assert (client.conflicts, client.later) == ([], [])
