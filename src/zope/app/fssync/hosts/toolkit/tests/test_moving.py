"""Objects are moved as the pages of a site move them."""

from __future__ import annotations

from typing import Any

import pytest
from zope.app.file.file import File
from zope.component import provideHandler
from zope.lifecycleevent.interfaces import IObjectMovedEvent
from zope.site.folder import Folder

from zope.app.fssync.folder.adapter import FolderSynchronizer
from zope.app.fssync.hosts.toolkit.moving import move
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.errors import SynchronizationError


class Place:
    """Two folders, and a file in one."""

    def __init__(self, root: Any) -> None:
        self.one, self.two = Folder(), Folder()
        root["one"], root["two"] = self.one, self.two
        self.one["a.txt"] = File(b"a", "text/plain")

    def __call__(self, name: str, target: Any = None, key: str = "a.txt") -> bool:
        source = FolderSynchronizer(self.one)
        obj = self.one[key]
        there = source if target is None else FolderSynchronizer(target)
        return move(obj, source, key, there, name)


@pytest.fixture
def place(site: ServerSite) -> Place:
    return Place(site.root)


def test_an_object_is_renamed(place: Place) -> None:
    file = place.one["a.txt"]
    assert place("b.txt")
    assert list(place.one) == ["b.txt"]
    assert place.one["b.txt"] == file


def test_an_object_goes_elsewhere_in_one_event(place: Place) -> None:
    moves: list[Any] = []

    def note(event: Any) -> None:
        moves.append((event.oldName, event.newName))

    provideHandler(note, [IObjectMovedEvent])
    assert place("b.txt", place.two)
    assert (list(place.one), list(place.two)) == ([], ["b.txt"])
    assert moves == [("a.txt", "b.txt")]


def test_a_name_that_is_taken_is_refused(place: Place) -> None:
    place.two["b.txt"] = File(b"b", "text/plain")
    with pytest.raises(SynchronizationError, match=r"be called b\.txt, but "):
        place("b.txt", place.two)


def test_objects_without_a_container_are_not_moved(place: Place) -> None:
    class Plain:
        """A synchronizer of something that is no container."""

        def getObject(self) -> Any:
            return {}

    assert not move(place.one["a.txt"], Plain(), "a.txt", Plain(), "b.txt")
