"""What reaches the publisher becomes a response that clients understand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transaction.interfaces import TransientError
from zope.browser.interfaces import ISystemErrorView
from zope.component import provideAdapter
from zope.component import provideUtility
from zope.exceptions.interfaces import UserError
from zope.interface.verify import verifyObject
from zope.publisher.browser import TestRequest
from zope.security.interfaces import Unauthorized
from zope.testing.cleanup import cleanUp

from zope.app.fssync.hosts.toolkit.errorview import Failure
from zope.app.fssync.hosts.toolkit.host import ToolkitHost
from zope.app.fssync.hosts.toolkit.request import ToolkitViewRequest
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import Error


@pytest.fixture(autouse=True)
def adapter() -> Iterator[None]:
    cleanUp()
    provideAdapter(ToolkitViewRequest)
    provideUtility(ToolkitHost(), IHost)
    yield
    cleanUp()


def shown(error: Exception) -> tuple[int, str]:
    view = Failure(error, TestRequest())
    assert verifyObject(ISystemErrorView, view)
    text = view.show()
    return view.request.response.getStatus(), str(text)


def test_a_user_who_is_not_logged_in_is_asked_for_a_login() -> None:
    view = Failure(Unauthorized("no"), TestRequest())
    assert view.show() == "A login is needed.\n"
    response = view.request.response
    assert response.getStatus() == 401
    assert response.getHeader("WWW-Authenticate", literal=True) == 'basic realm="Zope"'


def test_errors_made_for_people_are_shown_and_not_logged() -> None:
    status, text = shown(UserError("not like this"))
    assert 400 <= status < 500
    assert "not like this" in text
    for error in (UserError("a"), Unauthorized("a"), TransientError("a")):
        assert not Failure(error, TestRequest()).isSystemError()


@pytest.mark.parametrize("error", [ValueError("a secret"), Error("a secret")])
def test_other_errors_are_logged(error: Exception) -> None:
    assert Failure(error, TestRequest()).isSystemError()
    status, text = shown(ValueError("a secret"))
    assert status == 500
    assert "a secret" not in text


def test_a_conflict_may_be_tried_again() -> None:
    status, _ = shown(TransientError("busy"))
    assert status == 503
