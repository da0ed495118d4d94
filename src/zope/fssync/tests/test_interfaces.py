"""What the interfaces promise of objects and tasks is what there is."""

from __future__ import annotations

from zope.interface.verify import verifyClass

import zope.fssync
from zope.fssync import fileinterfaces
from zope.fssync import interfaces
from zope.fssync.tests.contracts import implementations
from zope.fssync.tests.contracts import interfaces_of


def test_classes_have_what_their_interfaces_promise() -> None:
    found = list(implementations(interfaces, zope.fssync))
    assert interfaces.ICommit in {interface for interface, _ in found}
    for interface, cls in found:
        assert verifyClass(interface, cls)


def test_every_interface_and_every_method_says_what_it_is() -> None:
    for interface in interfaces_of(interfaces):
        assert interface.__doc__
        assert [name for name in interface.names() if not interface[name].__doc__] == []


def test_all_contracts_are_found_in_one_module() -> None:
    for interface in interfaces_of(fileinterfaces):
        assert getattr(interfaces, interface.__name__) is interface
