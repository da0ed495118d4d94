"""Tests of classes that keep contracts which are imported later, if at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from zope.interface import Interface

from zope.fssync import contracts
from zope.fssync.contracts import declare
from zope.fssync.contracts import keeps


class ISmall(Interface):
    """A contract of these tests."""


class ILarge(Interface):
    """Another one."""


MODULE = "no.such.module"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    yield
    contracts._known.pop(MODULE, None)
    contracts._waiting.pop(MODULE, None)


def test_a_class_waits_for_its_contract() -> None:
    @keeps(f"{MODULE}.ISmall")
    class Kept:
        pass

    class Derived(Kept):
        pass

    assert not ISmall.implementedBy(Kept)
    assert not ISmall.providedBy(Derived())
    declare(MODULE, {"ISmall": ISmall})
    assert ISmall.implementedBy(Kept)
    assert ISmall.providedBy(Derived())


def test_a_later_class_is_declared_at_once() -> None:
    declare(MODULE, {"ISmall": ISmall})

    @keeps(f"{MODULE}.ISmall")
    class Kept:
        pass

    assert ISmall.implementedBy(Kept)


def test_a_class_keeps_several_contracts() -> None:
    @keeps(f"{MODULE}.ISmall")
    @keeps(f"{MODULE}.ILarge")
    class Kept:
        pass

    declare(MODULE, {"ISmall": ISmall, "ILarge": ILarge})
    assert ISmall.implementedBy(Kept)
    assert ILarge.implementedBy(Kept)


def test_a_contract_that_is_missing_is_an_error() -> None:
    @keeps(f"{MODULE}.IMissing")
    class Kept:
        pass

    with pytest.raises(KeyError):
        declare(MODULE, {"ISmall": ISmall})


def test_files_are_read_without_contracts_and_keep_them() -> None:
    code = (
        "import sys\n"
        "from zope.fssync.files import Tree\n"
        "assert 'zope.interface' not in sys.modules\n"
        "from zope.fssync.interfaces import IFileTree\n"
        "assert IFileTree.providedBy(Tree())\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
