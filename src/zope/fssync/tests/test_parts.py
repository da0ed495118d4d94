"""Parts of objects, and the blobs in those that are pickled."""

from __future__ import annotations

import pytest
from ZODB.blob import Blob
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.component.testing import setUp
from zope.component.testing import tearDown
from zope.interface.verify import verifyObject

from zope.fssync.blobs import part_of
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IPartsSynchronizer
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.parts import PartsSynchronizer
from zope.fssync.pickle import PathPersistentIdGenerator
from zope.fssync.pickle import XMLPickler
from zope.fssync.synchronizer import DefaultSynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer


class Described:
    """Has a synchronizer of its own, which writes its blob."""

    def __init__(self):
        self.blob = Blob(b"described")


@pytest.fixture(autouse=True)
def registrations():
    setUp()
    provideAdapter(XMLPickler)
    provideAdapter(PathPersistentIdGenerator)
    provideUtility(DefaultSynchronizer, ISynchronizerFactory)
    name = f"{__name__}.Described"
    provideUtility(FileSynchronizer, ISynchronizerFactory, name)
    yield
    tearDown()


@pytest.fixture
def parts():
    blobs = [Blob(b"one"), Blob(b"two")]
    extras = Extras(
        plain="text", note=blobs, photo=Blob(b"photo"), described=Described()
    )
    return PartsSynchronizer(extras)


def test_blobs_are_parts_beside_what_refers_to_them(parts):
    assert verifyObject(IPartsSynchronizer, parts)
    found = dict(parts.iteritems())
    assert list(found) == [
        *("plain", "note", "note.blob-1", "note.blob-2", "photo", "described")
    ]
    assert found["note.blob-2"] is parts["note.blob-2"] is parts.context["note"][1]
    assert parts["plain"] == "text"


@pytest.mark.parametrize(
    "key", ["note.blob-3", "none.blob-1", "plain.blob-1", "none", 3]
)
def test_there_are_no_others(parts, key):
    with pytest.raises(KeyError):
        parts[key]
    with pytest.raises(KeyError):
        del parts[key]


def test_blobs_of_parts_come_and_go_with_the_references(parts):
    with pytest.raises(SynchronizationError, match="'note' refers to no blob-3"):
        parts["note.blob-3"] = Blob()
    with pytest.raises(SynchronizationError, match="'note' refers to blob-1"):
        del parts["note.blob-1"]
    parts["note"] = [parts["note.blob-2"]]
    assert "note.blob-2" not in dict(parts.iteritems())
    del parts["note"]
    parts["note.blob-1"] = Blob(b"another")
    assert "note.blob-1" in parts.context


def test_a_name_that_is_taken_is_not_theirs(parts):
    parts.context["note.blob-1"] = "mine"
    found = dict(parts.iteritems())
    assert (found["note.blob-1"], parts["note.blob-1"]) == ("mine", "mine")
    assert found["note.blob-1\0"] is parts.context["note"][0]
    del parts["note.blob-1"]
    assert parts["note.blob-1"] is parts.context["note"][0]


@pytest.mark.parametrize(
    "key", ["blob-1", ".blob-1", "a.blob-0", "a.blob-01", "a.blob-"]
)
def test_names_of_other_forms_are_ordinary(key):
    assert part_of(key) is None
