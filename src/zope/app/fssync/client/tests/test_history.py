"""Archives of the past are asked for where the object is, or was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.client.history import cat_old
from zope.app.fssync.client.history import fetch_old
from zope.app.fssync.client.history import place_of
from zope.app.fssync.client.tests.old import OldStates
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused

A, B = "0000000000000001", "0000000000000005"
URL = "http://localhost/demo/a.txt"


def test_cat_asks_at_the_time_that_is_wanted() -> None:
    network = OldStates({A: b"old", B: b"new"})
    found: list[bytes] = []
    cat_old(network, URL, "0000000000000004", found.append)
    assert b"".join(found) == b"old"
    assert network.asked == [("/demo/a.txt", "0000000000000004", "")]


def test_missing_objects_are_looked_for_in_their_folder() -> None:
    network = OldStates({A: b"old"})
    place = ("/demo/gone", "a.txt")
    with fetch_old(network, place, B) as response:
        assert response.archive.readFile("a.txt") == b"old"


def test_an_unknown_object_is_told_once_all_folders_were_asked() -> None:
    network = OldStates({A: b"old"})
    with (
        pytest.raises(ServerRefused, match="was not there") as caught,
        fetch_old(network, ("/demo/other", ""), B),
    ):
        pass
    assert caught.value.path == "/demo/other"
    assert [path for path, _, _ in network.asked] == ["/demo/other", "/demo", "/"]


class Denying(OldStates):
    """Has a folder above that the caller may not read."""

    def httpreq(self, path: str, *more: Any, **named: Any) -> Any:
        if path == "/demo":
            self.asked.append((path, "", ""))
            raise AccessDenied("not for you")
        return super().httpreq(path, *more, **named)


@pytest.mark.parametrize(
    ("root", "place", "asked"),
    [
        ("/demo/shop", ("/demo/shop/gone", ""), ["/demo/shop/gone", "/demo/shop"]),
        ("/demo/shop", ("/demo/shop", "gone"), ["/demo/shop"]),
        ("/demo/shop", ("/demo/shop", ""), ["/demo/shop", "/demo"]),
    ],
)
def test_nothing_above_the_checkout_is_asked(
    root: str, place: tuple[str, str], asked: list[str]
) -> None:
    network = Denying({A: b"old"})
    network.rootpath = root
    with (
        pytest.raises(ServerRefused, match="was not there"),
        fetch_old(network, place, B),
    ):
        pass
    assert [path for path, _, _ in network.asked] == asked


def test_unregistered_paths_are_below_the_folder_that_is_registered(co: Path) -> None:
    network = OldStates({})
    assert place_of(network, str(co / "sub" / "gone" / "x"))[1] == "gone/x"
    assert place_of(network, str(co / "sub"))[1] == ""
    with pytest.raises(Error, match="nothing known"):
        place_of(network, str(co.parent / "elsewhere"))
