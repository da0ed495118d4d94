"""A tree like a business template: hundreds of scripts, forms, queries and templates.

The tree is made by chance, with a seed.  In another site each object has the same
attributes, but for what Zope computes.
"""

from __future__ import annotations

import random
from contextlib import ExitStack

import pytest
from OFS.DTMLDocument import DTMLDocument
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from OFS.Image import Image
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from Products.PythonScripts.PythonScript import PythonScript
from Products.ZSQLMethods.SQL import SQL

from zope.app.fssync.hosts.ofs.content.tests.samples import GIF
from zope.app.fssync.hosts.ofs.content.tests.site import Site
from zope.app.fssync.hosts.ofs.content.tests.test_synchronizer_roundtrip import same

pytestmark = pytest.mark.slow

#: The objects of a template; those of ERP5 have some hundreds.
COUNT = 300

WORDS = [
    "amount",
    "base",
    "Déjà vu",
    "<line>",
    "{total}",
    "%s",
    "'quoted'",
    "東京",
    "&",
]

#: How a line may end, and what is at the end of a source.
ENDS = ["\n", "\n\n", "", "  \n"]


class Template:
    """Makes a tree below a folder."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self) -> str:
        return " ".join(self.random.choices(WORDS, k=self.random.randrange(6)))

    def make(self, parent: Folder) -> str:
        parent._setObject("template", Folder("template"))
        folders = [parent["template"]]
        kinds = [self.script, self.script, self.page, self.query, self.dtml, self.file]
        for number in range(COUNT):
            folder = self.random.choice(folders)
            if number % 20 == 0:
                folder._setObject(f"skin {number}", Folder(f"skin {number}"))
                folders.append(folder[f"skin {number}"])
                folder = folders[-1]
                folder.title = self.text()
                self.properties(folder)
            else:
                self.random.choice(kinds)(folder, number)
        return "template"

    def properties(self, obj: Folder) -> None:
        for name, kind, value in (
            ("description", "text", self.text() + self.random.choice(ENDS)),
            ("weight", "float", self.random.uniform(-1e6, 1e6)),
            ("size_", "int", self.random.getrandbits(70)),
            ("keywords", "lines", self.random.choices(WORDS, k=3)),
            ("active", "boolean", self.random.random() < 0.5),
        ):
            if self.random.random() < 0.5:
                obj.manage_addProperty(name, value, kind)

    def security(self, obj: Folder) -> None:
        if self.random.random() < 0.2:
            obj.manage_permission("View", ["Manager", "Owner"], acquire=0)
        if self.random.random() < 0.2:
            obj.manage_setLocalRoles("reader", ["Owner"])

    def script(self, folder: Folder, number: int) -> None:
        name = f"Base_get{number}"
        folder._setObject(name, PythonScript(name))
        obj = folder[name]
        obj.ZPythonScript_setTitle(self.text())
        parameters = self.random.choice(["", "a, b=1", "*args, **kw", "x=None, y='#'"])
        lines = [f"# {self.text()}", f"value = {self.text()!r}", "return value"]
        obj.ZPythonScript_edit(parameters, "\n".join(lines) + self.random.choice(ENDS))
        if self.random.random() < 0.3:
            obj.manage_proxy(["Manager"])
        if self.random.random() < 0.3:
            obj.ZBindings_edit({"name_context": "here", "name_subpath": "path"})
        self.security(obj)

    def page(self, folder: Folder, number: int) -> None:
        name = f"view{number}.pt"
        folder._setObject(name, ZopePageTemplate(name))
        obj = folder[name]
        source = '<p tal:content="here/title">x</p>' + self.random.choice(ENDS)
        obj.pt_edit(self.random.choice(ENDS) + source, "text/html")
        obj.pt_setTitle(self.text(), "utf-8")
        obj.expand = self.random.random() < 0.5
        self.security(obj)

    def query(self, folder: Folder, number: int) -> None:
        name = f"z_{number}"
        arguments = self.random.choice(["", "uid", "uid:int=3\nname"])
        source = f"select * from t -- {number}" + self.random.choice(ENDS)
        folder._setObject(name, SQL(name, self.text(), "erp5", arguments, source))
        limits = [self.random.randrange(2000) for _ in range(3)]
        folder[name].manage_advanced(*limits, "", "")
        self.security(folder[name])

    def dtml(self, folder: Folder, number: int) -> None:
        name = f"method{number}"
        source = f"<dtml-var x> {self.text()}" + self.random.choice(ENDS)
        kind = self.random.choice([DTMLMethod, DTMLDocument])
        folder._setObject(name, kind(source, __name__=name))
        obj = folder[name]
        obj.title = self.text()
        if kind is DTMLDocument:
            self.properties(obj)
        if self.random.random() < 0.3:
            obj.manage_proxy(["Manager"])
        self.security(obj)

    def file(self, folder: Folder, number: int) -> None:
        name = f"data {number}"
        kind, data = self.random.choice(
            [
                (Image, GIF),
                (File, self.text().encode()),
                (File, self.random.randbytes(300)),
                (File, b""),
            ]
        )
        folder._setObject(name, kind(name, self.text(), data))
        self.properties(folder[name])
        self.security(folder[name])


def roles(obj: Folder) -> set[tuple[str, str]]:
    """Return the roles that users have, there or from above."""
    found: set[tuple[str, str]] = set()
    for each in obj.aq_chain:
        for user, names in (getattr(each, "__ac_local_roles__", None) or {}).items():
            found.update((user, name) for name in names)
    return found


def compare(one: Folder, two: Folder) -> int:
    """Compare objects and all below; return the number of objects."""
    assert type(one.aq_base) is type(two.aq_base), one.absolute_url_path()
    same(one, two)
    assert roles(one) == roles(two)
    assert getattr(one.aq_base, "data", None) == getattr(two.aq_base, "data", None)
    count = 1
    if isinstance(one.aq_base, Folder):
        assert one.objectIds() == two.objectIds()
        for name in one.objectIds():
            count += compare(one._getOb(name), two._getOb(name))
    return count


@pytest.mark.parametrize("seed", range(2))
def test_each_object_is_the_same_in_another_site(site, other, seed):
    site.make(Template(seed).make)
    files = site.checkout("/folder")

    other.checkin(files, "folder")

    assert other.checkout("/folder") == files
    assert compare(other.app.folder, site.app.folder) == COUNT + 2
    pickled = [path for path, body in files.items() if b"<pickle>" in body]
    assert pickled == []


def test_an_export_of_zope_is_the_same(site, other, tmp_path):
    """What Zope imports is checked out, and a copy of it has the same attributes."""
    made = site.make(Template(2).make)
    export = tmp_path / "template.zexp"
    made._p_jar.exportFile(made._p_oid, str(export))

    def load(folder):
        folder._importObjectFromFile(str(export), verify=0, set_owner=0)
        return "template"

    imported = other.make(load)

    files = other.checkout("/folder")
    assert files == site.checkout("/folder")
    with ExitStack() as stack:
        third = Site(stack)
        third.checkin(files, "folder")
        assert compare(third.app.folder.template, imported) == COUNT + 1
