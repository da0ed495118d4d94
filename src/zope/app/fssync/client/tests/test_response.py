"""An archive is asked for, received as a whole, and looked at then."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.app.fssync.client.response import everything
from zope.app.fssync.client.response import fetch
from zope.app.fssync.client.response import find
from zope.app.fssync.client.response import find_top
from zope.app.fssync.client.response import is_anonymous
from zope.app.fssync.client.response import left_out
from zope.app.fssync.client.response import only_name
from zope.app.fssync.client.response import receive
from zope.app.fssync.client.response import top_name
from zope.app.fssync.protocol.headers import LEFT_OUT
from zope.app.fssync.protocol.headers import NO_STATE
from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import STREAMED
from zope.app.fssync.protocol.headers import WITHHELD
from zope.app.fssync.testing.clientside import CannedNetwork
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.serversite import Archive
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.repository import SnarfRepository


@pytest.fixture
def network(server: Server, home: Path) -> CannedNetwork:
    network = CannedNetwork(server, home)
    network.setrooturl("http://localhost:8080/demo")
    return network


def test_a_path_or_a_url_leads_to_its_server(network: CannedNetwork, co: Path) -> None:
    assert find(network, "http://me@there/site/shop") == "/site/shop"
    assert not is_anonymous(network)
    assert find(network, str(co / "sub" / "deep.txt")) == "/demo/sub/deep.txt"
    assert is_anonymous(network)


def test_an_archive_is_fetched(network: CannedNetwork) -> None:
    with fetch(network, "/demo") as response:
        assert top_name(response.archive, "demo") == "demo"
        assert (response.state, response.seen, response.back) == (None, None, False)
    assert network.server.requests == ["/demo @@toFS.snarf"]


def test_the_headers_tell_the_state_and_what_is_absent(
    network: CannedNetwork, server: Server
) -> None:
    headers = {STATE: "a state", WITHHELD: "2", LEFT_OUT: "demo/x"}
    body = io.BytesIO(server.archive("demo"))
    with receive(network, "/demo", body, headers) as response:
        assert response.state == "a state"
    assert body.closed
    assert [line.partition(":")[0] for line in network.warnings] == ["warning", "hint"]


def test_a_streamed_archive_has_its_headers_at_the_end(
    network: CannedNetwork, server: Server
) -> None:
    server.streamed = True
    with fetch(network, "/demo") as response:
        assert response.closing[WITHHELD] == "0"
    body = io.BytesIO(Archive({"demo": b"x"}).dump())
    with (
        pytest.raises(ArchiveDamaged, match="the archive has no end: the server broke"),
        receive(network, "/demo", body, {STREAMED: "yes"}),
    ):
        pass


def archive(*names: str) -> SnarfRepository:
    found = Archive()
    for name in names:
        found.set_entry(name, type="File")
        found[name] = b""
    return SnarfRepository(io.BytesIO(found.dump()))


def test_the_top_is_found_by_its_name() -> None:
    assert find_top(archive("a", "b"), "b") == "b"
    assert find_top(archive("a"), "b") is None
    with pytest.raises(AccessDenied, match=r"the server sent nothing for b\\x1b"):
        top_name(archive("a"), "b\x1b")
    assert only_name(archive("root"), "other") == "root"
    assert only_name(archive("a", "b"), "b") == "b"


def test_a_server_that_decomposes_names_is_understood() -> None:
    assert find_top(archive("a\u0308"), "\u00e4") == "a\u0308"


def test_requests_name_what_is_wanted() -> None:
    assert everything(None) == NO_STATE
    assert everything("a token") == f"{NO_STATE} a token"
    assert left_out(None) == []
