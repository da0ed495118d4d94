"""A checkout with descriptions is written as it comes."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.fssync.limits import DESCRIBED_SIZE
from zope.fssync.snarf import ANSWER

END = b"%08d %s\nX-Fssync-Withheld 0\n" % (20, ANSWER.encode())


def test_small_parts_are_described_and_large_ones_stand_aside(
    client: Client, server: Server, home: Path
) -> None:
    server.extras["demo/a.txt"] = b"'text/plain'"
    server.extras["demo/b.txt"] = b"x" * (DESCRIBED_SIZE + 1)
    server.streamed, server.answer = True, server.archive("demo") + END
    client("checkout", "co", url=URL, layout=DESCRIBED)
    demo = home / "co" / "demo"
    assert (demo / "a.txt").read_bytes() == server.objects["demo/a.txt"]
    assert "text/plain" in (demo / "@@a.txt.meta").read_text()
    (aside,) = (each for each in demo.rglob("*") if each.name.endswith(".parts"))
    (large,) = (each for each in aside.rglob("*") if each.is_file())
    assert large.read_bytes() == server.extras["demo/b.txt"]
    assert not list((home / "co").glob("**/demo/@@Zope/Original"))
    assert {line[0] for line in client.each("status", "co")} == {"/", "="}
