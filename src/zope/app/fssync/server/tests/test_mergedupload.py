"""An upload is merged with what changed since it was downloaded."""

from __future__ import annotations

import io
import zipfile
from functools import partial

import pytest

from zope.app.fssync.server.mergedupload import MergedUpload
from zope.app.fssync.server.plainfiles import DESCRIPTION
from zope.app.fssync.server.plainfiles import DIRECTORY
from zope.app.fssync.server.plainfiles import PlainFile
from zope.app.fssync.server.uploaded import Upload


def files(contents: dict[str, bytes]) -> list[PlainFile]:
    """The files of an object ``d``, its folders end in a slash."""
    found = [PlainFile("d/", 0, tuple, DIRECTORY)]
    for name, content in contents.items():
        kind = DIRECTORY if name.endswith("/") else "content"
        kind = DESCRIPTION if "@@" in name else kind
        found.append(
            PlainFile(f"d/{name}", len(content), partial(iter, [content]), kind)
        )
    return found


def merged(
    sent: dict[str, bytes], base: dict[str, bytes], mine: dict[str, bytes]
) -> MergedUpload:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in sent.items():
            made.writestr(name, content)
    return MergedUpload(Upload(stream), files(base), files(mine))


def contents(found: MergedUpload) -> dict[str, bytes]:
    return {name.removeprefix("d/"): found.read(name) for name in found.files}


@pytest.mark.parametrize(
    ("sent", "base", "mine", "expected", "refused"),
    [
        ({"a": b"1"}, {"a": b"1"}, {"a": b"2"}, {"a": b"2"}, []),
        ({"a": b"2"}, {"a": b"1"}, {"a": b"1"}, {"a": b"2"}, []),
        ({"a": b"2"}, {"a": b"1"}, {"a": b"2"}, {"a": b"2"}, []),
        ({"a": b"0\n1\n2\n"}, {"a": b"1\n2\n"}, {"a": b"1\n2\n3\n"},
         {"a": b"0\n1\n2\n3\n"}, []),
        ({"a": b"\0b"}, {"a": b"\0a"}, {"a": b"\0c"}, {"a": b"\0c"}, ["d/a"]),
        ({"a": b"1", "n": b"new"}, {"a": b"1"}, {"a": b"1", "o": b"other"},
         {"a": b"1", "n": b"new", "o": b"other"}, []),
        ({"a": b"1", "n": b"\0b"}, {"a": b"1"}, {"a": b"1", "n": b"\0c"},
         {"a": b"1", "n": b"\0c"}, ["d/n"]),
        # Left out in the zip
        ({"a": b"1"}, {"a": b"1", "b": b"1"}, {"a": b"1", "b": b"1"}, {"a": b"1"}, []),
        ({"a": b"1"}, {"a": b"1", "b": b"1"}, {"a": b"1", "b": b"2"},
         {"a": b"1", "b": b"2"}, []),
        # Removed by others
        ({"a": b"1"}, {"a": b"1"}, {}, {}, []),
        ({"a": b"2"}, {"a": b"1"}, {}, {}, ["d/a"]),
        # Descriptions
        ({"@@a.meta": b"1"}, {"@@a.meta": b"1"}, {"@@a.meta": b"2"},
         {"@@a.meta": b"2"}, []),
        ({"@@a.meta": b"b = 2\n"}, {"@@a.meta": b"a = 1\nb = 1\n"},
         {"@@a.meta": b"a = 1\nb = 1\nc = 1\n"}, {"@@a.meta": b"b = 2\nc = 1\n"}, []),
        ({"@@a.meta": b"a = 3\n"}, {"@@a.meta": b"a = 1\n"}, {"@@a.meta": b"a = 2\n"},
         {"@@a.meta": b"<<<<<<< mine\na = 3\n=======\na = 2\n>>>>>>> theirs\n"},
         ["d/@@a.meta"]),
        ({"@@a.meta": b"[x\n"}, {"@@a.meta": b"a = 1\n"}, {"@@a.meta": b"a = 2\n"},
         {"@@a.meta": b"a = 2\n"}, ["d/@@a.meta"]),
    ],
)  # fmt: skip
def test_both_sides_are_kept_or_in_conflict(
    sent: dict[str, bytes],
    base: dict[str, bytes],
    mine: dict[str, bytes],
    expected: dict[str, bytes],
    refused: list[str],
) -> None:
    found = merged(sent, base, mine)
    assert contents(found) == expected
    assert [name for name, reason in found.refused if reason] == refused


def test_a_conflict_in_a_text_is_shown() -> None:
    found = merged({"a": b"2\n"}, {"a": b"1\n"}, {"a": b"3\n"})
    assert [name for name, _ in found.refused] == ["d/a"]
    assert b"<<<<<<< a (upload)\n2\n" in found.read("d/a")
    assert b"3\n>>>>>>> a (server)" in found.read("d/a")


def test_folders_are_those_of_both_sides() -> None:
    found = merged(
        {"d/n/x": b"", "d/gone/": b"", "d/s/": b""},
        {"gone/": b"", "s/": b"", "out/": b"", "out/y": b"1"},
        {"s/": b"", "others/": b"", "out/": b"", "out/y": b"2"},
    )
    assert found.directories == {"d", "d/n", "d/s", "d/others", "d/out"}


def test_a_zip_of_the_object_itself_is_merged_as_well() -> None:
    found = merged({"d/a": b"1"}, {"a": b"1"}, {"a": b"2"})
    assert contents(found) == {"a": b"2"}
