"""Every type goes out, into another site, and out again: nothing is lost."""

import pytest
from Acquisition import aq_base
from Shared.DC.Scripts.Bindings import NameAssignments

from zope.app.fssync.hosts.ofs.content.attributes import AUTOMATIC
from zope.app.fssync.hosts.ofs.content.tests import samples

#: Attributes that Zope computes, or renews with each change.
COMPUTED = AUTOMATIC | {
    "_arg",
    "_code",
    "_count",
    "_filepath",
    "_mt_index",
    "_owner",
    "_tree",
    "__ac_local_roles__",
    "data",
    "globals",
    "template",
    "__code__",
    "_AcceleratedHTTPCacheManager__cacheid",
    "_RAMCacheManager__cacheid",
}


def same(one, two):
    """Have two objects the same attributes, but for what Zope computes?"""
    one, two = aq_base(one), aq_base(two)
    for name in (vars(one).keys() | vars(two).keys()) - COMPUTED:
        if name.startswith(("_v_", "_p_")) or hasattr(getattr(one, name), "aq_base"):
            continue
        left, right = (getattr(each, name) for each in (one, two))
        if isinstance(left, NameAssignments):
            left, right = vars(left), vars(right)
        assert plain(left) == plain(right), name


def plain(value):
    return list(value) if isinstance(value, list | tuple) else value


each_type = pytest.mark.parametrize(
    "sample", samples.TYPES, ids=lambda sample: sample.__name__
)


@each_type
def test_a_type_is_the_same_in_another_site(sample, site, other):
    obj = site.make(sample)
    files = site.checkout("/folder")
    other.checkin(files, "folder")
    assert other.checkout("/folder") == files
    there = other.app.folder._getOb(obj.getId())
    assert type(aq_base(there)) is type(aq_base(obj))
    same(there, obj)
    assert there.getOwnerTuple() == obj.getOwnerTuple()


@each_type
def test_a_commit_without_changes_writes_nothing(sample, site):
    obj = site.make(sample)
    before = obj._p_jar.db().lastTransaction()
    site.commit("/folder", site.checkout("/folder"))
    assert obj._p_jar.db().lastTransaction() == before


@each_type
def test_a_type_needs_no_pickle(sample, site):
    site.make(sample)
    files = site.checkout("/folder")
    assert {path: body for path, body in files.items() if b"<pickle>" in body} == {}
