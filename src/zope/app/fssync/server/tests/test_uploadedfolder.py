"""A folder that comes file by file."""

from __future__ import annotations

import io
from typing import Any

import pytest

from zope.app.fssync.server.uploaded import Upload
from zope.app.fssync.server.uploadedfolder import sent_files
from zope.app.fssync.server.uploadedfolder import zipped_folder
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import PathRefused
from zope.fssync.limits import ServerLimits


class File(io.BytesIO):
    def __init__(self, filename: str, data: bytes = b"") -> None:
        super().__init__(data)
        self.filename = filename


FILES = [File("d/a.txt", b"1"), File("d\\s/\u00fc", b"2"), File("d/@@.base", b"?")]


def test_uploadedfolder_is_an_upload_as_a_zip_is() -> None:
    with zipped_folder(FILES) as stream:
        upload = Upload(stream)
        found = {path: upload.read(path) for path in upload.files}
    assert found == {"d/a.txt": b"1", "d/s/\u00fc": b"2"}


@pytest.mark.parametrize("name", ["d/../x", "d//x", "d/@@Zope/x", "d/.."])
def test_names_meet_the_gate_of_uploads(name: str) -> None:
    with pytest.raises(PathRefused), zipped_folder([File(name)]) as stream:
        Upload(stream)


def test_a_name_is_no_longer_than_a_zip_can_have() -> None:
    with pytest.raises(LimitExceeded), zipped_folder([File("x" * 70_000)]):
        pass


def test_files_are_limited() -> None:
    limits = ServerLimits(uploaded_files=2)
    with pytest.raises(LimitExceeded), zipped_folder(FILES, limits):
        pass


@pytest.mark.parametrize(
    ("field", "number"),
    [(None, 0), ("text", 0), (File(""), 0), (File("a"), 1), (FILES, 3), ([], 0)],
)
def test_a_field_is_one_file_several_or_none(field: Any, number: int) -> None:
    assert len(sent_files(field)) == number
