"""The titles of permissions are those that Zope knows."""

import pytest
from AccessControl.Permission import getPermissions

from zope.app.fssync.hosts.ofs.content import permissions


@pytest.mark.parametrize("name", permissions.__all__)
def test_each_is_a_permission_of_zope(types, name):
    assert getattr(permissions, name) in {each[0] for each in getPermissions()}
