"""Exchanges of parts, and commits, after which the server went back in time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from zope.app.file.file import File
from zope.principalregistry.principalregistry import principalRegistry
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.file.adapter import FileSynchronizer
from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.errors import OutOfDate

pytestmark = pytest.mark.slow

Make = Callable[..., Person]


#: What an update warns of.
BACK = "the database of the server went back"


def went_back(copy: Person) -> bool:
    """Was it said, since it was asked last, that the server went back?"""
    said = any(BACK in warning for warning in copy.warnings)
    copy.warnings.clear()
    return said


def settle(copy: Person) -> None:
    """Follow the advice: what is here is brought back."""
    copy("resolve")
    copy("commit")
    assert not copy.conflicts
    assert copy("update") == []
    assert copy.differences() == {}
    assert not went_back(copy)


def give_in(copy: Person) -> None:
    """Follow the other advice: what the server has is taken."""
    copy("revert")
    for added in ("docs/new", "docs/work.txt"):
        (copy.top / added).unlink(missing_ok=True)
    copy.update()
    assert not went_back(copy)


def test_files_that_the_server_has_lost_are_neither_deleted_nor_overwritten(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["two.txt"].data = b"newer\n"
        docs["work.txt"] = File(b"work\n", "text/plain")
        docs["folder"] = Folder()
        docs["folder"]["inner.txt"] = File(b"inner\n", "text/plain")
        docs["empty"] = Folder()
        del docs["deep"]
    copy.update()
    site.restore("backup")
    lines = copy("update")
    assert went_back(copy)
    for path in ("two.txt", "work.txt", "folder/inner.txt"):
        assert f"C demo/docs/{path}" in lines
    assert "A demo/docs/folder/" in lines
    assert "A demo/docs/empty/" in lines
    assert not [line for line in lines if line.startswith("D")]
    # What was removed by what is lost is there again.
    assert "U demo/docs/deep/one.txt" in lines
    assert copy.read("docs/two.txt") == b"newer\n"
    assert copy.read("docs/work.txt") == b"work\n"
    assert copy.read("docs/folder/inner.txt") == b"inner\n"
    with pytest.raises(OutOfDate):
        copy("commit")
    settle(copy)
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        assert docs["two.txt"].data == b"newer\n"
        assert docs["work.txt"].data == b"work\n"
        assert docs["folder"]["inner.txt"].data == b"inner\n"
        assert "empty" in docs


def test_the_state_of_the_server_can_be_taken(person: Make, site: Site) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"newer\n"
    copy.update()
    site.restore("backup")
    copy("update")
    assert went_back(copy)
    give_in(copy)
    assert copy.read("docs/two.txt") == b"1\n2\n3\n4\n5\n6\n7\n"


def test_others_who_changed_it_since_the_backup_lose_nothing_either(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"newer\n"
    copy.update()
    site.restore("backup")
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"others\n"
        root["area"]["demo"]["large.bin"].data = b"others\n"
    lines = copy("update")
    assert went_back(copy)
    assert "C demo/docs/two.txt" in lines
    assert copy.read("docs/two.txt") == b"newer\n"
    give_in(copy)
    assert copy.read("docs/two.txt") == b"others\n"


def test_a_lost_file_of_which_the_original_is_left_comes_back(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["two.txt"].data = b"newer\n"
        docs["work.txt"] = File(b"work\n", "text/plain")
    copy.update()
    (copy.top / "docs" / "two.txt").unlink()
    (copy.top / "docs" / "work.txt").unlink()
    site.restore("backup")
    copy("update")
    assert copy.read("docs/two.txt") == b"newer\n"
    assert copy.read("docs/work.txt") == b"work\n"


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
    copy("update")
    assert went_back(copy)
    assert copy.read("docs/deep/one.txt") == b"one\n"
    assert copy.read("docs/two.txt") == b"later\n"
    assert copy.read("docs/new") == b"new\n"
    give_in(copy)


def test_an_update_of_a_part_leaves_the_rest_to_the_next_one(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        docs["two.txt"].data = b"later\n"
        docs["deep"]["one.txt"].data = b"later\n"
    copy.update()
    site.restore("backup")
    copy("update", "docs/deep")
    assert went_back(copy)
    copy("update")
    assert went_back(copy)
    assert copy.read("docs/two.txt") == copy.read("docs/deep/one.txt") == b"later\n"
    settle(copy)


def test_a_commit_that_the_database_lost_is_not_thought_to_be_there(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    site.restore("backup")
    lines = copy("update")
    assert went_back(copy)
    assert "C demo/docs/two.txt" in lines
    assert copy.read("docs/two.txt") == b"mine\n"
    settle(copy)


@pytest.mark.parametrize("others", [False, True])
def test_another_commit_does_not_hide_that_one_is_lost(
    person: Make, site: Site, others: bool
) -> None:
    """The id of the last commit would be all that the server is told."""
    copy = person()
    site.database.back_up("backup")
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    site.restore("backup")
    if others:
        with site.changing() as root:
            root["area"]["demo"]["large.bin"].data = b"others\n"
    copy.write("docs/deep/one.txt", b"mine\n")
    for target in ("docs/deep/one.txt", ""):
        with pytest.raises(OutOfDate, match="went back") as refused:
            copy("commit", target)
        assert "zsync update" in str(refused.value)
    copy("update")
    assert went_back(copy)
    assert copy.read("docs/two.txt") == b"mine\n"
    settle(copy)
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        assert docs["two.txt"].data == docs["deep"]["one.txt"].data == b"mine\n"


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
    copy("update")
    assert went_back(copy)
    assert copy.read("docs/deep/one.txt") == b"later\n"
    give_in(copy)


def test_update_after_a_restore_keeps_a_file_that_is_in_the_way(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    site.restore("backup")
    with site.changing() as root:
        root["area"]["demo"]["docs"]["late.txt"] = File(b"late\n", "text/plain")
    copy.write("docs/late.txt", b"not registered\n")
    assert "C demo/docs/late.txt" in copy("update")
    assert went_back(copy)
    assert copy.read("docs/late.txt") == b"not registered\n"
    copy("revert", "docs/late.txt")
    settle(copy)
    assert copy.read("docs/late.txt") == b"late\n"
    assert copy.read("docs/two.txt") == b"mine\n"


def test_objects_of_another_kind_after_a_restore_come_with_a_second_update(
    person: Make, site: Site
) -> None:
    copy = person()
    site.database.back_up("backup")
    with site.changing() as root:
        docs = root["area"]["demo"]["docs"]
        deep, two = docs["deep"], docs["two.txt"]
        del docs["deep"], docs["two.txt"]
        docs["deep"], docs["two.txt"] = two, deep
    copy.update()
    site.restore("backup")
    lines = copy("update")
    assert went_back(copy)
    assert {"C demo/docs/deep", "C demo/docs/two.txt"} <= {*lines}
    copy("revert")
    copy.update()
    assert not copy.conflicts
    copy.warnings.clear()
    assert copy.update() == []
    assert not went_back(copy)
    for kept in ("deep.mine", "two.txt.mine"):
        assert (copy.top / "docs" / kept).exists()


@pytest.mark.parametrize("verb", ["update", "checkout"])
def test_a_user_who_is_served_without_states_is_told_as_well(
    person: Make, site: Site, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(FileSynchronizer, "self_contained", False)
    copy = person()
    site.database.back_up("backup")
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    assert not went_back(copy)
    site.restore("backup")
    copy.write("docs/deep/one.txt", b"mine\n")
    with pytest.raises(OutOfDate, match="went back"):
        copy("commit")
    if verb == "update":
        copy("update")
    else:
        copy.check_out_once_more()
    assert went_back(copy)
    assert copy.read("docs/two.txt") == b"mine\n"
    settle(copy)


def test_packed_away_objects_are_not_taken_for_lost(person: Make, site: Site) -> None:
    copy = person()
    copy.write("docs/two.txt", b"mine\n")
    copy("commit")
    for text in (b"theirs\n", b"later\n"):
        with site.changing() as root:
            root["area"]["demo"]["docs"]["two.txt"].data = text
            root["area"]["demo"]["docs"]["deep"]["one.txt"].data = text
    site.db.pack()
    with site.changing() as root:
        root["area"]["demo"]["docs"]["two.txt"].data = b"last\n"
    copy.update()
    assert not went_back(copy)
    assert copy.read("docs/two.txt") == b"last\n"


def test_exchanges_of_parts_let_updates_stay_small(
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
