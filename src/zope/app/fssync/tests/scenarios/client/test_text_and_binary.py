"""Two people edit files of many types at once, on each kind of host.

What type the server takes a file for does not matter: text is merged, and of
what is binary both sides are kept.
"""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.person import Person
from zope.fssync.descriptionnames import is_description

pytestmark = pytest.mark.slow

REASON = "      > both sides have a version of their own"


def of_content(line: str) -> str:
    """Return a line of a file, without its metadata and whose change it is."""
    if line.startswith(" U "):
        return ""
    return re.sub(r" \(there by .*\)$", "", re.sub("^([A-Z]). ", r"\1 ", line))


class Worker(Person):
    """Somebody with a working copy of a folder."""

    def __init__(self, place: Path, url: str) -> None:
        super().__init__(place)
        self("checkout", url, "co")
        self.folder = place / "co" / "kinds"

    def lines(self, *arguments: str, status: int = 0) -> list[str]:
        """What is reported of files, and not of their extras and annotations."""
        out = self(*arguments, status=status)
        return [line for line in out.splitlines() if "@@Zope" not in line]

    def write(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def files(self) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes()
            for path in self.folder.iterdir()
            if path.is_file() and not is_description(path.name)
        }


@pytest.fixture(params=["toolkit", "zope"], scope="module")
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The folder ``kinds`` on a running server."""
    place = tmp_path_factory.mktemp(request.param)
    if request.param == "zope":
        instance = ZopeInstance(place / "instance")
        instance.script("app.manage_addFolder('kinds')")
        with instance.running():
            yield f"http://zsync:zsync@127.0.0.1:{instance.port}/kinds"
        return
    demo = Demo(place / "data")
    demo("start", "--port", "0")
    try:
        demo("sample")
        root = f"http://zsync:zsync@127.0.0.1:{demo.running.port}/demo"
        Maker(place / "maker", root).make("kinds")
        yield f"{root}/kinds"
    finally:
        demo("stop")


class Maker(Worker):
    """Makes the folder where no script can."""

    def make(self, name: str) -> None:
        self("mkdir", f"co/demo/{name}")
        self("commit", "co")


def database(path: Path, *articles: str) -> bytes:
    """An SQLite file with rows."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("create table article (name text)")
    for article in articles:
        connection.execute("insert into article values (?)", [article])
    connection.commit()
    connection.close()
    return path.read_bytes()


SETTINGS = {f"key{number:02}": number for number in range(30)}

TEXTS = {
    "settings.json": json.dumps(SETTINGS, indent=1),
    "drawing.svg": "<svg xmlns='http://www.w3.org/2000/svg'>\n"
    + "".join(f"<path id='p{number}'/>\n" for number in range(9))
    + "</svg>\n",
    "shop.sql": "select name\nfrom article\nwhere price < 5\norder by name\n",
    "menu.js": "function open() {\n  return 1;\n}\n\nfunction close() {}\n",
    "data.xhtml": "<html>\n<head/>\n<body>\n<p>one</p>\n<p>two</p>\n</body>\n</html>\n",
    "notes": "one\ntwo\nthree\nfour\n",
    "no-end.css": "a {}\nb {}\nc {}\nd {}",
}


def edited(text: str, first: bool, last: bool) -> str:
    """The text with something more in its first or last line."""
    lines = text.split("\n")
    if first:
        lines[0] += " "
    if last:
        number = -1 if lines[-1] else -2
        lines[number] += " "
    return "\n".join(lines)


FORMS = {
    "utf-8": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "marked": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-crlf": lambda text: text.replace("\n", "\r\n").encode("utf-16"),
    "utf-32": lambda text: text.encode("utf-32"),
}


def versions(first: bool, last: bool) -> dict[str, bytes]:
    """The texts, each with some of the edits."""
    files = {name: edited(text, first, last) for name, text in TEXTS.items()}
    notes = edited("Grüße\nzwei\ndrei\nvier\n", first, last)
    return {name: text.encode() for name, text in files.items()} | {
        f"{form}.txt": encode(notes) for form, encode in FORMS.items()
    }


def binaries(place: Path, *articles: str) -> dict[str, bytes]:
    rows = database(place / "shop", *articles)
    mark = " ".join(articles).encode()
    return {
        "shop": rows,
        "shop.dat": rows,
        "latin-1.txt": b"caf\xe9\n" + mark + b"\nend\n",
        "photo.png": b"\x89PNG\r\n\x1a\n\0" + mark + b"\nend\n",
    }


def test_text_is_merged_and_of_what_is_binary_both_sides_are_kept(
    url: str, tmp_path: Path
) -> None:
    mine, theirs = (Worker(tmp_path / name, url) for name in ("mine", "theirs"))
    mine.write(versions(False, False) | binaries(tmp_path, "a", "b"))
    mine("add", *(f"co/kinds/{name}" for name in mine.files()))
    mine("commit", "co")
    theirs("update", "co")
    assert theirs.files() == mine.files()

    their_binaries = binaries(tmp_path, "a", "b", "theirs")
    theirs.write(versions(False, True) | their_binaries)
    theirs("commit", "co")
    my_binaries = binaries(tmp_path, "a", "b", "mine")
    mine.write(versions(True, False) | my_binaries)
    merged = versions(True, True)

    expected = [f"C co/kinds/{name}" for name in my_binaries]
    expected += [REASON] * len(my_binaries)
    expected += [f"G co/kinds/{name}" for name in merged]
    counts = f"{len(merged)} merged, {len(my_binaries)} in conflict."
    lines = mine.lines("update", "co", status=3)
    assert sorted(map(of_content, lines[:-1])) == sorted(expected)
    assert lines[-1].endswith(counts)
    assert "zsync cat PATH" in mine.said
    assert mine.files() == merged | my_binaries
    for name, content in their_binaries.items():
        assert mine.output("cat", f"co/kinds/{name}") == content

    names = list(my_binaries)
    mine("revert", f"co/kinds/{names[0]}")
    mine("resolve", "co")
    mine("commit", "co")
    assert mine("status", "co") == ""
    theirs("update", "co")
    ended = merged | my_binaries | {names[0]: their_binaries[names[0]]}
    assert mine.files() == theirs.files() == ended


def test_a_file_in_the_way_is_kept_and_that_of_the_server_is_within_reach(
    url: str, tmp_path: Path
) -> None:
    mine, theirs = (Worker(tmp_path / name, url) for name in ("mine", "theirs"))
    names = {"kept": b"theirs\n", "taken": b"theirs\n"}
    theirs.write(names)
    theirs("add", "co/kinds/kept", "co/kinds/taken")
    theirs("commit", "co")
    mine.write({"kept": b"mine\n", "taken": b"mine\n"})
    lines = mine.lines("update", "co", status=3)
    reason = "      > not registered here, and in the way of a new object"
    shown = [line for name in names for line in (f"C co/kinds/{name}", reason)]
    assert [*filter(None, map(of_content, lines[:-1]))] == shown
    assert (mine.folder / "kept").read_bytes() == b"mine\n"
    assert mine.output("cat", "co/kinds/kept") == b"theirs\n"
    mine("resolve", "co/kinds/kept")
    mine("revert", "co/kinds/taken")
    mine("commit", "co")
    assert mine("status", "co") == ""
    theirs("update", "co")
    assert (theirs.folder / "kept").read_bytes() == b"mine\n"
    assert (theirs.folder / "taken").read_bytes() == b"theirs\n"


def test_a_large_binary_of_the_server_is_within_reach(url: str, tmp_path: Path) -> None:
    mine, theirs = (Worker(tmp_path / name, url) for name in ("mine", "theirs"))
    size = 1 << 20
    theirs.write({"large.dat": bytes(size)})
    theirs("add", "co/kinds/large.dat")
    theirs("commit", "co")
    mine("update", "co")
    theirs.write({"large.dat": bytes(size) + b"theirs"})
    theirs("commit", "co")
    mine.write({"large.dat": bytes(size) + b"mine"})
    mine("update", "co", status=3)
    assert mine.output("cat", "co/kinds/large.dat") == bytes(size) + b"theirs"
    assert mine.files()["large.dat"] == bytes(size) + b"mine"
