"""Picklers and unpicklers, and the references they keep."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from zope.component import adapter
from zope.component import getGlobalSiteManager
from zope.interface import alsoProvides
from zope.interface import implementer
from zope.interface.verify import verifyObject
from zope.location.interfaces import IRoot
from zope.location.location import Location
from zope.traversing.interfaces import ITraverser

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PickleRefused
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import ILimits
from zope.fssync.interfaces import IPersistentIdGenerator
from zope.fssync.interfaces import IPersistentIdLoader
from zope.fssync.interfaces import IPickler
from zope.fssync.interfaces import IUnpickler
from zope.fssync.limits import Limits
from zope.fssync.pickle import PathPersistentIdGenerator
from zope.fssync.pickle import PathPersistentLoader
from zope.fssync.pickle import StandardPickler
from zope.fssync.pickle import StandardUnpickler
from zope.fssync.pickle import XMLPickler
from zope.fssync.pickle import XMLUnpickler
from zope.fssync.pickle import canonical


@implementer(ITraverser)
class Place(Location):
    """An object with a place, whose attributes are its items."""

    __name__: str
    __parent__: Any
    inner: Any
    other: Any

    def __init__(self, name: str | None = None, parent: Any = None) -> None:
        self.__name__ = name  # type: ignore[assignment]
        self.__parent__ = parent
        if parent is not None:
            setattr(parent, name or "", self)

    def traverse(self, path: str, default: Any = None, request: Any = None) -> Any:
        found = self
        for name in path.split("/"):
            found = getattr(found, name)
        return found


class Tree:
    """A root with two places, one with another place inside."""

    def __init__(self) -> None:
        self.root = Place()
        alsoProvides(self.root, IRoot)
        self.first = Place("first", self.root)
        self.second = Place("second", self.root)
        self.inner = Place("inner", self.first)
        self.first.other = self.second
        self.inner.other = [self.root, self.first]


@pytest.fixture(autouse=True)
def registrations() -> Iterator[None]:
    registry = getGlobalSiteManager()
    name = f"{__name__}.Place"
    registry.registerUtility(Place, IAllowedGlobal, name)
    registry.registerAdapter(PathPersistentIdGenerator)
    registry.registerAdapter(PathPersistentLoader)
    yield
    registry.unregisterUtility(Place, IAllowedGlobal, name)
    registry.unregisterAdapter(PathPersistentIdGenerator)
    registry.unregisterAdapter(PathPersistentLoader)


BOTH = pytest.mark.parametrize(
    ("pickler", "unpickler"),
    [(XMLPickler, XMLUnpickler), (StandardPickler, StandardUnpickler)],
    ids=["xml", "standard"],
)


@BOTH
def test_interfaces(pickler: Any, unpickler: Any) -> None:
    verifyObject(IPickler, pickler(None))
    verifyObject(IUnpickler, unpickler(None))
    verifyObject(IPersistentIdGenerator, PathPersistentIdGenerator(pickler(None)))
    verifyObject(IPersistentIdLoader, PathPersistentLoader(unpickler(None)))


def test_ids_of_objects() -> None:
    tree = Tree()
    generator = PathPersistentIdGenerator(XMLPickler(tree.first))
    assert generator.id(tree.root) == ".."
    assert generator.id(tree.second) == "/second"
    assert generator.id(tree.first) is None
    assert generator.id(tree.inner) is None
    assert generator.id("text") is None
    assert generator.id(Place("alone")) is None
    assert PathPersistentIdGenerator(XMLPickler(tree.inner)).id(tree.root) == "/"


def test_nothing_is_outside_of_an_object_without_parent() -> None:
    tree = Tree()
    assert PathPersistentIdGenerator(XMLPickler(tree.root)).id(tree.second) is None


def test_objects_of_another_tree_are_refused() -> None:
    generator = PathPersistentIdGenerator(XMLPickler(Tree().first))
    with pytest.raises(PickleRefused, match="outside"):
        generator.id(Tree().second)


@BOTH
def test_copy_keeps_what_is_inside_and_refers_to_the_rest(
    pickler: Any, unpickler: Any
) -> None:
    tree = Tree()
    copy = unpickler(tree.root).loads(pickler(tree.first).dumps())
    assert copy is not tree.first
    assert copy.__parent__ is tree.root
    assert copy.other is tree.second
    assert copy.inner is not tree.inner
    assert copy.inner.__parent__ is copy
    assert copy.inner.other == [tree.root, copy]


@BOTH
def test_streams(pickler: Any, unpickler: Any) -> None:
    stream = BytesIO()
    pickler({"a": 1}).dump(stream)
    assert stream.getvalue() == pickler({"a": 1}).dumps()
    stream.seek(0)
    assert unpickler(None).load(stream) == {"a": 1}


@BOTH
def test_size_is_limited_by_the_site(pickler: Any, unpickler: Any) -> None:
    limits = Limits(pickle_size=100)
    registry = getGlobalSiteManager()
    registry.registerUtility(limits, ILimits)
    try:
        with pytest.raises(LimitExceeded):
            unpickler(None).load(BytesIO(pickler("x" * 100).dumps()))
    finally:
        registry.unregisterUtility(limits, ILimits)


@BOTH
def test_insertion_order_leaves_no_trace(pickler: Any, unpickler: Any) -> None:
    one = {"a": {"x", "y", "z"}, "b": 2}
    other = {"b": 2, "a": {"z", "y", "x"}}
    assert pickler(one).dumps() == pickler(other).dumps()
    assert unpickler(None).loads(pickler(one).dumps()) == one


@pytest.mark.parametrize("path", ["/missing", "second", "/second/__class__", "//"])
def test_references_that_lead_nowhere_are_refused(path: str) -> None:
    loader = PathPersistentLoader(XMLUnpickler(Tree().root))
    with pytest.raises(PickleRefused):
        loader.load(path)


def test_paths_need_a_root() -> None:
    with pytest.raises(PickleRefused, match="no root"):
        PathPersistentLoader(XMLUnpickler(None)).load("/first")


def test_an_application_replaces_the_references() -> None:
    registry = getGlobalSiteManager()
    objects = {"1": Place("one")}

    @implementer(IPersistentIdGenerator)
    @adapter(IPickler)
    class Generator:
        def __init__(self, pickler: object) -> None:
            pass

        def id(self, obj: object) -> str | None:
            return next((key for key in objects if objects[key] is obj), None)

    @implementer(IPersistentIdLoader)
    @adapter(IUnpickler)
    class Loader:
        def __init__(self, unpickler: object) -> None:
            self.load = objects.__getitem__

    registry.registerAdapter(Generator)
    registry.registerAdapter(Loader)
    try:
        written = XMLPickler([objects["1"]]).dumps()
        assert b"<persistent> <string>1</string> </persistent>" in written
        assert XMLUnpickler(None).loads(written) == [objects["1"]]
    finally:
        registry.unregisterAdapter(Generator)
        registry.unregisterAdapter(Loader)
        registry.registerAdapter(PathPersistentIdGenerator)
        registry.registerAdapter(PathPersistentLoader)


def test_canonical_form_keeps_references() -> None:
    tree = Tree()
    written = XMLPickler(tree.first).dumps()
    assert canonical(written) == written
    assert canonical(written, tree.root) == written


def test_canonical_form_of_python_2_is_ours() -> None:
    old = (
        b'<?xml version="1.0" encoding="utf-8" ?>\n'
        b"<pickle> <string>text/plain</string> </pickle>\n"
    )
    assert canonical(old) == XMLPickler("text/plain").dumps()


def test_import_stays_light() -> None:
    import subprocess
    import sys

    script = (
        "import sys, zope.fssync.pickle; print([name for name in sys.modules if "
        "name.startswith(('zope.security', 'zope.publisher', 'ZODB', 'zope.app.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
