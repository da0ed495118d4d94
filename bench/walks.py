"""Count the functions and files that a verb passes through.

See README.txt.  Client and server run in this process, joined without a socket.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType

import zope.fssync
from zope.app.fssync.testing.serversite import configured
from zope.app.fssync.tests.scenarios.client.twosides import Copy
from zope.app.fssync.tests.scenarios.client.twosides import Site
from zope.app.fssync.tests.scenarios.client.twosides import lasting_site

TOP = os.path.dirname(os.path.dirname(zope.fssync.__path__[0]))

#: The code of the tests carries the requests, and belongs to no walk.
APART = (f"{os.sep}tests{os.sep}", f"{os.sep}testing{os.sep}")


#: What carries a request to the server: it runs until this returns.
REQUEST = "InProcess.request"


class Walk:
    """The calls of functions of this package, in their order.

    ``calls`` has for each the side, the file and the name.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self._side = "client"

    def __call__(self, frame: FrameType, event: str, arg: object) -> None:
        code = frame.f_code
        if code.co_qualname == REQUEST:
            self._side = "server" if event == "call" else "client"
        file = code.co_filename
        ours = file.startswith(TOP) and not any(part in file for part in APART)
        # A comprehension is no function that a reader sees.
        if event == "call" and ours and not code.co_name.startswith("<"):
            self.calls.append(
                (self._side, os.path.relpath(file, TOP), code.co_qualname)
            )

    @contextmanager
    def watching(self) -> Iterator[Walk]:
        sys.setprofile(self)
        try:
            yield self
        finally:
            sys.setprofile(None)

    def switches(self, side: str) -> int:
        """Return how often a function of a side is called that is in another file."""
        files = [file for own, file, _ in self.calls if own == side]
        return sum(one != other for one, other in pairwise(files))

    def figures(self) -> tuple[int, int, int, int, int]:
        """Return the numbers of files, functions, calls and switches of file."""
        functions = {(file, name) for _, file, name in self.calls}
        switches = [self.switches(side) for side in ("client", "server")]
        files = {file for file, _ in functions}
        return len(files), len(functions), len(self.calls), *switches


def walks(site: Site, home: Path) -> Iterator[tuple[str, Walk]]:
    """Yield the walk of each verb, made when all modules have been imported."""
    for number in range(2):
        for verb, walk in verbs(site, home / str(number)):
            if number:
                yield verb, walk


def verbs(site: Site, home: Path) -> Iterator[tuple[str, Walk]]:
    """Check out, look, update without changes, and commit one changed file."""
    home.mkdir()
    with Walk().watching() as walk:
        copy = Copy(site.site, home)
    yield "checkout", walk
    for verb, options in [("status", {"verbose": False}), ("update", {})]:
        copy(verb, "", **options)
        with Walk().watching() as walk:
            copy(verb, "", **options)
        yield verb, walk
    copy.write("sub/c.txt", os.urandom(8))
    with Walk().watching() as walk:
        copy("commit", "")
    yield "commit", walk


def fill(site: Site) -> None:
    """Make twelve objects."""
    for path in ("", "sub/"):
        for name in "abcde" if path else "abc":
            site.put(f"{path}{name}.txt", name.encode())
        site.put("sub", None)
    site.put("sub/deep", None)
    site.put("sub/deep/f.txt", b"f")


def main() -> None:
    parser = argparse.ArgumentParser(description="Count what a verb passes through.")
    parser.add_argument("--list", metavar="VERB", help="print the calls of a verb")
    listed = parser.parse_args().list
    line = "{:10} {:>6} {:>10} {:>7} {:>8} {:>8}"
    print(line.format("walk", "files", "functions", "calls", "client", "server"))
    with (
        tempfile.TemporaryDirectory() as name,
        configured() as layer,
        lasting_site(layer, Path(name)) as server,
    ):
        site = Site(server)
        fill(site)
        for verb, walk in walks(site, Path(name)):
            print(line.format(verb, *walk.figures()))
            if verb == listed:
                print(*map("    {0[0]} {0[1]}: {0[2]}".format, walk.calls), sep="\n")


if __name__ == "__main__":
    main()
