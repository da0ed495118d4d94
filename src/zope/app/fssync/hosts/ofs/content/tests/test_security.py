"""What a caller may not do to an object he cannot do by its files."""

import pytest
import transaction
from Acquisition import aq_base
from OFS.Folder import Folder
from OFS.Uninstalled import Broken
from persistent import Persistent
from zope.component import provideUtility
from zope.interface import implementer

from zope.app.fssync.hosts.ofs.content.security import Owner
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IAllowedGlobal
from zope.fssync.interfaces import IOwnSynchronizer
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed

SOURCE = ("View management screens", "Access contents information", "View")


@pytest.fixture
def editor(site):
    """A site, and what the user reader gets permissions by."""

    def grant(*permissions):
        site.user = "manager"
        folder = site.app.folder
        for permission in (*SOURCE, *permissions):
            folder.manage_permission(permission, ["Manager", "Editor"], acquire=1)
        folder.manage_setLocalRoles("reader", ["Editor"])
        transaction.commit()
        site.user = "reader"

    return grant


def extra(name, aspect):
    return f"folder/@@Zope/Extra/{name}/{aspect}"


#: A sample, one of its aspects, another text, and the permission that it takes.
EDITS = [
    (samples.owned_by_another, "owner", "", "FSSync: Change owner"),
    (samples.secured_folder, "roles", "Reviewer\n", "Change permissions"),
    (
        samples.secured_folder,
        "roles-local",
        "ann\n    Reviewer\n",
        "Change permissions",
    ),
    (samples.secured_folder, "permissions", "", "Change permissions"),
    (samples.script, "proxy-roles", "", "Change proxy roles"),
    (samples.cached_file, "cache", "", "Change cache settings"),
    (samples.ordered_folder, "order", "b\na\n", "Manage properties"),
    (samples.arranged_folder, "order", "b\na\n", "Manage properties"),
    (samples.access_rule, "access-rule", "", "Add Site Roots"),
    (samples.conditional_file, "precondition", "", "Change Images and Files"),
    (samples.script, "settings", "title = T\n", "Change Python Scripts"),
    (samples.dtml_method, "settings", "title = T\n", "Change DTML Methods"),
    (samples.sql_method, "settings", "title = T\n", "Change Database Methods"),
    (
        samples.plain_folder,
        "properties",
        "keywords (lines)\n    one\ntitle (string) = T\n",
        "Manage properties",
    ),
]


@pytest.mark.parametrize(
    ("sample", "aspect", "text", "permission"),
    EDITS,
    ids=[f"{edit[0].__name__}-{edit[1]}" for edit in EDITS],
)
def test_each_aspect_asks_for_its_permission(
    sample, aspect, text, permission, site, editor
):
    obj = site.make(sample)
    if hasattr(aq_base(obj), "_proxy_roles"):
        # Else the caller needs the roles as well.
        obj._proxy_roles = ("Editor",)
    path = extra(obj.getId(), aspect)
    before = site.checkout("/folder")[path]
    reads = "Change permissions" if permission == "Change permissions" else "View"
    editor(reads)
    site.user = "manager"
    files = site.checkout("/folder")
    files.edit(path, text.encode())
    site.user = "reader"
    if permission != "Change permissions":
        with pytest.raises(CommitFailed, match=permission):
            site.commit("/folder", files)
    transaction.abort()
    site.user = "manager"
    assert site.checkout("/folder").get(path, b"") in (before, b"Editor\n")
    editor(permission)
    site.commit("/folder", files)
    site.user = "manager"
    assert site.checkout("/folder").get(path, b"") != before


def test_a_user_who_may_not_change_permissions_does_not_see_them(site, editor):
    site.make(samples.secured_folder)
    editor()
    files = site.checkout("/folder")
    assert extra("secured", "properties") in files
    for aspect in ("permissions", "roles", "roles-local"):
        assert extra("secured", aspect) not in files


def test_removing_a_part_asks_for_its_permission(site, editor):
    site.make(samples.script)
    site.app.folder["a.py"]._proxy_roles = ("Editor",)
    editor("Delete objects", "Manage properties")
    files = site.checkout("/folder")
    files.remove(extra("a.py", "proxy-roles"))
    with pytest.raises(CommitFailed, match="Change proxy roles"):
        site.commit("/folder", files)
    transaction.abort()
    editor("Change proxy roles", "Delete objects", "Manage properties")
    site.commit("/folder", files)
    assert site.app.folder["a.py"]._proxy_roles == ()


@pytest.mark.parametrize(
    ("sample", "sorting"),
    [
        (samples.ordered_folder, b"title (sorted backwards)\n"),
        (samples.arranged_folder, b""),
    ],
)
def test_the_order_tells_no_names_of_what_is_withheld(site, editor, sample, sorting):
    folder = site.make(sample)
    editor("Manage properties")
    folder.a.manage_permission("View management screens", ["Manager"], acquire=0)
    transaction.commit()
    path = extra(folder.getId(), "order")
    files = site.checkout("/folder")
    assert files[path] == sorting + b"c\nb\n"
    files.edit(path, b"b\nc\n")
    site.commit("/folder", files)
    assert folder.objectIds() == ["b", "a", "c"]


@pytest.mark.parametrize("sample", samples.TYPES, ids=lambda sample: sample.__name__)
def test_adding_asks_for_the_permission_of_the_type(sample, site, other, editor):
    files = site.checkout_of(sample)
    other.make(lambda folder: folder._setObject("x", Folder("x")) or "x")
    folder = other.app.folder
    folder.manage_setLocalRoles("reader", ["Editor"])
    for permission in (*SOURCE, "Manage users"):
        folder.manage_permission(permission, ["Manager", "Editor"], acquire=1)
    transaction.commit()
    other.user = "reader"
    with pytest.raises(
        CommitFailed, match=r"you need the permission '(Add|Log|Change)"
    ):
        other.checkin(files, "folder", "/folder/x")
    transaction.abort()
    assert other.app.folder.x.objectIds() == []


def test_an_added_object_belongs_to_its_author(site, editor):
    site.make(samples.plain_folder)
    editor("Add Python Scripts", "Change Python Scripts")
    files = site.checkout("/folder")
    kind = "Products.PythonScripts.PythonScript.PythonScript"
    files.add("folder/new.py", b"return 1\n", type=kind, factory=kind)
    site.commit("/folder", files)
    new = site.app.folder["new.py"]
    assert new.getOwnerTuple()[1] == "reader"
    assert new.__ac_local_roles__ == {"reader": ["Owner"]}


def test_nobody_gives_his_object_to_another(site, editor):
    site.make(samples.plain_folder)
    editor("Add Folders", "Manage properties")
    files = site.checkout("/folder")
    kind = "OFS.Folder.Folder"
    files.add("folder/new/@@Zope/Entries.xml", b"", type=kind, factory=kind)
    del files["folder/new/@@Zope/@@Zope/Entries.xml"]
    files["folder/new/@@Zope/Entries.xml"] = b"<entries/>"
    files.entry("folder/new", flag="added", type=kind, factory=kind)
    files.add(
        extra("new", "owner"),
        b"user = manager\nfolder = acl_users\n",
        type=dottedname(Owner),
        factory=dottedname(Owner),
    )
    with pytest.raises(CommitFailed, match="FSSync: Change owner"):
        site.commit("/folder", files)


def test_proxy_roles_that_one_lacks_cannot_be_given(site, editor):
    site.make(samples.script)
    editor("Change proxy roles")
    site.app.folder["a.py"]._proxy_roles = ("Editor",)
    transaction.commit()
    files = site.checkout("/folder")
    files.edit(extra("a.py", "proxy-roles"), b"Manager\n")
    with pytest.raises(CommitFailed, match="do not have proxy roles"):
        site.commit("/folder", files)
    files = site.checkout("/folder")


def test_the_users_of_the_root_stay(site):
    root = getSynchronizer(site.app)
    with pytest.raises(SynchronizationError, match="cannot be removed"):
        del root["acl_users"]
    with pytest.raises(KeyError):
        del root["nobody"]


# Pickles


@implementer(IOwnSynchronizer)
class Thing(Folder):
    """A type that nobody described."""


class Unreadable(Persistent):
    """What nobody can write."""

    def __reduce_ex__(self, protocol):
        raise TypeError("its class is gone")


@pytest.fixture
def thing(site):
    provideUtility(Thing, IAllowedGlobal, name=dottedname(Thing))

    def make(folder):
        folder._setObject("thing", Thing("thing"))
        samples.text_file(folder.thing)
        folder.thing.data = {"a": (1, 2.5, "text")}
        return "thing"

    return site.make(make)


def test_unknown_types_travel_whole(site, other, thing):
    files = site.checkout("/folder")
    assert b"<pickle>" in files["folder/thing"]
    other.checkin(files, "folder")
    there = other.app.folder.thing
    assert type(aq_base(there)) is Thing
    assert there["a.txt"].data == "Käse\n".encode()
    assert there.data == {"a": (1, 2.5, "text")}
    assert other.checkout("/folder") == files


def test_unknown_types_are_for_those_who_may_import(site, thing, editor):
    editor()
    assert "folder/thing" not in site.checkout("/folder")
    editor("Import/Export objects")
    assert "folder/thing" in site.checkout("/folder")


def test_pickles_hold_nothing_that_is_executed(site, thing):
    for sample in (samples.script, samples.page_template, samples.dtml_method):
        site.make(lambda folder, sample=sample: sample(thing) and "thing")
    files = site.checkout("/folder")
    site.app._delObject("folder")
    with pytest.raises(CommitFailed, match="which is not allowed here"):
        site.checkin(files, "folder")


def test_broken_objects_are_withheld(site, thing):
    folder = site.app.folder
    broken = Broken(None, None, ("gone", "Gone"))
    folder._setOb("old", broken.__new__(broken))
    folder._objects = (*folder._objects, {"id": "old", "meta_type": "Gone"})
    files = site.checkout("/folder")
    assert "folder/thing" in files
    assert "folder/old" not in files
    transaction.abort()


# Attributes that nobody described


@pytest.fixture
def extended(site):
    obj = site.make(samples.text_file)
    obj.color = "red"
    obj.links = {"b": ["x"], "a": None}
    transaction.commit()
    return obj


def test_unknown_attributes_are_kept(site, other, extended):
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    there = other.app.folder["a.txt"]
    assert (there.color, there.links) == ("red", {"b": ["x"], "a": None})
    assert other.checkout("/folder") == files


def test_unknown_attributes_are_for_those_who_may_import(site, extended, editor):
    path = extra("a.txt", "attributes")
    editor("Change Images and Files")
    assert path not in site.checkout("/folder")
    editor("Import/Export objects")
    files = site.checkout("/folder")
    files.edit(path, files[path].replace(b"red", b"blue"))
    site.commit("/folder", files)
    assert extended.color == "blue"


@pytest.mark.parametrize(
    "name",
    [
        "__class__",
        "__dict__",
        "__roles__",
        "__ac_local_roles__",
        "_owner",
        "_p_jar",
        "_v_bindcode",
        "_proxy_roles",
        "_View_Permission",
        "manage_main__roles__",
        "aq_parent",
        "data",
        "title",
        "content_type",
        "id",
    ],
)
def test_attributes_with_a_meaning_cannot_be_set(site, extended, name):
    path = extra("a.txt", "attributes")
    files = site.checkout("/folder")
    files.edit(path, files[path].replace(b'"color"', f'"{name}"'.encode()))
    with pytest.raises(CommitFailed, match="cannot be set as an attribute"):
        site.commit("/folder", files)


def test_attributes_are_mere_data(site, extended):
    path = extra("a.txt", "attributes")
    files = site.checkout("/folder")
    code = b'<global name="system" module="os"/>'
    head, _, rest = files[path].partition(b"<string>red</string>")
    if not rest:
        head, _, rest = files[path].partition(b"<unicode>red</unicode>")
    files.edit(path, head + code + rest)
    with pytest.raises(CommitFailed, match=r"os\.system, which is not allowed"):
        site.commit("/folder", files)


def test_attributes_refer_to_what_an_object_lies_in(site, other, extended):
    extended.here = aq_base(extended)
    extended.folder = aq_base(site.app.folder)
    extended.root = aq_base(site.app)
    transaction.commit()
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    there = aq_base(other.app.folder["a.txt"])
    assert vars(there)["here"] is there
    assert vars(there)["folder"] is aq_base(other.app.folder)
    assert vars(there)["root"] is aq_base(other.app)
    assert other.checkout("/folder") == files


def test_attributes_do_not_lead_out_of_ones_place(site, extended, editor):
    extended.root = aq_base(site.app.folder)
    transaction.commit()
    editor("Import/Export objects")
    path = extra("a.txt", "attributes")
    files = site.checkout("/folder")
    for reference, reason in (
        (b"../..", "Import/Export objects"),
        (b"../../..", "unknown reference"),
        (b"../acl_users", "unknown reference"),
        (b"/acl_users", "unknown reference"),
    ):
        content = files[path].replace(b">..<", b">" + reference + b"<")
        assert content != files[path]
        changed = type(files)(files)
        changed.edit(path, content)
        with pytest.raises(CommitFailed, match=reason):
            site.commit("/folder", changed)
        transaction.abort()


def test_defaults_of_dtml_are_kept(site, other):
    method = site.make(samples.dtml_method)
    method._vars = {"x": 5}
    transaction.commit()
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.app.folder.m._vars == {"x": 5}
    path = extra("m", "attributes")
    files.remove(path)
    site.commit("/folder", files)
    assert method._vars == {}


def test_attributes_that_cannot_be_written_stay(site, extended, caplog):
    extended.broken = Unreadable()
    path = extra("a.txt", "attributes")
    files = site.checkout("/folder")
    assert b"red" in files[path]
    assert b"broken" not in files[path]
    assert "left out of the attributes" in caplog.text
    files.edit(path, files[path].replace(b"red", b"blue"))
    site.commit("/folder", files)
    assert extended.color == "blue"
    assert "broken" in vars(aq_base(extended))
    del extended.broken
