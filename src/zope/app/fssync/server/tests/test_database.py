"""The database of a task: a commit that failed cannot be stored."""

from __future__ import annotations

import io
from typing import Any

import pytest
import transaction
from transaction.interfaces import DoomedTransaction
from zope.app.file.file import File
from zope.authentication.interfaces import IAuthentication
from zope.component import getUtility
from zope.publisher.browser import TestRequest as Request
from zope.security.management import endInteraction
from zope.security.management import newInteraction
from zope.site.folder import Folder

from zope.app.fssync.server.interfaces import IHost
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import UnsafeData
from zope.fssync.repository import SnarfRepository
from zope.fssync.task import Commit
from zope.fssync.task.commit import CommitFailed


@pytest.fixture
def folder(site: Any) -> Any:
    folder = site.root["folder"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    folder["b.txt"] = File(b"b", "text/plain")
    site.commit()
    yield folder
    endInteraction()
    transaction.abort()


def test_reading_ends_with_what_the_host_or_the_data_forbid(folder: Any) -> None:
    host = getUtility(IHost)
    hooks = host.database(folder)
    assert hooks.fatal == host.fatal
    assert {*host.fatal, *host.denials, UnsafeData, OSError} == {*hooks.fatal_reading}


def test_nobody_can_commit_what_a_failed_task_has_changed(
    site: Any, folder: Any
) -> None:
    archive = site.checkout("/folder")
    archive.edit("folder/a.txt", b"changed")
    archive.edit("folder/b.txt", b"changed too")
    endInteraction()
    request = Request()
    request.setPrincipal(getUtility(IAuthentication).getPrincipal("zope.manager"))
    newInteraction(request)
    host = getUtility(IHost)

    def access(obj: Any, raise_error: bool = True) -> Any:
        if host.name(obj) == "b.txt":
            raise ValueError("it cannot be read")
        return host.access()(obj, raise_error)

    repository = SnarfRepository(io.BytesIO(Archive(archive).dump()))
    task = Commit(access, repository, hooks=host.database(folder, writing=True))
    with pytest.raises(CommitFailed):
        task.perform(folder, "", "folder")
    assert transaction.isDoomed()
    with pytest.raises(DoomedTransaction):
        transaction.commit()
