"""`demo-ssh-server`: zsync over ssh in front of the demo, without set-up or root.

It accepts authorized keys and passwords that Zope accepts, and passes the requests of
zsync, and only those, on to Zope.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zope.fssync.errors import Error
from zope.fssync.limits import SERVER

if TYPE_CHECKING:
    from zope.app.fssync.sshserver.access import Access
    from zope.app.fssync.sshserver.access import AuthorizedKeys
    from zope.app.fssync.sshserver.forward import ZopeServer

__all__ = ["main"]

KEY_NAME = "demo-ssh-host-key"

DESCRIPTION = """\
Serve zsync over ssh in front of a Zope server.

Users log in with a key of the authorized keys, or with a name and password that
Zope accepts.  Zope then decides, by the name and password of the URL,
what each request may do.
"""

ANY_KEY_WARNING = """\
**********************************************************************
WARNING: --any-key lets in everybody who has an ssh key, any ssh key.
Whatever Zope shows without a password can now be read by all who reach
{where}.
**********************************************************************
"""


def _log(line: str) -> None:
    text = line.encode("ascii", "backslashreplace").decode("ascii")
    text = "".join(char if char.isprintable() else "?" for char in text)
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="demo-ssh-server",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (%(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=2200, help="port to listen on (%(default)s)"
    )
    parser.add_argument(
        "--zope",
        metavar="URL",
        default="http://127.0.0.1:8080",
        help="where Zope listens (%(default)s)",
    )
    parser.add_argument(
        "--host-key",
        type=Path,
        metavar="FILE",
        help="private host key (the system's where it can be read, "
        f"else parts/{KEY_NAME}, which is made when it is missing)",
    )
    parser.add_argument(
        "--authorized-keys",
        type=Path,
        metavar="FILE",
        help="keys that may log in (~/.ssh/authorized_keys, if there is one)",
    )
    parser.add_argument(
        "--no-passwords", action="store_true", help="let in by key only"
    )
    parser.add_argument(
        "--any-key",
        action="store_true",
        help="let in everybody who has any key at all; for experiments",
    )
    parser.add_argument(
        "--idle-timeout",
        type=float,
        default=SERVER.idle_time,
        metavar="SECONDS",
        help="end sessions and connections that are silent for so long (%(default)g)",
    )
    parser.add_argument(
        "--debug", action="store_true", help="show what the ssh library has to say"
    )
    return parser.parse_args(arguments)


def _authorized_keys(given: Path | None) -> AuthorizedKeys | None:
    """Return the keys that may enter; only a file that was asked for must be there."""
    from zope.app.fssync.sshserver.access import AuthorizedKeys

    path = given or Path("~/.ssh/authorized_keys").expanduser()
    if given is None and not path.exists():
        return None
    keys = AuthorizedKeys(path, _log)
    try:
        keys.check_file()
    except Error as error:
        if given is not None:
            raise
        _log(f"not used: {error}")
        return None
    return keys


def _access(options: argparse.Namespace, zope: ZopeServer) -> Access:
    from zope.app.fssync.sshserver.access import Access
    from zope.app.fssync.sshserver.access import ZopePasswords

    access = Access(
        keys=_authorized_keys(options.authorized_keys),
        passwords=None if options.no_passwords else ZopePasswords(zope, _log),
        any_key=options.any_key,
    )
    if not access.methods:
        raise Error(
            "nobody could log in: there are no authorized keys, and no passwords",
            advice="Name a file with --authorized-keys.",
        )
    return access


def _say_access(access: Access, where: str) -> None:
    if access.any_key:
        print(ANY_KEY_WARNING.format(where=where), file=sys.stderr, flush=True)
    elif access.keys is not None:
        _log(f"keys that may log in: {access.keys.path}")
    if access.passwords is not None:
        _log(f"passwords are checked by {access.passwords.zope}")


def _stop_signal() -> socket.socket:
    """Return a socket that can be read once the process is asked to stop."""
    wake, alarm = socket.socketpair()
    alarm.setblocking(False)

    def stop(number: int, frame: object) -> None:
        # A second signal ends the process at once.
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # `stop` could not wake a `select` that was about to wait when the signal came.
    signal.set_wakeup_fd(alarm.detach())
    return wake


def _run(options: argparse.Namespace, parts: Path) -> None:
    from zope.app.fssync.sshserver.forward import ZopeServer
    from zope.app.fssync.sshserver.hostkey import host_keys
    from zope.app.fssync.sshserver.server import SSHServer

    logging.basicConfig(level=logging.DEBUG if options.debug else logging.CRITICAL)
    zope = ZopeServer.parse(options.zope)
    access = _access(options, zope)
    keys, origin = host_keys(options.host_key, parts / KEY_NAME)
    limits = SERVER._replace(idle_time=options.idle_timeout)
    server = SSHServer(zope, keys, access, limits, _log)
    wake = _stop_signal()
    where = ", ".join(
        f"{host} port {port}" for host, port in server.bind(options.host, options.port)
    )
    _say_access(access, where)
    for key in keys:
        _log(f"host key {key.fingerprint} ({key.get_name()}, {origin})")
    _log(f"passing requests on to {zope}")
    if not zope.answers():
        _log(f"{zope} does not answer; start it before using zsync (bin/demo start)")
    _log(f"ready on {where}, process {os.getpid()}")
    server.run(wake)
    _log("stopped")


def main(arguments: Sequence[str] | None = None, *, parts: str | Path = "parts") -> int:
    """Run the server until it is asked to stop; return the exit code.

    ``parts`` is the folder for what the server keeps.
    """
    options = _arguments(arguments)
    try:
        _run(options, Path(parts).absolute())
    except Error as error:
        print(f"demo-ssh-server: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
