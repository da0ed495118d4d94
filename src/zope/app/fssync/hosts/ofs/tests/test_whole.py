"""An object becomes a pickle without the place it was found in."""

from __future__ import annotations

from Acquisition import aq_base
from OFS.Folder import Folder
from zope.interface.verify import verifyObject

from zope.app.fssync.hosts.ofs.whole import WholeSynchronizer
from zope.fssync.interfaces import IDefaultSynchronizer


def test_the_place_is_left_behind() -> None:
    found = Folder("inner").__of__(Folder("outer"))
    synchronizer = WholeSynchronizer(found)
    assert verifyObject(IDefaultSynchronizer, synchronizer)
    assert synchronizer.context is aq_base(found)
    assert synchronizer.getObject() is aq_base(found)
