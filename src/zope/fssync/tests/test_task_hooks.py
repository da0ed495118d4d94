"""Hooks of tasks without a database do nothing, and do it all."""

from __future__ import annotations

from zope.interface.verify import verifyObject

from zope.fssync.interfaces import ITaskHooks
from zope.fssync.task.hooks import NullHooks


def test_null_hooks_keep_the_contract() -> None:
    assert verifyObject(ITaskHooks, NullHooks())


def test_null_hooks_know_nothing_and_permit_everything() -> None:
    hooks = NullHooks()
    obj = [1]
    assert hooks.bare(obj) is obj
    assert hooks.class_of(obj) is list
    assert hooks.identity(obj) is None
    assert not hooks.move(obj, None, "a", None, "b")
    hooks.protect(None, "class", object)
    assert issubclass(ValueError, hooks.fatal_reading)
    assert not issubclass(ValueError, hooks.fatal)
