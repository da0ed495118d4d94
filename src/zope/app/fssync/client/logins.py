"""Choose the user and the password for a server, and note whether it accepts them.

The sources are, in this order: the URL, the environment, standard input, git's
credential helpers, keyring, ``~/.netrc``, the token file, and the terminal.  A login is
for one scheme, host and port; that of the environment or standard input is for the
first server of a command.
"""

from __future__ import annotations

import os
import sys
from base64 import b64decode
from collections.abc import Callable
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import NamedTuple

from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.url import check_user
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.limits import ASKED
from zope.fssync.limits import SIZES
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

if TYPE_CHECKING:
    from zope.app.fssync.client.credentials import PasswordManager
    from zope.app.fssync.client.githelper import GitHelper

__all__ = ["Login", "Logins", "Sources", "secret_of"]

Origin = tuple[str, str, int]


class Login(NamedTuple):
    """A user, the token, and their source."""

    user: str
    token: str
    source: str


class Sources(NamedTuple):
    """The settings of the user: helpers, keyring, a password on standard input."""

    helpers: tuple[str, ...] = ()
    keyring: bool = False
    stdin: bool = False


class _State:
    """The logins that were tried at one server."""

    def __init__(self, logins: Iterator[Login | None]) -> None:
        self.logins = logins
        self.current: Login | None = None
        self.refused: set[tuple[str, str]] = set()
        self.accepted = False


class Logins:
    """Find logins, and note which of them a server has accepted or refused."""

    def __init__(
        self,
        keeper: PasswordManager,
        sources: Sources,
        warn: Callable[[str], object],
        tell: Callable[[str], object],
    ) -> None:
        """``warn`` shows a line once, ``tell`` each time."""
        self._keeper = keeper
        self._sources = sources
        self._warn = warn
        self._tell = tell
        self._states: dict[RootURL, _State] = {}
        self._first: Origin | None = None
        self._held: dict[Origin, RootURL] = {}
        self._cookies: dict[Origin, str] = {}
        self._typed: str | None = None

    def authorization(self, url: RootURL) -> tuple[str | None, list[tuple[str, str]]]:
        """Return the user to log in, and the headers; none for no login."""
        if url.user is not None:
            self._warn_of_clear_text(url)
        login = self.current(url)
        if login is None:
            cookie = self._cookies.get(url.origin)
            if cookie is None:
                return None, []
            self._warn_of_clear_text(url)
            return None, [("Cookie", cookie)]
        self._warn_of_clear_text(url)
        return login.user, [("Authorization", f"Basic {login.token}")]

    def _warn_of_clear_text(self, url: RootURL) -> None:
        if url.scheme == "http" and not url.is_loopback:
            self._warn(
                f"warning: passwords go to {url.host_port} unencrypted; "
                "use https where the server has it"
            )

    def current(self, url: RootURL) -> Login | None:
        """Return the login to use, None for none."""
        if _key(url) not in self._states:
            self._states[_key(url)] = _State(self._candidates(url))
            self._advance(url)
        return self._states[_key(url)].current

    def refused(self, url: RootURL) -> bool:
        """Note that the server wants another login; return whether there is one."""
        state = self._states[_key(url)]
        login = state.current
        if login is not None:
            self._forget(url, login)
            state.refused.add((login.user, login.token))
        return self._advance(url)

    def accepted(self, url: RootURL) -> None:
        """Note that the server has accepted the login."""
        state = self._states[_key(url)]
        login = state.current
        if login is None or state.accepted:
            return
        state.accepted = True
        if login.source in ("helper", "terminal") and self._sources.helpers:
            self._store_at_helpers(url, login.user, login.token)
        elif login.source == "terminal":
            kept = self._keeper.findToken(url.scheme, url.host_port, login.user)
            if kept:
                # The login has just been refused.
                self.keep(url, login.user, login.token)
            else:
                place = url._replace(user=login.user).without_password()
                self._warn(f"hint: 'zsync login {place}' stores the password")

    def advice(self, url: RootURL | None, named: RootURL | None) -> str:
        """Return the advice for a login that a server has refused.

        ``named`` is the URL as the user gave it; ``url`` has the user that was found.
        """
        login = None if named is None else self.current(named)
        if login is None:
            there = "URL" if url is None else url
            return (
                f"Log in: 'zsync login {there}' keeps a password, which other commands "
                "use from then on."
            )
        if login.source == "given":
            return (
                f"Is it right? The password of {escape(login.user)} comes from the "
                "environment (ZSYNC_PASSWORD or ZSYNC_PASSWORD_FILE) or from standard "
                "input."
            )
        return f"Is the password right? 'zsync logout {url}', then 'zsync login {url}'."

    # Keeping

    def hold(self, url: RootURL, cookie: str = "") -> None:
        """Use the login of a URL for its server, without storing it.

        ``cookie`` is the value of the header with which a browser is logged in.
        """
        self._held[url.origin] = url
        if cookie:
            self._cookies[url.origin] = cookie

    def keep(self, url: RootURL, user: str, token: str) -> str:
        """Store a login for later commands; return the place."""
        if self._sources.helpers:
            self._store_at_helpers(url, user, token)
            return "credential.helper"
        if self._sources.keyring:
            from zope.app.fssync.client import keyringstore

            keyringstore.store(url, user, secret_of(token))
            return "keyring"
        self._keeper.addToken(url.scheme, url.host_port, user, token)
        return "token file"

    def drop(self, url: RootURL, user: str) -> bool:
        """Delete a login from all places; return True if one was stored."""
        known = self._keeper.removeToken(url.scheme, url.host_port, user)
        for helper in self._helpers():
            known = helper.get(url, user) is not None or known
            helper.erase(url, user)
        if self._sources.keyring:
            from zope.app.fssync.client import keyringstore

            known = keyringstore.erase(url, user) or known
        return known

    def fresh(self, url: RootURL, user: str) -> str:
        """Return the token of a new password: from the URL, given, or typed."""
        self._warn_of_clear_text(url)
        login = self._given(url, user)
        if login is not None and login.user == user:
            return login.token
        return self._keeper.askToken(url.scheme, url.host_port, user)

    # Finding

    def _advance(self, url: RootURL) -> bool:
        """Turn to the next login that was not refused."""
        state = self._states[_key(url)]
        for login in state.logins:
            if login is None or (login.user, login.token) not in state.refused:
                state.current = login
                return True
        return False

    def _candidates(self, url: RootURL) -> Iterator[Login | None]:
        """Yield the logins to try; None is a request without login."""
        given = self._given(url, None)
        user = given.user if given else url.user or self._user_of_environment(url)
        if given:
            yield given
        else:
            if user is None:
                # Helpers and the user are only asked when the server requires a login.
                yield self._at_hand(url)
            yield from self._stored(url, user)
        # A name in the URL is asked about before the first request, as ever.
        first = user is not None and not given
        for number in range(ASKED):
            tried = self._states[_key(url)].current
            if not (first and number == 0 and tried is None):
                if not is_terminal(sys.stdin):
                    return
                name = f" of {escape(tried.user)}" if tried else ""
                self._tell(
                    f"{escape(url.host_port)} "
                    + (f"refused the login{name}" if tried else "asks for a login")
                )
            who = user or self._keeper.getUsername()
            token = self._keeper.askToken(url.scheme, url.host_port, who)
            yield Login(who, token, "terminal")

    def _given(self, url: RootURL, user: str | None) -> Login | None:
        """Return the login in the URL, the environment or standard input."""
        for known in (url, self._held.get(url.origin, url)):
            if (
                known.user is not None
                and known.password is not None
                and user in (None, known.user)
                and url.user in (None, known.user)
            ):
                return self._login(known.user, known.password, "URL")
        if self._first not in (None, url.origin):
            return None
        name = user or url.user or os.environ.get("ZSYNC_USER") or None
        password = self._password_of_environment(name)
        if password is None and self._sources.stdin:
            password = self._from_stdin()
        if password is None:
            return None
        self._first = url.origin
        if name is None:
            self._warn(
                "warning: there is a password for nobody; name the user in the URL, "
                "with -u, or in the environment as ZSYNC_USER"
            )
            return None
        return self._login(name, password, "given")

    def _user_of_environment(self, url: RootURL) -> str | None:
        if self._first not in (None, url.origin):
            return None
        user = os.environ.get("ZSYNC_USER") or None
        if user is not None:
            check_user(user)
            self._first = url.origin
        return user

    def _password_of_environment(self, user: str | None) -> str | None:
        meant = os.environ.get("ZSYNC_USER")
        if meant and user != meant:
            return None
        password = os.environ.get("ZSYNC_PASSWORD")
        if password is not None:
            return password
        path = os.environ.get("ZSYNC_PASSWORD_FILE")
        if not path:
            return None
        # It may be a pipe, or a file that the manager of a container has made.
        with open(path, "rb") as stream:
            return _first_line(stream.read(SIZES.root), path)

    def _from_stdin(self) -> str:
        if self._typed is None:
            self._typed = _first_line(sys.stdin.buffer.readline(SIZES.root), "-")
        return self._typed

    def _at_hand(self, url: RootURL) -> Login | None:
        """Return the login for the server in a file, if it is the only one."""
        from_netrc = self._from_netrc(url, None)
        users = self._keeper.users(url.scheme, url.host_port)
        if from_netrc is not None or len(users) != 1:
            return from_netrc
        return self._from_file(url, users[0])

    def _stored(self, url: RootURL, user: str | None) -> Iterator[Login]:
        for helper in self._helpers():
            answer = helper.get(url, user)
            if answer is not None:
                yield self._login(*answer, "helper")
        for find in (self._from_keyring, self._from_netrc):
            login = find(url, user)
            if login is not None:
                yield login
        if user is not None:
            users = [user]
        else:
            users = self._keeper.users(url.scheme, url.host_port)
        # Only the user can choose among several.
        if len(users) == 1:
            login = self._from_file(url, users[0])
            if login is not None:
                yield login

    def _from_keyring(self, url: RootURL, user: str | None) -> Login | None:
        if not self._sources.keyring:
            return None
        from zope.app.fssync.client import keyringstore

        found = keyringstore.find(url, user, self._warn)
        return self._login(*found, "keyring") if found else None

    def _from_netrc(self, url: RootURL, user: str | None) -> Login | None:
        path = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")
        if not os.path.lexists(path):
            return None
        # Imported here: most people have no such file.
        from zope.app.fssync.client import netrcfile

        found = netrcfile.find(url, user, path, self._warn)
        return self._login(*found, "netrc") if found else None

    def _from_file(self, url: RootURL, user: str) -> Login | None:
        token = self._keeper.findToken(url.scheme, url.host_port, user)
        return Login(user, token, "token file") if token else None

    def _login(self, user: str, password: str, source: str) -> Login:
        check_user(user)
        return Login(user, self._keeper.createToken(f"{user}:{password}"), source)

    # Helpers

    def _helpers(self) -> Iterator[GitHelper]:
        if self._sources.helpers:
            from zope.app.fssync.client.githelper import GitHelper

            for name in self._sources.helpers:
                yield GitHelper(name, self._warn)

    def _store_at_helpers(self, url: RootURL, user: str, token: str) -> None:
        for helper in self._helpers():
            helper.store(url, user, secret_of(token))

    def _forget(self, url: RootURL, login: Login) -> None:
        """Erase a refused password from the helpers, as git does."""
        if login.source == "helper":
            for helper in self._helpers():
                helper.erase(url, login.user, secret_of(login.token))


def _key(url: RootURL) -> RootURL:
    """Return the key of logins: scheme, host and port."""
    return url._replace(path="/")


def secret_of(token: str) -> str:
    """Return the password of a token."""
    try:
        return b64decode(token).decode("utf-8").partition(":")[2]
    except ValueError:
        raise Error("the stored token is damaged") from None


def _first_line(data: bytes, path: str) -> str:
    line = data.split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        password = line.decode("utf-8")
    except UnicodeDecodeError:
        raise AccessDenied("the password is no text in UTF-8", path=path) from None
    if not password:
        where = "standard input" if path == "-" else escape(path)
        raise AccessDenied(f"there is no password in {where}", path=path)
    return password
