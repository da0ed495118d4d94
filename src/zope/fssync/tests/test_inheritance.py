"""What a class has beyond the base that its synchronizer was written for."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyObject

from zope.fssync.errors import SynchronizationError
from zope.fssync.inheritance import beyond
from zope.fssync.inheritance import inheriting
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.reference import ReferringExtras
from zope.fssync.synchronizer import DirectorySynchronizer
from zope.fssync.synchronizer import Extras
from zope.fssync.synchronizer import FileSynchronizer


class Note:
    kind = "note"

    def __init__(self):
        self.text = "text"

    @property
    def words(self):
        return len(self.text.split())


class Memo(Note):
    def __init__(self, urgent=True):
        super().__init__()
        self.urgent = urgent
        self._v_seen = 1
        self.__parent__ = None

    def send(self):
        """Do something."""


class Particular:
    def __init__(self, needed):
        self.needed = needed


class NoteSynchronizer(FileSynchronizer):
    def extras(self):
        return Extras(kind=self.context.kind)

    def dump(self, writeable):
        writeable.write(self.context.text.encode())


@pytest.fixture
def memo():
    return Memo()


def test_attributes_that_the_base_lacks_are_beyond(memo):
    assert beyond(memo, Note) == {"urgent": True}
    assert beyond(Note(), Note) == {}
    assert beyond(Particular(1), Particular) == {"needed": 1}
    assert beyond(3, int) == {}


def test_a_complete_synchronizer_is_left_alone(memo):
    synchronizer = NoteSynchronizer(memo)
    assert inheriting(synchronizer, memo, None) is synchronizer
    synchronizer.complete = True
    assert inheriting(synchronizer, memo, Note) is synchronizer


def test_inheritance_is_added_to_the_extras(memo):
    synchronizer = inheriting(NoteSynchronizer(memo), memo, Note)
    assert synchronizer.extras() == {"kind": "note", "urgent": True}
    assert type(synchronizer.extras()) is ReferringExtras
    assert verifyObject(IFileSynchronizer, synchronizer)
    plain = Note()
    assert inheriting(NoteSynchronizer(plain), plain, Note).extras() == {"kind": "note"}


def test_a_new_object_has_room_for_its_extras():
    whole = inheriting(FileSynchronizer(Note()), Note(), Note)
    assert whole.extras() == {}
    assert isinstance(whole.extras(), Extras)


def test_both_kinds_of_extras_are_set(memo):
    synchronizer = inheriting(NoteSynchronizer(memo), memo, Note)
    description = synchronizer.setextras({"kind": "x", "urgent": False, "more": 1})
    assert (memo.kind, memo.urgent, memo.more) == ("x", False, 1)
    assert description is not None
    assert synchronizer.setextras({"urgent": False}) is None
    assert synchronizer.setextras({"urgent": 3}).attributes == ("urgent",)


@pytest.mark.parametrize(
    "name", ["text", "words", "__class__", "_v_seen", "_p_jar", "send"]
)
def test_no_other_attribute_can_be_set(memo, name):
    synchronizer = inheriting(NoteSynchronizer(memo), memo, Note)
    with pytest.raises(SynchronizationError, match=name):
        synchronizer.setextras({name: "x"})


def test_the_target_is_what_is_set(memo):
    target = Memo()
    synchronizer = inheriting(NoteSynchronizer(memo), memo, Note, target)
    synchronizer.setextras({"urgent": False})
    assert (memo.urgent, target.urgent) == (True, False)


def test_a_directory_stays_one():
    kind = type("Kind", (dict,), {})
    box = kind(a=1)
    box.label = "box"
    synchronizer = inheriting(DirectorySynchronizer(box), box, dict)
    assert verifyObject(IDirectorySynchronizer, synchronizer)
    synchronizer["b"] = 2
    del synchronizer["a"]
    assert (synchronizer["b"], dict(box)) == (2, {"b": 2})
    assert synchronizer.extras() == {"label": "box"}
