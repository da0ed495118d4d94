"""One object of each type, with something in every place."""

from OFS.DTMLDocument import DTMLDocument
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from OFS.Image import Image
from OFS.OrderedFolder import OrderedFolder
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from Products.PythonScripts.PythonScript import PythonScript
from Products.ZSQLMethods.SQL import SQL

GIF = (
    b"GIF89a\x02\x00\x03\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00"
    b"\x00\x00\x00,\x00\x00\x00\x00\x02\x00\x03\x00\x00\x02\x02\x84Q\x00;"
)


def plain_folder(parent):
    parent._setObject("sub", Folder("sub"))
    parent.sub.title = "Über uns"
    parent.sub.manage_addProperty("keywords", ["one", "two"], "lines")
    parent.sub._setObject("b.txt", File("b.txt", "", b"b"))
    parent.sub._setObject("a.txt", File("a.txt", "", b"a"))
    return "sub"


def ordered_folder(parent):
    parent._setObject("ordered", OrderedFolder("ordered"))
    for name in "cab":
        parent.ordered._setObject(name, Folder(name))
    parent.ordered.setDefaultSorting("title", True)
    return "ordered"


def btree_folder(parent):
    parent._setObject("many", BTreeFolder2("many"))
    for name in "cab":
        parent.many._setObject(name, Folder(name))
    return "many"


def text_file(parent):
    parent._setObject("a.txt", File("a.txt", "A text", "Käse\n".encode(), "text/plain"))
    return "a.txt"


def conditional_file(parent):
    parent._setObject("b.bin", File("b.bin", "", b"\x00\xff", precondition="may"))
    return "b.bin"


def image(parent):
    parent._setObject("i.gif", Image("i.gif", "A dot", GIF))
    parent["i.gif"].alt = "dot"
    return "i.gif"


def broken_image(parent):
    parent._setObject("j.gif", Image("j.gif", "", b"none", "image/gif"))
    return "j.gif"


def page_template(parent):
    text = '\n  <p tal:content="here/title">Grüße</p>  \n'
    parent._setObject("a.pt", ZopePageTemplate("a.pt"))
    parent["a.pt"].write(text)
    parent["a.pt"].manage_changeProperties(title="T", expand=True)
    return "a.pt"


def broken_template(parent):
    parent._setObject("b.pt", ZopePageTemplate("b.pt"))
    parent["b.pt"].write('<p tal:content="here/"><')
    return "b.pt"


def script(parent):
    parent._setObject("a.py", PythonScript("a.py"))
    parent["a.py"].ZPythonScript_setTitle("A script")
    parent["a.py"].ZPythonScript_edit("a, b=1", "# nothing\nreturn a + b\n")
    parent["a.py"].ZBindings_edit({"name_context": "here", "name_ns": "_"})
    parent["a.py"].manage_proxy(["Manager"])
    return "a.py"


def commented_script(parent):
    parent._setObject("b.py", PythonScript("b.py"))
    parent["b.py"]._body = "##title=not a title\n##\nreturn 1\n"
    parent["b.py"]._makeFunction()
    return "b.py"


def broken_script(parent):
    parent._setObject("c.py", PythonScript("c.py"))
    parent["c.py"].ZPythonScript_edit("", "return (\n")
    return "c.py"


def dtml_method(parent):
    parent._setObject("m", DTMLMethod("<dtml-var x>\n", __name__="m"))
    parent.m.title = "M"
    parent.m.manage_proxy(["Manager", "Owner"])
    parent.m.setCacheNamespaceKeys(["x"])
    return "m"


def dtml_document(parent):
    parent._setObject("d", DTMLDocument("<dtml-if x>é</dtml-if>", __name__="d"))
    parent.d.manage_addProperty("count", 3, "int")
    parent.d.manage_proxy(["Manager"])
    return "d"


def sql_method(parent):
    sql = "select * from t where <dtml-sqltest a type=string>\n"
    parent._setObject("q", SQL("q", "Query", "db", "a\nb:int=3", sql))
    parent.q.manage_advanced(10, 20, 30, "", "", 1, None, "hook")
    parent.q.class_name_, parent.q.class_file_ = "Gone", "missing"
    return "q"


TYPES = [
    plain_folder,
    ordered_folder,
    btree_folder,
    text_file,
    conditional_file,
    image,
    broken_image,
    page_template,
    broken_template,
    script,
    commented_script,
    broken_script,
    dtml_method,
    dtml_document,
    sql_method,
]
