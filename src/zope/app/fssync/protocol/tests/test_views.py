"""Client, server and ssh server call a view by one name."""

from __future__ import annotations

import re
from pathlib import Path

import zope.app.fssync.hosts.toolkit
from zope.app.fssync.protocol import views
from zope.app.fssync.sshserver.policy import VIEWS


def names() -> set[str]:
    values = (getattr(views, name) for name in views.__all__)
    return {value for value in values if value.endswith(".snarf")}


def test_the_server_registers_every_view() -> None:
    path = Path(zope.app.fssync.hosts.toolkit.__path__[0]) / "configure.zcml"
    found = re.findall(r'name="([\w-]+\.snarf)"', path.read_text(encoding="utf-8"))
    assert {f"@@{name}" for name in found} == names()


def test_the_ssh_server_forwards_every_view() -> None:
    assert set(VIEWS) == names()
