"""Each verb once on a terminal that cannot show the names it is to tell of."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from zope.app.fssync.testing.demoserver import Place
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.terminal import talk

pytestmark = pytest.mark.slow

TOP = "Grö\u65e5"
FILE, MOVED = f"{TOP}/ä\u672c.txt", f"{TOP}/ß\u672c.txt"
CONTROLS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
NUMBERS = itertools.count()


class Person:
    """Somebody at a terminal of some encoding and width."""

    def __init__(self, place: Place, encoding: str, columns: int) -> None:
        self.place = place
        self.encoding = encoding
        self.columns = columns
        self.top = place.notes / f"{TOP}{next(NUMBERS)}"
        self.env = environment(place.home, TERM="dumb", ZSYNC_PAGER="cat")

    def path(self, path: str) -> str:
        return path.replace(TOP, f"co/notes/{self.top.name}")

    def shown(self, *words: str) -> str:
        """How something that is told looks there."""
        found = " ".join(map(self.path, words))
        return found.encode(self.encoding, "backslashreplace").decode(self.encoding)

    def __call__(self, *words: str, status: int = 0) -> str:
        """What is seen of a command."""
        found, said = talk(
            [self.path(word) for word in words],
            cwd=self.place.directory,
            env=self.env,
            columns=self.columns,
            encoding=self.encoding,
        )
        text = said.decode(self.encoding).replace("\r\n", "\n")
        text = CONTROLS.sub("", text.rpartition("\r")[2])
        assert found == status, f"{words} {text}"
        assert "internal error" not in text, text
        assert "Traceback" not in text, text
        return text


@pytest.fixture(params=[("latin-1", 80), ("ascii", 40)], ids=["latin-1", "ascii"])
def person(place: Place, request: pytest.FixtureRequest) -> Person:
    person = Person(place, *request.param)
    person.top.mkdir()
    (person.top / Path(FILE).name).write_text("eins\nzwei\n")
    return person


def test_each_verb_tells_names_as_the_terminal_has_them(person: Person) -> None:
    added = person("add", TOP)
    assert person.shown(f"A  {FILE} (text)") in added
    assert person.shown(f"A  {FILE}") in person("status", "co")
    assert person.shown(f"Adding    {FILE}") in person("commit", "-m", "Grüße", "co")
    log = person("log", "-v", TOP)
    assert person.shown("Grüße") in log
    assert person.shown("ä\u672c.txt") in log
    assert "eins" in person("cat", FILE)
    (person.top / "ä\u672c.txt").write_text("eins\ndrei\u672c\n")
    diff = person("diff", "co")
    assert person.shown(f"+++ b/{FILE}") in diff
    assert person.shown("+drei\u672c") in diff
    assert person.shown(FILE) in person("diff", "--stat", "co")
    assert person.shown(f"Sending   {FILE}") in person("commit", "-m", "x", "co")
    assert person.shown("drei\u672c") in person("annotate", FILE)
    assert person.shown("-zwei") in person("diff", "-r", "PREV", FILE)
    for verb in ("info", "explain", "types", "list"):
        person(verb, TOP)
    assert person.shown("ä\u672c.txt  File") in person("list", TOP)
    assert person.shown(f" M {FILE}") in person("prop", "set", FILE, "title", "T\u672c")
    assert person.shown("title: T\u672c") in person("prop", "list", FILE)
    assert person.shown(f"R  {MOVED} (from {FILE})") in person("move", FILE, MOVED)
    assert person.shown(f"Moving    {MOVED}") in person("commit", "-m", "x", "co")
    assert person.shown(f"A  {FILE}") in person("copy", MOVED, FILE)
    assert person.shown(f"Reverted {FILE}") in person("revert", FILE)
    assert "not ignored" in person("ignore", MOVED, status=1)
    assert person.shown("ß\u672c.txt") in person("export", TOP, "plain")
    assert person.shown("'Fü\u65e5'") in person("status", "Fü\u65e5", status=1)
    assert person.shown(f"D  {TOP}/") in person("remove", TOP)
    assert person.shown(f"Removing  {TOP}") in person("commit", "-m", "x", "co")


def test_conflicts_are_told_and_settled_there(person: Person) -> None:
    person("add", "-q", TOP)
    person("commit", "-q", "-m", "x", "co")
    there = person.path(FILE).replace("co/", "/demo/", 1).lstrip("/")
    person.place.demo.put(quote(there), b"theirs\n")
    (person.top / "ä\u672c.txt").write_text("mine\n")
    assert person.shown(FILE) in person("status", "-u", "co")
    refused = person("commit", "-m", "x", "co", status=5)
    assert person.shown(FILE).removeprefix("co/") in refused
    assert person.shown(f"C  {FILE}") in person("update", "co", status=3)
    assert person.shown(f"C  {FILE}") in person("resolve", "--list", "co")
    settled = person("resolve", "--accept", "mine", "co")
    assert person.shown(f"Resolved {FILE}") in settled
    person("commit", "-q", "-m", "x", "co")
