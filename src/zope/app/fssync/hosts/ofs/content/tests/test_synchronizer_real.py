"""Templates and methods that come with Zope: in another site they are the same."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import App
import OFS
import Products.PageTemplates
import Products.PythonScripts
import Products.ZSQLMethods
import pytest
import zmi.styles
from Acquisition import aq_base
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from OFS.Image import Image
from OFS.OrderedFolder import OrderedFolder
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate

from zope.app.fssync.hosts.ofs.content.tests.site import Site
from zope.app.fssync.hosts.ofs.content.tests.test_synchronizer_roundtrip import same

PACKAGES = (
    *(App, OFS, Products.PageTemplates, Products.PythonScripts),
    *(Products.ZSQLMethods, zmi.styles),
)


def page(name: str, data: bytes) -> Any:
    return ZopePageTemplate(name, data.decode("utf-8"))


def method(name: str, data: bytes) -> Any:
    made = DTMLMethod(data.decode("utf-8"), __name__=name)
    made.id = name
    return made


def image(name: str, data: bytes) -> Any:
    return Image(name, "", data)


def file(name: str, data: bytes) -> Any:
    return File(name, "", data)


MAKERS: dict[str, Callable[[str, bytes], Any]] = {
    ".dtml": method,
    ".zpt": page,
    ".pt": page,
    **dict.fromkeys((".gif", ".png", ".svg", ".ico"), image),
    **dict.fromkeys((".css", ".js", ".zcml", ".stx", ".txt"), file),
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted(Path(package.__path__[0]).rglob("*")):
            if path.suffix in MAKERS and path.is_file():
                yield path


def fill(parent: Folder) -> str:
    """Make an object of each file, in a folder for each folder of the packages."""
    parent._setObject("real", Folder("real"))
    folders: dict[Path, Any] = {}
    for number, path in enumerate(sources()):
        if path.parent not in folders:
            name = f"{path.parent.name} {len(folders)}"
            parent.real._setObject(name, (Folder, OrderedFolder)[number % 2](name))
            folders[path.parent] = parent.real[name]
        made = MAKERS[path.suffix](path.name, path.read_bytes())
        folders[path.parent]._setObject(path.name, made)
    return "real"


def walk(one: Any, two: Any) -> Iterator[tuple[Any, Any]]:
    yield one, two
    if hasattr(aq_base(one), "objectIds"):
        assert one.objectIds() == two.objectIds()
        for name in one.objectIds():
            yield from walk(one[name], two[name])


@pytest.mark.slow
def test_each_object_is_the_same(site: Site, other: Site) -> None:
    made = site.make(fill)
    other.checkin(site.checkout("/folder"), "folder")
    pairs = list(walk(made, other.app.folder.real))
    assert len(pairs) > 150
    for one, two in pairs:
        assert type(aq_base(one)) is type(aq_base(two))
        same(one, two)
        assert one.getOwnerTuple() == two.getOwnerTuple()
        assert bytes(getattr(one, "data", b"")) == bytes(getattr(two, "data", b""))
