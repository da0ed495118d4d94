"""What a server says of its types is read with care."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.making import factory_named
from zope.app.fssync.client.making import types
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import SERVER

FILE = {"factory": "a.File", "kind": "file", "title": "Text"}
OTHER = {"factory": "b.File", "kind": "file", "title": ""}
PAGE = {"factory": "b.Page", "kind": "file", "title": "File"}


class Asked(Network):
    """Answers one document, and keeps what it was asked."""

    def __init__(self, document: Any) -> None:
        super().__init__()
        self.body = json.dumps(document).encode()
        self.asked: list[bytes] = []

    def httpreq(self, path, view, datasource=None, *args, **options):
        self.asked.append(datasource.read())
        return io.BytesIO(self.body), {}


URL = "http://localhost:8080/demo"


def test_names_are_asked_for() -> None:
    network = Asked({"types": [FILE], "names": {"a": "a.File", "b": None}})
    found = types(network, URL, ["a", "b"])
    assert network.asked == [b"a\nb\n"]
    assert [tuple(each) for each in found.makeable] == [("a.File", "file", "Text")]
    assert found.names == {"a": "a.File", "b": None}


def test_many_names_are_asked_for_in_parts() -> None:
    network = Asked({"types": [FILE], "names": {"a": "a.File"}})
    types(network, URL, map(str, range(2 * SERVER.asked_names + 1)))
    assert [each.count(b"\n") for each in network.asked] == [
        *(SERVER.asked_names, SERVER.asked_names, 1)
    ]
    assert b"".join(network.asked).split() == [
        b"%d" % number for number in range(2 * SERVER.asked_names + 1)
    ]


@pytest.mark.parametrize(
    ("name", "expected"), [("text", "a.File"), ("PAGE", "b.Page"), ("file", "b.Page")]
)
def test_a_title_comes_before_the_name_of_a_class(name: str, expected: str) -> None:
    known = types(Asked({"types": [FILE, OTHER, PAGE], "names": {}}), URL).makeable
    assert factory_named(known, URL, name) == expected


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([FILE, OTHER], "several types are called 'file'"),
        ([], "no type is called 'file'"),
    ],
)
def test_a_name_of_none_or_several_is_refused(document: Any, said: str) -> None:
    known = types(Asked({"types": document, "names": {}}), URL).makeable
    with pytest.raises(Error, match=said) as caught:
        factory_named(known, URL, "file")
    assert "What can be made: " in (caught.value.advice or "")


@pytest.mark.parametrize(
    "document", [[], {}, {"types": 1, "names": {}}, {"types": [{}], "names": []}, "x"]
)
def test_nonsense_is_refused(document: Any) -> None:
    with pytest.raises(ServerRefused, match="cannot be read"):
        types(Asked(document), URL)
