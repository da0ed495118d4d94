"""One object of each type, with something in every place."""

from DateTime import DateTime
from OFS.DTMLDocument import DTMLDocument
from OFS.DTMLMethod import DTMLMethod
from OFS.Folder import Folder
from OFS.Image import File
from OFS.Image import Image
from OFS.OrderedFolder import OrderedFolder
from OFS.userfolder import UserFolder
from Products.BTreeFolder2.BTreeFolder2 import BTreeFolder2
from Products.ExternalMethod.ExternalMethod import ExternalMethod
from Products.MailHost.MailHost import MailHost
from Products.PageTemplates.ZopePageTemplate import ZopePageTemplate
from Products.PythonScripts.PythonScript import PythonScript
from Products.SiteAccess.VirtualHostMonster import VirtualHostMonster
from Products.SiteErrorLog.SiteErrorLog import SiteErrorLog
from Products.StandardCacheManagers.AcceleratedHTTPCacheManager import (
    AcceleratedHTTPCacheManager,
)
from Products.StandardCacheManagers.RAMCacheManager import RAMCacheManager
from Products.ZSQLMethods.SQL import SQL
from ZPublisher.BeforeTraverse import NameCaller
from ZPublisher.BeforeTraverse import registerBeforeTraverse

GIF = (
    b"GIF89a\x02\x00\x03\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x00\x00"
    b"\x00\x00\x00,\x00\x00\x00\x00\x02\x00\x03\x00\x00\x02\x02\x84Q\x00;"
)


def plain_folder(parent):
    parent._setObject("sub", Folder("sub"))
    parent.sub.title = "Über uns"
    parent.sub.manage_addProperty("keywords", ["one", "two"], "lines")
    parent.sub._setObject("a.txt", File("a.txt", "", b"a"))
    parent.sub._setObject("b.txt", File("b.txt", "", b"b"))
    return "sub"


def arranged_folder(parent):
    parent._setObject("arranged", Folder("arranged"))
    for name in "cab":
        parent.arranged._setObject(name, Folder(name))
    return "arranged"


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


def user_folder(parent):
    parent._setObject("acl_users", UserFolder())
    parent.acl_users._doAddUser("Jörg", "secret", ["Manager", "Editor"], ["*.test"])
    parent.acl_users._doAddUser("ann", "secret", [], [])
    parent.acl_users.maxlistusers = 5
    return "acl_users"


def mail_host(parent):
    host = MailHost("mail", "Mail", "mail.test", 2525, True, False, "me")
    parent._setObject("mail", host)
    return "mail"


def error_log(parent):
    parent._setObject("error_log", SiteErrorLog())
    parent.error_log.setProperties(5, 1, ("NotFound", "Gone"))
    return "error_log"


def virtual_host_monster(parent):
    monster = VirtualHostMonster()
    monster._setId("hosts")
    parent._setObject("hosts", monster)
    parent.hosts.set_map("www.test/folder\n*.test/nowhere\n")
    return "hosts"


def external_method(parent):
    method = ExternalMethod.__new__(ExternalMethod)
    method.id, method.title = "ext", "Far away"
    method._module, method._function = "missing", "f"
    parent._setObject("ext", method)
    return "ext"


def ram_cache(parent):
    parent._setObject("ram", RAMCacheManager("ram"))
    parent.ram.manage_editProps(
        "RAM",
        {
            "threshold": 5,
            "cleanup_interval": 6,
            "request_vars": ["b", "a"],
            "max_age": 0,
        },
    )
    return "ram"


def http_cache(parent):
    parent._setObject("http", AcceleratedHTTPCacheManager("http"))
    parent.http.manage_editProps(
        "HTTP", {"anonymous_only": 0, "interval": 9, "notify_urls": ["http://a.test"]}
    )
    return "http"


def cached_file(parent):
    ram_cache(parent)
    parent._setObject("c.txt", File("c.txt", "", b""))
    parent["c.txt"].ZCacheable_setManagerId("ram")
    parent["c.txt"].ZCacheable_setEnabled(0)
    return "c.txt"


def access_rule(parent):
    parent._setObject("ruled", Folder("ruled"))
    for name in ("rule", "other"):
        parent.ruled._setObject(name, DTMLMethod("", __name__=name))
    registerBeforeTraverse(parent.ruled, NameCaller("rule"), "AccessRule", 1)
    return "ruled"


def secured_folder(parent):
    """Everything that AccessControl knows of an object."""
    sub = Folder("secured")
    parent._setObject("secured", sub)
    sub = parent.secured
    sub._addRole("Autor für Ä")
    sub._addRole("Reviewer")
    sub._owner = (["folder", "acl_users"], "somebody")
    sub.manage_setLocalRoles("ann", ["Reviewer", "Owner"])
    sub.manage_setLocalRoles("a user with blanks ", ["Reviewer"])
    sub.manage_permission("View", ["Manager", "Reviewer"], acquire=0)
    sub.manage_permission("Delete objects", ["Reviewer"], acquire=1)
    sub.manage_permission("Add Folders", [], acquire=0)
    sub._Gone_with_a_product_Permission = ("Manager",)
    return "secured"


def owned_by_another(parent):
    """Who owns it has the role Owner, as for any object that he added."""
    parent._setObject("hers", Folder("hers"))
    parent.hers._owner = (["acl_users"], "reader")
    parent.hers.__ac_local_roles__ = {"reader": ["Owner"]}
    return "hers"


def owned_without_role(parent):
    parent._setObject("his", Folder("his"))
    parent.his._owner = (["acl_users"], "reader")
    parent.his.__ac_local_roles__ = {}
    return "his"


def properties(parent):
    """Properties of all types, and values that are not of their type."""
    parent._setObject("props", Folder("props"))
    sub = parent.props
    for name, kind, value in (
        ("a_boolean", "boolean", True),
        ("a_date", "date", DateTime("2026/11/22 20:00:00 GMT+1")),
        ("a_float", "float", 0.1),
        ("a_long", "long", 1 << 70),
        ("a_string", "string", ' blanks and "quotes"\t'),
        ("a_text", "text", "one\n\n two\r\nthree"),
        ("an_int", "int", -3),
        ("some_lines", "lines", ("b", "a", "")),
        ("some_tokens", "tokens", ("x", "y")),
        ("an_int_text", "int", "3"),
        ("no_text", "string", None),
        ("no_lines", "lines", ""),
        ("a_number", "string", 5),
    ):
        sub._setProperty(name, value, kind)
    sub._setProperty("choice", "some_lines", "selection")
    sub.choice = "a"
    sub._setProperty("choices", "some_lines", "multiple selection")
    sub.choices = ("a", "b")
    return "props"


TYPES = [
    plain_folder,
    arranged_folder,
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
    user_folder,
    mail_host,
    error_log,
    virtual_host_monster,
    external_method,
    ram_cache,
    http_cache,
    cached_file,
    access_rule,
    secured_folder,
    owned_by_another,
    owned_without_role,
    properties,
]
