"""Editing the files beside an object changes just that of it."""

import pytest
import transaction
from AccessControl import getSecurityManager
from AccessControl.Permission import getPermissions
from Acquisition import aq_base
from OFS.interfaces import IItem
from OFS.LockItem import LockItem
from zope.component import getGlobalSiteManager
from zope.component import getUtilitiesFor
from zope.component import provideUtility
from zope.component.interfaces import ISite
from zope.interface import Interface
from zope.interface import alsoProvides
from zope.interface.interfaces import IInterface
from zope.interface.verify import verifyObject
from zope.lifecycleevent.interfaces import IObjectModifiedEvent

from zope.app.fssync.hosts.ofs.content.aspect import Aspect
from zope.app.fssync.hosts.ofs.content.folder import Order
from zope.app.fssync.hosts.ofs.content.interfaces import IAspect
from zope.app.fssync.hosts.ofs.content.interfaces import ISecretsPolicy
from zope.app.fssync.hosts.ofs.content.secrets import RecordAll
from zope.app.fssync.hosts.ofs.content.security import local_roles
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.app.fssync.hosts.ofs.content.tests.editing import extra
from zope.app.fssync.hosts.ofs.interfaces import IGuarded
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IDirectorySynchronizer
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IPartMaker
from zope.fssync.interfaces import ISynchronizerFactory
from zope.fssync.synchronizer import dottedname
from zope.fssync.synchronizer import getSynchronizer


class IMarked(Interface):
    """Marks an object."""


@pytest.mark.parametrize("sample", samples.TYPES, ids=lambda sample: sample.__name__)
def test_every_synchronizer_keeps_its_contract(sample, site):
    synchronizer = getSynchronizer(site.make(sample))
    assert verifyObject(IGuarded, synchronizer)
    kinds = (IFileSynchronizer, IDirectorySynchronizer)
    (kind,) = [each for each in kinds if each.providedBy(synchronizer)]
    assert verifyObject(kind, synchronizer)
    assert verifyObject(IPartMaker, getSynchronizer(synchronizer.extras()))
    assert set(synchronizer.permissions) == {"read", "write", "add", "delete"}
    known = {each[0] for each in getPermissions()}
    assert set(synchronizer.permissions.values()) <= known
    for aspect in synchronizer.extras().values():
        assert verifyObject(IAspect, aspect)
        assert set(getSynchronizer(aspect).permissions) == {"read", "write"}
        assert set(aspect.permissions.values()) <= known


def test_every_aspect_of_a_type_is_registered(types):
    names = dict(getUtilitiesFor(ISynchronizerFactory))
    for factory in list(names.values()):
        for aspect in getattr(factory, "aspects", ()):
            assert issubclass(aspect, Aspect)
            assert dottedname(aspect) in names


def test_all_texts_of_a_folder_are_for_people(edited):
    folder = edited(samples.secured_folder)
    assert folder.text("owner") == "user = somebody\nfolder = folder/acl_users\n"
    assert folder.text("roles") == "Autor für Ä\nReviewer\n"
    assert folder.text("roles-local") == (
        '"a user with blanks "\n    Reviewer\nann\n    Owner\n    Reviewer\n'
        "manager\n    Owner\n"
    )
    assert folder.text("permissions") == (
        "Add Folders\n"
        "Delete objects (acquired too)\n    Reviewer\n"
        "View\n    Manager\n    Reviewer\n"
        "_Gone_with_a_product_Permission\n    Manager\n"
    )


def test_defaults_have_no_files(edited):
    folder = edited(samples.plain_folder)
    found = [path for path in folder.files if path.startswith("folder/@@Zope/Extra/")]
    assert sorted(found) == [
        "folder/@@Zope/Extra/sub/@@Zope/Entries.xml",
        "folder/@@Zope/Extra/sub/properties",
    ]


def test_owner_and_what_he_may(edited):
    folder = edited(samples.owned_by_another)
    assert extra("hers", "roles-local") not in folder.files
    obj = folder("owner", "user = stranger\nfolder = acl_users\n")
    assert obj.getOwnerTuple() == (["acl_users"], "stranger")
    assert local_roles(obj) == {"stranger": ["Owner"]}
    obj = folder("owner", "")
    assert "_owner" not in vars(aq_base(obj))
    assert local_roles(obj) == {}


def test_an_owner_without_the_role_gets_none(edited):
    folder = edited(samples.owned_without_role)
    assert folder.text("roles-local") == ""
    assert local_roles(folder.obj) == {}


@pytest.mark.parametrize("text", ["user = a\n", "folder = b\n", "user = a\nx = b\n"])
def test_half_an_owner_is_refused(edited, text):
    with pytest.raises(SynchronizationError, match="a user and a folder"):
        edited(samples.owned_by_another)("owner", text)


def test_roles_and_local_roles(edited):
    folder = edited(samples.secured_folder)
    obj = folder("roles", "Reviewer\nEditor\n")
    assert obj.userdefined_roles() == ("Reviewer", "Editor")
    obj = folder("roles-local", "ann\n    Editor\nbob\n    Owner\n")
    assert local_roles(obj) == {"ann": ["Editor"], "bob": ["Owner"]}
    with pytest.raises(SynchronizationError, match="a user without a role"):
        folder("roles-local", "ann\n")


def test_permissions(edited):
    folder = edited(samples.secured_folder)
    obj = folder("permissions", "View (acquired too)\n    Reviewer\nAdd Folders\n")
    assert obj._View_Permission == ["Reviewer"]
    assert obj._Add_Folders_Permission == ()
    assert not hasattr(aq_base(obj), "_Delete_objects_Permission")
    assert not hasattr(aq_base(obj), "_Gone_with_a_product_Permission")
    with pytest.raises(SynchronizationError, match="no permission 'Fly'"):
        folder("permissions", "Fly\n    Manager\n")


def test_a_part_that_had_only_defaults_can_be_added(edited):
    from zope.app.fssync.hosts.ofs.content.security import PermissionSettings

    folder = edited(samples.plain_folder)
    obj = folder.add("permissions", PermissionSettings, "View\n    Manager\n")
    assert obj._View_Permission == ("Manager",)


def test_a_part_is_known_by_its_name(edited):
    folder = edited(samples.plain_folder)
    folder.files.add(extra("sub", "roles-local"), b"ann\n    Manager\n")
    assert local_roles(folder.commit()) == {"ann": ["Manager"]}
    folder.files.add(extra("sub", "proxy-roles"), b"Manager\n")
    with pytest.raises(SynchronizationError, match="have no part 'proxy-roles'"):
        folder.commit()


def test_a_part_is_removed(edited):
    folder = edited(samples.secured_folder)
    for aspect in ("owner", "permissions", "roles", "roles-local"):
        folder.files.remove(extra("secured", aspect))
    obj = folder.commit()
    assert local_roles(obj) == {}
    assert obj.userdefined_roles() == ()
    assert not hasattr(aq_base(obj), "_View_Permission")
    assert folder.files == folder.site.checkout("/folder")
    folder.files.remove(extra("secured", "properties"))
    assert folder.commit().propertyIds() == []
    template = edited(samples.page_template)
    template.files.remove(extra("a.pt", "properties"))
    with pytest.raises(SynchronizationError, match="cannot be removed"):
        template.commit()


def test_a_part_of_another_type_is_refused(edited):
    folder = edited(samples.plain_folder)
    with pytest.raises(SynchronizationError, match="does not fit here"):
        folder.add("order", Order, "a\n")


def test_proxy_roles(edited):
    script = edited(samples.dtml_method)
    assert script.text("proxy-roles") == "Manager\nOwner\n"
    assert script("proxy-roles", "Owner\n")._proxy_roles == ("Owner",)
    assert script("proxy-roles", "")._proxy_roles == ()


def test_properties_of_all_types(edited):
    folder = edited(samples.properties)
    before = folder.text("properties")
    assert before == (
        "a_boolean (boolean) = true\n"
        "a_date (date) = 2026/11/22 20:00:00 GMT+1\n"
        "a_float (float) = 0.1\n"
        "a_long (long) = 1180591620717411303424\n"
        "a_number (string, holds int) = 5\n"
        'a_string (string) = " blanks and \\"quotes\\"\\t"\n'
        "a_text (text)\n"
        "    one\n"
        '    ""\n'
        '    " two\\r"\n'
        "    three\n"
        "an_int (int) = -3\n"
        "an_int_text (int, holds text)\n"
        "    3\n"
        "choice (selection of some_lines) = a\n"
        "choices (multiple selection of some_lines)\n"
        "    a\n"
        "    b\n"
        "no_lines (lines, holds text)\n"
        '    ""\n'
        "no_text (string, holds nothing)\n"
        "some_lines (lines)\n"
        "    b\n"
        "    a\n"
        '    ""\n'
        "some_tokens (tokens)\n"
        "    x\n"
        "    y\n"
        'title (string) = ""\n'
    )
    after = (
        before.replace("= -3", "= 4")
        .replace("(string, holds int) = 5", "(int) = 5")
        .replace("no_text (string, holds nothing)\n", "")
        .replace('title (string) = ""', "title (string) = Hello")
    )
    obj = folder("properties", after + "new (lines)\n    one\n")
    assert folder.text("properties") == "".join(
        sorted(after.splitlines(True), key=lambda line: 0)
    ).replace("no_lines", "new (lines)\n    one\nno_lines")
    assert (obj.an_int, obj.a_number, obj.title) == (4, 5, "Hello")
    assert obj.getPropertyType("a_number") == "int"
    assert not obj.hasProperty("no_text")
    assert obj.new == ("one",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("_secret (string) = x", "cannot be the id of a property"),
        ("__class__ (string) = x", "cannot be the id of a property"),
        ("manage_main (string) = x", "cannot be the id of a property"),
        ("_objects (lines, holds pickled)", "cannot be the id of a property"),
        ("n (int) = 1.5", "is no int"),
        ("n (int)", "has no value"),
        ("n (date) = tomorrow", "is no date"),
        ("n (boolean) = maybe", "is no boolean"),
        ("n (string, mood w) = x", "is no kind of property"),
    ],
)
def test_bad_properties_are_refused(edited, line, reason):
    folder = edited(samples.plain_folder)
    text = folder.text("properties")
    with pytest.raises(SynchronizationError, match=reason):
        folder("properties", f"{text}{line}\n")
    assert folder.obj.title == "Über uns"


def test_properties_that_a_class_declares_stay(edited):
    template = edited(samples.page_template)
    with pytest.raises(SynchronizationError, match="cannot be removed"):
        template("properties", "title (string) = T\n")


@pytest.mark.parametrize("line", ["", "content_type (lines) = text/plain\n"])
def test_properties_without_which_an_object_breaks_stay(edited, line):
    file = edited(samples.text_file)
    with pytest.raises(SynchronizationError, match="'content_type' cannot be removed"):
        file("properties", f"{line}title (string) = T\n")


def test_order(edited, site):
    folder = edited(samples.ordered_folder)
    assert folder.text("order") == "title (sorted backwards)\nc\na\nb\n"
    obj = folder("order", "b\nc\na\n")
    assert obj.objectIds() == ["b", "c", "a"]
    assert obj.getDefaultSorting() == ("position", 0)
    obj = folder("order", "a\nnobody\nb\n")
    assert obj.objectIds() == ["a", "c", "b"]


def test_order_of_a_plain_folder(edited):
    folder = edited(samples.arranged_folder)
    assert folder.text("order") == "c\na\nb\n"
    assert folder("order", "b\nc\na\n").objectIds() == ["b", "c", "a"]
    assert folder("order", "a\nnobody\nb\n").objectIds() == ["a", "c", "b"]
    with pytest.raises(SynchronizationError, match="cannot be sorted"):
        folder("order", "title (sorted)\n")


def test_without_its_record_a_plain_folder_is_by_name(edited):
    folder = edited(samples.arranged_folder)
    folder.files.remove(extra("arranged", "order"))
    assert folder.commit().objectIds() == ["a", "b", "c"]
    assert folder.files == folder.site.checkout("/folder")


def test_a_folder_by_name_stays_so(edited):
    folder = edited(samples.plain_folder)
    folder.files.add("folder/sub/aa.txt", b"new")
    assert folder.commit().objectIds() == ["a.txt", "aa.txt", "b.txt"]
    assert extra("sub", "order") not in folder.site.checkout("/folder")


def test_an_arranged_folder_has_new_items_last(edited):
    folder = edited(samples.arranged_folder)
    folder.files.add("folder/arranged/aa.txt", b"new")
    assert folder.commit().objectIds() == ["c", "a", "b", "aa.txt"]


@pytest.mark.parametrize(
    "sample",
    [
        samples.text_file,
        samples.page_template,
        samples.script,
        samples.dtml_method,
        samples.dtml_document,
        samples.sql_method,
    ],
    ids=lambda sample: sample.__name__,
)
def test_locked_objects_stay(edited, sample, site):
    obj = edited(sample)
    with calling(site.app, "manager"):
        lock = LockItem(getSecurityManager().getUser())
        obj.obj.wl_setLock(lock.getLockToken(), lock)
    transaction.commit()
    with pytest.raises(SynchronizationError, match="locked by WebDAV"):
        obj.body("<p>new</p>")
    obj.obj.wl_clearLocks()
    obj.commit()


def test_a_property_whose_pickle_is_missing_holds_nothing(edited):
    folder = edited(samples.plain_folder)
    text = folder.text("properties")
    obj = folder("properties", text + "new (string, holds pickled)\n")
    assert obj.getProperty("new", "missing") is None
    assert "new (string, holds nothing)\n" in folder.text("properties")


def test_interfaces_of_objects(edited, site, other):
    folder = edited(samples.text_file)
    alsoProvides(folder.obj, IMarked)
    provideUtility(IMarked, IInterface, name=dottedname(IMarked))
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert IMarked.providedBy(other.app.folder["a.txt"])
    assert other.checkout("/folder") == files


def test_no_object_becomes_a_site_by_its_entry(edited, site):
    folder = edited(samples.plain_folder)
    folder.files.entry("folder/sub", provides=dottedname(ISite))
    site.commit("/folder", folder.files)
    assert not ISite.providedBy(folder.obj)


def test_precondition_and_access_rule(edited, site):
    assert edited(samples.conditional_file)("precondition", "").precondition == ""
    folder = edited(samples.access_rule)
    assert folder.text("access-rule") == "method = rule\n"
    obj = folder("access-rule", "method = other\n")
    hooks = list(obj.__before_traverse__.values())
    assert [hook.name for hook in hooks] == ["other"]


def test_secrets_are_told_when_the_site_says_so(edited, site, other):
    users, mail = edited(samples.user_folder), edited(samples.mail_host)
    mail.obj.smtp_pwd = "hush"
    registry = getGlobalSiteManager()
    policy = RecordAll()
    assert verifyObject(ISecretsPolicy, policy)
    registry.registerUtility(policy, ISecretsPolicy)
    try:
        files = site.checkout("/folder")
        assert b"password: {SSHA}" in files["folder/acl_users"]
        assert b"password = hush\n" in files["folder/mail"]
        other.checkin(files, "folder")
    finally:
        registry.unregisterUtility(policy, ISecretsPolicy)
    there = other.app.folder
    assert there.mail.smtp_pwd == "hush"
    assert there.acl_users.authenticate("ann", "secret", None)
    assert users.obj.getUserNames() == there.acl_users.getUserNames()


def test_a_user_who_listens_hears_of_changes(edited):
    folder = edited(samples.plain_folder)
    seen = []

    def note(obj, event):
        seen.append(
            (
                obj.getId(),
                [
                    name
                    for d in event.descriptions
                    for name in getattr(d, "attributes", ())
                ],
            )
        )

    registry = getGlobalSiteManager()
    registry.registerHandler(note, (IItem, IObjectModifiedEvent))
    try:
        text = folder.text("properties")
        folder("properties", text.replace("Über uns", "About"))
    finally:
        registry.unregisterHandler(note, (IItem, IObjectModifiedEvent))
    assert seen == [("sub", ["properties"])]
