"""Containers of an application that says nothing about files."""

from __future__ import annotations

from BTrees.Length import Length
from BTrees.OOBTree import OOBTree
from persistent import Persistent
from persistent.mapping import PersistentMapping
from zope.container.btree import BTreeContainer
from zope.container.contained import Contained
from zope.container.contained import setitem
from zope.container.contained import uncontained
from zope.container.folder import Folder
from zope.container.interfaces import IContainer
from zope.container.ordered import OrderedContainer
from zope.container.sample import SampleContainer
from zope.interface import implementer

from zope.fssync.interfaces import IOwnSynchronizer

__all__ = ["DERIVED", "Catalogue", "Row", "Whole"]


class Register(BTreeContainer):
    """A container of people, as that of zope.app.authentication."""

    title = ""


class Box(Folder):
    """A folder of zope.container with more."""

    title = ""


class Row(OrderedContainer):
    """A container with an order and more."""

    title = ""


class Sample(SampleContainer, Persistent):
    """A container that keeps its items in a mapping."""

    title = ""

    def _newContainerData(self):
        return PersistentMapping()


@implementer(IContainer)
class Catalogue(Contained, Persistent):
    """A container that is derived from none."""

    title = ""

    def __init__(self):
        self._tree = OOBTree()
        self._length = Length()
        self.settings = PersistentMapping()

    def __getitem__(self, key):
        return self._tree[key]

    def __setitem__(self, key, value):
        setitem(self, self._tree.__setitem__, key, value)
        self._length.change(1)

    def __delitem__(self, key):
        uncontained(self._tree[key], self, key)
        del self._tree[key]
        self._length.change(-1)

    def get(self, key, default=None):
        return self._tree.get(key, default)

    def keys(self):
        return self._tree.keys()

    def values(self):
        return self._tree.values()

    def items(self):
        return self._tree.items()

    def __iter__(self):
        return iter(self._tree)

    def __len__(self):
        return self._length()

    def __contains__(self, key):
        return key in self._tree


@implementer(IOwnSynchronizer)
class Whole(Catalogue):
    """A container that wants no general synchronizer."""


#: Those that are directories.
DERIVED = (Register, Box, Row, Sample, Catalogue)
