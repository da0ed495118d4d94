"""Questions about conflicts are answered by keys, and done at once."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from zope.app.fssync.cli import resolving
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.report import Report
from zope.app.fssync.cli.report import TextReport
from zope.app.fssync.client.conflicts import Conflict
from zope.fssync.errors import Error
from zope.fssync.report import BOTH
from zope.fssync.report import REMOVED_HERE

Captured = pytest.CaptureFixture[str]


class Files:
    """A client whose working copy has files with two sides each."""

    def __init__(self, refusal: str = "") -> None:
        self.files = SimpleNamespace(shown=lambda path: path)
        self.refusal = refusal
        self.resolved: list[tuple[Any, ...]] = []

    def sides(self, path: str) -> Any:
        contents = {path: b"mine\n", "theirs": b"theirs\n"}
        return SimpleNamespace(
            exists=True, path=path, theirs="theirs", content=contents.__getitem__
        )

    def resolve(self, *arguments: Any) -> None:
        if self.refusal:
            raise Error(self.refusal, advice="Edit it.")
        self.resolved.append(arguments)


@pytest.fixture
def opts() -> Options:
    opts = Options()
    opts.report = TextReport()
    return opts


def typed(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    lines = "".join(f"{key}\n" for key in keys)
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))


@pytest.mark.parametrize(
    ("key", "accepted"),
    [("r", "working"), ("mf", "mine"), ("tf", "theirs"), ("b", "base")],
)
def test_a_key_takes_a_side(
    monkeypatch: pytest.MonkeyPatch, opts: Options, key: str, accepted: str
) -> None:
    typed(monkeypatch, key)
    files = Files()
    resolving.ask(files, [Conflict("a", BOTH)], opts)
    assert files.resolved == [("a", False, accepted, True)]


def test_resolving_is_asked_again_until_it_is_decided(
    monkeypatch: pytest.MonkeyPatch, opts: Options, capfd: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "what", "df", "p", "r")
    files = Files()
    resolving.ask(files, [Conflict("a", BOTH), Conflict("b", BOTH)], opts)
    assert files.resolved == [("b", False, "working", True)]
    shown = capfd.readouterr().out
    assert "Conflict in 'a': both sides have a version of their own." in shown
    assert shown.count("Select: (p), (df), (e), (r), (mf), ") == 4
    assert "(tf) theirs-full: take what the server has" in shown
    assert "-theirs\n+mine\n" in shown


def test_a_refused_value_is_reported_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, opts: Options, capsys: Captured
) -> None:
    typed(monkeypatch, "r", "q")
    resolving.ask(Files("markers are left"), [Conflict("a", BOTH)], opts)
    out, err = capsys.readouterr()
    assert err == "markers are left\nhint: Edit it.\n"
    assert out.endswith("1 not decided; 'zsync resolve' asks again.\n")


def test_removed_files_are_none_to_edit(
    monkeypatch: pytest.MonkeyPatch, opts: Options, capsys: Captured
) -> None:
    typed(monkeypatch, "e", "tf")
    files = Files()
    resolving.ask(files, [Conflict("a", REMOVED_HERE)], opts)
    assert files.resolved == [("a", False, "theirs", True)]
    assert "Select: (p), (mf), (tf), (q), (h): " in capsys.readouterr().out


def test_the_end_of_the_input_decides_nothing(
    monkeypatch: pytest.MonkeyPatch, opts: Options, capsys: Captured
) -> None:
    typed(monkeypatch)
    resolving.ask(Files(), [Conflict("a", BOTH), Conflict("b", BOTH)], opts)
    assert "2 not decided; 'zsync resolve' asks again." in capsys.readouterr().out
    resolving.ask(Files(), [], opts)
    assert capsys.readouterr().out == "There are no conflicts.\n"


def test_a_tool_without_a_name_is_an_error() -> None:
    with pytest.raises(Error, match="no merge tool"):
        resolving.run_tool(None, Conflict("x", BOTH), " ", Report())


def test_no_tool_merges_a_removal(capsys: Captured) -> None:
    conflict = Conflict("x", REMOVED_HERE)
    assert not resolving.run_tool(Files(), conflict, "true", Report())
    assert capsys.readouterr().err == (
        "left: x: removed here and changed on the server, no tool can merge that\n"
    )


def test_a_file_is_never_an_option_of_a_tool(capfd: pytest.CaptureFixture[str]) -> None:
    assert resolving.run([sys.executable, "-c", "print(*__import__('sys').argv)"]) == 0
    assert resolving.run(["echo"], "-n", "a") == 0
    assert capfd.readouterr().out.endswith("./-n a\n")
