"""What a package registers by itself, and stand-ins for classes of Python 2."""

from __future__ import annotations

import io
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from typing import ClassVar

import pytest
from zope.component import subscribers
from zope.configuration import xmlconfig
from zope.interface.verify import verifyObject
from zope.testing.cleanup import cleanUp

from zope.app.fssync.server.registration import Registration
from zope.app.fssync.server.registration import registration
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import ISourceCheck
from zope.fssync.registry.synchronizers import find

__all__ = [
    "Modules",
    "PageContract",
    "Pages",
    "configured",
    "registered",
    "registered_for",
    "stand_in",
]


class Pages:
    """Stands for ZPTPage and DTMLPage."""

    source = ""

    def getSource(self) -> str:
        return self.source

    def setSource(self, source: str) -> None:
        assert isinstance(source, str)
        self.source = source


class Modules:
    """Stands for ModuleManager."""

    name = "sample"
    source = ""

    def update(self, source: str) -> None:
        assert isinstance(source, str)
        self.source = source


@contextmanager
def configured(package: str) -> Iterator[None]:
    """Register what a package registers, and nothing else.

    It undoes all other registrations: no fixture of the same module may need them.
    """
    cleanUp()
    try:
        xmlconfig.string(
            f"""
            <configure xmlns="http://namespaces.zope.org/zope" i18n_domain="zope">
              <include package="zope.security" file="meta.zcml" />
              <include package="zope.security" file="permissions.zcml" />
              <include package="zope.app.security" file="standardpermissions.zcml" />
              <include package="{package}" />
            </configure>
            """
        )
        yield
    finally:
        cleanUp()


def registered(package: str, obj: object) -> Registration | None:
    """Return what nothing but a package registers for the class of an object."""
    with configured(package):
        found = find(obj)
        return None if found is None else registration(found.factory)


def stand_in(
    name: str, patch: pytest.MonkeyPatch, there: bool = True, base: type = Modules
) -> Any:
    """Return an object of the class ``name``, whose module may be missing."""
    module, _, klass = name.rpartition(".")
    made = types.ModuleType(module)
    kind = type(klass, (base,), {"__module__": module})
    setattr(made, klass, kind)
    for each in (module.rpartition(".")[0], module):
        patch.setitem(sys.modules, each, made if there else None)
    return kind()


def registered_for(
    package: str, name: str, patch: pytest.MonkeyPatch, there: bool = True
) -> Registration | None:
    """Return what a package registers for the class ``name``, which may be missing."""
    return registered(package, stand_in(name, patch, there))


class PageContract:
    """The tests of a package for pages: subclasses name it and its synchronizer."""

    package: ClassVar[str]
    name: ClassVar[str]
    adapter: ClassVar[Any]
    #: A class of pages that compile what they are given, and sources with the faults.
    compiling: ClassVar[type]
    faults: ClassVar[dict[str, list[tuple[int, str]]]]

    def test_the_source_goes_there_and_back(self) -> None:
        page, out = Pages(), io.BytesIO()
        assert verifyObject(IFileSynchronizer, self.adapter(page))
        self.adapter(page).load(io.BytesIO("<p>Größe</p>".encode()))
        assert page.source == "<p>Größe</p>"
        self.adapter(page).dump(out)
        assert out.getvalue() == "<p>Größe</p>".encode()

    def test_adapter_is_registered_where_the_class_is_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = registered_for(self.package, self.name, monkeypatch)
        assert found is not None
        expected = (self.adapter, "zope.ManageContent")
        assert (found.factory, found.permission) == expected

    def test_a_class_that_is_missing_disturbs_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert registered_for(self.package, self.name, monkeypatch, there=False) is None

    def test_faults_are_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        page = stand_in(self.name, monkeypatch, base=self.compiling)
        with configured(self.package):
            for source, faults in self.faults.items():
                self.adapter(page).load(io.BytesIO(source.encode()))
                (check,) = subscribers([page], ISourceCheck)
                assert verifyObject(ISourceCheck, check)
                assert list(check.faults()) == faults
                assert self.adapter(page).source() == source
