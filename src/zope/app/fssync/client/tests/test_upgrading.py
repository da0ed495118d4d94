"""The layout of a working copy is changed once."""

from __future__ import annotations

from pathlib import Path

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy


def test_a_layout_is_changed_once(co: Path) -> None:
    fs, copy = FSSync(), WorkingCopy.find(str(co))
    fs.downgrade(str(co))
    assert copy.layout() == layout.PLAIN
    assert not fs.downgrade(str(co))
    assert fs.upgrade(str(co))
    assert copy.layout() == layout.NEW
    assert not fs.upgrade(str(co))


def test_a_newer_layout_is_kept(co: Path) -> None:
    fs, copy = FSSync(), WorkingCopy.find(str(co))
    fs.upgrade(str(co))
    assert not fs.upgrade(str(co), layout.COMPACT)
    assert copy.layout() == layout.NEW
