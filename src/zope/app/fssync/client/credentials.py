"""Authentication tokens and the file that keeps them between commands.

A token is the base64 text of ``user:password`` for basic authentication.  Only the
owner may read the file: zsync makes it so, and refuses a file that others can use.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import NoReturn

from zope.app.fssync.client.url import DEFAULT_PORTS
from zope.app.fssync.client.url import check_user
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import Locked
from zope.fssync.errors import PathRefused
from zope.fssync.errors import WorkingCopyError
from zope.fssync.files import SaveFile
from zope.fssync.files import open_regular
from zope.fssync.limits import TOKEN_PATIENCE
from zope.fssync.limits import TOKEN_PAUSE
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

if TYPE_CHECKING:
    from zope.app.fssync.client.workingcopy.lock import Lock

__all__ = ["DEFAULT_FILENAME", "PasswordManager"]


DEFAULT_FILENAME = os.path.join("~", ".zsyncpass")

_HEADER = """\
#
# Stored authentication tokens for zsync.
# Manipulate this data using the 'zsync login' and 'zsync logout';
# read the zsync documentation for more information.
#
"""


class PasswordManager:
    """The tokens in the token file.

    A record is a line ``SCHEME HOST[:PORT] USER TOKEN``; other lines stay.  Blanks
    and percent signs in USER are quoted as in URLs.
    """

    def __init__(self, filename: str | None = None) -> None:
        self.authfile = filename or os.path.expanduser(DEFAULT_FILENAME)

    def getPassword(self, user: str, host_port: str) -> str:
        """Return a password typed at the terminal; `AccessDenied` without one."""
        if not is_terminal(sys.stdin):
            raise AccessDenied(
                f"no password for {escape(user)} at {escape(host_port)}, "
                "and no terminal to ask for one",
                advice="Run 'zsync login' on a terminal once, or check out from a "
                "URL with a password (http://user:password@host/path): the "
                "checkout stores it.",
            )
        import getpass

        prompt = f"Password for {user} at {host_port}: "
        try:
            return getpass.getpass(escape(prompt))
        except EOFError:
            raise AccessDenied("no password was given") from None
        except UnicodeDecodeError as error:
            # In the UTF-8 mode of Python it is read as that, whatever the terminal has.
            typed: bytes = error.object
            return typed.decode(sys.stdin.encoding, "surrogateescape").rstrip("\n")

    def getUsername(self) -> str:
        """Return a user name typed at the terminal; `AccessDenied` without one."""
        if not is_terminal(sys.stdin):
            raise AccessDenied(
                "no user name, and no terminal to ask for one",
                advice="Name the user in the URL or with the option -u.",
            )
        try:
            user = input("Username: ").strip()
        except EOFError:
            user = ""
        if not user:
            raise AccessDenied("username cannot be empty")
        check_user(user)
        return user

    def createToken(self, user_passwd: str) -> str:
        """Return the token of ``user:password``: one line, however long."""
        try:
            return b64encode(user_passwd.encode("utf-8")).decode("ascii")
        except UnicodeEncodeError:
            raise AccessDenied("the password is no text in UTF-8") from None

    def getToken(self, scheme: str, host_port: str, user: str) -> str:
        """Return the stored token, or make one from a password typed at the terminal.

        A new token is not stored; see `addToken`.
        """
        token = self.findToken(scheme, host_port, user)
        return token or self.askToken(scheme, host_port, user)

    def findToken(self, scheme: str, host_port: str, user: str) -> str | None:
        """Return the stored token or None."""
        key = _key(scheme, host_port, user)
        for line in self._lines():
            record = _record(line)
            if record and record[0] == key:
                return record[1]
        return None

    def users(self, scheme: str, host_port: str) -> list[str]:
        """Return the users with a stored token for a server."""
        key = scheme, _normal_host(scheme, host_port)
        return [user for *place, user in self.logins() if tuple(place) == key]

    def logins(self) -> list[tuple[str, str, str]]:
        """Return scheme, host with port, and user of all stored tokens."""
        records = map(_record, self._lines())
        return list(dict.fromkeys(record[0] for record in records if record))

    def askToken(self, scheme: str, host_port: str, user: str) -> str:
        """Return a token made from a password typed at the terminal."""
        check_user(user)
        password = self.getPassword(user, _normal_host(scheme, host_port))
        return self.createToken(f"{user}:{password}")

    def addToken(self, scheme: str, host_port: str, user: str, token: str) -> None:
        """Store ``token``; it replaces an older one."""
        with self._locked():
            self._add(_key(scheme, host_port, user), token)

    def _add(self, key: tuple[str, str, str], token: str) -> None:
        token = "".join(token.split())  # 3.6.0 broke long ones into lines
        new = " ".join((key[0], key[1], _quoted(key[2]), token)) + "\n"
        lines = []
        for line in self._lines() if self._exists() else _HEADER.splitlines(True):
            record = _record(line)
            if record and record[0] == key:
                line, new = new, ""
            lines.append(line)
        if new and lines and not lines[-1].endswith("\n"):
            lines.append("\n")
        self._write("".join([*lines, new]))

    def removeToken(self, scheme: str, host_port: str, user: str) -> bool:
        """Remove a token; return whether there was one.

        The file is removed if only blank lines are left.
        """
        with self._locked():
            return self._remove(_key(scheme, host_port, user))

    def _remove(self, key: tuple[str, str, str]) -> bool:
        lines = list(self._lines())
        kept = [line for line in lines if (_record(line) or ("",))[0] != key]
        if len(kept) == len(lines):
            return False
        if any(line.strip() for line in kept):
            self._write("".join(kept))
        else:
            os.unlink(self.authfile)
        return True

    # The file

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other commands from changing the file between read and write."""
        # Imported here: most commands only read the file.
        from zope.app.fssync.client.workingcopy.lock import Lock

        lock = Lock(f"{self.authfile}.lock")
        self._wait_for(lock)
        try:
            yield
        finally:
            lock.release()

    def _wait_for(self, lock: Lock) -> None:
        end = time.monotonic() + TOKEN_PATIENCE
        while True:
            try:
                lock.acquire()
                return
            except Locked as error:
                if time.monotonic() > end:
                    raise Locked(
                        f"another command uses the token file {escape(self.authfile)}",
                        path=self.authfile,
                        advice="Wait for it to end and try again.",
                    ) from error
                time.sleep(TOKEN_PAUSE)
            except WorkingCopyError:
                # Without locks on this file system the last writer wins.
                return

    def _exists(self) -> bool:
        return os.path.lexists(self.authfile)

    def _lines(self) -> Iterator[str]:
        if os.path.islink(self.authfile):
            self._refuse("is a symbolic link", "Replace it by a file of your own.")
        try:
            stream = open_regular(self.authfile)
        except FileNotFoundError:
            return
        except PathRefused:
            self._refuse("is no regular file", "Remove it.")
        except OSError as error:
            self._refuse(
                f"cannot be read: {error.strerror}",
                "Check its permissions, or remove it.",
            )
        with stream:
            self._check(os.fstat(stream.fileno()))
            for line in stream:
                yield line.decode("utf-8", "surrogateescape")

    def _check(self, status: os.stat_result) -> None:
        if os.name != "posix":
            return
        if status.st_uid != os.geteuid():
            self._refuse(
                "belongs to someone else",
                "Remove it, or set HOME to your own directory.",
            )
        if status.st_mode & 0o077:
            mode = stat.S_IMODE(status.st_mode)
            self._refuse(
                f"can be used by others (mode {mode:04o})",
                f"Run: chmod 600 {self.authfile}; "
                "and change the passwords if others may have read it.",
            )

    def _refuse(self, what: str, advice: str) -> NoReturn:
        raise AccessDenied(
            f"the token file {escape(self.authfile)} {what}",
            path=self.authfile,
            advice=advice,
        )

    def _write(self, text: str) -> None:
        """Replace the file as a whole."""
        with SaveFile(self.authfile, 0o600) as stream:
            stream.write(text.encode("utf-8", "surrogateescape"))


def _record(line: str) -> tuple[tuple[str, str, str], str] | None:
    """Return key and token of a line, None if it holds no record."""
    parts = line.split()
    if line.lstrip().startswith("#") or len(parts) < 4 or parts[0] not in DEFAULT_PORTS:
        return None
    try:
        host_port = _normal_host(parts[0], parts[1])
    except Error:
        return None
    return (parts[0], host_port, _unquoted(parts[2])), parts[3]


def _key(scheme: str, host_port: str, user: str) -> tuple[str, str, str]:
    check_user(user)
    return scheme, _normal_host(scheme, host_port), user


def _quoted(user: str) -> str:
    """Return a user name as one word; 3.6.0 wrote names unquoted."""
    return "".join(
        char if char.isprintable() and char not in " %" else _escaped(char)
        for char in user
    )


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _unquoted(word: str) -> str:
    if "%" not in word:
        return word
    from urllib.parse import unquote

    return unquote(word)


def _normal_host(scheme: str, host_port: str) -> str:
    """Return a host in lower case, without the default port of http and https.

    The port of ssh is always written: 3.6.0 looks for it.
    """
    if scheme not in DEFAULT_PORTS:
        raise Error(f"unsupported URL scheme: {scheme!r}")
    host, port = _split(host_port.lower())
    if not host.isprintable() or " " in host or not host:
        raise Error(f"a host holds no blanks and no control characters {host!r}")
    if scheme == "zsync+ssh":
        return f"{host}:{port or DEFAULT_PORTS[scheme]}"
    return host if port in (None, DEFAULT_PORTS[scheme]) else f"{host}:{port}"


def _split(host_port: str) -> tuple[str, int | None]:
    host, bracket, rest = host_port.rpartition("]")
    name, colon, port = rest.partition(":")
    if not colon:
        return host_port, None
    if not (port.isascii() and port.isdigit()):
        raise Error(f"invalid port specification: {port!r}")
    if not 0 < int(port[:6]) < 65536:
        raise Error(f"invalid port: {port}")
    return host + bracket + name, int(port)
