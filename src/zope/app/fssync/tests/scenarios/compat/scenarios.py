"""What people do with zsync, to be done by either client with either server."""

from __future__ import annotations

import random
from typing import Protocol

from zope.app.fssync.tests.scenarios.compat.support import Zsync

__all__ = ["EVERYWHERE", "TODAY", "Live", "Scenario"]

LARGE = random.Random(5).randbytes(3_000_000)


class Live(Protocol):
    """A server that somebody else works with too."""

    def put(self, path: str, data: bytes) -> None:
        """Change a file there."""


class Scenario(Protocol):
    """Does what its docstring says."""

    __name__: str

    def __call__(self, zsync: Zsync, live: Live, url: str) -> None: ...


def edit_and_commit(zsync: Zsync, live: Live, url: str) -> None:
    """Every kind of change in one commit."""
    zsync("checkout", f"{url}/demo", "co")
    demo = zsync.home / "co" / "demo"
    (demo / "readme.txt").write_bytes("Größe\n".encode())
    (demo / "data.bin").write_bytes(b"\0\xff\r\n")
    (demo / "empty.txt").write_bytes(b"no more")
    (demo / "nonewline.txt").write_bytes(b"another")
    (demo / "page.html").unlink()
    zsync("remove", "co/demo/page.html")
    (demo / "new.txt").write_bytes(b"new\n")
    (demo / "new.bin").write_bytes(b"\0\1\2")
    zsync("add", "co/demo/new.txt", "co/demo/new.bin")
    zsync("mkdir", "co/demo/made")
    (demo / "made" / "inner.txt").write_bytes(b"inner\n")
    zsync("add", "co/demo/made/inner.txt")
    zsync("mkdir", "co/demo/made/empty")
    zsync("copy", "co/demo/crlf.txt", "co/demo/copied.txt")
    zsync("copy", "co/demo/sub", "co/demo/copied")
    title = demo / "@@Zope/Annotations/crlf.txt/zope.app.dublincore.ZopeDublinCore"
    title.write_bytes(
        title.read_bytes().replace(
            b"<unicode></unicode>", "<unicode>Ü</unicode>".encode()
        )
    )
    zsync("commit", "-m", "every kind of change: äöü", "co/demo")
    assert zsync("status", "co/demo") == ""
    assert zsync("update", "co/demo") == "All done.\n"


def conflict_and_resolve(zsync: Zsync, live: Live, url: str) -> None:
    """Both sides change the same line; the client settles it."""
    zsync("checkout", f"{url}/demo", "co")
    readme = zsync.home / "co" / "demo" / "readme.txt"
    live.put("demo/readme.txt", b"theirs\nSecond line.\nThird line.\n")
    live.put("demo/crlf.txt", b"zero\r\none\r\ntwo\r\n")
    live.put("demo/nonewline.txt", b"changed there")
    crlf = readme.with_name("crlf.txt")
    crlf.write_bytes(b"one\r\ntwo\r\nthree\r\n")
    readme.write_bytes(b"mine\nSecond line.\nThird line.\n")
    refused = zsync.run("commit", "co/demo")
    assert refused.returncode != 0
    assert "Up-to-date check failed:\n" in refused.stderr
    assert "\ndemo/readme.txt\n" in refused.stderr
    assert "C co/demo/readme.txt" in zsync.run("update", "co/demo").stdout
    readme.write_bytes(b"both\nSecond line.\nThird line.\n")
    zsync("resolve", "co/demo/readme.txt")
    zsync("commit", "co/demo")


def merge_and_revert(zsync: Zsync, live: Live, url: str) -> None:
    """Changes of one working copy are brought into another and committed."""
    zsync("checkout", f"{url}/demo", "one")
    zsync("checkout", f"{url}/demo", "two")
    one = zsync.home / "one" / "demo"
    (one / "readme.txt").write_bytes(b"from one\n")
    (one / "crlf.txt").write_bytes(b"taken back\n")
    zsync("revert", "one/demo/crlf.txt")
    zsync("merge", "one/demo", "two/demo")
    zsync("commit", "two/demo")


def check_in(zsync: Zsync, live: Live, url: str) -> None:
    """A tree is checked in under another name, and one file of it alone."""
    zsync("checkout", f"{url}/demo", "co")
    zsync("checkin", "-m", "ein Baum", f"{url}/twin", "co/demo")
    zsync("checkin", f"{url}/twin/single.txt", "co/demo/readme.txt")


def hard_names(zsync: Zsync, live: Live, url: str) -> None:
    """Names that are not ASCII, and those that differ in case only."""
    zsync("checkout", f"{url}/names", "co")
    names = zsync.home / "co" / "names"
    umlauts = next(path for path in names.iterdir() if path.name.endswith("ute"))
    size = next(path for path in umlauts.iterdir() if path.name.endswith("e.txt"))
    size.write_bytes("größer\n".encode())
    (names / "case" / "name-1-1.txt").write_bytes(b"third of four\n")
    (names / "case" / "Name-1.txt").unlink()
    zsync("remove", "co/names/case/Name-1.txt")
    (names / "case" / "plain.txt").write_bytes(b"plain\n")
    zsync("add", "co/names/case/plain.txt")
    zsync("commit", "co/names")


def sites(zsync: Zsync, live: Live, url: str) -> None:
    """A site folder with its site manager."""
    zsync("checkout", f"{url}/site", "co")
    site = zsync.home / "co" / "site"
    assert (site / "++etc++site").is_file()
    (site / "inside.txt").write_bytes(b"changed\n")
    (site / "more.txt").write_bytes(b"more\n")
    zsync("add", "co/site/more.txt")
    zsync("commit", "co/site")


def one_file(zsync: Zsync, live: Live, url: str) -> None:
    """A checkout of a single file."""
    zsync("checkout", f"{url}/demo/readme.txt", "co")
    (zsync.home / "co" / "readme.txt").write_bytes(b"alone\n")
    zsync("commit", "co/readme.txt")


def large_file(zsync: Zsync, live: Live, url: str) -> None:
    """A file of 3 MB, added and changed."""
    zsync("checkout", f"{url}/demo/sub", "co")
    large = zsync.home / "co" / "sub" / "large.bin"
    large.write_bytes(LARGE)
    zsync("add", "co/sub/large.bin")
    zsync("commit", "co/sub")
    large.write_bytes(LARGE[::-1])
    zsync("commit", "co/sub")
    zsync("checkout", f"{url}/demo/sub", "again")
    again = zsync.home / "again" / "sub" / "large.bin"
    assert again.read_bytes() == LARGE[::-1]


def pending_and_taken_back(zsync: Zsync, live: Live, url: str) -> None:
    """Additions and removals that are reverted before the commit of the rest."""
    zsync("checkout", f"{url}/demo", "co")
    demo = zsync.home / "co" / "demo"
    (demo / "new.txt").write_bytes(b"new\n")
    zsync("add", "co/demo/new.txt")
    zsync("mkdir", "co/demo/made")
    (demo / "dot.gif").unlink()
    zsync("remove", "co/demo/dot.gif")
    zsync("revert", "co/demo/dot.gif")
    zsync("revert", "co/demo/made")
    (demo / "utf8.txt").write_bytes("Köln\n".encode())
    (demo / "stray.txt").write_bytes(b"never added\n")
    live.put("demo/page.html", b"<p>changed there</p>\n")
    zsync("update", "co/demo")
    zsync("commit", "co/demo")
    assert "U" not in zsync("update", "co/demo").split()
    assert (demo / "page.html").read_bytes() == b"<p>changed there</p>\n"
    assert (demo / "dot.gif").is_file()


def emptied(zsync: Zsync, live: Live, url: str) -> None:
    """Files that become empty, shorter, and longer."""
    zsync("checkout", f"{url}/demo", "co")
    demo = zsync.home / "co" / "demo"
    (demo / "nonewline.txt").write_bytes(b"")
    (demo / "crlf.txt").write_bytes(b"one\r\n")
    (demo / "utf8.txt").write_bytes((demo / "utf8.txt").read_bytes() + b"more\n")
    zsync("commit", "co/demo")


#: What 3.6.0's server is up to.
EVERYWHERE: list[Scenario] = [
    edit_and_commit,
    conflict_and_resolve,
    merge_and_revert,
    check_in,
    one_file,
    large_file,
    pending_and_taken_back,
]

#: What only today's server is up to.
TODAY: list[Scenario] = [*EVERYWHERE, emptied, hard_names, sites]
