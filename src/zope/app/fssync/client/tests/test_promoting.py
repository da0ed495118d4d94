"""From staging to production on a demo server: both are folders of it."""

from __future__ import annotations

from typing import Any

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.promoting import _tell
from zope.app.fssync.client.promotion import Wanted
from zope.app.fssync.client.tests.publisher import LINES
from zope.app.fssync.client.tests.publisher import Publisher
from zope.app.fssync.client.tests.publisher import me as me
from zope.app.fssync.client.workingcopy.lock import Lock
from zope.app.fssync.testing.person import Person
from zope.fssync.errors import ServerUnreachable

#: Marks what starts a server.
slow = pytest.mark.slow


@slow
def test_changes_are_merged_in_one_transaction_and_from_there_the_next(
    me: Publisher,
) -> None:
    assert "--since" in me.promotes(status=1)
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    (me.here / "a.txt").write_text(LINES.replace("7\n", "seven\n"))
    (me.here / "b.txt").unlink()
    (me.here / "sub" / "new.txt").write_text("new\n")
    me.commits()
    count = len(me.transactions("www"))
    rehearsed = me.promotes("-n", f"--since={me.since}")
    assert "Would promote" in rehearsed
    assert len(me.transactions("www")) == count
    shown = me.promotes(f"--since={me.since}", "--message=May")
    for line in ("M  www/a.txt", "D  www/b.txt", "A  www/sub/new.txt"):
        line = line.replace("www", f"{me.place.name}-www")
        assert line in shown
        assert line in rehearsed
    assert me.there("a.txt") == LINES.replace("0\n", "theirs\n").replace("7", "seven")
    assert me.there("b.txt") is None
    assert me.there("sub/new.txt") == "new\n"
    logged = me.transactions("www")
    assert len(logged) == count + 1
    source = me.url("staging", user=False)
    assert logged[0]["message"].startswith("May")
    assert f"Promoted from {source} as of 0x" in logged[0]["message"]
    # So does the first site, in the log of its server.
    told = me.demo.instance.log.read_text().partition(
        f"-staging was promoted as of {me.until()}"
    )[2]
    assert told.startswith(f" to {me.url('www', user=False)} as 0x{logged[0]['id']}")
    assert not me.state.exists()
    # Somebody else goes on from there, on another machine.
    other = Person(me.place / "other")
    sites = (me.url("staging"), me.url("www"))
    continued = f"Continues from {me.until()}, by the note of zope.zsync in 0x{{}}.\n"
    nothing = f"{continued.format(logged[0]['id'])}Nothing to promote.\n"
    assert other("promote", *sites) == nothing
    me.edits("staging", "sub/new.txt", "newer\n")
    assert "Promoted 0x" in other("promote", *sites)
    assert me.there("sub/new.txt") == "newer\n"


@slow
def test_a_conflict_is_resolved_in_a_working_copy_and_the_command_goes_on(
    me: Publisher,
) -> None:
    me.edits("staging", "a.txt", LINES.replace("0\n", "mine\n"))
    me.edits("staging", "b.txt", "more\n")
    me.edits("www", "a.txt", LINES.replace("0\n", "theirs\n"))
    assert "would" not in me.promotes("-n", f"--since={me.since}", status=3)
    assert not me.state.exists()
    shown = me.promotes(f"--since={me.since}", status=3)
    (copy,) = me.state.glob("promote/*/copy")
    assert str(copy.relative_to(me.place)) in shown
    assert me.there("b.txt") == "b\n"
    me.promotes(status=3)
    assert "not finished" in me.promotes("b.txt", status=1)
    with Lock(f"{copy.parent}.lock", "promote"):
        assert "the promotion is locked by promote" in me.promotes(status=7)
        assert "the promotion is locked" in me.promotes("--abort", status=7)
    (file,) = copy.glob("*/a.txt")
    assert "<<<<<<<" in file.read_text()
    file.write_text(LINES.replace("0\n", "both\n"))
    me("-C", str(copy), "resolve")
    # Meanwhile production goes on.
    me.edits("www", "sub/c.txt", "theirs\n")
    me.promotes()
    assert me.there("a.txt") == LINES.replace("0\n", "both\n")
    assert me.there("b.txt") == "more\n"
    assert me.there("sub/c.txt") == "theirs\n"
    assert not me.state.exists()


@slow
def test_both_sites_have_their_own_callers_and_a_conflict_can_be_given_up(
    me: Publisher,
) -> None:
    # Nobody has stored a login in this home.
    other = Person(me.place / "other")
    state = other.home / ".local" / "state" / "zsync"
    me.edits("staging", "a.txt", "new\n")
    known, www = me.url("staging"), me.url("www")
    for sites in (
        (known, me.url("www", user=False)),
        (me.url("staging", user=False), www),
    ):
        other("promote", f"--since={me.since}", *sites, status=4)
    assert me.there("a.txt") == LINES
    assert not state.exists()
    me.edits("www", "a.txt", "other\n")
    other("promote", f"--since={me.since}", known, www, status=3)
    assert state.exists()
    assert other("promote", "--abort", known, www) == "Given up.\n"
    assert other("promote", "--abort", known, www) == "There is none.\n"
    assert not state.exists()
    assert me.there("a.txt") == "other\n"


class Lost(Network):
    """Has no answer from its server."""

    def httpreq(self, *args: Any, **more: Any) -> Any:
        raise ServerUnreachable("the network is away")


def test_a_promotion_that_is_not_logged_is_done_and_there_is_a_warning() -> None:
    warnings: list[str] = []
    network = Lost()
    network.options = network.options._replace(warn=warnings.append)
    wanted = Wanted("http://me:pw@staging/site", "http://www/site")
    _tell(network, wanted, "03" * 8, "0x" + "04" * 8)
    assert warnings == [
        "warning: http://staging/site does not log the promotion: the network is away"
    ]
