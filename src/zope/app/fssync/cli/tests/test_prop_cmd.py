"""The actions of prop: what they print, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.cli.main import main

ENTRIES = "<entries><entry name='{}' id='/{}' /></entries>"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registered file of a working copy, without properties."""
    for path, content in {
        "@@Zope/Root": "http://u@127.0.0.1:1/a",
        "@@Zope/Entries.xml": ENTRIES.format("a", "a"),
        "@@Zope/Original/a": "a",
        "a": "a",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    monkeypatch.chdir(tmp_path)
    return "a"


def test_values_are_printed_by_name(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prop", "set", file, "title", "A\x1bB"]) == 0
    assert main(["prop", "set", file, "creators", "me", "you"]) == 0
    capsys.readouterr()
    assert main(["prop", "list", file]) == 0
    assert capsys.readouterr().out == "title: A\\x1bB\ncreators: me\ncreators: you\n"
    assert main(["prop", "get", file, "Creators"]) == 0
    assert capsys.readouterr().out == "me\nyou\n"
    assert main(["prop", "delete", file, "title"]) == 0
    assert main(["prop", "get", file, "title"]) == 1


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["put", "a"],
        ["list"],
        ["get", "a"],
        ["set", "a", "title"],
        ["set", "a", "title", "\udcff"],
        ["edit", "a", "title", "more"],
        ["delete", "a"],
    ],
)
def test_wrong_usage_is_refused(file: str, args: list[str]) -> None:
    assert main(["prop", *args]) == 2


def test_prop_shows_and_changes_what_is_beside_the_content(zsync, demo):
    assert "contentType: text/plain\n" in zsync("prop", "list", "co/demo/readme.txt")
    changed = zsync("prop", "set", "co/demo/readme.txt", "title", "Read me")
    assert changed == " M co/demo/readme.txt\n"
    assert zsync("prop", "get", "co/demo/readme.txt", "title") == "Read me\n"
