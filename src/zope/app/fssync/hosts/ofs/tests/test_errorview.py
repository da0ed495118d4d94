"""What reaches ZPublisher becomes a response that clients understand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from transaction.interfaces import TransientError
from zExceptions import Unauthorized

from zope.app.fssync.hosts.ofs.errorview import Failure
from zope.app.fssync.testing.ofs.site import application
from zope.app.fssync.testing.ofs.site import configured


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    with configured(), application() as app:
        app.REQUEST["PARENTS"] = [app]
        yield app


def shown(app: Any, error: Exception) -> tuple[int, str]:
    request = app.REQUEST.clone()
    text = Failure(error, request)()
    return request.response.getStatus(), str(text)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unauthorized("no"), 401),
        (TransientError("busy"), 503),
        (ValueError("a secret"), 500),
    ],
)
def test_each_error_has_a_status(app: Any, error: Exception, status: int) -> None:
    found, text = shown(app, error)
    assert found == status
    assert "a secret" not in text


def test_unexpected_errors_are_logged(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for error in (Unauthorized("no"), TransientError("busy")):
        shown(app, error)
    assert caplog.messages == []
    shown(app, ValueError("a secret"))
    assert "a synchronization failed" in caplog.messages
