"""The errors for responses of servers that are not the requested ones.

Such a response may be the page of a proxy, a login form, or the text of a server of
zsync.  The text of any other server is shown in one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from zope.app.fssync.client.transport.document import asks_to_log_in
from zope.app.fssync.client.transport.document import content_type
from zope.app.fssync.client.transport.document import summary_of
from zope.app.fssync.client.url import masked
from zope.app.fssync.protocol.headers import BACK
from zope.app.fssync.protocol.headers import GENERATION
from zope.app.fssync.protocol.views import OUT_OF_DATE
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import NotThere
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import DEFAULT
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.connection import Network

__all__ = ["UPDATE_FIRST", "error_of", "http_error"]

#: The advice if others have changed the same objects.
UPDATE_FIRST = "Nothing was committed. Run 'zsync update' first."

#: The statuses of proxies after a timeout of the server.
_OF_PROXIES = (502, 503, 504)

#: The advice after a response with one of these statuses.
_ADVICE = {
    413: "The request is larger than the server, or a proxy in front of it, allows. "
    "Nothing was changed. Commit in parts: 'zsync commit PATH...' sends only what it "
    "names. A single file that is too large needs a higher limit there.",
    **dict.fromkeys(
        (414, 431),
        "Nothing was done: the address of the request is too long for "
        "the server or a proxy. Shorten the message.",
    ),
}


def error_of(
    network: Network, response: Any, path: str, expected_type: str | None
) -> Error:
    """Return the error for a response that is not the requested one."""
    kind = content_type(response.headers)
    if response.status != 200:
        return http_error(network, response, path)
    coding = response.headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        return ServerRefused(
            f"the answer for {escape(path)} is coded as {escape(coding)}", path=path
        )
    if kind == "text/html" and expected_type != "text/html":
        return _page_error(network, response, path)
    text = _text(network, response)
    if kind == "text/plain" and text.startswith(OUT_OF_DATE):
        return OutOfDate(text, text.splitlines()[1:], advice=UPDATE_FIRST)
    return ServerRefused(
        text or f"the server answered with nothing for {escape(path)}", path=path
    )


def http_error(network: Network, response: Any, path: str) -> Error:
    """Return the error for a response with another status than 200."""
    status = response.status
    if BACK in response.headers:
        return OutOfDate(
            _text(network, response),
            advice="Nothing was committed. Run 'zsync update', which keeps what is "
            "here and shows what the server has lost.",
        )
    text = _explanation(network, response)
    message = f"HTTP error {status} ({escape(response.reason)}) for {escape(path)}"
    if text:
        message += f":\n{text}" if "\n" in text else f": {text}"
    advice = _advice_on_page(network, path)
    if status == 401:
        advice = advice or network.login_advice()
        return AccessDenied(message, path=path, advice=advice)
    if status == 403:
        advice = advice or "The user lacks a permission."
        return AccessDenied(message, path=path, advice=advice)
    location = response.headers.get("Location")
    if 300 <= status < 400 and location:
        return _redirect_error(network, status, location, path)
    advice = advice or _ADVICE.get(status)
    if status == 404:
        advice = advice or f"Is the path right? The server is {network.rooturl}"
        return NotThere(message, path=path, advice=advice)
    if status in _OF_PROXIES and GENERATION not in response.headers:
        return ProxyFailed(message, path=path, advice=advice)
    refused = ServerRefused(message, path=path, advice=advice)
    refused.status = status
    return refused


def _page_error(network: Network, response: Any, path: str) -> Error:
    """Return the error for a page in place of the requested response."""
    data = response.fp.read(DEFAULT.error_text_size)
    title = summary_of(data, response.headers)
    called = f" '{title}'" if title else ""
    if asks_to_log_in(data, response.headers):
        return AccessDenied(
            f"the login was refused for {escape(path)}: the server answered with "
            f"the form{called} for a password",
            path=path,
            advice=network.login_advice(),
        )
    return ServerRefused(
        f"the server answered with a web page{called} for {escape(path)}",
        path=path,
        advice=_advice_on_page(network, path)
        or "No zsync server answers there, or the path is wrong. Check out "
        "the folder of an object that answers in place of its views.",
    )


def _explanation(network: Network, response: Any) -> str:
    """Return the text of a server of zsync; of others a summary in one line."""
    is_text = content_type(response.headers) == "text/plain"
    if is_text and GENERATION in response.headers:
        return _text(network, response)
    data = response.fp.read(DEFAULT.error_text_size)
    return summary_of(data, response.headers)


def _redirect_error(network: Network, status: int, location: str, path: str) -> Error:
    where = escape(masked(location))
    if "login" in location.lower():
        return AccessDenied(
            f"the login was refused for {escape(path)}: the server points to "
            f"{where} (HTTP error {status})",
            path=path,
            advice=network.login_advice(),
        )
    return ServerRefused(
        f"HTTP error {status} for {escape(path)}: the server points to {where}",
        path=path,
        advice="It was not followed. If it is right, check out from there.",
    )


def _advice_on_page(network: Network, path: str) -> str | None:
    """Return the advice for a path that belongs to a page of a browser."""
    parent, _, last = path.rstrip("/").rpartition("/")
    if network.location is None or not _is_page(last):
        return None
    url = network.location._replace(path=parent or "/").without_password()
    return (
        f"'{escape(last)}' is a page that browsers show, not an object. The URL of "
        f"the object is {url}"
    )


def _text(network: Network, response: Any) -> str:
    return network.slurptext(response.fp, response.headers)


def _is_page(name: str) -> bool:
    """Return True for the last part of a URL that browsers show for an object."""
    return name.startswith(("@@", "manage_")) or name == "manage"
