"""Exchanges of parts, and commits, after which the server went back in time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from zope.app.file.file import File
from zope.principalregistry.principalregistry import principalRegistry
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site

Make = Callable[..., Person]


def test_a_part_that_was_updated_goes_back_with_the_database(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["two.txt"].data = b"later\n"
        docs["new"] = File(b"new\n", "text/plain")
        del docs["deep"]
    copy("update", "docs")
    site.restore("backup")
    copy.update()
    assert copy.read("docs/deep/one.txt") == b"one\n"


def test_a_commit_that_the_database_lost_is_not_thought_to_be_there(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    site.restore("backup")
    copy.update()
    assert copy.read("docs/two.txt") == b"1\n2\n3\n4\n5\n6\n7\n"


def test_an_update_that_ended_in_conflict_goes_back_with_the_database(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["two.txt"].data = b"later\n"
        docs["deep"]["one.txt"].data = b"later\n"
    copy.write("docs/two.txt", b"mine\n")
    copy("update")
    assert copy.conflicts
    site.restore("backup")
    copy("revert")
    copy.update()
    assert copy.read("docs/deep/one.txt") == b"one\n"


def test_what_was_exchanged_since_is_no_reason_to_send_everything(
    person: Make, site: Site, wire: Wire
) -> None:
    copy = person()
    copy.write("docs/two.txt", b"mine\n")
    copy("commit", "docs")
    copy.write("docs/deep/one.txt", b"mine\n")
    copy("commit", "docs/deep")
    copy("update", "docs/deep")
    copy("update", "docs/two.txt")
    with site.changing() as root:
        root["area"]["demo"]["large.bin"].data = b"new\n"
    wire.said.clear()
    assert copy.update() == ["U demo/large.bin"]
    assert wire.said[0].scope is not None


@pytest.fixture
def staff() -> Iterator[list[str]]:
    groups = principalRegistry.getPrincipal("zope.weak").groups
    assert "zope.Staff" in groups
    yield groups
    if "zope.Staff" not in groups:
        groups.append("zope.Staff")


def test_a_part_that_was_updated_with_other_rights_is_shown_as_it_is(
    person: Make, site: Site, staff: list[str]
) -> None:
    with site.changing() as root:
        deep = removeAllProxies(root["area"]["demo"]["docs"]["deep"])
        rights = IPrincipalPermissionManager(deep)
        rights.denyPermissionToPrincipal("zope.View", "zope.Staff")
    staff.remove("zope.Staff")
    copy = person("weak")
    staff.append("zope.Staff")
    copy("update", "docs")
    staff.remove("zope.Staff")
    copy.update()
