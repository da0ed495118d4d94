"""A working copy of the past exchanges nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.pinned import pinned
from zope.app.fssync.client.session import reading
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.controldata import control
from zope.fssync.errors import Error


def test_a_pinned_copy_refuses_update_and_commit(client: Client, co: Path) -> None:
    assert pinned(reading(str(co))) is None
    (control(co.parent) / "Revision").write_text("0x040d55d975e08544\n")
    assert pinned(reading(str(co))) == "0x040d55d975e08544"
    (co / "a.txt").write_bytes(b"mine\n")
    for verb in ("commit", "update"):
        with pytest.raises(Error, match=f"at 0x040d55d975e08544; it has no {verb}"):
            client(verb, "co/demo")
    assert (co / "a.txt").read_bytes() == b"mine\n"
