"""The log shows what each transaction changed, and asks for nothing else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.log import Logged
from zope.app.fssync.client.logdiff import LogDiff
from zope.app.fssync.client.revisions import before
from zope.app.fssync.testing.clientside import Server
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ServerRefused

TID = "0411af3c6d2e8100"


class Past(Network):
    """A server whose objects were others before the transaction."""

    def __init__(self, home: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
        super().__init__(filename=str(home / "tokens"))
        self._states = {before(TID): old, TID: new}
        self.asked: list[str] = []
        self.refusal: Exception | None = None

    def httpreq(self, path: str, view: str, *args: Any, **options: Any) -> Any:
        arguments = parse_qs(view.partition("?")[2])
        found = "/".join([path.strip("/"), *arguments.get("path", [])])
        self.asked.append(found)
        if self.refusal is not None:
            raise self.refusal
        objects = self._states[arguments["at"][0]]
        if found not in objects:
            missing = ServerRefused("not there")
            missing.status = 404
            raise missing
        data = Server(objects).archive(found)
        return io.BytesIO(data), {"Content-Type": "application/x-snarf"}


@pytest.fixture
def network(tmp_path: Path) -> Past:
    old = {"demo": None, "demo/a": b"1\n", "demo/b": b"b\n", "demo/c": b"c\n"}
    new = {"demo": None, "demo/a": b"2\n", "demo/d": b"c\nd\n", "demo/e": None}
    return Past(tmp_path, {**old, "demo/x": b"x"}, {**new, "demo/e/f": b"f\n"})


def shown(network: Past, *changes: tuple[str, ...]) -> tuple[str, list[Any]]:
    written: list[bytes] = []
    diff = LogDiff(network, "http://localhost/demo", written.append, lambda path: None)
    refused = diff.show(Logged(TID, 1.0, "ann", "why", list(changes), len(changes)))
    return b"".join(written).decode(), list(refused)


def test_each_changed_object_is_compared_with_what_it_was(network: Past) -> None:
    text, refused = shown(network, ("M", "a"))
    assert "--- a/demo/a" in text
    assert text.endswith("-1\n+2\n")
    assert refused == []
    assert network.asked == ["demo/a", "demo/a"]


def test_added_and_removed_files_are_shown_as_a_whole(network: Past) -> None:
    text, _ = shown(network, ("D", "b"), ("A", "e"), ("A", "e/f"))
    assert "+++ /dev/null" in text
    assert "-b\n" in text
    assert text.count("+f\n") == 1
    assert network.asked == ["demo/b", "demo/e"]


def test_moved_files_are_compared_with_their_old_paths(network: Past) -> None:
    text, _ = shown(network, ("R", "d", "c"))
    assert text.endswith(" c\n+d\n")
    assert network.asked == ["demo/c", "demo/d"]


@pytest.mark.parametrize(
    "refusal", [ServerRefused("packed away"), AccessDenied("not for you")]
)
def test_a_refused_page_is_reported_and_the_log_goes_on(
    network: Past, refusal: Exception
) -> None:
    network.refusal = refusal
    assert shown(network, ("M", "a")) == ("", [refusal])
