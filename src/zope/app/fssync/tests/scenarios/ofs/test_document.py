"""zope6.txt tells what is so: its permissions exist, a site needs nothing else.

Its commands are run in `zope.app.fssync.tests.scenarios.walks`.
"""

from __future__ import annotations

import re
from pathlib import Path

import AccessControl.Permission
import pytest

import zope.app.fssync
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.ofs.site import configured

pytestmark = pytest.mark.slow

DOCUMENT = Path(zope.app.fssync.__path__[0], "zope6.txt").read_text("utf-8")

#: What the test environment has, and a site of Zope has not.
FOREIGN = frozenset(
    (
        *("grok", "zope.app.file", "zope.app.folder", "zope.app.publication"),
        *("zope.dublincore", "zope.file", "zope.principalregistry"),
        *("zope.securitypolicy", "zope.site.folder"),
    )
)


def test_a_site_needs_nothing_but_zope(tmp_path):
    instance = ZopeInstance(tmp_path / "instance")
    loaded = instance.script("print(*sys.modules, sep='\\n')").splitlines()
    assert "zope.app.fssync.hosts.ofs.host" in loaded
    assert FOREIGN.intersection(loaded) == set()


def test_the_permissions_exist():
    table = DOCUMENT.partition("a user needs\n")[2].partition("\nManagers")[0]
    with configured():
        known = {each[0] for each in AccessControl.Permission.getPermissions()}
    named = [
        re.split(r"[,;]", line[32:])[0].strip()
        for line in table.splitlines()
        if line[:1].isalpha()
    ]
    described = {"what its tab in the management interface asks for"}
    described.add("the permission of its type")
    assert {*named} - described <= known
    assert len(named) > 8
