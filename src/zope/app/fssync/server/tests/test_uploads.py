"""Uploads that wait to be confirmed."""

from __future__ import annotations

import io

import pytest

from zope.app.fssync.server.uploads import Uploads
from zope.fssync.errors import NoLongerThere

JO = ("jo", "/demo")


def read(uploads: Uploads, name: str, owner: tuple[str, str] = JO) -> bytes:
    with uploads.using(name, owner) as stream:
        stream.seek(0)
        return stream.read()


def test_an_upload_is_there_as_often_as_it_is_asked_for() -> None:
    uploads = Uploads(10)
    name = uploads.keep(JO, io.BytesIO(b"abc"))
    assert read(uploads, name) == read(uploads, name) == b"abc"


@pytest.mark.parametrize("owner", [("jo", "/other"), ("al", "/demo")])
def test_uploads_is_for_its_owner_only(owner: tuple[str, str]) -> None:
    uploads = Uploads(10)
    name = uploads.keep(JO, io.BytesIO(b"abc"))
    with pytest.raises(NoLongerThere):
        read(uploads, name, owner)
    assert read(uploads, name) == b"abc"


def test_the_oldest_makes_room() -> None:
    uploads = Uploads(5)
    first, second = (uploads.keep(JO, io.BytesIO(b"abc")) for _ in range(2))
    with pytest.raises(NoLongerThere):
        read(uploads, first)
    assert read(uploads, second) == b"abc"


def test_nobody_drops_what_others_have() -> None:
    uploads = Uploads(6, most=3)
    other = uploads.keep(("al", "/demo"), io.BytesIO(b"a"))
    for size in (3, 3, 0, 0, 0, 0):
        last = uploads.keep(JO, io.BytesIO(b"j" * size))
    assert read(uploads, other, ("al", "/demo")) == b"a"
    assert read(uploads, last) == b""


def test_small_uploads_do_not_use_up_the_open_files() -> None:
    uploads = Uploads(1000, most=2)
    names = [uploads.keep(JO, io.BytesIO(b"")) for _ in range(3)]
    with pytest.raises(NoLongerThere):
        read(uploads, names[0])
    assert [read(uploads, name) for name in names[1:]] == [b"", b""]


def test_nobody_else_uses_it_meanwhile() -> None:
    uploads = Uploads(10)
    name = uploads.keep(JO, io.BytesIO(b"abc"))
    with uploads.using(name, JO), pytest.raises(NoLongerThere):
        read(uploads, name)
