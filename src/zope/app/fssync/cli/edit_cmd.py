"""zsync edit."""

from __future__ import annotations

import os
import sys

from zope.app.fssync.cli.common import MESSAGE
from zope.app.fssync.cli.common import USER
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import extract_message
from zope.app.fssync.cli.common import user_option
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape
from zope.fssync.terminal import is_terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.externaleditor import Meant


@verb(
    *MESSAGE,
    USER,
    Option(
        "--app",
        argument="COMMAND",
        help="open it with COMMAND, a program with a window of its own that runs as "
        "long as the file is open: 'gedit', 'code --wait'",
    ),
    Option(
        "--description",
        help="edit the metadata of the object instead of its content: title, "
        "properties, permissions",
    ),
    Option(
        "--register",
        help="let the desktop open links zsync-edit: and files of External Editor "
        "with this command, and with --app if that is given",
    ),
    Option(
        "--keep-open",
        help="after an error, wait for Enter before the terminal closes",
    ),
    group="start",
    completes="files",
    summary="edit one object in your editor",
    examples=(
        ("%(program)s edit http://me@host/site/news.txt", "edit the news"),
        (
            "%(program)s edit --register --app gedit",
            "have links in the browser open in gedit",
        ),
    ),
)
def edit(opts: Options, args: list[str]) -> int | None:
    """%(program)s edit [--app COMMAND] [-m MESSAGE] [-u USER] URL | LINK | FILE

    Opens one object in an editor, and commits each time you save.  The editor is
    that of --app, of ZSYNC_EDITOR, of the setting commit.editor, of VISUAL or
    EDITOR.  Nothing is left behind: no working copy, no password.

    Changes that others commit meanwhile are merged.  If they changed the same
    lines, the editor opens once more after you have closed it, with both sides
    between markers.  A text that cannot be committed is kept, and its path shown;
    the next edit of the object goes on with it.

    LINK has the form zsync-edit:URL, as the pages of the server show it.  FILE is
    what the pencil of Zope's External Editor sends: the login of the browser
    counts, and the file is removed when all is done.
    """
    if opts.given("--register"):
        if args:
            raise UsageError("edit --register takes no URL")
        from zope.app.fssync.cli.desktopfile import register

        for path in register(opts.value("--app")):
            opts.report.item({"action": "written", "path": path}, f"Wrote {path}")
        return None
    if len(args) != 1:
        raise UsageError("edit takes the URL of one object")
    try:
        _edit(opts, args[0])
    except Error as error:
        if not (opts.given("--keep-open") and is_terminal(sys.stdin)):
            raise
        opts.report.warning(f"zsync: {error}")
        opts.report.message("Press Enter to close.")
        sys.stdin.readline()
        return error.exit_code
    return None


def _edit(opts: Options, target: str) -> None:
    from zope.app.fssync.cli.editing import Editing

    message, _ = extract_message(opts, "edit")
    meant = _meant(target)
    user = user_option(opts)
    url = meant.url
    if user is not None:
        if url.user not in (None, user):
            raise UsageError("-u/--user option and URL disagree on user name")
        url = url._replace(user=user)
    command = _command(opts)
    with client(opts) as fs:
        fs.network.hold_login(url, meant.cookie)
        described = opts.given("--description")
        with fs.edit(str(url), message, described) as found:
            opts.report.progress = fs.network.progress = None
            fs.network.options = fs.network.options._replace(
                warn=lambda line: opts.report.warning(found.shown(line))
            )
            Editing(found, command, opts.report, opts.given("--app")).run()
    if meant.file is not None:
        os.unlink(meant.file)


def _meant(target: str) -> Meant:
    from zope.app.fssync.client.externaleditor import SCHEME
    from zope.app.fssync.client.externaleditor import Meant
    from zope.app.fssync.client.externaleditor import linked
    from zope.app.fssync.client.externaleditor import sent
    from zope.app.fssync.client.url import RootURL

    if target.startswith(f"{SCHEME}:"):
        return linked(target)
    if target.startswith("file://"):
        from urllib.parse import unquote
        from urllib.parse import urlsplit

        target = unquote(urlsplit(target).path, errors="surrogateescape")
    elif "://" in target:
        return Meant(RootURL.parse(target))
    if not os.path.lexists(target):
        raise Error(
            f"there is no file '{escape(target)}'",
            path=target,
            advice="'zsync edit' takes the URL of an object, as in "
            "http://user@host/path.",
        )
    return sent(target)


def _command(opts: Options) -> list[str]:
    """Return the command of the editor."""
    import shlex

    from zope.app.fssync.cli.editor import editor

    app = opts.value("--app")
    if app is None:
        try:
            return editor(opts)
        except Error as error:
            error.advice = (
                "Name one with --app, or in the environment as ZSYNC_EDITOR, VISUAL "
                "or EDITOR."
            )
            raise
    try:
        found = shlex.split(app)
    except ValueError as error:
        raise UsageError(f"--app cannot be called: {error}: {app!r}") from None
    if not found:
        raise UsageError("--app names no command")
    return found
