"""Whatever an object holds, it holds in another site too."""

from contextlib import ExitStack

import pytest
import transaction
from Acquisition import aq_base
from DateTime import DateTime
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from OFS.Folder import Folder

from zope.app.fssync.hosts.ofs.content.properties import _held
from zope.app.fssync.hosts.ofs.content.properties import _item
from zope.app.fssync.hosts.ofs.content.properties import _value
from zope.app.fssync.hosts.ofs.content.security import local_roles
from zope.app.fssync.hosts.ofs.content.tests.site import Site

names = st.text(min_size=1, max_size=10)
ids = names.filter(lambda name: "/" not in name)
types = st.sampled_from(
    ["boolean", "date", "float", "int", "lines", "long", "string", "text", "tokens"]
)
dates = st.builds(
    DateTime, st.floats(0, 4e9), st.sampled_from(["UTC", "GMT+1", "US/Eastern"])
)
held = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text()).map(tuple),
    st.binary(),
    dates,
)
roles = st.lists(names, min_size=1, max_size=3, unique=True).map(sorted)


@given(types, held | st.just(1 << 20000))
def test_a_value_is_told_or_pickled(type_, value):
    kind = _held(type_, value)
    if kind == "pickled":
        return
    item = _item("x", kind or type_, value)
    if item is None:
        assert value is None
        return
    back = _value(item, kind or type_)
    assert type(back) is type(value)
    assert back == value
    assert _item("x", kind or type_, back) == item


def stored(value):
    return value.__getstate__() if isinstance(value, DateTime) else repr(value)


@pytest.fixture(scope="module")
def sites(types):
    with ExitStack() as stack:
        yield Site(stack), Site(stack)


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.dictionaries(
        st.from_regex("[b-z]{1,8}x", fullmatch=True), st.tuples(types, held)
    ),
    st.dictionaries(names, roles),
    st.none() | st.tuples(st.lists(ids, min_size=1), names),
    st.lists(names, unique=True).map(sorted),
    st.dictionaries(
        st.sampled_from(["View", "Delete objects", "Add Folders"]),
        st.tuples(st.booleans(), st.lists(names, unique=True).map(sorted)),
    ),
)
def test_security_and_properties_travel(sites, properties, local, owner, own, grants):
    site, other = sites

    def make(folder):
        folder._setObject("sub", Folder("sub"))
        sub = folder.sub
        for name, (type_, value) in properties.items():
            sub._setProperty(name, value, type_)
        sub.__ac_local_roles__ = local
        if owner is not None:
            sub._owner = owner
        granted = (each for _, each in grants.values())
        for role in sorted({*own}.union(*local.values(), *granted)):
            if role not in sub.__ac_roles__:
                sub._addRole(role)
        for permission, (acquire, given_) in grants.items():
            sub.manage_permission(permission, given_, acquire)
        return "sub"

    try:
        here = site.make(make)
        files = site.checkout("/folder")
        other.checkin(files, "folder")
        there = other.app.folder.sub
        assert other.checkout("/folder") == files
        assert sorted(there.propertyIds()) == sorted(here.propertyIds())
        for name in properties:
            assert stored(there.getProperty(name)) == stored(here.getProperty(name))
        if local != {here.getOwnerTuple()[1]: ["Owner"]}:
            assert local_roles(there) == local_roles(here)
        assert there.getOwnerTuple() == here.getOwnerTuple()
        assert there.__ac_roles__ == here.__ac_roles__
        for name in ("_View_Permission", "_Add_Folders_Permission"):
            assert getattr(aq_base(there), name, None) == getattr(
                aq_base(here), name, None
            )
    finally:
        transaction.abort()
        for each in sites:
            if "folder" in each.app.objectIds():
                each.app._delObject("folder")
        transaction.commit()
