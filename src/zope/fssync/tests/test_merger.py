"""Every state of a file on both sides, and what becomes of it."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from zope.fssync.errors import ArchiveDamaged
from zope.fssync.files import Tree
from zope.fssync.fsutil import getoriginal
from zope.fssync.interfaces import IMergeSource
from zope.fssync.merger import Merger
from zope.fssync.mergesource import AnsweredSource
from zope.fssync.mergesource import ArchiveSource
from zope.fssync.mergesource import SentFiles
from zope.fssync.mergesource import TreeSource
from zope.fssync.metadata import Metadata
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository
from zope.fssync.tests.test_snarf import archive

KNOWN = {"id": "/f", "type": "T"}
ADDED = {**KNOWN, "flag": "added"}
REMOVED = {**KNOWN, "flag": "removed"}
STICKY = {**KNOWN, "conflict": "yes"}
STICKY_REMOVED = {**REMOVED, "conflict": "yes"}
BINARY = {**KNOWN, "binary": "true"}

BASE = b"one\ntwo\nthree\n"
MINE = b"ONE\ntwo\nthree\n"
THEIRS = b"one\ntwo\nTHREE\n"
MERGED = b"ONE\ntwo\nTHREE\n"
OTHER = b"1\ntwo\nthree\n"
DATA = b"\0one\ntwo\nthree\n"


def archive_source(content: bytes | None, entry: dict[str, str]) -> ArchiveSource:
    members = {"@@Zope/Entries.xml": dump_entries({"f": entry} if entry else {})}
    if content is not None:
        members["f"] = content
    return ArchiveSource(SnarfRepository(io.BytesIO(archive(members))))


class Case:
    """One file ``f`` in its three copies, and what was sent of it."""

    def __init__(
        self,
        root: Path,
        source: str = "archive",
        local: bytes | None = None,
        original: bytes | None = None,
        remote: bytes | None = None,
        lentry: dict[str, str] | None = None,
        rentry: dict[str, str] | None = None,
        sent: bytes | None = None,
    ) -> None:
        self.local = root / "local" / "f"
        self.original = Path(getoriginal(str(self.local)))
        self.remote = root / "remote" / "f"
        self.original.parent.mkdir(parents=True)
        self.remote.parent.mkdir()
        self.metadata = Metadata()
        self.entry = self.metadata.getentry(str(self.local))
        self.entry.update(lentry or {})
        for path, content in ((self.local, local), (self.original, original)):
            if content is not None:
                path.write_bytes(content)
        remote_source: Any = None
        self.path = str(self.remote)
        if source == "archive":
            remote_source = archive_source(remote, rentry or {})
            self.path = "f"
        else:
            self.metadata.getentry(self.path).update(rentry or {})
            if remote is not None:
                self.remote.write_bytes(remote)
        self.merger = Merger(
            self.metadata,
            Tree(str(root)),
            remote_source,
            None if sent is None else self.sent({"f": sent}),
        )

    def sent(self, members: dict[str, bytes]) -> SentFiles:
        stream = io.BytesIO(archive(members))
        return SentFiles(SnarfRepository(stream), str(self.local.parent))

    def merge(self) -> tuple[str, str, str]:
        """Returns action, expected state and real state."""
        arguments = (str(self.local), str(self.original), self.path)
        before = self.snapshot()
        action, state = self.merger.classify_files(*arguments)
        assert self.snapshot() == before  # Looking touches nothing.
        return action, state, self.merger.merge_files(*arguments, action, state)

    def snapshot(self) -> tuple[bytes | None, bytes | None, dict[str, str]]:
        return content(self.local), content(self.original), dict(self.entry)


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def test_sources_provide_the_side_of_a_merge():
    assert verifyObject(IMergeSource, TreeSource(Metadata(), Tree()))
    assert verifyObject(IMergeSource, archive_source(b"", KNOWN))


def test_sources_tell_kinds_apart(tmp_path):
    source = ArchiveSource(SnarfRepository(io.BytesIO(b"1 d/f\nx")))
    assert [source.kind(path) for path in ("d", "d/f", "x")] == ["dir", "file", None]
    TreeSource(Metadata(), Tree()).release(str(tmp_path))


# local, original, remote, local entry, remote entry
#   -> action, state, local afterwards, original afterwards, entry afterwards
CASES = {
    "nothing": (
        None, None, None, {}, {}, "Nothing", "Nonexistent", None, None, {},
    ),
    "unregistered": (MINE, None, None, {}, {}, "Nothing", "Spurious", MINE, None, {}),
    "new on the server": (
        None, None, BASE, {}, KNOWN, "Copy", "Uptodate", BASE, BASE, KNOWN,
    ),
    "unregistered in the way, equal": (
        BASE, None, BASE, {}, KNOWN, "Fix", "Uptodate", BASE, BASE, KNOWN,
    ),
    "unregistered in the way, different": (
        MINE, None, BASE, {}, KNOWN, "Conflict", "Conflict", MINE, BASE, STICKY,
    ),
    "added here": (
        MINE, None, None, ADDED, {}, "Nothing", "Added", MINE, None, ADDED,
    ),
    "added here and lost": (
        None, None, None, ADDED, {}, "Nothing", "Added", None, None, ADDED,
    ),
    "added on both sides, equal": (
        BASE, None, BASE, ADDED, KNOWN, "Fix", "Uptodate", BASE, BASE, KNOWN,
    ),
    "added on both sides, lost here": (
        None, None, BASE, ADDED, KNOWN, "Copy", "Uptodate", BASE, BASE, KNOWN,
    ),
    "added on both sides, binary": (
        MINE, None, DATA, ADDED, KNOWN, "Conflict", "Conflict", MINE, DATA, STICKY,
    ),
    "removed on both sides": (
        None, BASE, None, REMOVED, {}, "Delete", "Nonexistent", None, None, {},
    ),
    "removed on both sides, written again": (
        MINE, BASE, None, REMOVED, {}, "Forget", "Spurious", MINE, None, {},
    ),
    "removed here": (
        None, BASE, BASE, REMOVED, KNOWN, "Nothing", "Removed", None, BASE, REMOVED,
    ),
    "removed here, changed there": (
        None, BASE, THEIRS, REMOVED, KNOWN, "Conflict", "Conflict",
        None, THEIRS, {**REMOVED, "conflict": "yes"},
    ),
    "removed here, written again": (
        MINE, BASE, BASE, REMOVED, KNOWN, "Nothing", "Removed", MINE, BASE, REMOVED,
    ),
    "removed here, in conflict": (
        None, BASE, BASE, STICKY_REMOVED, KNOWN, "Nothing", "Conflict",
        None, BASE, STICKY_REMOVED,
    ),
    "removed here, in conflict, changed there": (
        MINE, BASE, THEIRS, STICKY_REMOVED, KNOWN, "Conflict", "Conflict",
        MINE, THEIRS, STICKY_REMOVED,
    ),
    "removed here, in conflict, gone there": (
        None, BASE, None, STICKY_REMOVED, {}, "Delete", "Nonexistent", None, None, {},
    ),
    "removed there": (
        BASE, BASE, None, KNOWN, {}, "Delete", "Nonexistent", None, None, {},
    ),
    "removed there, lost here": (
        None, BASE, None, KNOWN, {}, "Delete", "Nonexistent", None, None, {},
    ),
    "removed there, changed here": (
        MINE, BASE, None, KNOWN, {}, "Orphan", "Conflict",
        MINE, None, {**ADDED, "conflict": "yes"},
    ),
    "removed there, no original here": (
        # What the server had there may have been a directory.
        MINE, None, None, KNOWN, {}, "Orphan", "Conflict",
        MINE, None, {"id": "/f", "flag": "added", "conflict": "yes"},
    ),
    "lost here": (
        None, BASE, BASE, KNOWN, KNOWN, "Copy", "Uptodate", BASE, BASE, KNOWN,
    ),
    "no changes": (
        BASE, BASE, BASE, KNOWN, KNOWN, "Nothing", "Uptodate", BASE, BASE, KNOWN,
    ),
    "changed here": (
        MINE, BASE, BASE, KNOWN, KNOWN, "Nothing", "Modified", MINE, BASE, KNOWN,
    ),
    "changed there": (
        BASE, BASE, THEIRS, KNOWN, KNOWN, "Copy", "Uptodate", THEIRS, THEIRS, KNOWN,
    ),
    "changed alike": (
        MINE, BASE, MINE, KNOWN, KNOWN, "Fix", "Uptodate", MINE, MINE, KNOWN,
    ),
    "changed in different lines": (
        MINE, BASE, THEIRS, KNOWN, KNOWN, "Merge", "Modified", MERGED, THEIRS, KNOWN,
    ),
    "changed differently, binary here": (
        DATA, BASE, THEIRS, KNOWN, KNOWN, "Conflict", "Conflict", DATA, THEIRS, STICKY,
    ),
    "changed differently, binary there": (
        MINE, BASE, DATA, KNOWN, KNOWN, "Conflict", "Conflict", MINE, DATA, STICKY,
    ),
    "changed differently, binary before": (
        MINE, DATA, THEIRS, KNOWN, KNOWN, "Conflict", "Conflict", MINE, THEIRS, STICKY,
    ),
    "changed in different lines, called binary": (
        MINE, BASE, THEIRS, BINARY, BINARY, "Merge", "Modified", MERGED, THEIRS, BINARY,
    ),
    "original lost, equal": (
        BASE, None, BASE, KNOWN, KNOWN, "Fix", "Uptodate", BASE, BASE, KNOWN,
    ),
    "in conflict": (
        MINE, BASE, THEIRS, STICKY, KNOWN, "Nothing", "Conflict", MINE, BASE, STICKY,
    ),
    "in conflict, gone there": (
        MINE, BASE, None, STICKY, {}, "Nothing", "Conflict", MINE, BASE, STICKY,
    ),
    "emptied here": (
        b"", BASE, BASE, KNOWN, KNOWN, "Nothing", "Modified", b"", BASE, KNOWN,
    ),
    "late change of the same size": (
        b"x" * 300_000 + b"m", b"x" * 300_001, b"x" * 300_001, KNOWN, KNOWN,
        "Nothing", "Modified", b"x" * 300_000 + b"m", b"x" * 300_001, KNOWN,
    ),
    "large change there": (
        b"x" * 300_000, b"x" * 300_000, b"y" * 400_000, KNOWN, KNOWN,
        "Copy", "Uptodate", b"y" * 400_000, b"y" * 400_000, KNOWN,
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", ["tree", "archive"])
@pytest.mark.parametrize("case", CASES)
def test_each_state_has_its_action_and_loses_nothing(tmp_path, source, case):
    local, original, remote, lentry, rentry, action, state, *after = CASES[case]
    world = Case(tmp_path, source, local, original, remote, lentry, rentry)
    assert world.merge() == (action, state, state)
    assert list(world.snapshot()) == after


@pytest.mark.parametrize("source", ["tree", "archive"])
def test_changes_of_the_same_line_are_marked_and_both_kept(tmp_path, source):
    case = Case(tmp_path, source, MINE, BASE, OTHER, KNOWN, KNOWN)
    assert case.merge() == ("Merge", "Modified", "Conflict")
    merged = case.local.read_bytes()
    assert merged.startswith(b"<<<<<<< f (mine)\nONE\n")
    assert b"\n=======\n1\n>>>>>>> f (server)\n" in merged
    assert merged.endswith(b"two\nthree\n")
    assert case.entry == STICKY
    assert case.original.read_bytes() == OTHER


class TestAFileInConflict:
    """An update merges what is newer on the other side into what is decided about."""

    def case(self, tmp_path: Path, remote: bytes | None, edited: bytes = b"") -> Case:
        case = Case(tmp_path, "tree", MINE, BASE, OTHER, KNOWN, KNOWN)
        assert case.merge()[-1] == "Conflict"
        case.metadata.getentry(case.path).update(KNOWN)
        if edited:
            case.local.write_bytes(edited)
        if remote is None:
            case.remote.unlink()
            case.metadata.getentry(case.path).clear()
        else:
            case.remote.write_bytes(remote)
        return case

    def side(self, case: Case, name: str) -> bytes | None:
        return content(case.local.parent / "@@Zope" / name / "f")

    def test_is_merged_again_from_what_it_was(self, tmp_path):
        newer = OTHER.replace(b"three", b"3")
        case = self.case(tmp_path, newer)
        assert case.merge() == ("Remerge", "Conflict", "Conflict")
        merged = case.local.read_bytes()
        assert merged == (
            b"<<<<<<< f (mine)\nONE\n=======\n1\n>>>>>>> f (server)\ntwo\n3\n"
        )
        assert case.original.read_bytes() == newer
        assert self.side(case, "Mine") == MINE
        assert self.side(case, "Before") == BASE

    def test_is_settled_where_the_other_side_took_its_change_back(self, tmp_path):
        case = self.case(tmp_path, THEIRS)
        assert case.merge() == ("Remerge", "Conflict", "Modified")
        assert case.snapshot() == (MERGED, THEIRS, KNOWN)
        assert self.side(case, "Mine") is self.side(case, "Before") is None

    def test_keeps_what_was_edited_since(self, tmp_path):
        case = self.case(tmp_path, b"1\ntwo\nthree\nfour\n", b"both\ntwo\nthree\n")
        assert case.merge() == ("Remerge", "Conflict", "Conflict")
        assert case.local.read_bytes() == b"both\ntwo\nthree\nfour\n"
        assert case.entry == STICKY

    def test_stays_as_it_is_beside_a_newer_binary(self, tmp_path):
        case = self.case(tmp_path, DATA)
        before = case.local.read_bytes()
        assert case.merge() == ("Conflict", "Conflict", "Conflict")
        assert case.snapshot() == (before, DATA, STICKY)
        case.remote.write_bytes(THEIRS)
        assert case.merge() == ("Conflict", "Conflict", "Conflict")
        assert case.snapshot() == (before, THEIRS, STICKY)

    def test_is_added_again_where_the_other_side_removed_it(self, tmp_path):
        case = self.case(tmp_path, None)
        before = case.local.read_bytes()
        assert case.merge() == ("Orphan", "Conflict", "Conflict")
        assert case.snapshot() == (before, None, {**ADDED, "conflict": "yes"})
        assert case.merge() == ("Nothing", "Conflict", "Conflict")

    def test_stays_as_it_is_where_nothing_is_newer(self, tmp_path):
        case = self.case(tmp_path, OTHER)
        before = case.snapshot()
        assert case.merge() == ("Nothing", "Conflict", "Conflict")
        assert case.snapshot() == before


def test_files_added_on_both_sides_are_merged_from_nothing(tmp_path):
    case = Case(tmp_path, "archive", b"mine\n", None, b"theirs\n", ADDED, KNOWN)
    assert case.merge() == ("Merge", "Modified", "Conflict")
    merged = case.local.read_bytes()
    assert b"mine\n" in merged
    assert b"theirs\n" in merged


def test_texts_too_large_for_a_merge_are_a_conflict(tmp_path):
    large = b"x" * (8 << 20)
    case = Case(tmp_path, "archive", large + b"m", large, large + b"t", KNOWN, KNOWN)
    assert case.merge() == ("Conflict", "Conflict", "Conflict")
    assert case.local.read_bytes() == large + b"m"
    assert case.original.read_bytes() == large + b"t"


def test_binary_files_are_never_merged(tmp_path):
    case = Case(tmp_path, "archive", DATA, BASE, THEIRS, KNOWN, KNOWN)
    paths = str(case.local), str(case.original), case.path
    assert case.merger.merge_files(*paths, "Merge", "Modified") == "Conflict"
    assert case.snapshot() == (DATA, THEIRS, STICKY)


@pytest.mark.parametrize("mark", [{"flag": "removed"}, {"conflict": "yes"}])
def test_a_server_sets_no_marks(tmp_path, mark):
    case = Case(tmp_path, "archive", None, None, BASE, {}, {**KNOWN, **mark})
    assert case.merge() == ("Copy", "Uptodate", "Uptodate")
    assert case.entry == KNOWN


def test_objects_the_server_says_no_more_are_forgotten_and_the_rest_kept(tmp_path):
    lentry = {**BINARY, "provides": "I", "factory": "F", "own": "kept"}
    case = Case(tmp_path, "archive", BASE, BASE, THEIRS, lentry, KNOWN)
    case.merge()
    assert case.entry == {**KNOWN, "own": "kept"}


def test_a_key_is_kept_only_where_the_name_does_not_tell_it(tmp_path):
    case = Case(tmp_path, "archive", BASE, BASE, THEIRS, KNOWN, {**KNOWN, "key": "F"})
    case.merge()
    assert case.entry["key"] == "F"
    case.merger.remote.getentry("f").update(key="f")
    case.merger.adopt_entry(str(case.local), "f")
    assert "key" not in case.entry
    other = str(case.local.with_name("f-1"))
    del case.merger.remote.getentry("f")["key"]
    case.merger.adopt_entry(other, "f")
    assert case.metadata.getentry(other)["key"] == "f"


# After a commit

SENT = MINE
STAMPED = MINE + b"stamp\n"
LATER = b"ONE\ntwo, edited later\nthree\n"


@pytest.mark.parametrize(
    ("lentry", "original"), [(KNOWN, BASE), (ADDED, None)], ids=["changed", "added"]
)
class TestReplies:
    def test_a_file_that_was_left_alone_takes_the_reply(
        self, tmp_path, lentry, original
    ):
        case = Case(tmp_path, "archive", SENT, original, STAMPED, lentry, KNOWN, SENT)
        assert case.merge() == ("Copy", "Uptodate", "Uptodate")
        assert case.snapshot() == (STAMPED, STAMPED, KNOWN)

    def test_an_edit_after_sending_stays(self, tmp_path, lentry, original):
        case = Case(tmp_path, "archive", LATER, original, SENT, lentry, KNOWN, SENT)
        assert case.merge() == ("Fix", "Modified", "Modified")
        assert case.snapshot() == (LATER, SENT, KNOWN)

    def test_an_edit_after_sending_is_merged_with_what_the_server_made(
        self, tmp_path, lentry, original
    ):
        case = Case(tmp_path, "archive", LATER, original, STAMPED, lentry, KNOWN, SENT)
        assert case.merge() == ("Merge", "Modified", "Modified")
        assert case.snapshot() == (LATER + b"stamp\n", STAMPED, KNOWN)

    def test_a_binary_edit_after_sending_stays_in_conflict(
        self, tmp_path, lentry, original
    ):
        later, stamped = b"\0" + LATER, b"\0" + STAMPED
        case = Case(tmp_path, "archive", later, original, stamped, lentry, KNOWN, SENT)
        assert case.merge() == ("Conflict", "Conflict", "Conflict")
        assert case.snapshot() == (later, stamped, STICKY)

    def test_an_edit_back_to_what_the_server_has_is_up_to_date(
        self, tmp_path, lentry, original
    ):
        case = Case(tmp_path, "archive", SENT, original, SENT, lentry, KNOWN, SENT)
        assert case.merge() == ("Fix", "Uptodate", "Uptodate")


def test_a_file_that_was_not_sent_is_merged_from_its_original(tmp_path):
    case = Case(tmp_path, "archive", MINE, BASE, THEIRS, KNOWN, KNOWN)
    case.merger.sent = case.sent({})
    assert case.merge() == ("Merge", "Modified", "Modified")
    assert case.local.read_bytes() == MERGED


@pytest.mark.parametrize(
    ("tells", "merged", "left"),
    [
        (True, ("Return", "Uptodate", "Uptodate"), BASE),
        (False, ("Nothing", "Modified", "Modified"), MINE),
    ],
)
def test_changes_that_were_not_taken_are_given_up_where_the_answer_tells(
    tmp_path, tells, merged, left
):
    case = Case(tmp_path, "archive", MINE, BASE, BASE, KNOWN, KNOWN, MINE)
    assert case.merger.sent is not None
    case.merger.sent.tells = tells
    assert case.merge() == merged
    assert case.local.read_bytes() == left


def test_no_files_are_needed_to_make_a_merger():
    merger = Merger(Metadata())
    assert isinstance(merger.files, Tree)
    assert isinstance(merger.remote, TreeSource)
    assert merger.cmpfile("/missing/1", "/missing/2") is False


def test_files_are_compared_as_they_are_by_now(tmp_path):
    merger = Merger(Metadata())
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"same")
    two.write_bytes(b"same")
    assert merger.cmpfile(str(one), str(two))
    two.write_bytes(b"else")
    assert not merger.cmpfile(str(one), str(two))


def test_many_comparisons_keep_no_content(tmp_path):
    merger = Merger(Metadata())
    size, number = 100_000, 50
    for name in range(number):
        (tmp_path / str(name)).write_bytes(bytes(size))
    tracemalloc.start()
    try:
        for name in range(number):
            assert merger.cmpfile(str(tmp_path / str(name)), str(tmp_path / "0"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size * number / 5


def special(members: dict[str, bytes]) -> dict[str, bytes]:
    """A directory of extras as an archive has it."""
    entries = dump_entries({name: {"type": "builtins.str"} for name in members})
    files = {f"x/{name}": content for name, content in members.items()}
    return {"x/@@Zope/Entries.xml": entries, **files}


def checked_out(root: Path, members: dict[str, bytes]) -> str:
    """The same directory in a working copy, with its originals."""
    for path, content in special(members).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / "x/@@Zope/Original").mkdir()
    for name, content in members.items():
        (root / "x/@@Zope/Original" / name).write_bytes(content)
    return str(root / "x")


def merger_of(root: Path, members: dict[str, bytes], sent: Any = None) -> Merger:
    source = ArchiveSource(SnarfRepository(io.BytesIO(archive(special(members)))))
    return Merger(Metadata(), Tree(str(root)), source, sent)


def test_a_directory_equal_on_all_sides_needs_no_merge(tmp_path):
    members = {"title": b"one", "contentType": b"two"}
    local = checked_out(tmp_path, members)
    assert merger_of(tmp_path, members).same_directory(local, "x")


@pytest.mark.parametrize("path", ["x/title", "x/@@Zope/Original/title"])
def test_any_difference_in_a_directory_needs_a_merge(tmp_path, path):
    members = {"title": b"one"}
    local = checked_out(tmp_path, members)
    (tmp_path / path).write_bytes(b"new")
    assert not merger_of(tmp_path, members).same_directory(local, "x")


def test_an_unregistered_file_in_a_directory_needs_a_merge(tmp_path):
    local = checked_out(tmp_path, {"title": b"one"})
    (tmp_path / "x" / "stray").write_bytes(b"")
    assert not merger_of(tmp_path, {"title": b"one"}).same_directory(local, "x")


def test_changes_that_come_back_need_no_merge(tmp_path):
    members = {"title": b"one"}
    local = checked_out(tmp_path, members)
    stream = io.BytesIO(archive(special(members)))
    sent = SentFiles(SnarfRepository(stream), str(tmp_path))
    assert merger_of(tmp_path, members, sent).same_directory(local, "x")


def test_files_sent_with_changes_need_a_merge(tmp_path):
    members = {"title": b"one"}
    local = checked_out(tmp_path, members)
    changed = {**special(members), "x/@@Zope/Original/title": b"zero"}
    sent = SentFiles(SnarfRepository(io.BytesIO(archive(changed))), str(tmp_path))
    assert not merger_of(tmp_path, members, sent).same_directory(local, "x")


class TestAnswersToCommits:
    @staticmethod
    def archived(**members: bytes) -> SnarfRepository:
        return SnarfRepository(io.BytesIO(archive(members)))

    def test_files_that_are_as_they_were_sent_are_read_from_there(self):
        answer, sent = self.archived(a=b"new"), self.archived(a=b"old", b=b"sent")
        source = AnsweredSource(answer, sent, ["b"])
        assert verifyObject(IMergeSource, source)
        assert [source.kind(name) for name in "abc"] == ["file", "file", None]
        assert [source.open(name).read() for name in "ab"] == [b"new", b"sent"]
        assert source.size("b") == 4
        assert source.listdir("") == ["a", "b"]

    @pytest.mark.parametrize("path", ["a", "c", "../a"])
    def test_nothing_else_can_be_said_to_have_been_sent(self, path):
        answer, sent = self.archived(a=b"new"), self.archived(a=b"old")
        with pytest.raises(ArchiveDamaged, match="was not"):
            AnsweredSource(answer, sent, [path])

    def test_not_where_nothing_was_sent(self):
        with pytest.raises(ArchiveDamaged):
            AnsweredSource(self.archived(a=b"a"), None, ["b"])
