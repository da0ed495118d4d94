"""The program that git runs."""

from __future__ import annotations

import errno
import io
import os
import sys
from types import SimpleNamespace

import pytest

from zope.app.fssync.cli.git_remote import main
from zope.app.fssync.client.git.fetching import Fetch
from zope.app.fssync.testing.gitperson import GitPerson


def talk(monkeypatch: pytest.MonkeyPatch, said: bytes, *args: str) -> tuple[int, bytes]:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(said)))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=out))
    return main(list(args)), out.getvalue()


def test_help_is_for_people(capsys):
    assert main(["--help"]) == 0
    assert "git clone zsync::URL" in capsys.readouterr().out
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_git_remote_answers_git_outside_of_a_repository(monkeypatch):
    monkeypatch.delenv("GIT_DIR", raising=False)
    url = "http://localhost:1/demo"
    status, said = talk(monkeypatch, b"capabilities\n\n", url, url)
    assert (status, said) == (0, b"fetch\npush\noption\n\n")


def test_errors_have_a_reason_and_a_status(monkeypatch, capsys, tmp_path):
    GitPerson(tmp_path)("init", "--quiet", "--bare", "x.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "x.git"))
    status, _ = talk(monkeypatch, b"list\n", "origin", "ftp://localhost/demo")
    assert status == 1
    assert "zsync: " in capsys.readouterr().err
    assert not os.path.exists(tmp_path / "x.git/zsync")


def test_a_password_in_a_url_is_not_kept(monkeypatch, capsys, tmp_path):
    GitPerson(tmp_path)("init", "--quiet", "--bare", "x.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "x.git"))
    url = "http://jo:secret@localhost:1/demo"
    status, _ = talk(monkeypatch, b"list\n", "origin", url)
    assert status == 6
    assert "secret" not in capsys.readouterr().err


def test_a_full_disk_is_told(monkeypatch, capsys, tmp_path):
    def full(self: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "state.json")

    GitPerson(tmp_path)("init", "--quiet", "--bare", "x.git")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "x.git"))
    monkeypatch.setattr(Fetch, "__call__", full)
    url = "http://localhost:1/demo"
    status, _ = talk(monkeypatch, b"list\n", "origin", url)
    assert status == 1
    said = capsys.readouterr().err
    assert "zsync: state.json: No space left on device\n" in said
    assert "zsync: hint: Make room there" in said
