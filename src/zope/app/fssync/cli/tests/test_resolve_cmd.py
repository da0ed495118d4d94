"""Conflicts are listed, asked about and given to tools, in processes of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zope.app.fssync.testing.person import Person
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.slow

MINE = b"Goodbye.\nSecond line.\nThird line.\n"
CHECKOUT = recorded_answer("checkout-demo")
README = "co/demo/readme.txt"
CONFLICT = f"C  {README}\n      > both sides have a version of their own\n"

#: A merge tool that writes down what it was given, and takes the remote side.
TOOL = """\
import shutil, sys
base, local, remote, merged = sys.argv[1:]
for name in (base, local, remote):
    print(open(name).readline(), end="")
shutil.copyfile(remote, merged)
"""


class Conflicted(Person):
    """Somebody whose text was edited on both sides."""

    def __init__(self, home: Path, url: str) -> None:
        super().__init__(home, home)
        self.url = url
        self.readme = home / "co" / "demo" / "readme.txt"

    def resolve(self, *dialogue: tuple[bytes, bytes], **more: str) -> str:
        top = self.home / "co"
        status, shown = self.talk(["resolve"], *dialogue, cwd=top, **more)
        assert status == 0, shown
        return shown.replace(b"\r\n", b"\n").decode()


@pytest.fixture
def copy(tmp_path, no_proxies):
    with RawServer([CHECKOUT]) as server:
        copy = Conflicted(tmp_path, f"http://zsync:zsync@127.0.0.1:{server.port}/demo")
        copy("checkout", copy.url, "co")
        copy.readme.write_bytes(MINE)
        changed = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")
        server.answers[:] = [changed]
        copy("update", "co", status=3)
        yield copy


def test_conflicts_are_listed_with_their_kind(copy):
    said = f"C  {README}\n      > both sides have a version of their own\n"
    assert copy("resolve", "--list", "co") == said
    assert copy("resolve", "-l", "co/demo/readme.txt") == said
    assert copy("-C", "co", "resolve", "--list") == said.replace("co/", "")
    assert copy("status", "co") == CONFLICT


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["--accept", "ours"], "--accept takes mine, theirs, base, merged, working"),
        (["--accept", "mine", "--list"], "exclude one another"),
    ],
)
def test_options_that_make_no_sense_are_refused(copy, args, text):
    copy("resolve", *args, "co", status=2)
    assert text in copy.said
    assert copy("status", "co") == CONFLICT


def test_a_side_is_accepted_for_all(copy):
    assert copy("resolve", "--accept=mine", "co") == f"Resolved {README}\n"
    assert copy.readme.read_bytes() == MINE
    assert copy("resolve", "--list", "co") == ""


def test_theirs_keeps_mine_beside_it(copy):
    assert copy("resolve", "co", "--accept", "theirs").splitlines() == [
        f"Kept what {README} was as {README}.mine",
        f"Resolved {README}",
    ]
    assert copy("status", "co") == f"?  {README}.mine\n"


def test_kept_files_are_named_from_the_current_directory(copy):
    (line, _) = copy("-C", "co", "resolve", "--accept", "theirs", ".").splitlines()
    here = README.removeprefix("co/")
    assert line == f"Kept what {here} was as {here}.mine"


def test_compat_resolves_without_a_word(copy):
    assert copy("--compat", "resolve", "co") == ""
    assert copy("--compat", "status", "co") == f"M {README}\n"


def test_a_tool_gets_all_sides(copy):
    tool = copy.home / "my tool.py"
    tool.write_text(TOOL)
    command = f"{sys.executable} '{tool}'"
    shown = copy("resolve", "--tool", command, "co")
    assert shown.startswith("Hello, world.\nGoodbye.\nHallo, Welt!!\n")
    assert shown.endswith(f"Resolved {README}\n")
    assert copy.readme.read_bytes().startswith(b"Hallo, Welt!!\n")


@pytest.mark.parametrize(
    ("tool", "status", "text"),
    [
        (f"{sys.executable} -c 'import sys; sys.exit(3)'", 0, "ended with status 3"),
        (f"{sys.executable} -c ''", 1, "conflict markers are left"),
        ("/no/such/tool", 1, "cannot run /no/such/tool"),
        ("'", 1, "not a command line"),
    ],
)
def test_a_tool_that_fails_settles_nothing(copy, tool, status, text):
    before = copy.readme.read_bytes()
    copy("resolve", "--tool", tool, "co", status=status)
    assert text in copy.said
    assert copy.readme.read_bytes() == before
    assert copy("status", "co") == CONFLICT


def test_on_a_terminal_each_conflict_is_asked_about(copy):
    editor = f"{sys.executable} -c \"import sys; open(sys.argv[1], 'w').write('ok')\""
    shown = copy.resolve(
        (b"Select: ", b"?\n"),
        (b"Select: ", b"df\n"),
        (b"Select: ", b"r\n"),
        (b"Select: ", b"l\n"),
        (b"Select: ", b"e\n"),
        (b"Select: ", b"r\n"),
        ZSYNC_EDITOR=editor,
    )
    assert "Conflict in 'demo/readme.txt': both sides have a version" in shown
    assert "(tf) theirs-full: take what the server has" in shown
    assert "-Hallo, Welt!!\n" not in shown
    assert "+<<<<<<< demo/readme.txt (mine)\n" in shown
    assert "conflict markers are left in" in shown
    assert "no merge tool is known" in shown
    assert shown.endswith("Resolved demo/readme.txt\n")
    assert copy.readme.read_text() == "ok"
    assert copy("status", "co") == f"M  {README}\n"
    assert copy.resolve() == "There are no conflicts.\n"


@pytest.mark.parametrize("answer", [b"q\n", b"\x04"])
def test_undecided_files_stay_a_conflict(copy, answer):
    shown = copy.resolve((b"Select: ", answer))
    assert "1 not decided; 'zsync resolve' asks again." in shown
    assert "not decided" not in copy.resolve((b"Select: ", b"p\n"))
    assert copy("status", "co") == CONFLICT


def test_a_side_is_chosen_on_a_terminal(copy):
    copy.resolve((b"Select: ", b"mf\n"))
    assert copy.readme.read_bytes() == MINE


def test_a_merge_tool_of_the_environment_is_run(copy):
    tool = copy.home / "tool.py"
    tool.write_text(TOOL)
    copy.resolve((b"Select: ", b"l\n"), ZSYNC_MERGE=f"{sys.executable} {tool}")
    assert copy.readme.read_bytes().startswith(b"Hallo, Welt!!\n")
