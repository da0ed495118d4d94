"""Requests of ZPublisher, as the views of zsync see them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from AccessControl.unauthorized import Unauthorized
from zope.interface.verify import verifyObject
from ZPublisher.Iterators import IUnboundStreamIterator
from ZPublisher.WSGIPublisher import transaction_pubevents

from zope.app.fssync.hosts.ofs.request import ZopeViewRequest
from zope.app.fssync.server.interfaces import IFsSyncRequest
from zope.app.fssync.server.interfaces import IViewRequest
from zope.app.fssync.server.precedence import PRECEDENCE
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import calling
from zope.app.fssync.testing.ofs.site import configured
from zope.fssync.errors import LimitExceeded


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with configured(), application() as app:
        app.REQUEST["PARENTS"] = [app]
        yield app


@pytest.fixture
def request_of(app: Any) -> Any:
    return app.REQUEST.clone()


def test_request_is_marked_and_keeps_its_contract(request_of: Any) -> None:
    assert verifyObject(IViewRequest, ZopeViewRequest(request_of))
    assert IFsSyncRequest.providedBy(request_of)


def test_kept_values_are_kept_with_the_request(app: Any, request_of: Any) -> None:
    ZopeViewRequest(request_of).kept["a"] = 1
    assert ZopeViewRequest(request_of).kept == {"a": 1}
    assert ZopeViewRequest(app.REQUEST.clone()).kept == {}


def test_a_user_who_asks_is_told(app: Any, request_of: Any) -> None:
    view_request = ZopeViewRequest(request_of)
    assert view_request.anonymous
    assert (view_request.user(), view_request.login()) == (None, None)
    with calling(app, "reader"):
        assert not view_request.anonymous
        assert (view_request.user(), view_request.login()) == ("reader", "reader")


def test_a_body_has_a_limit_and_is_read_again(request_of: Any) -> None:
    request_of.set("BODYFILE", io.BytesIO(b"12345"))
    view_request = ZopeViewRequest(request_of)
    for _ in range(2):
        assert view_request.body(5).read() == b"12345"
    with pytest.raises(LimitExceeded, match="the body has more than 4 bytes"):
        view_request.body(4)


def test_a_user_who_is_denied_may_log_in(request_of: Any) -> None:
    with pytest.raises(Unauthorized, match="not you"):
        ZopeViewRequest(request_of).deny("not you")


def test_pieces_are_sent_as_they_come(request_of: Any) -> None:
    class Pieces:
        """An iterator of bytes."""

    found = ZopeViewRequest(request_of).stream(Pieces(), {"X-A": "b"})
    assert IUnboundStreamIterator.providedBy(found)
    assert request_of.response.getHeader("X-A") == "b"


def test_a_user_who_may_call_a_view_is_known(app: Any, request_of: Any) -> None:
    view_request = ZopeViewRequest(request_of)
    with calling(app, "manager"):
        assert view_request.may(app, "synchronize.html")
        assert not view_request.may(app, "nothing.html")
    with calling(app, "reader"):
        assert not view_request.may(app, "synchronize.html")


def test_every_request_is_short_at_first(request_of: Any) -> None:
    with transaction_pubevents(request_of, request_of.response):
        assert PRECEDENCE
    assert not PRECEDENCE
    with (
        pytest.raises(ZeroDivisionError),
        transaction_pubevents(request_of, request_of.response),
    ):
        raise ZeroDivisionError
    assert not PRECEDENCE
