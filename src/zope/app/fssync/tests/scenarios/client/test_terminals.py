"""What a person sees on terminals of several widths, kinds and encodings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.terminal import talk

pytestmark = pytest.mark.slow

NAME = "Gr\u00fc\u00dfe \u65e5\u672c.txt"
ENTRIES = f"""<entries>
  <entry name="a.txt" id="/site/a.txt" conflict="yes" />
  <entry name="{NAME}" id="/site/{NAME}" />
</entries>"""
CONTROLS = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working copy with a conflict, and an edit in a file of many scripts."""
    top: Path = tmp_path_factory.mktemp("terminals") / "site"
    for path, content in {
        "../@@Zope/Root": "http://u:p@127.0.0.1:1/site",
        "../@@Zope/Entries.xml": '<entries><entry name="site" id="/site" /></entries>',
        "@@Zope/Entries.xml": ENTRIES,
        "@@Zope/Original/a.txt": "theirs\n",
        f"@@Zope/Original/{NAME}": "before\n",
        "a.txt": "mine\n",
        NAME: "\u00e4fter\n",
    }.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(content, encoding="utf-8")
    return top


def shown(top: Path, *args: str, term: str, encoding: str, columns: int) -> bytes:
    env = environment(top.parent / "home", TERM=term, ZSYNC_PAGER="cat")
    env.pop("NO_COLOR", None)
    status, found = talk(args, cwd=top, env=env, columns=columns, encoding=encoding)
    assert status == 0, found
    return found.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_status_and_diff_are_readable(
    top: Path, term: str, encoding: str, columns: int
) -> None:
    name = NAME.encode(encoding, "backslashreplace")
    status = shown(top, "status", term=term, encoding=encoding, columns=columns)
    diff = shown(top, "diff", NAME, term=term, encoding=encoding, columns=columns)
    assert (b"\x1b[" in status) == (b"\x1b[" in diff) == (term != "dumb")
    assert CONTROLS.sub(b"", status).splitlines() == [
        b"M  " + name,
        b"C  a.txt",
        b"      > both sides have a version of their own",
    ]
    after = "+\u00e4fter".encode(encoding, "backslashreplace")
    assert {b"-before", after} <= set(CONTROLS.sub(b"", diff).splitlines())
    assert name in diff


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_conflict_is_asked_about_and_settled(
    top: Path, encoding: str, columns: int
) -> None:
    env = environment(top.parent / "home", TERM="dumb")
    status, found = talk(
        ["resolve"],
        (b"Select: ", b"df\n"),
        (b"Select: ", b"h\n"),
        (b"Select: ", b"q\n"),
        cwd=top,
        env=env,
        columns=columns,
        encoding=encoding,
    )
    assert status == 0
    for each in (b"Conflict in 'a.txt'", b"-theirs", b"+mine", b"mine-full", b"1 not"):
        assert each in found
    assert not CONTROLS.search(found.replace(b"\r\n", b"\n"))
