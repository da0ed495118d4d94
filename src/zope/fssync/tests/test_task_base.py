"""What all tasks have in common."""

from __future__ import annotations

import io

from zope.interface.verify import verifyObject

from zope.fssync import interfaces
from zope.fssync import task
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.dictionaries import lookup
from zope.fssync.tests.dictionaries import registered as registered


def test_tasks_keep_their_contracts():
    assert verifyObject(interfaces.ITaskHooks, task.NullHooks())
    repository = SnarfRepository(io.BytesIO())
    assert verifyObject(interfaces.ICheckout, task.Checkout(lookup, repository))
    assert verifyObject(interfaces.ICheck, task.Check(lookup, repository))
    assert verifyObject(interfaces.ICommit, task.Commit(lookup, repository))
    assert verifyObject(interfaces.ICheckin, task.Checkin(lookup, repository))
