"""Scales of images and locks are no content, and a change of them is none."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow

LAST = "print(app._p_jar.db().lastTransaction().hex())"

CHANGES = """
from zope.app.fssync.hosts.plone.host import PloneTracer
from zope.app.fssync.server.changes.history import History
folder = site[{name!r}]
tid = bytes.fromhex({tid!r})
found = PloneTracer.changes(folder, History(folder._p_jar), tid, False)
print(*sorted(found.items))
"""

#: Makes a scale, as a page with the image does.
SCALE = """
view = site[{name!r}][{item!r}].restrictedTraverse("@@images")
print(view.scale("image", width=7, height=5) is not None)
"""

LOCK = """
from plone.locking.interfaces import ILockable
lock = ILockable(site[{name!r}][{item!r}])
lock.lock()
print(lock.locked())
"""

UNLOCK = """
from plone.locking.interfaces import ILockable
lock = ILockable(site[{name!r}][{item!r}])
lock.clear_locks()
print(not lock.locked())
"""

ANNOTATE = """
from persistent.mapping import PersistentMapping
from zope.annotation.interfaces import IAnnotations
IAnnotations(site[{name!r}][{item!r}])["an.addon"] = PersistentMapping()
print(True)
"""

TITLE = "site[{name!r}][{item!r}].title = 'Changed'; print(True)"


def last(plone):
    return plone.run(LAST).strip()


def log(editor):
    said = json.loads(editor.zsync("log", "--json", editor.name))
    return [[change["path"] for change in each["changes"]] for each in said["items"]]


@pytest.mark.parametrize(
    ("scripts", "item"),
    [
        ([SCALE], "pic.png"),
        ([SCALE, LOCK], "news"),
        ([LOCK, UNLOCK, LOCK], "page"),
    ],
)
def test_scales_and_locks_are_no_change(plone, editor, scripts, item):
    for script in scripts:
        before, logged = last(plone), log(editor)
        assert plone.run(script.format(name=editor.name, item=item)) == "True\n"
        assert last(plone) != before
        assert plone.run(CHANGES.format(name=editor.name, tid=before)).split() == []
        assert log(editor) == logged


@pytest.mark.parametrize("script", [ANNOTATE, TITLE])
def test_others_are_changes(plone, editor, script):
    before, logged = last(plone), log(editor)
    for each in (SCALE, script):
        plone.run(each.format(name=editor.name, item="pic.png"))
    found = plone.run(CHANGES.format(name=editor.name, tid=before))
    assert found.split() == ["pic.png"]
    assert log(editor) == [["pic.png"], *logged]


@pytest.mark.oldest
def test_a_scale_of_a_changed_object_is_part_of_its_change(plone, editor):
    before = last(plone)
    plone.run(
        "".join(
            each.format(name=editor.name, item="pic.png") + "\n"
            for each in (SCALE, TITLE)
        )
    )
    found = plone.run(CHANGES.format(name=editor.name, tid=before))
    assert found.split() == ["pic.png"]
