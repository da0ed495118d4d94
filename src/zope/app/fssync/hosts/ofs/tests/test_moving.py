"""Objects are moved as the management screens of Zope move them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import transaction
from OFS.Folder import Folder
from OFS.Image import File
from OFS.SimpleItem import SimpleItem

from zope.app.fssync.hosts.ofs.moving import move
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.errors import SynchronizationError


@pytest.fixture(scope="module")
def components() -> Iterator[None]:
    with configured():
        yield


@pytest.fixture
def app(components: None) -> Iterator[Any]:
    with ExitStack() as stack:
        app = stack.enter_context(application())
        stack.enter_context(calling(app, "manager"))
        for name in ("one", "two"):
            app._setObject(name, Folder(name))
        for name in ("a", "b"):
            app.one._setObject(name, File(name, "", name.encode(), "text/plain"))
        transaction.savepoint()
        yield app


def ids(app: Any) -> tuple[list[str], list[str]]:
    return sorted(app.one.objectIds()), sorted(app.two.objectIds())


def test_an_object_is_renamed(app: Any) -> None:
    assert move(app.one, "a", app.one, "c")
    assert ids(app) == (["b", "c"], [])
    assert app.one.c.data == b"a"


@pytest.mark.parametrize("name", ["a", "c", "b"])
def test_an_object_goes_elsewhere_whatever_it_is_called(app: Any, name: str) -> None:
    assert move(app.one, "a", app.two, name)
    assert ids(app) == (["b"], [name])
    assert (app.two[name].data, app.one.b.data) == (b"a", b"b")


def test_users_stay_where_they_are(app: Any) -> None:
    app.one.manage_addUserFolder()
    with pytest.raises(SynchronizationError, match="'acl_users' cannot be moved"):
        move(app.one, "acl_users", app.two, "acl_users")


def test_a_container_without_cut_and_paste_moves_nothing(app: Any) -> None:
    assert not move(app.one, "a", SimpleItem(), "a")
    assert ids(app) == (["a", "b"], [])
