"""A property is neither an attribute nor a method nor a part of its object."""

import pytest
import transaction
from Acquisition import aq_base

from zope.app.fssync.hosts.ofs.content.aspect import state
from zope.app.fssync.hosts.ofs.content.properties import Properties
from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.app.fssync.testing.ofs.site import calling
from zope.fssync.errors import SynchronizationError
from zope.fssync.itemtext import Item
from zope.fssync.synchronizer import getSynchronizer
from zope.fssync.task.commit import CommitFailed


@pytest.fixture
def manages_properties(site):
    """Make a sample; who asks then may manage properties, and no more."""

    def make(sample):
        obj = site.make(sample)
        folder = site.app.folder
        for title in (
            "View management screens",
            "Access contents information",
            "View",
            "Manage properties",
        ):
            folder.manage_permission(title, ["Manager", "Editor"], acquire=1)
        folder.manage_setLocalRoles("reader", ["Editor"])
        transaction.commit()
        site.user = "reader"
        return obj

    return make


def path_of(obj):
    return f"folder/@@Zope/Extra/{obj.getId()}/properties"


def commit(site, obj, text):
    files = site.checkout("/folder")
    files.edit(path_of(obj), text.encode())
    site.commit("/folder", files)
    return site.checkout("/folder")[path_of(obj)].decode()


def refuse(site, obj, text, reason="cannot be the id of a property"):
    with pytest.raises(CommitFailed, match=reason):
        commit(site, obj, text)
    transaction.abort()


def told(site, obj):
    return site.checkout("/folder")[path_of(obj)].decode()


BODIES = [
    (samples.text_file, "data"),
    (samples.text_file, "size"),
    (samples.text_file, "precondition"),
    (samples.dtml_document, "raw"),
    (samples.dtml_document, "globals"),
    (samples.dtml_document, "encoding"),
    (samples.page_template, "_text"),
    (samples.page_template, "id"),
    (samples.plain_folder, "manage_main"),
    (samples.plain_folder, "a.txt"),
    (samples.plain_folder, "_objects"),
]


@pytest.mark.parametrize(("sample", "name"), BODIES)
@pytest.mark.parametrize(
    "kind",
    ["string, holds pickled", "text, holds nothing", "string, mode wd", "lines"],
)
def test_no_part_of_an_object_becomes_a_property(
    site, manages_properties, sample, name, kind
):
    obj = manages_properties(sample)
    before = dict(state(obj))
    text = told(site, obj)
    value = " = x" if kind == "string, mode wd" else ""
    refuse(site, obj, f"{text}{name} ({kind}){value}\n")
    assert dict(state(obj)) == before


@pytest.mark.parametrize(("sample", "name"), BODIES[:5])
def test_a_property_declared_with_a_reserved_id_is_not_changed(
    site, manages_properties, sample, name
):
    """A release before this one, or Zope itself, may have let it in."""
    obj = manages_properties(sample)
    obj._properties = (*obj._properties, {"id": name, "type": "string"})
    transaction.commit()
    value = state(obj).get(name)
    lines = told(site, obj).splitlines(True)
    others = "".join(x for x in lines if not x.startswith((name, " ")))
    assert commit(site, obj, "".join(lines)) == "".join(lines)
    refuse(site, obj, f"{others}{name} (string) = x\n", "cannot be changed")
    refuse(site, obj, f"{others}{name} (text)\n    x\n")
    assert state(obj).get(name) == value
    assert name not in commit(site, obj, others)
    assert state(obj).get(name) == value


def test_a_document_with_proxy_roles_is_not_rewritten(site, manages_properties):
    """Committed once and taken out or changed then, it has replaced the source."""
    obj = manages_properties(samples.dtml_document)
    source = obj.raw
    text = told(site, obj)
    refuse(site, obj, text + "raw (text, holds pickled)\n")
    refuse(site, obj, text + 'raw (text)\n    <dtml-var "acl_users">\n')
    assert (obj.raw, obj._proxy_roles) == (source, ("Manager",))


def test_pickled_is_what_the_server_says(site, manages_properties):
    obj = manages_properties(samples.plain_folder)
    text = told(site, obj)
    changed = text.replace("title (string) = Über uns", "title (string, holds pickled)")
    refuse(site, obj, changed, "is not pickled")
    assert obj.title == "Über uns"


def test_other_attributes_become_properties_by_who_may_set_them(
    site, manages_properties
):
    obj = manages_properties(samples.plain_folder)
    obj.links = {"a": 1}
    transaction.commit()
    text = told(site, obj) + "links (string, holds pickled)\n"
    refuse(site, obj, text, "Import/Export objects")
    assert obj.links == {"a": 1}
    site.user = "manager"
    assert "links (string, holds pickled)\n" in commit(site, obj, text)
    assert obj.links == {"a": 1}
    assert obj.hasProperty("links")
    commit(site, obj, text.replace("links (string, holds pickled)\n", ""))
    assert not hasattr(aq_base(obj), "links")


def test_removing_one_restores_nothing(site, manages_properties):
    obj = manages_properties(samples.plain_folder)
    aq_base(obj).manage_main = "hidden"
    obj._properties = (*obj._properties, {"id": "manage_main", "type": "string"})
    transaction.commit()
    text = told(site, obj).replace("manage_main (string) = hidden\n", "")
    assert "manage_main" not in commit(site, obj, text)
    assert obj.manage_main == "hidden"


def test_a_method_is_not_replaced_by_an_attribute(site):
    obj = site.make(samples.dtml_document)
    obj.color = "red"
    transaction.commit()
    path = f"folder/@@Zope/Extra/{obj.getId()}/attributes"
    files = site.checkout("/folder")
    files.edit(path, files[path].replace(b'"color"', b'"_validateProxy"'))
    with pytest.raises(CommitFailed, match="cannot be set as an attribute"):
        site.commit("/folder", files)
    assert "_validateProxy" not in state(obj)


@pytest.mark.parametrize("sample", samples.TYPES, ids=lambda sample: sample.__name__)
def test_attributes_that_a_type_describes_cannot_be_properties(site, sample):
    """All attributes of all types: those that a file tells, and those of the class."""
    obj = site.make(sample)
    if Properties not in getSynchronizer(obj).aspects:
        return
    properties = Properties(obj)
    known = list(properties.items())
    names = {*state(obj), *dir(type(aq_base(obj)))} - {item.key for item in known}
    before = dict(state(obj))
    with calling(site.app, "manager"):
        for name in sorted(names):
            for kind in ("string, holds pickled", "string, holds nothing"):
                with pytest.raises(SynchronizationError, match="cannot be the id of"):
                    properties.replace([*known, Item(name, kind=kind)])
    assert dict(state(obj)) == before
