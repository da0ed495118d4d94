"""The token by which a form shows that it comes from a page of the server."""

from __future__ import annotations

import pytest

from zope.app.fssync.server.frame import COOKIE
from zope.app.fssync.server.frame import BaseFrame
from zope.app.fssync.server.frame import FormRefused


class Request:
    """A request with a cookie and a field, and the headers of its response."""

    def __init__(self, cookie: str | None = None, field: object = None) -> None:
        self._cookie, self._field = cookie, field
        self.sent: list[tuple[str, str]] = []

    def header(self, name: str) -> str | None:
        return self._cookie

    def field(self, name: str) -> object:
        return self._field

    def add_header(self, name: str, value: str) -> None:
        self.sent.append((name, value))


def test_the_token_is_one_of_the_cookies() -> None:
    sent = f"{COOKIE}={TOKEN}"
    for each in (f"a=b; {sent}", f"{sent};c=d", sent):
        assert BaseFrame().token(Request(each))[1] == TOKEN
    for each in (f"x{sent}", f"{sent}0", f'{COOKIE}="{TOKEN}"', ""):
        assert BaseFrame().token(Request(each))[1] != TOKEN


def test_a_form_with_the_token_of_the_cookie_is_taken() -> None:
    request = Request()
    name, token = BaseFrame().token(request)
    ((header, cookie),) = request.sent
    assert header == "Set-Cookie"
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    sent = Request(cookie.split(";")[0], token)
    BaseFrame().check(sent)
    assert BaseFrame().token(sent) == (name, token)
    assert sent.sent == []


TOKEN = "0" * 32


@pytest.mark.parametrize(
    ("cookie", "field"),
    [
        (None, None),
        (None, TOKEN),
        (f"zsync-form={TOKEN}", None),
        (f"zsync-form={TOKEN}", "1" * 32),
        (f"zsync-form={TOKEN}", [TOKEN]),
        ("zsync-form=", ""),
        ("zsync-form=x", "x"),
        ("a=b; ]]", TOKEN),
    ],
)
def test_any_other_form_is_refused(cookie: str | None, field: object) -> None:
    with pytest.raises(FormRefused, match="not sent by a page"):
        BaseFrame().check(Request(cookie, field))
