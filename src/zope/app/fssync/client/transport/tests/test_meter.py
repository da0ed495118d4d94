"""Streams report how much of them was read, and change nothing."""

from __future__ import annotations

import io
from typing import Any

from zope.app.fssync.client.transport.meter import Metered


def read(phase: str, total: int | None) -> list[tuple[Any, ...]]:
    said: list[tuple[Any, ...]] = []
    with Metered(
        io.BytesIO(b"one\ntwo"), phase, total, lambda *a: said.append(a)
    ) as stream:
        assert stream.readline() == b"one\n"
        assert stream.read(2) == b"tw"
        assert stream.read() == b"o"
    return said


def test_bytes_are_counted() -> None:
    assert read("receiving", None) == [
        ("receiving", 4, None),
        ("receiving", 6, None),
        ("receiving", 7, None),
    ]


def test_sent_data_is_waited_for() -> None:
    assert read("sending", 7)[-2:] == [("sending", 7, 7), ("waiting", 0)]
    assert read("receiving", 7)[-1] == ("receiving", 7, 7)


def test_nobody_has_to_listen() -> None:
    stream = io.BytesIO(b"x")
    metered = Metered(stream, "sending", 1, None)
    assert metered.read() == b"x"
    metered.close()
    assert stream.closed
