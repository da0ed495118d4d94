"""Conflict markers in files that are to be resolved."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.app.fssync.client.conflicts import check_markers
from zope.app.fssync.client.conflicts import has_markers
from zope.app.fssync.client.workingcopy.compact import CompactTree
from zope.fssync.errors import Error
from zope.fssync.files import CHUNK
from zope.fssync.files import Tree


@pytest.mark.parametrize(
    ("data", "marked"),
    [
        (b"", False),
        (b"text\n", False),
        (b"Title\n=======\n\ntext\n", False),
        (b"a <<<<<<< b\n", False),
        (b"<<<<<<<\n>>>>>>>>> quoted eight times\n", False),
        (b"<<<<<<< mine\na\n=======\nb\n>>>>>>> theirs\n", True),
        (b"text\r\n<<<<<<< mine\r\n", True),
        (b"text\n>>>>>>> theirs", True),
        (b"\0" * (CHUNK - 3) + b"\n<<<<<<< mine\n", True),
        (b"\0" * (CHUNK - 1) + b"\n<<<<<<< mine\n", True),
    ],
)
def test_has_markers(data: bytes, marked: bool) -> None:
    assert has_markers(io.BytesIO(data)) is marked


def test_check_markers_names_the_first_file_and_counts_the_others(
    tmp_path: Path,
) -> None:
    names = ["sound", "a", "b", "c"]
    paths = [str(tmp_path / name) for name in names]
    for path in paths[1:]:
        Path(path).write_bytes(b"<<<<<<< mine\n")
    Path(paths[0]).write_bytes(b"text\n")
    files = CompactTree(Tree())
    check_markers(files, [paths[0], str(tmp_path), str(tmp_path / "nosuch")])
    with pytest.raises(Error, match=r"left in '.*/a' and 2 more") as caught:
        check_markers(files, paths)
    assert caught.value.path == paths[1]
    assert "--force" in str(caught.value.advice)
    with pytest.raises(Error, match=r"left in '.*/c'\n"):
        check_markers(files, paths[3:])
