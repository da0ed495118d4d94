"""Two revisions, or one and the files here, are compared."""

from __future__ import annotations

import pytest

from zope.app.fssync.client.revisiondiff import compare_revisions
from zope.app.fssync.client.tests.old import OldStates
from zope.fssync.errors import NoLongerThere

A, B = (f"{number:016x}" for number in (1, 5))
URL = "http://localhost/demo/a.txt"


def compared(states: dict[str, bytes | None], first: str, second: str | None) -> bytes:
    found: list[bytes] = []
    compare_revisions(
        OldStates(states), URL, (first, second), "-U 0", found.append, str
    )
    return b"".join(found)


def test_two_states_are_compared() -> None:
    assert compared({A: b"a\n", B: b"b\n"}, A, B) == (
        b"--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+b\n"
    )


def test_a_url_is_compared_with_what_is_there_now() -> None:
    assert compared({A: b"a\n", B: b"b\n"}, A, None).endswith(b"-a\n+b\n")


def test_what_was_not_there_is_new() -> None:
    assert compared({A: None, B: b"b\n"}, A, B).startswith(b"--- /dev/null\n")


def test_what_was_at_neither_time_there_is_told() -> None:
    with pytest.raises(NoLongerThere, match="neither"):
        compared({A: None}, A, A)
