"""What taking a transaction back would change."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from zope.app.fssync.server.changes.logentry import Change
from zope.app.fssync.server.oldstate import OldState
from zope.app.fssync.server.takingback import ALL
from zope.app.fssync.server.takingback import TakingBack
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import LimitExceeded
from zope.fssync.limits import SERVER
from zope.fssync.metadata import dump_entries
from zope.fssync.repository import SnarfRepository

TYPE = {"type": "T"}


def archive(top: str, content: bytes | None = None, **said: str) -> Archive:
    """An archive of one object, a folder where there is no content."""
    found = Archive()
    found.set_entry(top, **{**TYPE, **said})
    if content is None:
        found[f"{top}/@@Zope/Entries.xml"] = dump_entries({})
    else:
        found[top] = content
    return found


def mine(**files: bytes) -> Archive:
    found = archive("d")
    for name, content in files.items():
        found.set_entry(f"d/{name}", **TYPE)
        found[f"d/{name}"] = content
    return found


def repository(found: Archive) -> SnarfRepository:
    return SnarfRepository(io.BytesIO(found.dump()))


class Past:
    """The state of one object after a transaction and before it."""

    def __init__(
        self, after: Archive | None, before: Archive | None, is_whole: bool = True
    ) -> None:
        self._states = {True: after, False: before}
        self._is_whole = is_whole

    @contextmanager
    def __call__(
        self, path: str, is_after: bool, deep: bool
    ) -> Iterator[OldState | None]:
        found = self._states[is_after]
        yield None if found is None else OldState(repository(found), self._is_whole)


def plan(past: Past, letter: str, *keys: str, **files: bytes) -> TakingBack:
    changes = [Change(letter, keys)]
    return TakingBack(repository(mine(**files)), changes, past, "before 1")


def told(found: TakingBack) -> list[tuple[str, str]]:
    return [(edit.what, edit.name) for edit in found.edits]


def commit(found: TakingBack) -> Archive:
    with found.archive() as stream:
        return Archive.parse(stream.read())


def test_a_change_is_taken_back() -> None:
    past = Past(archive("object", b"2"), archive("object", b"1"))
    found = plan(past, "M", "a", a=b"2")
    assert (told(found), found.refused) == ([("M", "d/a")], [])
    sent = commit(found)
    assert (sent["d/a"], sent["d/@@Zope/Original/a"]) == (b"1", b"2")


def test_the_type_of_an_object_is_taken_back() -> None:
    past = Past(
        archive("object", b"1", provides="new.I"),
        archive("object", b"1", provides="old.I", binary="true"),
    )
    found = plan(past, "M", "a", a=b"1")
    assert found.refused == [("d/a", "it was changed since, which is in conflict")]
    past = Past(archive("object", b"1"), archive("object", b"1", provides="old.I"))
    found = plan(past, "M", "a", a=b"1")
    assert (told(found), found.refused) == ([("M", "d/@@a.meta")], [])
    assert commit(found).entries("d")["a"] == {**TYPE, "provides": "old.I"}


def test_removed_folders_come_back_with_all_in_them() -> None:
    before = archive("object", provides="I")
    before.set_entry("object/b~", **TYPE, key="B")
    before["object/b~"] = b"2"
    before.set_entry("object/@@Zope/Extra/b~/t", **TYPE)
    before["object/@@Zope/Extra/b~/t"] = b"said"
    found = plan(Past(None, before), "D", "s")
    assert found.refused == []
    assert {("A", "d/s"), ("A", "d/s/B")} <= {*told(found)}
    sent = commit(found)
    assert sent.entries("d")["s"] == {**TYPE, "provides": "I", "flag": "added"}
    assert sent.entries("d/s") == {"B": {**TYPE, "key": "B", "flag": "added"}}
    assert sent["d/s/B"] == b"2"
    assert sent["d/s/@@Zope/Extra/B/t"] == b"said"


@pytest.mark.parametrize("size", [(60, 1, 1), (1, 60, 1), (1, 1, 60)])
def test_files_that_are_too_large_are_refused(size: tuple[int, ...]) -> None:
    after, before, now = (bytes(number) for number in size)
    past = Past(archive("object", after), archive("object", before))
    changes, current = [Change("M", ("a",))], repository(mine(a=now, large=bytes(500)))
    most = after + before + now + 2 * dump_entries({"object": TYPE})
    TakingBack(
        current, changes, past, "", SERVER._replace(uploaded_size=len(most))
    ).__exit__()
    with pytest.raises(LimitExceeded, match="more than"):
        TakingBack(
            current, changes, past, "", SERVER._replace(uploaded_size=len(most) - 1)
        )


def test_moved_objects_are_moved_back() -> None:
    past = Past(archive("object", b"2"), archive("object", b"1"))
    changes = [Change("R", ("b",), ("A:",)), Change("M", ("c",))]
    found = TakingBack(repository(mine(b=b"2", c=b"2")), changes, past, "before 1")
    with found:
        assert found.refused == []
        moved, *changed = told(found)
        assert moved[0] == "R"
        assert len(changed) == 2
        sent = commit(found)
    new = sent.entries("d").keys() - {"b", "c"}
    (name,) = new
    assert sent.entries("d")[name] == {
        **TYPE,
        **{"key": "A:", "flag": "added", "moved": "d/b"},
    }
    assert sent.entries("d")["b"] == {
        **TYPE,
        **{"flag": "removed", "moved-to": f"d/{name}"},
    }
    assert (sent[f"d/{name}"], sent[f"d/@@Zope/Original/{name}"]) == (b"1", b"2")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([Change("R", ("x",), ("y",))], "changed since"),
        ([Change("R", ("b",), ("x", "y"))], "no folder"),
        ([Change("R", ("b",), ("c",))], "another object"),
    ],
)
def test_objects_that_cannot_be_moved_back_have_a_reason(
    changes: list[Change], reason: str
) -> None:
    past = Past(archive("object", b"2"), archive("object", b"2"))
    found = TakingBack(repository(mine(b=b"2", c=b"2")), changes, past, "before 1")
    with found:
        assert reason in found.refused[0][1]


def test_a_move_to_a_path_that_another_object_leaves_has_to_wait() -> None:
    past = Past(archive("object", b"2"), archive("object", b"2"))
    changes = [Change("R", ("b",), ("y",)), Change("D", ("b",))]
    with TakingBack(repository(mine(b=b"2")), changes, past, "before 1") as found:
        assert (found.refused, told(found)) == ([], [("R", "d/b -> d/y")])
        assert found.next is not None
    with TakingBack(
        repository(mine(y=b"2")), changes, past, "before 1", rest=found.next
    ) as rest:
        assert (rest.refused, rest.next) == ([], None)
        assert ("A", "d/b") in told(rest)


def test_objects_that_exchanged_places_go_back_in_three_steps() -> None:
    past = Past(archive("object", b"2"), archive("object", b"2"))
    changes = [Change("R", ("a",), ("b",)), Change("R", ("b",), ("a",))]
    rest, shown = ALL, []
    for names in (("a", "b"), ("a", "b.1"), ("b", "b.1")):
        now = repository(mine(**dict.fromkeys(names, b"2")))
        with TakingBack(now, changes, past, "before 1", rest=rest) as found:
            assert found.refused == []
            shown += told(found)
            rest = found.next or ALL
    moves = ("d/b -> d/b.1", "d/a -> d/b", "d/b.1 -> d/a")
    assert shown == [("R", name) for name in moves]
    assert rest is ALL


def test_added_objects_are_removed() -> None:
    found = plan(Past(archive("object", b"1"), None), "A", "a", a=b"1")
    assert found.refused == []
    assert told(found) == [("D", "d/@@a.meta"), ("D", "d/a")]
    assert commit(found).entries("d")["a"]["flag"] == "removed"


@pytest.mark.parametrize(
    ("past", "letter", "keys", "files", "reason"),
    [
        (Past(None, archive("object", b"")), "M", ("a",), {"a": b""}, "may not read"),
        (
            Past(None, archive("object", b""), is_whole=False),
            *("D", ("a",), {}, "may not read"),
        ),
        (Past(archive("object"), None), "A", (), {}, "in the folder"),
        (Past(None, archive("object", b"")), "D", ("x", "a"), {}, "no folder"),
        (Past(None, archive("object", b"")), "D", ("a",), {"a": b"1"}, "another"),
        (
            Past(archive("object", b"\0a"), archive("object", b"\0b")),
            *("M", ("a",), {"a": b"\0c"}, "in conflict"),
        ),
    ],
)
def test_objects_not_taken_back_have_a_reason(
    past: Past, letter: str, keys: tuple[str, ...], files: dict[str, bytes], reason: str
) -> None:
    found = plan(past, letter, *keys, **files)
    ((name, why),) = found.refused
    assert name == "/".join(("d", *keys))
    assert reason in why
