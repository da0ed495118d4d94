"""What the interfaces promise of files is what there is."""

from __future__ import annotations

from zope.interface.verify import verifyClass
from zope.interface.verify import verifyObject

import zope.fssync
from zope.fssync import fileinterfaces
from zope.fssync.fileinterfaces import ILimits
from zope.fssync.fileinterfaces import IMergeSource
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SERVER
from zope.fssync.tests.contracts import implementations
from zope.fssync.tests.contracts import interfaces_of


def test_classes_have_what_their_interfaces_promise() -> None:
    found = list(implementations(fileinterfaces, zope.fssync))
    assert fileinterfaces.IFileTree in {interface for interface, _ in found}
    for interface, cls in found:
        # The objects of sources get their methods when they are made: test_merger.
        if interface is not IMergeSource:
            assert verifyClass(interface, cls)


def test_limits_may_be_registered() -> None:
    assert verifyObject(ILimits, DEFAULT)
    assert not ILimits.providedBy(SERVER)


def test_every_method_says_what_it_does() -> None:
    for interface in interfaces_of(fileinterfaces):
        assert interface.__doc__
        assert [name for name in interface.names() if not interface[name].__doc__] == []
