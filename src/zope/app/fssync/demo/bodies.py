"""Limit the heads and bodies of requests to the demo server.

waitress stores the whole body of a request before it calls the application.  A large
body is refused by its length, or as soon as it is too long, unless the view accepts
large bodies and the sender has an account.

A publisher reads the whole head before it calls a view: what would take it long is
refused.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from typing import Any

import ZODB
from transaction import TransactionManager
from waitress import utilities
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.parser import ParsingError
from waitress.utilities import RequestEntityTooLarge
from waitress.utilities import RequestHeaderFieldsTooLarge
from zope.app.publication.zopepublication import ZopePublication
from zope.authentication.interfaces import IAuthentication
from zope.component import getGlobalSiteManager
from zope.component import queryUtility
from zope.component.interfaces import ISite
from zope.container.interfaces import IReadContainer
from zope.publisher.browser import BrowserRequest

from zope.app.fssync.protocol.views import CHECKIN
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import HIDDEN
from zope.app.fssync.protocol.views import REHEARSE_CHECKIN
from zope.app.fssync.protocol.views import REHEARSE_COMMIT
from zope.app.fssync.server.ownconnection import OwnConnection
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import DEMO_COOKIES
from zope.fssync.limits import DEMO_ESCAPES
from zope.fssync.limits import DEMO_FIELDS
from zope.fssync.limits import DEMO_HEADERS
from zope.fssync.limits import DEMO_STEPS
from zope.fssync.limits import LANGUAGES_LENGTH
from zope.fssync.limits import ServerLimits

__all__ = ["Accounts", "channel_class"]


#: Views that take an archive.
ARCHIVES = frozenset((COMMIT, CHECKIN, REHEARSE_COMMIT, REHEARSE_CHECKIN))

SERVER = ServerLimits()

#: How long headers may be of which a publisher reads each word: cookies in the square
#: of the time, before Python 3.11.10, and languages anew for each message of a page.
_SHORT = {"COOKIE": DEMO_COOKIES, "ACCEPT_LANGUAGE": LANGUAGES_LENGTH}


#: The type of forms without files: a publisher takes the square of the time for names
#: with many colons.
_FORM = "application/x-www-form-urlencoded"


class Accounts:
    """The accounts of the configuration, and of the sites in the database."""

    def __init__(self, db: ZODB.DB) -> None:
        self._db = db

    def know(self, authorization: str, path: str) -> bool:
        """Return whether a login is valid on the way to an object."""
        request = BrowserRequest(
            io.BytesIO(), {"HTTP_AUTHORIZATION": authorization, "PATH_INFO": path}
        )
        try:
            return any(
                each.authenticate(request) is not None
                for each in self._authentications(path)
            )
        except ValueError:
            # It is no base64, or has no colon.
            return False

    def _authentications(self, path: str) -> Iterator[Any]:
        """Iterate in the order in which the publication asks."""
        yield getGlobalSiteManager().getUtility(IAuthentication)
        connection = self._db.open(TransactionManager())
        opened = OwnConnection(connection, connection.root())
        try:
            obj = opened.obj[ZopePublication.root_name]
            yield from _authentications_of(obj)
            for name in path.encode("latin-1").decode("utf-8", "replace").split("/"):
                # Views and namespaces, as those of virtual hosts, are no items.
                if IReadContainer.providedBy(obj) and name in obj:
                    obj = obj[name]
                    yield from _authentications_of(obj)
        finally:
            opened.close()


def _authentications_of(obj: Any) -> Iterator[Any]:
    if ISite.providedBy(obj):
        found = obj.getSiteManager().queryUtility(IAuthentication)
        if found is not None:
            yield found


class LoginNeeded(utilities.Error):
    """The answer to a large body from somebody without an account."""

    code = 401
    reason = "Unauthorized"

    def to_response(self, ident: str | None = None) -> tuple[str, list[Any], bytes]:
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("WWW-Authenticate", 'basic realm="Zope"')], body


class Parser(HTTPRequestParser):
    """Reads a request, and refuses a body that is too large for it."""

    adj: Any
    error: utilities.Error | None

    def __init__(self, adj: Any, accounts: Accounts) -> None:
        super().__init__(adj)
        self._accounts = accounts
        self._known = False

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if len(header_plus.partition(b"\r\n")[2]) > DEMO_HEADERS:
            self.error = RequestHeaderFieldsTooLarge(
                f"The headers have more than {DEMO_HEADERS} bytes."
            )
            self.completed = True
            return
        self._check_head()
        # A publisher tries each of these for each field.  No browser sends it.
        self.headers.pop("ACCEPT_CHARSET", None)
        # The parser compares with this one, also while chunks arrive.
        self.adj = copy.copy(self.adj)
        most = min(self._most(), self.adj.max_request_body_size)
        self.adj.max_request_body_size = most
        if self.content_length >= most:
            self.expect_continue = False

    def _check_head(self) -> None:
        for name, most in _SHORT.items():
            if len(self.headers.get(name, "")) > most:
                raise ParsingError(f"The header {name} is too long.")
        if self.headers.get("COOKIE", "").count("\\") > DEMO_ESCAPES:
            raise ParsingError("The cookies have too many escapes.")
        if self.path.count("/") > DEMO_STEPS or len(self.path) > DEMO_HEADERS:
            raise ParsingError("The path is too long.")
        if self.query.count("&") >= DEMO_FIELDS:
            raise ParsingError("There are too many arguments.")

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge) and not self._known:
            self.error = LoginNeeded("Only who is logged in may send that much.")
        return consumed

    def _most(self) -> int:
        view = self.path.rpartition("/")[2]
        if view == HIDDEN:
            # Anybody may ask.
            self._known = True
            return SERVER.asked_body
        kind = self.headers.get("CONTENT_TYPE", "").strip().lower()
        if not kind or kind.startswith(_FORM):
            # A publisher takes a body without a type for a form.
            self._known = True
            return SERVER.form_body
        if not self.chunked and self.content_length < SERVER.anonymous_body:
            return SERVER.anonymous_body
        authorization = self.headers.get("AUTHORIZATION")
        if not authorization or not self._accounts.know(authorization, self.path):
            return SERVER.anonymous_body
        self._known = True
        limits = queryUtility(ILimits, default=DEFAULT)
        return limits.archive_size if view in ARCHIVES else SERVER.page_body


def channel_class(
    accounts: Accounts, base: type[HTTPChannel] = HTTPChannel
) -> type[HTTPChannel]:
    """Return a class of channels that ask for these accounts."""

    class Channel(base):
        def parser_class(self, adj: Any) -> Parser:
            return Parser(adj, accounts)

    return Channel
