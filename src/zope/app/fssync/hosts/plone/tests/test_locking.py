"""What somebody edits in the browser is theirs until they are done."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

LOCK = """
from AccessControl.SecurityManagement import newSecurityManager
from plone.locking.interfaces import ILockable
users = {users}
newSecurityManager(None, users.getUserById({user!r}).__of__(users))
ILockable(site[{name!r}].page).lock()
"""


@pytest.mark.parametrize("what", ["page", "fields"])
def test_a_locked_object_is_left_alone(editor, plone, what):
    lock = LOCK.format(name=editor.name, users="site.acl_users", user="editor")
    plone.run(lock)
    path = editor.path("page") if what == "page" else editor.part("page", "fields")
    path.write_text(path.read_text().replace("p", "p ", 1))

    assert "editor has locked the object" in editor.commit(status=6)


LOCKS = """
from plone.locking.interfaces import ILockable
folder = site[{name!r}]
for name in ("page", "news"):
    print([each["creator"] for each in ILockable(folder[name]).lock_info()])
"""


def test_the_lock_of_ones_own_form_stays_and_a_commit_sets_none(editor, plone):
    """The form is still open: others may not edit until it is saved or left."""
    plone.run(LOCK.format(name=editor.name, users="app.acl_users", user="zsync"))
    editor.path("page").write_text("<p>Bye</p>\n")
    editor.path("news").write_text("<p>Old</p>\n")

    editor.commit()

    assert plone.run(LOCKS.format(name=editor.name)) == "['zsync']\n[]\n"


COPY = """
from AccessControl.SecurityManagement import newSecurityManager
from plone.app.iterate.interfaces import ICheckinCheckoutPolicy
user = app.acl_users.getUserById("zsync")
newSecurityManager(None, user.__of__(app.acl_users))
folder = site[{name!r}]
ICheckinCheckoutPolicy(folder.page).checkout(folder)
"""

BACK = """
from AccessControl.SecurityManagement import newSecurityManager
from plone.app.iterate.interfaces import ICheckinCheckoutPolicy
user = app.acl_users.getUserById("zsync")
newSecurityManager(None, user.__of__(app.acl_users))
folder = site[{name!r}]
ICheckinCheckoutPolicy(folder.copy_of_page).checkin("back")
print(folder.page.text.raw.strip())
"""


@pytest.mark.oldest
def test_an_object_with_a_working_copy_is_left_alone_and_that_is_edited(editor, plone):
    site = "site.portal_setup.runAllImportStepsFromProfile"
    plone.run(f"{site}('profile-plone.app.iterate:default')")
    plone.run(COPY.format(name=editor.name))
    editor.zsync("update", editor.name)
    editor.edit(editor.path("page"), "Hello", "Changed")

    said = editor.commit(status=6)

    assert "zsync has made a working copy of the object" in said
    editor.zsync("revert", f"{editor.name}/page")
    editor.edit(editor.path("copy_of_page"), "Hello", "Bye")
    editor.commit()
    live = editor.url.replace("/Plone/", "/Live/")
    editor.zsync("checkin", live, editor.name)
    assert plone.run(BACK.format(name=editor.name)) == "<p>Bye</p>\n"
    editor.zsync("update", editor.name)
    assert editor.read("page") == "<p>Bye</p>\n"
