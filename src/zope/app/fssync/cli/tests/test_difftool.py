"""A tool is run for each file that differs, with what it was and what it is."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from zope.app.fssync.cli.difftool import ToolRunner
from zope.app.fssync.cli.main import main
from zope.app.fssync.cli.report import TextReport
from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
from zope.app.fssync.testing.clientside import Client

#: Writes down names and contents of its arguments, and changes the second.
_CODE = """
import sys
from pathlib import Path
old, new = map(Path, sys.argv[1:])
with open("seen", "a") as seen:
    seen.write(f"{old.name} {old.read_text()!r} {new} {new.read_text()!r}\\n")
new.write_text("changed by the tool\\n")
"""


@pytest.fixture
def tool(tmp_path: Path) -> str:
    path = tmp_path / "tool.py"
    path.write_text(_CODE)
    return shlex.join([sys.executable, str(path)])


@pytest.mark.layout(2)
def test_diff_runs_the_tool(
    tool: str, co: Path, home: Path, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    (co / "a.txt").write_text("mine\n")
    client("remove", "co/demo/b.txt")
    assert main(["diff", "--tool", tool, "co"]) == 0
    assert capsys.readouterr().out == ""
    first, second = (home / "seen").read_text().splitlines()
    assert first == r"OLD.a.txt 'one\ntwo\nthree\n' co/demo/a.txt 'mine\n'"
    assert second.startswith(r"OLD.b.txt 'b\n' /")
    assert (co / "a.txt").read_text() == "changed by the tool\n"
    assert not (co / "b.txt").exists()
    assert main(["-o", f"diff.tool={tool}", "diff", "-T", "co/demo/a.txt"]) == 0
    assert "changed by the tool" in (home / "seen").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ["--tool", ""],
        ["-T"],
        ["--tool", "x", "--stat"],
        ["--server", "-r", "HEAD"],
        ["--server", "--change", "0x1"],
    ],
)
def test_wrong_options_are_refused(
    co: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *words, "co"]) == 2


def test_a_tool_that_fails_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = f"{sys.executable} -c 'raise SystemExit(3)'"
    ToolRunner(fails, TextReport())("x", b"a", b"b")
    assert "x: the tool ended with status 3" in capsys.readouterr().err
