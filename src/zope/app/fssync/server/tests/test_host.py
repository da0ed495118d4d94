"""What all hosts do alike, with one that knows nothing but tables."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from persistent import Persistent
from ZODB.broken import Broken
from ZODB.POSException import POSKeyError
from zope.interface import implementer
from zope.interface.verify import verifyClass

from zope.app.fssync.server.host import BaseAccess
from zope.app.fssync.server.host import BaseHost
from zope.app.fssync.server.interfaces import IAccess
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import MissingSynchronizer
from zope.fssync.interfaces import IDefaultSynchronizer


class Thing:
    """An object."""


class Lost(Persistent):
    """An object whose record is gone."""

    def __setstate__(self, state: Any) -> None:
        raise POSKeyError(b"\0" * 8)


class Gone(Broken):
    """An object whose class is gone."""


class Synchronizer:
    """Synchronizes anything."""

    self_contained = True

    def __init__(self, context: Any) -> None:
        self.context = context

    def getObject(self) -> Any:
        return self.context


class Derived(Synchronizer):
    """Says nothing itself of what it contains."""


@implementer(IDefaultSynchronizer)
class Pickle(Synchronizer):
    """Synchronizes anything by a pickle."""


class Access(BaseAccess):
    """Access to the objects of a table."""

    def __init__(self, make: Any = Synchronizer, permitted: Any = "all") -> None:
        super().__init__()
        self.make = make
        self.rights = permitted
        self.writable = True

    @staticmethod
    def stored(obj: Any) -> Any:
        return obj

    def kind(self, obj: Any) -> Any:
        return self.make

    def permitted(self, kind: Any, obj: Any, context: Any) -> Any:
        return self.rights

    def synchronizer(self, kind: Any, obj: Any, permitted: Any) -> Any:
        return kind(obj)

    def may_pickle(self, synchronizer: Any, obj: Any, permitted: Any) -> bool:
        return self.writable

    def guarded(self, kind: Any, synchronizer: Any, obj: Any, permitted: Any) -> Any:
        return permitted, synchronizer


def test_a_synchronizer_is_guarded_by_the_rights_of_the_caller() -> None:
    thing = Thing()
    assert verifyClass(IAccess, Access)
    rights, found = Access()(thing)
    assert (rights, found.context) == ("all", thing)
    assert Access(permitted=None)(thing) is None


def test_a_class_without_a_synchronizer_is_an_error_where_one_is_needed() -> None:
    access = Access(make=None)
    with pytest.raises(MissingSynchronizer, match=r"is registered for .*\.Thing"):
        access(Thing())
    assert access(Thing(), raise_error=False) is None
    assert access.damaged == 0


def test_damaged_objects_are_withheld_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    access = Access()
    lost = Lost()
    lost._p_oid, lost._p_jar = b"\0" * 8, Jar()
    lost._p_deactivate()
    assert access(lost) is None
    assert access(Gone()) is None
    assert access.damaged == 2
    assert "is lost: oid" in caplog.text
    assert "is gone" in caplog.text


class Jar:
    """A database without records."""

    def setstate(self, obj: Any) -> None:
        raise POSKeyError(obj._p_oid)

    def register(self, obj: Any) -> None:
        """Nothing is changed."""


def test_each_class_of_synchronizers_says_itself_what_it_contains() -> None:
    for make, expected in ((Synchronizer, True), (Derived, False)):
        access = Access(make)
        access(Thing())
        assert access.self_contained is expected


def test_objects_no_pickle_can_hold_are_withheld() -> None:
    access = Access(Pickle)
    assert access(Thing()) is not None
    access.writable = False
    assert access(Thing()) is None


class Host(BaseHost):
    """A host with given rights."""

    def __init__(self, rights: Any) -> None:
        self._rights = rights

    def rights(self) -> Any:
        return self._rights


def test_a_fingerprint_is_that_of_the_rights() -> None:
    assert verifyClass(IHost, BaseHost, tentative=True)
    found = Host(["a", ["b"]]).fingerprint()
    assert found == hashlib.sha256(b'["a", ["b"]]').hexdigest()
    assert Host(["a", ["c"]]).fingerprint() != found
    assert Host(None).fingerprint() is None


@pytest.mark.parametrize("name", ["bare", "name", "parent", "contained", "identity"])
def test_a_host_says_where_objects_are(name: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(Host(None), name)(Thing())
    assert not Host(None).move(Thing(), None, "a", None, "b")
