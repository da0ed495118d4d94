"""The base of the `IFrame` utilities of hosts, which the pages need."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Any

from zope.fssync.errors import AccessDenied
from zope.fssync.messages import _

__all__ = ["BaseFrame", "FormRefused"]

#: The cookie, and the field of a form, with the token against forged forms.
COOKIE = FIELD = "zsync-form"

_SENT = re.compile(f"(?:^|;) ?{COOKIE}=([0-9a-f]{{32}})(?:;|$)")

_FORGED = _("this form was not sent by a page of this server, or its page is too old")


class FormRefused(AccessDenied):
    """A form does not come from a page of this server."""

    def __init__(self) -> None:
        advice = _("Open the page anew, and send the form again.")
        super().__init__(_FORGED, advice=advice)


class BaseFrame:
    """See `IFrame`: the token is in a cookie and in each form.

    A page of another site can make a browser send a form with all cookies.  But it can
    neither read nor set the cookie, and so cannot put the token into the form.
    """

    style_sources = "'self'"

    def token(self, view_request: Any) -> tuple[str, str]:
        """See `IFrame`."""
        token = _cookie(view_request)
        if token is None:
            token = secrets.token_hex(16)
            view_request.add_header(
                "Set-Cookie", f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
            )
        return FIELD, token

    def check(self, view_request: Any) -> None:
        """See `IFrame`."""
        token = _cookie(view_request)
        given = view_request.field(FIELD)
        if (
            token is None
            or not isinstance(given, str)
            or not hmac.compare_digest(token.encode(), given.encode())
        ):
            raise FormRefused


def _cookie(view_request: Any) -> str | None:
    # Not by `http.cookies`: before Python 3.11.10 that takes the square of the time for
    # what anybody may send.
    found = _SENT.search(view_request.header("Cookie") or "")
    return found[1] if found else None
