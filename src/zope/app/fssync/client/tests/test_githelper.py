"""A credential helper of git is asked as git asks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.githelper import Answer
from zope.app.fssync.client.githelper import GitHelper
from zope.app.fssync.client.githelper import command
from zope.app.fssync.client.url import RootURL
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import UsageError

URL = RootURL.parse("http://localhost:8080/demo")


def helper(says: str, warn: list[str] | None = None) -> GitHelper:
    """Return a helper that prints lines."""
    said = [] if warn is None else warn
    return GitHelper(f"!f() {{ printf '{says}'; }}; f", said.append)


def test_a_name_becomes_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert command("!f x", "get") == ["/bin/sh", "-c", 'f x "$@"', "f x", "get"]
    assert command("/bin/keep --all", "get") == ["/bin/keep", "--all", "get"]
    assert command("~/keep", "store") == ["/home/me/keep", "store"]
    assert command("cache -t 9", "get") == ["git", "credential-cache", "-t", "9", "get"]
    with pytest.raises(UsageError, match=r"credential\.helper cannot be read"):
        command("'", "get")


def test_server_and_user_go_through_standard_input(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    keeper = GitHelper(f"!f() {{ cat > {heard}; }}; f", print)
    assert keeper.get(URL, "me") is None
    asked = "protocol=http\nhost=localhost:8080\nusername=me\n"
    assert heard.read_text() == f"{asked}\n"
    keeper.store(URL, "me", "secret")
    assert heard.read_text() == f"{asked}password=secret\n\n"
    keeper.erase(URL, "me")
    assert heard.read_text() == f"{asked}\n"


@pytest.mark.parametrize(
    ("says", "user", "answer"),
    [
        (r"username=me\npassword=a=b\nhost=evil\n", None, Answer("me", "a=b")),
        (r"username=me\npassword=pw\n", "me", Answer("me", "pw")),
        (r"username=other\npassword=pw\n", "me", None),
        (r"username=me\n", "me", None),
        (r"username=me\npassword=pw\npassword_expiry_utc=1\n", None, None),
        (r"nonsense", None, None),
    ],
)
def test_a_stored_login_that_fits_is_used(
    says: str, user: str | None, answer: Answer | None
) -> None:
    assert helper(says).get(URL, user) == answer


def test_a_helper_may_say_to_stop() -> None:
    with pytest.raises(AccessDenied, match="says to stop"):
        helper(r"quit=1\n").get(URL, None)


def test_a_helper_that_does_not_run_is_told() -> None:
    said: list[str] = []
    assert GitHelper("/no/such", said.append).get(URL, None) is None
    assert said == [
        "warning: the credential helper '/no/such' does not run: No such file or "
        "directory"
    ]


def test_a_line_more_is_refused() -> None:
    with pytest.raises(AccessDenied, match="cannot be told this username"):
        helper("").get(URL, "me\nhost=evil")
