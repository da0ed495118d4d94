"""Questions to a person go to standard error."""

from __future__ import annotations

import getpass
import io
import sys

import pytest

from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.fssync.errors import Error

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("typed", "agreed", "asked"),
    [("yes\n", True, 1), (" NO \n", False, 1), ("y\n\nyes\n", True, 3), ("", False, 1)],
)
def test_confirm_asks_until_it_is_yes_or_no(
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
    typed: str,
    agreed: bool,
    asked: int,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert Terminal().confirm("A key.\x1b\n", "Trust it? ") is agreed
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("A key.\\x1b\nTrust it? ")
    assert err.count("Trust it? ") == asked


def test_there_is_nobody_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert not Terminal().interactive
    monkeypatch.setattr(sys, "stdin", None)
    assert not Terminal().interactive


def test_a_secret_that_is_not_typed_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", lambda prompt: f"<{prompt}>")
    assert Terminal().secret("Passphrase: ") == "<Passphrase: >"
    monkeypatch.setattr(getpass, "getpass", end)
    with pytest.raises(Error, match="was not answered"):
        Terminal().secret("Passphrase: ")
