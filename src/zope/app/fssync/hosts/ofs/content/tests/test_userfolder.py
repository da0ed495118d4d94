"""User folders are files that list users, without their passwords."""

import pytest

from zope.app.fssync.hosts.ofs.content.tests import samples
from zope.fssync.errors import SynchronizationError


def test_users_keep_their_passwords(edited):
    folder = edited(samples.user_folder)
    before = folder.obj.getUser("ann")._getPassword()
    text = folder.files["folder/acl_users"].decode()
    assert "{SSHA}" not in text
    assert "password:" not in text
    assert text.endswith(
        "Jörg (user)\n    role: Editor\n    role: Manager\n"
        "    domain: *.test\nann (user)\n"
    )
    obj = folder.body(text + "    role: Editor\nbob (user)\n    role: Editor\n")
    assert obj.getUser("ann")._getPassword() == before
    assert obj.getUser("ann").roles == ["Editor"]
    assert obj.getUser("bob").roles == ["Editor"]
    assert not obj.authenticate("bob", "", None)
    obj = folder.body("ann (user)\n    password: sesame\n")
    assert obj.getUserNames() == ["ann"]
    assert obj.authenticate("ann", "sesame", None)
    with pytest.raises(SynchronizationError, match="is no role, domain or password"):
        folder.body("ann (user)\n    shoe size: 40\n")
