"""zsync add."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import DRY_RUN
from zope.app.fssync.cli.common import check_exist
from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.common import is_rehearsal
from zope.app.fssync.cli.common import objects
from zope.app.fssync.cli.common import offer_moves
from zope.app.fssync.cli.common import tell_rehearsal
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.app.fssync.client.api import FSSync


@verb(
    Option(
        "-t", "--type", argument="TYPE", help="dotted name of the new object's class"
    ),
    Option(
        "-f",
        "--factory",
        argument="FACTORY",
        help="the factory that makes the new object, as '%(program)s types' lists it: "
        "its dotted name, or its name on the server.  Such a name is looked up on the "
        "server, or in what it listed last if it cannot be reached.  Usually you want "
        "this option and not -t.",
    ),
    Option("-N", "--non-recursive", help="add a directory without its content"),
    Option(
        "--parents",
        help="add the directories above, too, where they are not registered",
    ),
    Option(*DRY_RUN, help="register nothing, and print what would be added"),
    Option("-v", "--verbose", help="ask the server for the class of each, and show it"),
    group="work",
    summary="register new files and directories",
    examples=(
        (
            "%(program)s add news.txt pictures",
            "register a file, and a directory with all it contains",
        ),
        (
            "%(program)s add -f ZPTPage front.html",
            "register a file that becomes a page template",
        ),
    ),
)
def add(opts: Options, args: list[str]) -> None:
    """%(program)s add [-t TYPE] [-f FACTORY] [-N] [--parents] [-nv] TARGET ...

    Registers each TARGET, a file or a directory that exists, to be added to
    the server by the next commit.  The parent directory must be registered.
    A directory is added with all it contains except ignored files, see
    '%(program)s help ignore'; of a registered one the new files are added.
    Links and special files stay unregistered and are shown as '?'.

    Without -t and -f the server chooses the class by the extension of the file
    name and by the content: .pt becomes a page template, .dtml a DTML page, and
    common kinds of images are recognized.  After each file its kind is shown,
    text or binary, which decides how it is compared and merged, or the class
    that -t or -f names.

    No server is needed for that.  With -v the server is asked for the class of
    each object, and a warning is shown if it cannot make what -f names.

    In layouts 1 and 2 a TARGET in @@Zope/Extra/NAME is a part of the object NAME
    beside it that has no file yet; its name tells the server which part.

    If TARGET is a new file in place of one that is registered for removal, the
    commit sends a change instead of a removal.
    """
    if not args:
        raise UsageError("add requires at least one TARGET argument")
    check_exist(args)
    args = objects(_without_control(opts, args))
    kind, factory = opts.value("-t", "--type"), opts.value("-f", "--factory")
    told = kind or factory
    known = dict.fromkeys(map(os.path.normpath, args), told) if told else {}
    added = Added(opts, known)
    verbose = opts.verbose or opts.given("-v", "--verbose")
    with client(opts, observer=added.note) as fs:
        # 3.6.0 added a directory without its content.
        recursive = not (opts.compat or opts.given("-N", "--non-recursive"))
        fs.rehearsing = is_rehearsal(opts)
        if factory is not None and "." not in factory:
            factory = fs.factory_named(_above(args[0]), factory)
            known.update(dict.fromkeys(known, kind or factory))
        args = _with_roots(fs, args)
        fs.each(args, fs.add, kind, factory, recursive, opts.given("--parents"))
        opts.report.flush()
        if not fs.rehearsing:
            offer_moves(opts, fs.moved_by_hand(new=args), 1)
        if verbose:
            added.tell(fs, factory)
        tell_rehearsal(fs.rehearsing)


def _with_roots(fs: FSSync, args: list[str]) -> list[str]:
    """Return the targets; replace the root of a working copy by its items."""
    # Imported late: for the help nothing is read.
    from zope.app.fssync.client.workingcopy.place import is_root

    found: list[str] = []
    for arg in args:
        if is_root(arg):
            fs.multiple([arg], found.append)
        else:
            found.append(arg)
    return found


def _above(path: str) -> str:
    return os.path.dirname(path.rstrip("/")) or os.curdir


class Added:
    """The added files and directories, and their types.

    ``known`` maps paths to the types that the command line names.
    """

    def __init__(self, opts: Options, known: dict[str, str]) -> None:
        self.report = opts.report
        self._known = known
        self.paths: list[str] = []

    def note(self, change: str) -> None:
        """Report a change with the type of the file, and remember added paths."""
        from zope.fssync.fsutil import ispart
        from zope.fssync.report import ADDED
        from zope.fssync.report import Change

        if isinstance(change, Change) and change.action == ADDED:
            path = change.path
            if not ispart(path):
                slash = os.sep * change.is_directory
                self.paths.append(path + slash)
                change = Change.of_line(
                    change, ADDED, path + slash, self._kind(path, change.is_directory)
                )
        self.report.change(change)

    def _kind(self, path: str, is_directory: bool) -> str:
        """Return the type of a new object, as far as it is known locally."""
        if (known := self._known.get(os.path.normpath(path))) is not None:
            return known
        if is_directory:
            return ""
        # Imported late: for the help nothing is read.
        from zope.fssync.encoding import is_text
        from zope.fssync.files import open_regular

        try:
            with open_regular(path) as stream:
                return "text" if is_text(stream) else "binary"
        except PermissionError:
            # It is added all the same; only the commit has to read it.
            return "not readable"

    def tell(self, fs: FSSync, factory: str | None) -> None:
        """Ask the server for the classes of added objects, and report them."""
        known = self._known
        asked: dict[str, list[str]] = {}
        for path in self.paths:
            if factory or os.path.normpath(path) not in known:
                # A new directory is not on the server yet: ask for its parent.
                above = _above(path)
                while not fs.is_sent(above) and above != os.path.dirname(above):
                    above = _above(above)
                asked.setdefault(above, []).append(path)
        found: dict[str, str | None] = {}
        for above, paths in asked.items():
            names = {path: _name(path) for path in paths}
            try:
                types = fs.types(above, dict.fromkeys(names.values()))
            except Error as error:
                # The objects are added all the same.
                self.report.warning(f"their classes are not known: {error.message}")
                return
            made = types.names
            found.update((os.path.normpath(p), made.get(n)) for p, n in names.items())
            if factory and all(each.factory != factory for each in types.makeable):
                self.report.warning(
                    f"warning: the server does not say that it can make "
                    f"'{escape(factory)}' in {escape(above)}; 'zsync types' lists what "
                    "it can"
                )
        found.update(known)
        for path in self.paths:
            type = found[os.path.normpath(path)]
            shown = type or "a pickle, which names its class"
            fields = {"path": path, "type": type}
            self.report.item(fields, f"   {escape(path)}: {escape(shown)}")


def _name(path: str) -> str:
    """Return the last name of a path, with a slash for a directory."""
    slash = "/" * path.endswith("/")
    return os.path.basename(path.rstrip("/")) + slash


def _without_control(opts: Options, args: list[str]) -> list[str]:
    """Return the targets without control data, which a shell pattern includes."""
    from zope.fssync.paths import is_control

    found = [arg for arg in args if not is_control(os.path.basename(arg.rstrip("/")))]
    if not found or opts.compat:
        return args
    for arg in args:
        if arg not in found:
            opts.report.warning(
                f"hint: '{escape(arg)}' is control data of the working copy; it is "
                "not added"
            )
    return found
