"""What somebody edits in the browser is theirs until they are done."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

LOCK = """
from AccessControl.SecurityManagement import newSecurityManager
from plone.locking.interfaces import ILockable
user = site.acl_users.getUserById("editor")
newSecurityManager(None, user.__of__(site.acl_users))
ILockable(site[{name!r}].page).lock()
"""


@pytest.mark.parametrize("what", ["page", "fields"])
def test_a_locked_object_is_left_alone(editor, plone, what):
    plone.run(LOCK.format(name=editor.name))
    path = editor.path("page") if what == "page" else editor.part("page", "fields")
    path.write_text(path.read_text().replace("p", "p ", 1))

    assert "editor has locked the object" in editor.commit(status=6)
