"""Modules of zope.app.module."""

from __future__ import annotations

import io

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.content.tests.registering import Modules
from zope.app.fssync.content.tests.registering import registered_for
from zope.app.fssync.module.adapter import ModuleAdapter
from zope.app.fssync.module.adapter import ModuleCheck
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISourceCheck

PACKAGE = "zope.app.fssync.module"
NAME = "zope.app.module.manager.ModuleManager"


def test_the_source_goes_there_and_back_and_the_name_is_an_extra() -> None:
    module, out = Modules(), io.BytesIO()
    assert verifyObject(IFileSynchronizer, ModuleAdapter(module))
    ModuleAdapter(module).load(io.BytesIO(b"x = 1\n"))
    assert module.source == "x = 1\n"
    ModuleAdapter(module).dump(out)
    assert out.getvalue() == b"x = 1\n"
    assert ModuleAdapter(module).extras() == {"name": "sample"}


def test_a_check_names_the_line_that_does_not_compile() -> None:
    module = Modules()
    assert verifyObject(ISourceCheck, ModuleCheck(module))
    assert list(ModuleCheck(module).faults()) == []
    module.source = "x = 1\nif\n"
    ((line, _),) = ModuleCheck(module).faults()
    assert line == 2


def test_adapter_is_registered_where_the_class_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = registered_for(PACKAGE, NAME, monkeypatch)
    assert found is not None
    assert (found.factory, found.permission) == (ModuleAdapter, "zope.ManageCode")


def test_a_class_that_is_missing_disturbs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert registered_for(PACKAGE, NAME, monkeypatch, there=False) is None
