"""`zsync-openssh-subsystem`: zsync in the OpenSSH server that is already there.

sshd starts it for one session; it reads one request from standard input, has
Zope answer it, and writes the answer to standard output.
"""

from __future__ import annotations

import argparse
import os
import select
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from zope.fssync.errors import Error
from zope.fssync.limits import SERVER
from zope.fssync.limits import SIZES

__all__ = ["main", "read_config"]

CONFIG = Path("/etc/zsync-openssh-subsystem.conf")

DESCRIPTION = f"""\
Serve zsync as a subsystem of OpenSSH.  In /etc/ssh/sshd_config:

    Subsystem zsync /path/to/bin/zsync-openssh-subsystem

and in {CONFIG}, which only root may be able to change:

    zope = http://127.0.0.1:8080
"""


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="zsync-openssh-subsystem",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--zope", metavar="URL", help="where Zope listens; no file is read then"
    )
    parser.add_argument(
        "--config", type=Path, default=CONFIG, metavar="FILE", help="(%(default)s)"
    )
    parser.add_argument(
        "--same-user",
        action="store_true",
        help="refuse requests whose Zope user is not the user of the ssh login",
    )
    return parser.parse_args(arguments)


def _read_trusted(path: Path) -> str:
    """Return the text of a file that only root can change, in a folder of that kind."""
    try:
        with path.open("rb") as file:
            _check_trusted(os.fstat(file.fileno()), path)
            _check_trusted(path.parent.stat(), path.parent)
            return file.read(SIZES.settings).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Error(f"cannot read {path}: {error}", path=str(path)) from None


def _check_trusted(status: os.stat_result, path: Path) -> None:
    if status.st_uid != 0 or stat.S_IMODE(status.st_mode) & 0o022:
        raise Error(
            f"others than root can change {path}",
            path=str(path),
            advice=f"Mend it: chown root {path}; chmod go-w {path}",
        )


def read_config(path: Path) -> dict[str, str]:
    """Return the settings of a file of ``name = value`` lines."""
    settings: dict[str, str] = {}
    for number, line in enumerate(_read_trusted(path).splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or name not in ("zope", "same-user") or not value:
            raise Error(f"{path}:{number}: not a setting: {line!r}", path=str(path))
        settings[name] = value
    return settings


def _settings(options: argparse.Namespace) -> tuple[str, bool]:
    if options.zope:
        return options.zope, options.same_user
    settings = read_config(options.config)
    if "zope" not in settings:
        raise Error(
            f"{options.config} does not name the Zope server",
            path=str(options.config),
            advice="Add a line such as: zope = http://127.0.0.1:8080",
        )
    same = settings.get("same-user", "no")
    if same not in ("yes", "no"):
        raise Error(
            f"{options.config}: same-user is yes or no", path=str(options.config)
        )
    return settings["zope"], options.same_user or same == "yes"


def _login() -> str:
    """Return the name of the user that sshd started this process for."""
    import pwd

    # The user id cannot be changed by the client, as variables might be.
    return pwd.getpwuid(os.getuid()).pw_name


def _serve(options: argparse.Namespace) -> None:
    from zope.app.fssync.protocol.sshframing import ByteStream
    from zope.app.fssync.protocol.sshframing import RequestRefused
    from zope.app.fssync.sshserver.forward import ZopeServer
    from zope.app.fssync.sshserver.forward import serve

    url, same_user = _settings(options)
    zope = ZopeServer.parse(url)
    incoming, outgoing = sys.stdin.fileno(), sys.stdout.fileno()

    def ready(timeout: float = 0.0) -> bool:
        return bool(select.select([incoming], [], [], timeout)[0])

    def receive(size: int) -> bytes:
        if not ready(SERVER.idle_time):
            raise RequestRefused(
                408, "Request Timeout", "Request refused: nothing came for too long."
            )
        return os.read(incoming, size)

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(outgoing, view) :]

    serve(
        ByteStream(receive, ready),
        write,
        lambda: os.close(outgoing),
        zope,
        user=_login() if same_user else None,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one request; return the exit code."""
    options = _arguments(arguments)
    try:
        _serve(options)
    except (Error, OSError) as error:
        # sshd passes it on to the client, and to the log of the client.
        print(f"zsync-openssh-subsystem: {error}", file=sys.stderr)
        return error.exit_code if isinstance(error, Error) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
