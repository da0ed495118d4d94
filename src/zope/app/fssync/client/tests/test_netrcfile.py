"""Passwords of a .netrc go to the server that they were meant for."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.netrcfile import find
from zope.app.fssync.client.url import RootURL

TEXT = """\
machine example.org login ann password a
machine example.org:8080 login bob password b
machine localhost login cid password c
machine [::1]:8080 login dan password d
default login eve password e
"""


@pytest.fixture
def netrc(tmp_path: Path) -> Path:
    path = tmp_path / "netrc"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


def found(path: Path, url: str, user: str | None = None) -> tuple[object, list[str]]:
    said: list[str] = []
    return find(RootURL.parse(url), user, str(path), said.append), said


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("https://example.org/", ("ann", "a")),
        ("http://example.org/", None),
        ("https://example.org:444/", None),
        ("http://example.org:8080/", ("bob", "b")),
        ("http://localhost/", ("cid", "c")),
        ("http://[::1]:8080/", ("dan", "d")),
        ("https://elsewhere.org/", None),
        ("zsync+ssh://example.org/", None),
    ],
)
def test_a_machine_is_a_server(netrc: Path, url: str, login: object) -> None:
    assert found(netrc, url) == (login, [])


def test_another_user_gets_nothing(netrc: Path) -> None:
    assert found(netrc, "https://example.org/", "ann")[0] == ("ann", "a")
    assert found(netrc, "https://example.org/", "bob")[0] is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_use_is_not_used(netrc: Path, mode: int) -> None:
    netrc.chmod(mode)
    login, said = found(netrc, "https://example.org/")
    assert login is None
    assert "run: chmod 600" in said[0]


def test_files_that_are_no_netrc_are_not_used(netrc: Path, tmp_path: Path) -> None:
    netrc.write_text("machine\n")
    for path in (netrc, tmp_path, tmp_path / "missing"):
        login, said = found(path, "https://example.org/")
        assert login is None
        assert "is not used" in said[0]
