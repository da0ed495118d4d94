"""What was moved in a working copy is the same object on the server afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zope.app.file.file import File
from zope.copypastemove.interfaces import IContainerItemRenamer
from zope.dublincore.interfaces import IZopeDublinCore
from zope.securitypolicy.interfaces import IPrincipalPermissionManager

from zope.app.fssync.tests.scenarios.changesonly.people import Person
from zope.app.fssync.tests.scenarios.changesonly.people import Wire
from zope.app.fssync.tests.scenarios.changesonly.site import Site
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerUnreachable

pytestmark = pytest.mark.slow


def oid(site: Site, path: str) -> bytes:
    with site.changing() as root:
        return bytes(at(root, path)._p_oid)


def at(root: Any, path: str) -> Any:
    obj = root["area"]["demo"]
    for name in path.split("/"):
        obj = obj[name]
    return obj


def has(site: Site, path: str) -> bool:
    with site.changing() as root:
        try:
            at(root, path)
        except KeyError:
            return False
        return True


def move(copy: Person, old: str, new: str, after: bool = False) -> list[str]:
    with copy._client(lines=[]) as client:
        lines: list[str] = []
        client._report = lines.append
        client.move([str(copy.top / old)], str(copy.top / new), after)
    return [line.replace(f"{copy.root}/", "") for line in lines]


def pending(copy: Person) -> list[str]:
    return [line for line in copy("status") if line[0] not in "=/"]


@pytest.fixture
def copy(person: Callable[..., Person]) -> Person:
    return person()


def test_a_renamed_file_is_the_same_object(copy: Person, site: Site) -> None:
    before = oid(site, "docs/two.txt")
    assert move(copy, "docs/two.txt", "docs/second.txt") == [
        "R demo/docs/second.txt (from demo/docs/two.txt)"
    ]
    assert pending(copy) == ["R demo/docs/second.txt (from demo/docs/two.txt)"]
    copy("commit")
    assert oid(site, "docs/second.txt") == before
    assert not has(site, "docs/two.txt")
    with site.changing() as root:
        assert IZopeDublinCore(at(root, "docs/second.txt")).title == "Title 0"
    assert pending(copy) == []
    assert copy.update() == []


def test_a_moved_file_takes_its_edits_with_it(copy: Person, site: Site) -> None:
    before = oid(site, "docs/two.txt")
    copy.write("docs/two.txt", b"edited\n")
    move(copy, "docs/two.txt", "docs/deep")
    copy.write("docs/deep/two.txt", b"edited twice\n")
    assert pending(copy) == [
        "R demo/docs/deep/two.txt (from demo/docs/two.txt)",
        "M demo/docs/deep/two.txt",
    ]
    copy("commit")
    assert oid(site, "docs/deep/two.txt") == before
    with site.changing() as root:
        assert bytes(at(root, "docs/deep/two.txt").data) == b"edited twice\n"
    assert copy.update() == []


def test_a_moved_folder_sends_only_itself(copy: Person, site: Site, wire: Wire) -> None:
    with site.changing() as root:
        grants = IPrincipalPermissionManager(at(root, "docs"))
        grants.grantPermissionToPrincipal("zope.View", "zope.weak")
    copy.update()
    before = [oid(site, path) for path in ("docs", "docs/deep/one.txt")]
    move(copy, "docs", "texts")
    copy.write("texts/two.txt", b"edited\n")
    copy("commit")
    assert [oid(site, path) for path in ("texts", "texts/deep/one.txt")] == before
    with site.changing() as root:
        grants = IPrincipalPermissionManager(at(root, "texts"))
        assert dict(grants.getPermissionsForPrincipal("zope.weak"))["zope.View"]
        assert bytes(at(root, "texts/two.txt").data) == b"edited\n"
    scope = wire.said[-1].scope
    assert scope is not None
    assert not scope.touches("demo/texts/deep")
    assert pending(copy) == []
    assert copy.differences() == {}
    assert copy.update() == []
    copy.write("texts/deep/one.txt", b"later\n")
    copy("commit", "texts/deep")
    with site.changing() as root:
        assert bytes(at(root, "texts/deep/one.txt").data) == b"later\n"


def test_objects_in_a_folder_are_committed_before_its_move(
    copy: Person, site: Site
) -> None:
    move(copy, "docs", "texts")
    copy.write("texts/two.txt", b"edited\n")
    copy("commit", "texts/two.txt")
    with site.changing() as root:
        assert bytes(at(root, "docs/two.txt").data) == b"edited\n"
    assert pending(copy) == ["R demo/texts/ (from demo/docs)"]
    copy("update", "texts/two.txt")
    copy("commit")
    assert has(site, "texts/two.txt")
    assert copy.update() == []


def test_moves_of_moves(copy: Person, site: Site) -> None:
    paths = ("docs", "docs/deep", "docs/deep/one.txt", "docs/two.txt", "large.bin")
    before = [oid(site, path) for path in paths]
    copy("mkdir", "new")
    move(copy, "docs", "new/docs")
    move(copy, "new/docs/deep", "deep")
    move(copy, "new/docs", "deep/inner")
    move(copy, "deep/inner/two.txt", "a.txt")
    move(copy, "a.txt", "new/b.txt")
    move(copy, "large.bin", "deep/inner")
    copy("commit")
    after = ("deep/inner", "deep", "deep/one.txt", "new/b.txt", "deep/inner/large.bin")
    assert [oid(site, path) for path in after] == before
    assert pending(copy) == []
    assert copy.update() == []


def test_a_new_file_is_only_renamed(copy: Person, site: Site) -> None:
    copy.write("new.txt", b"new\n")
    copy("add", "new.txt")
    move(copy, "new.txt", "docs/other.txt")
    assert pending(copy) == ["A demo/docs/other.txt"]
    copy("commit")
    assert has(site, "docs/other.txt")
    assert copy.update() == []


@pytest.mark.parametrize("path", ["docs/two.txt", "docs"])
def test_moving_back_cancels(copy: Person, path: str) -> None:
    copy.write("docs/two.txt", b"edited\n")
    move(copy, path, "moved")
    move(copy, "moved", "secret/again")
    move(copy, "secret/again", path)
    assert pending(copy) == ["M demo/docs/two.txt"]
    copy("commit")
    assert copy.update() == []


@pytest.mark.parametrize("target", ["docs/two.txt", "moved", ""])
def test_a_revert_moves_back(copy: Person, target: str) -> None:
    copy.write("docs/two.txt", b"edited\n")
    move(copy, "docs/two.txt", "moved")
    copy("revert", target)
    assert pending(copy) == []
    assert copy.read("docs/two.txt").startswith(b"1\n")
    assert not (copy.top / "moved").exists()


@pytest.mark.parametrize("target", ["docs", "texts", ""])
def test_a_revert_moves_a_folder_back(copy: Person, target: str) -> None:
    move(copy, "docs", "texts")
    copy.write("texts/two.txt", b"edited\n")
    move(copy, "texts/deep", "deep")
    (copy.top / "texts" / "loose").write_text("mine")
    copy("revert", target)
    if target:
        copy("revert")
    assert pending(copy) == ["? demo/docs/loose"]
    assert copy("update") == []
    assert (copy.top / "docs" / "loose").read_text() == "mine"


def test_a_revert_does_not_replace_what_is_in_the_way(copy: Person) -> None:
    move(copy, "docs/two.txt", "moved")
    copy.write("docs/two.txt", b"in the way")
    with pytest.raises(Error, match="is in the way"):
        copy("revert", "moved")
    assert copy.read("docs/two.txt") == b"in the way"


def test_moved_objects_can_be_removed(copy: Person, site: Site) -> None:
    move(copy, "docs/two.txt", "moved")
    copy("remove", "moved")
    assert pending(copy) == ["R demo/docs/two.txt"]
    move(copy, "docs", "texts")
    with pytest.raises(Error):
        copy("remove", "nosuch")
    copy("commit")
    assert not has(site, "texts/two.txt")
    assert has(site, "texts/deep/one.txt")
    assert copy.update() == []


class TestHalves:
    """A commit takes both places of what was moved, or none."""

    @pytest.mark.parametrize("half", ["docs/two.txt", "secret/two.txt", "docs"])
    def test_one_half_takes_the_other_with_it(
        self, copy: Person, site: Site, half: str
    ) -> None:
        copy.write("docs/deep/one.txt", b"not sent\n")
        before = oid(site, "docs/two.txt")
        move(copy, "docs/two.txt", "secret")
        copy("commit", half)
        assert oid(site, "secret/two.txt") == before
        copy("commit")
        assert copy.update() == []

    def test_a_commit_of_an_item_in_a_moved_folder_moves_the_folder(
        self, copy: Person, site: Site
    ) -> None:
        move(copy, "docs", "texts")
        move(copy, "secret/plan.txt", "texts/plan.txt")
        copy("commit", "texts/plan.txt")
        assert has(site, "texts/plan.txt")
        assert pending(copy) == []
        assert copy.update() == []

    def test_new_folders_in_new_folders(self, copy: Person, site: Site) -> None:
        before = [oid(site, path) for path in ("docs/two.txt", "secret")]
        copy("mkdir", "new")
        copy("mkdir", "new/inner")
        copy("mkdir", "new/inner/most")
        move(copy, "docs/two.txt", "new/inner/two.txt")
        move(copy, "secret", "new/inner/most")
        copy("commit")
        after = ("new/inner/two.txt", "new/inner/most/secret")
        assert [oid(site, path) for path in after] == before
        assert pending(copy) == []
        assert copy.update() == []

    def test_a_new_folder_has_to_go_first(self, copy: Person, site: Site) -> None:
        copy("mkdir", "new")
        move(copy, "docs/two.txt", "new/two.txt")
        with pytest.raises(Error, match="cannot be committed without its folder"):
            copy("commit", "new/two.txt")
        copy("commit", "new")
        assert has(site, "new/two.txt")
        assert copy.update() == []


class TestOthers:
    """What others did meanwhile is merged, or in conflict; nothing is lost."""

    @pytest.mark.parametrize("whole", [True, False])
    def test_an_edit_is_merged_where_it_is_now(
        self, copy: Person, site: Site, whole: bool
    ) -> None:
        before = oid(site, "docs/two.txt")
        copy.write("docs/two.txt", b"1\n2\n3\n4\n5\n6\nmine\n")
        move(copy, "docs/two.txt", "moved.txt")
        with site.changing() as root:
            at(root, "docs/two.txt").data = b"theirs\n2\n3\n4\n5\n6\n7\n"
        with pytest.raises(OutOfDate):
            copy("commit")
        if whole:
            copy.state_file.unlink()
        assert "M demo/moved.txt" in copy("update")
        assert copy.read("moved.txt") == b"theirs\n2\n3\n4\n5\n6\nmine\n"
        assert not (copy.top / "docs/two.txt").exists()
        copy("commit")
        assert oid(site, "moved.txt") == before
        assert copy.update() == []

    @pytest.mark.parametrize("whole", [True, False])
    def test_an_edit_in_a_moved_folder_is_merged(
        self, copy: Person, site: Site, whole: bool
    ) -> None:
        move(copy, "docs", "texts")
        with site.changing() as root:
            at(root, "docs/deep/one.txt").data = b"theirs\n"
            at(root, "docs")["new.txt"] = File(b"new\n", "text/plain")
            IZopeDublinCore(at(root, "docs")).title = "Theirs"
        if whole:
            copy.state_file.unlink()
        copy("update")
        assert copy.read("texts/deep/one.txt") == b"theirs\n"
        assert copy.read("texts/new.txt") == b"new\n"
        assert not (copy.top / "docs").exists()
        assert pending(copy) == ["R demo/texts/ (from demo/docs)"]
        copy("commit")
        assert has(site, "texts/new.txt")
        assert copy.update() == []

    def test_edits_in_a_moved_folder_need_no_update_first(
        self, copy: Person, site: Site
    ) -> None:
        move(copy, "docs", "texts")
        with site.changing() as root:
            at(root, "docs/deep/one.txt").data = b"theirs\n"
        copy("commit")
        with site.changing() as root:
            assert bytes(at(root, "texts/deep/one.txt").data) == b"theirs\n"
        copy.update()
        assert copy.read("texts/deep/one.txt") == b"theirs\n"

    @pytest.mark.parametrize("whole", [True, False])
    @pytest.mark.parametrize("path", ["docs/two.txt", "docs"])
    def test_a_removal_leaves_a_new_object_in_conflict(
        self, copy: Person, site: Site, path: str, whole: bool
    ) -> None:
        move(copy, path, "moved")
        with site.changing() as root:
            del at(root, path).__parent__[path.rpartition("/")[2]]
        with pytest.raises(OutOfDate):
            copy("commit")
        if whole:
            copy.state_file.unlink()
        assert "C demo/moved" in copy("update")
        assert (copy.top / "moved").exists()
        copy("resolve")
        copy("commit")
        assert has(site, "moved")
        assert copy.update() == []

    @pytest.mark.parametrize("whole", [True, False])
    def test_another_move_leaves_both(
        self, copy: Person, site: Site, whole: bool
    ) -> None:
        move(copy, "docs/two.txt", "docs/mine.txt")
        with site.changing() as root:
            IContainerItemRenamer(at(root, "docs")).renameItem("two.txt", "theirs.txt")
        if whole:
            copy.state_file.unlink()
        assert "C demo/docs/mine.txt" in copy("update")
        assert copy.read("docs/mine.txt") == copy.read("docs/theirs.txt")
        copy("resolve")
        copy("commit")
        assert copy.update() == []

    @pytest.mark.parametrize("whole", [True, False])
    def test_the_same_move_by_others_is_no_conflict(
        self, copy: Person, site: Site, whole: bool
    ) -> None:
        move(copy, "docs", "texts")
        with site.changing() as root:
            IContainerItemRenamer(root["area"]["demo"]).renameItem("docs", "texts")
        if whole:
            copy.state_file.unlink()
        copy("update")
        assert pending(copy) == []
        assert copy.update() == []

    @pytest.mark.parametrize("whole", [True, False])
    def test_a_new_object_of_that_name_is_a_conflict(
        self, copy: Person, site: Site, whole: bool
    ) -> None:
        move(copy, "docs/two.txt", "taken")
        with site.changing() as root:
            root["area"]["demo"]["taken"] = File(b"theirs\n", "text/plain")
        with pytest.raises(OutOfDate):
            copy("commit")
        if whole:
            copy.state_file.unlink()
        assert "C demo/taken" in copy("update")
        assert copy.read("taken").startswith(b"1\n")
        copy("resolve")
        with pytest.raises(OutOfDate):
            copy("commit")
        move(copy, "taken", "free")
        copy("update")
        assert copy.read("taken") == b"theirs\n"
        copy("commit")
        assert has(site, "free")
        assert copy.update() == []

    def test_another_working_copy_follows(
        self, copy: Person, person: Callable[..., Person]
    ) -> None:
        other = person()
        other.write("docs/two.txt", b"edited by the other\n")
        move(copy, "docs/deep", "deep")
        copy("commit")
        other("update")
        assert other.read("deep/one.txt") == b"one\n"
        assert pending(other) == ["M demo/docs/two.txt"]


def test_a_lost_answer_is_healed(copy: Person, site: Site) -> None:
    before = oid(site, "docs")
    move(copy, "docs", "texts")
    copy.lossy = True
    with pytest.raises(ServerUnreachable):
        copy("commit")
    copy("update")
    assert pending(copy) == []
    assert oid(site, "texts") == before
    assert copy.update() == []


def test_a_move_is_refused_where_the_caller_may_not(
    person: Callable[..., Person], site: Site
) -> None:
    weak = person("weak")
    move(weak, "docs/two.txt", "two.txt")
    with pytest.raises(AccessDenied):
        weak("commit")
    assert has(site, "docs/two.txt")
    move(weak, "two.txt", "docs/deep/two.txt")
    weak("commit", "docs")
    assert has(site, "docs/deep/two.txt")


def test_a_server_that_wants_everything_moves_too(copy: Person, site: Site) -> None:
    before = oid(site, "docs")
    move(copy, "docs", "texts")
    copy.write("texts/two.txt", b"edited\n")
    copy.state_file.unlink()
    copy("commit")
    if copy.warnings:
        assert "3.6.0" in copy.warnings[0]
    else:
        assert oid(site, "texts") == before
    assert has(site, "texts/deep/one.txt")
    assert copy.update() == []


def test_files_moved_by_hand_are_registered_by_after(copy: Person, site: Site) -> None:
    before = [oid(site, "docs"), oid(site, "large.bin")]
    (copy.top / "docs").rename(copy.top / "texts")
    (copy.top / "large.bin").rename(copy.top / "texts" / "large.bin")
    move(copy, "docs", "texts", after=True)
    move(copy, "large.bin", "texts/large.bin", after=True)
    copy("commit")
    assert [oid(site, "texts"), oid(site, "texts/large.bin")] == before
    assert pending(copy) == []
    assert copy.update() == []


def test_a_layout_of_3_6_0_moves_as_well(copy: Person, site: Site) -> None:
    copy("downgrade")
    before = oid(site, "docs")
    move(copy, "docs", "texts")
    move(copy, "texts/two.txt", "two.txt")
    assert pending(copy) == [
        "R demo/texts/ (from demo/docs)",
        "R demo/two.txt (from demo/texts/two.txt)",
    ]
    copy("commit")
    assert oid(site, "texts") == before
    assert copy.update() == []


def test_objects_in_the_root_are_moved_as_well(
    person: Callable[..., Person], site: Site
) -> None:
    before = oid(site, "docs/two.txt")
    copy = person(path="/")
    move(copy, "area/demo/docs/two.txt", "two.txt")
    move(copy, "area/demo/docs", "texts")
    copy("commit")
    with site.changing() as root:
        assert bytes(root["two.txt"]._p_oid) == before
        assert "docs" not in root["area"]["demo"]
        assert "deep" in root["texts"]
    assert copy.update() == []


def test_doctor_finds_no_damage_in_a_move(copy: Person, site: Site) -> None:
    before = oid(site, "docs")
    move(copy, "docs", "texts")
    move(copy, "large.bin", "texts/second.bin")
    copy.write("texts/second.bin", b"edited\n")
    waiting = pending(copy)
    assert copy("doctor") == []
    assert pending(copy) == waiting
    copy("commit")
    assert oid(site, "texts") == before
    assert copy.update() == []


@pytest.mark.parametrize("lost", ["texts/two.txt", "texts/deep/one.txt", "second.bin"])
def test_doctor_brings_back_an_original_that_a_move_took_along(
    copy: Person, site: Site, lost: str
) -> None:
    copy("downgrade")
    before = oid(site, "docs"), oid(site, "large.bin")
    move(copy, "docs", "texts")
    move(copy, "large.bin", "second.bin")
    waiting = pending(copy)
    path = copy.top / lost
    original = path.parent / "@@Zope" / "Original" / path.name
    content = original.read_bytes()
    original.unlink()
    said = copy("doctor")
    assert len(said) == 1
    assert said[0].startswith(f"repaired demo/{lost}: its original is lost")
    assert original.read_bytes() == content
    assert pending(copy) == waiting
    copy("commit")
    assert (oid(site, "texts"), oid(site, "second.bin")) == before
    assert copy.update() == []


def test_doctor_brings_back_a_part_of_what_was_moved(copy: Person, site: Site) -> None:
    copy("downgrade")
    move(copy, "docs", "texts")
    move(copy, "texts/two.txt", "second.txt")
    part = "@@Zope/Extra/second.txt/@@Zope/Original/contentType"
    (copy.top / part).unlink()
    waiting = pending(copy)
    assert len(copy("doctor")) == 1
    assert (copy.top / part).exists()
    assert pending(copy) == [line for line in waiting if "Extra" not in line]
    copy("commit")
    assert copy.update() == []


def test_a_checkin_takes_what_was_moved_where_it_is_now(
    copy: Person, site: Site
) -> None:
    before = oid(site, "docs")
    move(copy, "docs", "texts")
    move(copy, "texts/two.txt", "texts/deep/second.txt")
    move(copy, "large.bin", "texts/large.bin")
    copy.write("texts/large.bin", b"edited\n")
    with copy._client(copy.address.replace("/area/demo", "/area/new")) as client:
        client.checkin(str(copy.top / "texts"))
    with site.changing() as root:
        new = root["area"]["new"]
        assert set(new) == {"deep", "large.bin"}
        assert bytes(new["large.bin"].data) == b"edited\n"
        assert IZopeDublinCore(new["deep"]["second.txt"]).title == "Title 0"
    assert oid(site, "docs") == before
    copy("commit")
    assert oid(site, "texts") == before
