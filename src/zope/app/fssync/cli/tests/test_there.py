"""What status -u says of an object that is different on the server."""

from __future__ import annotations

from zope.app.fssync.cli.there import fields
from zope.app.fssync.cli.there import words
from zope.app.fssync.client.incoming import CHANGED
from zope.app.fssync.client.incoming import GONE
from zope.app.fssync.client.incoming import Incoming
from zope.app.fssync.client.log import Logged

LOGGED = Logged("040d55d975e08544", 1764399600.0, "ann\x1b", "why")


def test_words_name_the_state_and_who_made_it() -> None:
    assert words(Incoming("a.txt", GONE, False)) == " (gone there)"
    shown = words(Incoming("a.txt", CHANGED, False, LOGGED))
    assert shown.startswith(" (changed there by ann\\x1b, 2025-11-")


def test_programs_get_the_transaction() -> None:
    assert fields(Incoming("a.txt", GONE, False)) == {"server": "gone"}
    assert fields(Incoming("a.txt", CHANGED, False, LOGGED)) == {
        "server": "changed",
        "user": "ann\x1b",
        "time": 1764399600.0,
        "changed_in": "040d55d975e08544",
    }
