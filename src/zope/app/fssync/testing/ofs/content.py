"""What the instances of the tests hold: scripts that fill them, and ask them.

The scripts run in processes of their own, with ``app``; see `ZopeInstance.script`.
"""

from __future__ import annotations

__all__ = ["MIXED", "SAMPLE", "STATE"]

#: The demo folder of the README, as objects of Zope.
SAMPLE = """
import random
from OFS.Folder import Folder
from OFS.Image import File, Image
from zope.app.fssync.demo import sample

def text(name, body, type="text/plain;charset=utf-8"):
    return File(name, "", body.encode(), type)

app._setObject("demo", Folder("demo"))
demo = app.demo
for parts in ("notes", "notes/archive", "notes/archive/2026", "日本語"):
    *above, name = parts.split("/")
    demo.unrestrictedTraverse(above)._setObject(name, Folder(name))
demo._setObject("hello.txt", text("hello.txt", sample.HELLO))
demo._setObject("index.html", text("index.html", sample.INDEX, "text/html"))
demo._setObject("colours.png", Image("colours.png", "", sample.png()))
demo.notes._setObject("todo.txt", text("todo.txt", sample.TODO))
year = demo.notes.archive["2026"]
year._setObject("report.txt", text("report.txt", sample.REPORT))
demo._setObject("Übersicht.txt", text("Übersicht.txt", sample.OVERVIEW))
demo["日本語"]._setObject("こんにちは.txt", text("こんにちは.txt", sample.GREETING))
demo._setObject("large.bin", File("large.bin", "", b""))
demo["large.bin"].manage_upload(random.Random(4).randbytes(sample.LARGE))
"""

#: One object of each type that comes with Zope, with all that can be set on it.
MIXED = """
from OFS.DTMLDocument import DTMLDocument
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File, Image
from OFS.OrderedFolder import OrderedFolder
from OFS.SimpleItem import SimpleItem
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from Products.PageTemplates.ZopePageTemplate import manage_addPageTemplate
from Products.PythonScripts.PythonScript import manage_addPythonScript
from Products.ZSQLMethods.SQL import SQL
from zope.app.fssync.demo import sample

app.acl_users._doAddUser("author", "author", ["Owner"], [])
app._setObject("mixed", Folder("mixed"))
mixed = app.mixed
mixed.title = "Grüße & <more>"
mixed.manage_addProperty("colours", ["red", "blue"], "lines")
mixed.manage_addProperty("weight", 1.5, "float")
mixed.manage_addProperty("count", 3, "int")
mixed.manage_addProperty("open", True, "boolean")
mixed._addRole("Editor")
mixed.manage_addLocalRoles("author", ["Editor", "Owner"])
mixed.manage_permission("View", ["Editor", "Manager"], acquire=0)
for number in range(SIZE):
    folder = Folder(f"folder{number:03}")
    mixed._setObject(folder.id, folder)
    folder = mixed[folder.id]
    body = f"The file {number}.\\n" * (number % 7 + 1)
    folder._setObject("a.txt", File("a.txt", "A title", body.encode(), "text/plain"))
    folder._setObject("b.png", Image("b.png", "", sample.png(16)))
    manage_addPythonScript(folder, "run")
    folder.run.ZPythonScript_edit("x, y=1", f"return x + y + {number}")
    folder.run.title = "adds"
    folder.run._proxy_roles = ("Manager",)
    page = f"<p tal:content='python:{number}'>x</p>"
    manage_addPageTemplate(folder, "page", "A page", page)
    folder._setObject("method", DTMLMethod("<dtml-var title>", __name__="method"))
    folder.method._proxy_roles = ("Manager",)
    folder._setObject("document", DTMLDocument("<p>x</p>", __name__="document"))
    folder.document.manage_addProperty("tags", ["a", "b"], "tokens")
    template = "select * from t where n=<dtml-sqlvar name type=string>"
    sql = SQL("query", "", "", "name", template)
    folder._setObject("query", sql)
    folder["a.txt"].precondition = "method"
    folder["a.txt"].manage_permission("View", ["Manager"], acquire=1)
ordered = OrderedFolder("ordered")
mixed._setObject("ordered", ordered)
for name in ("z", "a", "m"):
    mixed.ordered._setObject(name, File(name, "", name.encode()))
mixed._setObject("many", BTreeFolder2("many"))
for name in ("one", "two"):
    mixed.many._setObject(name, File(name, "", name.encode()))
mixed._setObject("unknown", SimpleItem())
mixed.unknown.id = "unknown"
mixed.unknown.remark = "an attribute nobody knows"
"""

#: Prints the attributes of every object below /mixed, a line for each.
STATE = """
from Acquisition import aq_base
SKIPPED = {
    *("_objects", "_tree", "_count", "_mt_index", "func_code", "_code"),
    # A time.
    "_EtagSupport__etag",
}

def show(value):
    if hasattr(value, "__dict__"):
        return {k: show(v) for k, v in sorted(vars(value).items()) if k[:3] != "_v_"}
    return repr(value)

def walk(obj, path):
    base = aq_base(obj)
    if base._p_jar is not None:
        base._p_activate()
    children = set(obj.objectIds()) if hasattr(base, "objectIds") else set()
    for name, value in sorted(vars(base).items()):
        if name in SKIPPED or name in children or name[:3] == "_v_":
            continue
        if (name, value) == ("title", ""):
            continue
        if name == "_properties":
            value = sorted(value, key=lambda each: each["id"])
        print(path, name, show(value))
    for name in sorted(children):
        walk(obj._getOb(name), f"{path}/{name}")

walk(app.mixed, "/mixed")
"""
