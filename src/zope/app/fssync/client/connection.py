"""The connection between a working copy and its server.

Credentials go to the server of the root URL and nowhere else; a password is kept where
the settings say, and appears in no message.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from io import BytesIO
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO

from zope.app.fssync.client.addresses import GONE
from zope.app.fssync.client.addresses import check_address
from zope.app.fssync.client.credentials import PasswordManager
from zope.app.fssync.client.logins import Logins
from zope.app.fssync.client.logins import Sources
from zope.app.fssync.client.rootfile import find_root
from zope.app.fssync.client.rootfile import read_root
from zope.app.fssync.client.rootfile import write_root
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.transport.meter import Metered
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.protocol.headers import ALIVE
from zope.app.fssync.protocol.headers import BUSY
from zope.app.fssync.protocol.headers import DELAYED
from zope.app.fssync.protocol.headers import GENERATION
from zope.app.fssync.protocol.headers import OBJECT
from zope.app.fssync.protocol.headers import SNARF
from zope.app.fssync.protocol.views import CHECKOUT
from zope.app.fssync.protocol.views import COMMIT
from zope.app.fssync.protocol.views import HISTORY
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import ServerRefused
from zope.fssync.limits import BUSY_PATIENCE
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import LONGEST_PAUSE
from zope.fssync.limits import OBJECT_ID_SIZE
from zope.fssync.limits import SHORTEST_PAUSE
from zope.fssync.limits import SPOOL_SIZE
from zope.fssync.limits import UPLOADED_SIZE
from zope.fssync.terminal import escape

if TYPE_CHECKING:
    from zope.app.fssync.client.interfaces import IProgress
    from zope.app.fssync.client.interfaces import IResponse
    from zope.app.fssync.client.interfaces import ITransport

__all__ = ["Network"]


#: The views that all servers have.
VIEWS = (CHECKOUT, COMMIT)


Headers = list[tuple[str, str]]

#: A function that writes a submission to a stream, or a file with one.
DataSource = Callable[[IO[bytes]], object] | IO[bytes]


class Network(PasswordManager):
    """Send requests to one server at a time, that of the root URL."""

    #: The root URL without its password, and its parts; None where not set.
    rooturl: str | None = None
    roottype: str | None = None
    rootpath: str | None = None
    user_passwd: str | None = None
    host_port: str | None = None

    #: The `RootURL`, which has all of them.
    location: RootURL | None = None

    #: True if the server is one of 3.6.0, None as long as that is not known.
    old_server: bool | None = None

    #: Called as `IProgress` says; None where nobody watches.
    progress: IProgress | None = None

    def __init__(
        self,
        rooturl: str | None = None,
        filename: str | None = None,
        options: TransportOptions | None = None,
        sources: Sources = Sources(),  # noqa: B008, it cannot be changed
    ) -> None:
        super().__init__(filename)
        self.options = options or TransportOptions()
        self._transport: ITransport | None = None
        self._logins = Logins(self, sources, self.warn_once, self.options.warn)
        #: The location as it was set, without a user that was found.
        self._named: RootURL | None = None
        self._warned: set[str] = set()
        self._accepted: bool | None = None
        self._meant: tuple[str, str] | None = None
        self.setrooturl(rooturl)

    # The root URL

    def setrooturl(self, rooturl: str | None) -> None:
        """Turn to another server, or with None to no server."""
        url = RootURL.parse(rooturl) if rooturl else None
        known = self.location
        if known is None or url is None or url.path != known.path:
            # A transport follows redirects within its own path only.
            self.close()
        if known is None or url is None or url.origin != known.origin:
            self.close()
            self.old_server = None
            self._accepted = None
        self._named = url
        self._turn_to(url)

    def _turn_to(self, url: RootURL | None) -> None:
        self.location = url
        self.rooturl = str(url) if url else None
        self.roottype = url.scheme if url else None
        self.rootpath = url.path if url else None
        self.user_passwd = url.user_passwd if url else None
        self.host_port = url.host_port if url else None

    def loadrooturl(self, target: str) -> None:
        """Turn to the server that ``target`` was checked out from."""
        rooturl = self.findrooturl(target)
        if not rooturl:
            raise Error(
                f"can't find root url for target {target!r}",
                path=target,
                advice="It is not in a working copy; 'zsync checkout' makes one.",
            )
        self.setrooturl(rooturl)
        if self.location is not None and self.location.password is not None:
            self.warn_once(
                "hint: Root in the control directory of this working copy holds a "
                "password; run "
                f"'zsync login {self.rooturl}' and take the password out of Root"
            )

    def findrooturl(self, target: str) -> str | None:
        """Return the URL in the nearest ``Root``, above ``target`` or in it."""
        return find_root(target)

    def readrooturl(self, target: str) -> str | None:
        """Return the URL in the ``Root`` of ``target`` itself."""
        return read_root(target)

    def same_server(self, rooturl: str) -> bool:
        """Return True if ``rooturl`` leads to the server of the root URL."""
        assert self.location is not None
        return RootURL.parse(rooturl).origin == self.location.origin

    def saverooturl(self, target: str) -> None:
        """Write the ``Root`` of ``target``, without the password.

        The password is kept as a token.
        """
        if self.location is None:
            return
        write_root(target, str(self.location))
        self.keep_password()

    def keep_password(self) -> None:
        """Keep the password of the root URL, if it has one, as a token."""
        url = self.location
        if url is None or url.user is None or url.password is None:
            return
        token = self.createToken(f"{url.user}:{url.password}")
        try:
            self._logins.keep(url, url.user, token)
        except (Error, OSError) as error:
            self.warn_once(f"warning: the password is not kept: {error}")

    def newToken(self, scheme: str, host_port: str, user: str) -> str:
        """Return a token for a login: of the root URL's password, or ask for one."""
        url = self.location
        if url is None:
            return self.askToken(scheme, host_port, user)
        return self._logins.fresh(url, user)

    def keep_login(self, user: str, token: str) -> str:
        """Store a login for the server of the root URL, where the settings say.

        Returns the place.
        """
        assert self.location is not None
        return self._logins.keep(self.location, user, token)

    def drop_login(self, user: str) -> bool:
        """Delete such a login; return True if one was stored."""
        assert self.location is not None
        return self._logins.drop(self.location, user)

    def hold_login(self, url: RootURL, cookie: str = "") -> None:
        """Use the login of a URL for its server, without storing it.

        ``cookie`` is the value of the header with which a browser is logged in.
        """
        self._logins.hold(url, cookie)

    def twin(self) -> Network:
        """Return another network, for another thread, that is logged in as this one."""
        found = Network(self.rooturl, self.authfile, self.options)
        found._logins, found._warned = self._logins, self._warned
        return found

    # Requests

    def mean(self, path: str, object_id: str | None) -> None:
        """Send the id of the meant object with requests for ``path``.

        None means that the object need not exist yet.
        """
        self._meant = (path, object_id) if object_id else None

    def _meaning(self, path: str) -> list[tuple[str, str]]:
        from urllib.parse import quote

        if self._meant is None or self._meant[0] != path:
            return []
        said = quote(self._meant[1], errors="surrogateescape")
        # A longer id is compared with that in the answer.
        return [(OBJECT, said)] if len(said) <= OBJECT_ID_SIZE else []

    def _check_there(
        self, path: str, view: str, response: Any, error: ServerRefused
    ) -> None:
        """Raise `NoLongerThere` if the response says that a known object is missing."""
        known = self._meant is not None and self._meant[0] == path
        # Old servers have not all of the views.
        has_view = self.old_server is False or view.startswith(VIEWS)
        if view.startswith(HISTORY):
            # It may be there today.
            return
        if known and has_view and response.status == 404:
            raise NoLongerThere(
                f"{escape(path)} is no longer there: HTTP error 404 "
                f"({escape(response.reason)})",
                path=path,
                advice=GONE,
            ) from error

    def httpreq(
        self,
        path: str,
        view: str,
        datasource: DataSource | None = None,
        content_type: str = SNARF,
        expected_type: str | None = SNARF,
        headers: Iterable[tuple[str, str]] = (),
    ) -> tuple[BinaryIO, Mapping[str, str]]:
        """Ask for ``view`` of the object at ``path``.

        With ``datasource``, which writes to the stream it is called with or is
        a seekable file itself, the request is a POST.  Returns the body, to be
        closed by the caller, and the headers; raises an error for anything but
        what was expected.  ``headers`` are sent with the request.
        """
        target = _quoted(path, view)
        own = list(headers)
        if datasource is None:
            sent = [*self._meaning(path), *own]
            response = self._logged_in(lambda login: self._get(target, login + sent))
        else:
            response = self._post(path, view, content_type, own, datasource)
        try:
            if GENERATION in response.headers:
                self.old_server = False
            self._judge(response, path, expected_type)
            if self.old_server is None and expected_type == SNARF:
                self.old_server = True
            return self._received(response), response.headers
        except ServerRefused as error:
            response.close()
            self._check_there(path, view, response, error)
            raise
        except BaseException:
            response.close()
            raise

    def accepts_login(self, path: str) -> bool:
        """Return True if the server accepts user name and password.

        Servers of 3.6.0 check them only where a permission is needed, as for a GET
        of the view for commits, which does nothing.
        """
        if self._accepted is None:
            headers = self._authorization()
            target = _quoted(path, COMMIT)
            response = self._open().request("GET", target, headers)
            self._accepted = response.status != 401
            response.close()
        return self._accepted

    def check_password(self, user: str, token: str) -> None:
        """Raise an error unless the server accepts a login.

        It is asked at the root URL, for what needs a permission.
        """
        url = self.location
        assert url is not None
        headers = [("Authorization", f"Basic {token}")]
        response: Any = self._open().request("GET", _quoted(url.path, COMMIT), headers)
        try:
            if _wants_login(response) or self._shows_form(response):
                raise AccessDenied(
                    f"{escape(url.host_port)} does not accept this password of "
                    f"'{escape(user)}' for {escape(url.path)}; it is not stored",
                    path=url.path,
                    advice="Name the URL of the folder that you check out: a user may "
                    "be known only there.",
                )
            if GENERATION not in response.headers and response.status in _NOT_THERE:
                from zope.app.fssync.client import refusals

                raise refusals.http_error(self, response, url.path)
        finally:
            response.close()

    def _shows_form(self, response: Any) -> bool:
        """Return True if the response is a login form for a browser."""
        from zope.app.fssync.client.transport.document import asks_to_log_in

        if GENERATION in response.headers:
            return False
        data = response.fp.read(DEFAULT.error_text_size)
        return asks_to_log_in(data, response.headers)

    def slurptext(self, fp: BinaryIO, headers: Mapping[str, str]) -> str:
        """Return the text of a document, safe to print."""
        from zope.app.fssync.client.transport.document import text_of

        return text_of(fp, headers)

    def close(self) -> None:
        """End kept connections."""
        if self._transport is not None:
            self._transport.close()
        self._transport = None

    def _open(self) -> ITransport:
        if self.location is None:
            raise Error("root url not set")
        if self._transport is None:
            self._transport = open_transport(self.location, self.options)
        return self._transport

    def _logged_in(self, request: Callable[[Headers], IResponse]) -> Any:
        """Send a request, with another login as long as the server wants one."""
        end: float | None = None
        while True:
            response: Any = request(self._authorization())
            if response.status == 503 and BUSY in response.headers:
                now = time.monotonic()
                end = end or now + BUSY_PATIENCE
                if now < end:
                    self._pause(response)
                    continue
            named = self._named
            if not _wants_login(response):
                # A server of 3.6.0 answers a wrong password, too.
                if response.status < 400 and GENERATION in response.headers and named:
                    self._logins.accepted(named)
                return response
            try:
                found = named is not None and self._logins.refused(named)
            except BaseException:
                response.close()
                raise
            if not found:
                return response
            response.close()

    def _pause(self, response: Any) -> None:
        """Wait as long as a busy server says, with a random variation."""
        import random

        text = response.headers.get("Retry-After") or ""
        seconds = float(text) if text.isascii() and text.isdigit() else 1.0
        response.close()
        if self.progress is not None:
            self.progress("waiting for others", 0)
        seconds = min(max(seconds, SHORTEST_PAUSE), LONGEST_PAUSE)
        time.sleep(seconds * random.uniform(0.5, 1))

    def _get(self, target: str, headers: Headers) -> IResponse:
        if self.progress is not None and self.roottype != "zsync+ssh":
            self.progress("waiting", 0)  # ssh may have a question first
        if self.roottype != "zsync+ssh":
            headers = [*headers, (ALIVE, "yes")]
        response: IResponse = self._open().request("GET", target, headers)
        return response

    def _post(
        self,
        path: str,
        view: str,
        content_type: str,
        own: Headers,
        datasource: DataSource,
    ) -> IResponse:
        kind = ("Content-type", content_type)
        headers = [*self._meaning(path), *own]

        def send(submission: Any) -> Any:
            target, body = _quoted(path, view), submission
            if submission.seek(0, os.SEEK_END) >= UPLOADED_SIZE:
                # Imported here: hardly any commit is that large.
                from zope.app.fssync.client import uploading

                if uploading.takes_archive(view):
                    named = uploading.uploaded(self, path, view, submission, own)
                    if named is not None:
                        target, body = f"{target}&{named}", BytesIO()
            return self._logged_in(
                lambda login: self._send(target, [kind, *login, *headers], body)
            )

        if not callable(datasource):
            return send(datasource)
        import tempfile

        with tempfile.SpooledTemporaryFile(SPOOL_SIZE) as spool:
            datasource(spool)
            return send(spool)

    def _send(self, target: str, headers: Headers, submission: Any) -> Any:
        length = submission.seek(0, os.SEEK_END)
        submission.seek(0)
        body = Metered(submission, "sending", length, self.progress)
        if self.roottype == "zsync+ssh":
            # No proxy is on the way, and ssh has signs of life of its own.
            return self._open().request("POST", target, headers, body, length)
        headers = [*headers, (ALIVE, "yes")]
        response: Any = self._open().request("POST", target, headers, body, length)
        if response.headers.get("Content-Type") != DELAYED or response.status != 200:
            return response
        from zope.app.fssync.client.transport.delayed import arrived

        return arrived(response, self._visited)

    def _visited(self, objects: int) -> None:
        """Show how many objects the server has treated."""
        if self.progress is not None:
            self.progress.objects("waiting", None, objects)
            self.progress("waiting", 0)

    def _authorization(self) -> Headers:
        url = self._named
        if url is None:
            return []
        user, headers = self._logins.authorization(url)
        if url.user is None and user is not None:
            self._turn_to(url._replace(user=user))
        return headers

    def _received(self, response: Any) -> BinaryIO:
        length = response.headers.get("Content-Length") or ""
        digits = length.isascii() and length.isdigit() and len(length) < 20
        total = int(length) if digits else None
        stream: Any = Metered(response.fp, "receiving", total, self.progress)
        found: BinaryIO = stream
        return found

    def _judge(self, response: Any, path: str, expected_type: str | None) -> None:
        """Raise an error unless the response is the requested one."""
        from zope.app.fssync.client.transport.document import content_type

        kind = content_type(response.headers)
        coding = response.headers.get("Content-Encoding", "identity")
        is_expected = kind == expected_type
        if expected_type is None:
            is_expected = kind != "text/html"
        if response.status == 200 and coding.lower() == "identity" and is_expected:
            return
        from zope.app.fssync.client import refusals

        raise refusals.error_of(self, response, path, expected_type)

    def login_advice(self) -> str:
        """Return the advice for a refused login."""
        return self._logins.advice(self.location, self._named)

    def warn_once(self, line: str) -> None:
        """Show a warning, each one only once."""
        if line not in self._warned:
            self._warned.add(line)
            self.options.warn(line)


#: The statuses of other servers than ours, and of proxies that reach none.
_NOT_THERE = (404, 502, 503, 504)


def _wants_login(response: Any) -> bool:
    """Return True if the server asks for a login, or for another one."""
    if response.status == 401:
        return True
    location = response.headers.get("Location") or ""
    return 300 <= response.status < 400 and "login" in location.lower()


def _quoted(path: str, view: str) -> str:
    """Return the quoted path and view for the request line."""
    from urllib.parse import quote

    check_address(path)
    target = quote(path if path.endswith("/") else f"{path}/") + view
    if not target.isascii() or " " in target:
        raise Error(f"not a path on a server: '{path} {view}'")
    return target
