"""Requests of zope.publisher, as the views of zsync see them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from zope.authentication.interfaces import IUnauthenticatedPrincipal
from zope.interface import alsoProvides
from zope.interface.verify import verifyObject
from zope.publisher.browser import TestRequest
from zope.publisher.interfaces.http import IResult
from zope.security.interfaces import Unauthorized
from zope.security.proxy import ProxyFactory
from zope.security.testing import Principal

from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.server import precedence
from zope.app.fssync.server.interfaces import IFsSyncRequest
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.app.fssync.server.precedence import Precedence
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.errors import LimitExceeded


def request(body: bytes = b"", **environ: str) -> Any:
    made = TestRequest(body_instream=io.BytesIO(body), **environ)
    made.setPrincipal(Principal("zope.manager"))
    return made


def test_request_is_marked_and_keeps_its_contract() -> None:
    made = request()
    assert verifyObject(IViewRequest, ToolkitViewRequest(made))
    assert IFsSyncRequest.providedBy(made)


def test_kept_values_are_kept_with_the_request() -> None:
    made = request()
    ToolkitViewRequest(made).kept["a"] = 1
    assert ToolkitViewRequest(made).kept == {"a": 1}
    assert ToolkitViewRequest(request()).kept == {}


def test_a_user_who_asks_is_told() -> None:
    made = request()
    assert ToolkitViewRequest(made).user() == "zope.manager"
    nobody = Principal("zope.anybody")
    alsoProvides(nobody, IUnauthenticatedPrincipal)
    made.setPrincipal(nobody)
    assert ToolkitViewRequest(made).anonymous
    assert ToolkitViewRequest(made).user() is None


def test_a_body_has_a_limit() -> None:
    assert ToolkitViewRequest(request(b"12345")).body(5).read() == b"12345"
    with pytest.raises(LimitExceeded, match="the body has more than 4 bytes"):
        ToolkitViewRequest(request(b"12345")).body(4)


def test_a_user_who_is_denied_may_log_in() -> None:
    with pytest.raises(Unauthorized, match="not you"):
        ToolkitViewRequest(request()).deny("not you")


def test_pieces_are_read_through_a_proxy() -> None:
    class Pieces:
        def __iter__(self) -> Any:
            return iter([b"one", b"two"])

    view_request = ToolkitViewRequest(request())
    found = view_request.stream(Pieces(), {"X-A": "b"})
    assert IResult.providedBy(found)
    assert b" ".join(iter(ProxyFactory(found))) == b"one two"
    assert view_request.request.response.getHeader("X-A") == "b"


class Told(Precedence):
    """Notes what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def publish(self, begins: bool) -> None:
        super().publish(begins)
        self.told.append("enter" if self else "leave")


@pytest.mark.parametrize(
    ("path", "status"), [("/@@synchronize.html", 200), ("/missing", 404)]
)
def test_every_request_is_short_at_first(
    path: str, status: int, site: ServerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    monkeypatch.setattr(precedence, "PRECEDENCE", told)
    assert site.request("GET", path, "manager").status_int == status
    assert told.told == ["enter", "leave"]
    assert not told


@pytest.mark.parametrize(
    ("view", "is_short"), [("synchronize.html", True), ("toFS.snarf", False)]
)
def test_a_large_exchange_is_long_from_its_beginning_on(
    view: str, is_short: bool, site: ServerSite
) -> None:
    with PRECEDENCE.request():
        assert site.request("GET", f"/@@{view}", "manager").status_int == 200
        assert bool(PRECEDENCE) is is_short
