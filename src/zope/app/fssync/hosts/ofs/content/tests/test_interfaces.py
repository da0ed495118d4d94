"""Aspects and synchronizers of Zope's classes keep their contracts."""

from __future__ import annotations

from zope.interface.verify import verifyClass

import zope.app.fssync.hosts.ofs.content
import zope.fssync.interfaces
from zope.app.fssync.hosts.ofs.content import interfaces
from zope.app.fssync.hosts.ofs.content.interfaces import IAspect
from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.tests.contracts import implementations

CONTENT = zope.app.fssync.hosts.ofs.content


def test_aspects_and_policies_keep_their_contracts() -> None:
    found = list(implementations(interfaces, CONTENT))
    assert {interface for interface, _ in found} == {IAspect, ISecretsPolicy}
    for interface, cls in found:
        assert verifyClass(interface, cls)


def test_an_aspect_can_be_made_for_its_object() -> None:
    for interface, cls in implementations(interfaces, CONTENT):
        if interface is IAspect:
            assert callable(cls.create)


def test_synchronizers_keep_their_contracts() -> None:
    found = list(implementations(zope.fssync.interfaces, CONTENT))
    assert found
    for interface, cls in found:
        # What is a file in one way or another is a base of the others.
        if cls is not FileBody:
            assert verifyClass(interface, cls)
