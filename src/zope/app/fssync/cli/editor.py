"""Let the user write the message of a commit in an editor.

The message is kept in the control directory of the working copy until the commit has
succeeded, so that an error does not lose it.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager

from zope.app.fssync.cli.common import configuration
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.output import warn
from zope.app.fssync.cli.report import relative
from zope.fssync.errors import Error
from zope.fssync.files import SaveFile
from zope.fssync.files import open_regular
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import SIZES
from zope.fssync.terminal import escape

__all__ = ["changes", "edited", "editor", "written"]

#: The line after which the text is not part of the message.
MARK = "--This line and what follows is not sent. Without a message nothing is.--"

#: The editors to look for if none is configured.
EDITORS = ("sensible-editor", "editor", "nano", "vi")


def changes(targets: Iterable[str]) -> list[str]:
    """Return a line for each registered change of ``targets``."""
    from zope.app.fssync.client.session import reading
    from zope.app.fssync.client.status import status

    lines: list[str] = []
    for target in targets:
        session = reading(target, lines.append)
        for path in session.registered(target):
            status(session, path, descend_only=True, verbose=False)
    return [escape(_short(line)) for line in lines if not line.startswith("?")]


def _short(line: str) -> str:
    """Return the line of a change with its path relative to the current directory."""
    path: str = getattr(line, "path", "")
    return line.replace(path, relative(path), 1) if path else line


@contextmanager
def written(opts: Options, target: str, comment: list[str]) -> Iterator[str]:
    """Yield the message that the user writes; the editor shows ``comment`` below it.

    If the block fails, the message is kept for the next time.
    """
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

    path = os.path.join(WorkingCopy.find(target).control, "message.txt")
    start = _kept(path) or "\n"
    # Replace anything at this path, as a link.
    with SaveFile(path, 0o600) as stream:
        stream.write("\n".join([start, MARK, "", *comment, ""]).encode())
    try:
        _edit([*editor(opts), path], "sent")
        message = _kept(path)
        if not message:
            raise Error("nothing was sent: the message is empty")
        yield message
    except BaseException:
        if _kept(path):
            warn(f"hint: the message is kept in {escape(path)} for the next time")
        else:
            os.unlink(path)
        raise
    os.unlink(path)


@contextmanager
def edited(opts: Options, target: str, name: str, text: bytes) -> Iterator[bytes]:
    """Let the user edit ``text`` in a file called ``name``; yield the result.

    If the block fails, the file is kept in the control directory.
    """
    from zope.app.fssync.client.workingcopy.workingcopy import WorkingCopy

    path = os.path.join(WorkingCopy.find(target).control, name)
    with SaveFile(path, 0o600) as stream:
        stream.write(text)
    try:
        _edit([*editor(opts), path], "changed")
        with open_regular(path) as source:
            found = source.read(DEFAULT.pickle_size + 1)
        if len(found) > DEFAULT.pickle_size:
            raise Error(f"it is longer than {DEFAULT.pickle_size} bytes", path=path)
        yield found
    except BaseException:
        if _differs(path, text):
            warn(f"hint: what you wrote is kept in {escape(path)} until the next time")
        else:
            os.unlink(path)
        raise
    os.unlink(path)


def _differs(path: str, text: bytes) -> bool:
    with open_regular(path) as stream:
        return stream.read(len(text) + 1) != text


def _kept(path: str) -> str:
    """Return the message in a file, empty if the file does not exist."""
    try:
        with open_regular(path) as stream:
            data = stream.read(SIZES.root)
    except FileNotFoundError:
        return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # The editor uses the encoding of the terminal.
        text = data.decode(sys.stdout.encoding, "replace")
    text = text.replace("\r\n", "\n")
    return f"\n{text}".partition(f"\n{MARK}")[0].strip()


def editor(opts: Options) -> list[str]:
    """Return the command of the user's editor."""
    named = os.environ.get("ZSYNC_EDITOR") or configuration(opts).text("commit.editor")
    able = os.environ.get("TERM", "dumb") != "dumb"
    if not named and able:
        named = os.environ.get("VISUAL")
    named = named or os.environ.get("EDITOR")
    if named:
        try:
            return shlex.split(named)
        except ValueError as error:
            raise Error(f"the editor cannot be called: {error}: {named!r}") from None
    from shutil import which

    for name in EDITORS if able else ():
        if which(name):
            return [name]
    raise Error(
        "there is no editor",
        advice="Give a message with -m, or name an editor: 'zsync config set "
        "commit.editor NAME', or in the environment as ZSYNC_EDITOR, VISUAL or EDITOR.",
    )


def _edit(command: list[str], undone: str) -> None:
    finish_output()
    try:
        status = subprocess.run(command, check=False).returncode
    except OSError as error:
        raise Error(
            f"the editor {command[0]!r} does not run: {error.strerror}",
            advice="Give the message with -m, or name another editor.",
        ) from None
    if status:
        raise Error(
            f"nothing was {undone}: the editor {command[0]!r} ended with status "
            f"{status}"
        )
