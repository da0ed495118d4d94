"""Containers of the toolkit ask their rules before they take something."""

from __future__ import annotations

import pytest
from zope.container.btree import BTreeContainer
from zope.container.constraints import contains
from zope.container.interfaces import IContainer
from zope.container.ordered import OrderedContainer
from zope.interface import Interface
from zope.interface import implementer
from zope.interface.verify import verifyObject

from zope.app.fssync.content.container import ContainerSynchronizer
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer


class IPicture(Interface):
    """A picture."""


class IAlbum(IContainer):
    """An album."""

    contains(IPicture)


@implementer(IAlbum)
class Album(BTreeContainer):
    """A container for pictures."""


@implementer(IPicture)
class Picture:
    """A picture."""


def test_container_keeps_its_contract():
    assert verifyObject(IDirectorySynchronizer, ContainerSynchronizer(Album()))


@pytest.mark.parametrize("kind", [Album, OrderedContainer])
def test_items_come_and_go(kind):
    album = kind()
    synchronizer = ContainerSynchronizer(album)
    synchronizer["b"] = synchronizer["a"] = Picture()
    assert sorted(name for name, _ in synchronizer.iteritems()) == ["a", "b"]
    del synchronizer["a"]
    assert list(album) == ["b"]


def test_objects_against_the_constraints_are_refused():
    with pytest.raises(SynchronizationError):
        ContainerSynchronizer(Album())["x"] = object()
