"""zsync add."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.program import Options
from zope.fssync.errors import UsageError


def add(opts: Options, args: list[str]) -> None:
    """%(program)s add [-t TYPE] [-f FACTORY] TARGET ...

    Registers each TARGET, a file or a directory that exists, to be added to
    the server by the next commit.  The parent directory must be registered.

    -t TYPE, --type=TYPE           dotted name of the class of the new object
    -f FACTORY, --factory=FACTORY  dotted name of what makes the new object;
                                   the one that is usually wanted of the two

    A TARGET in @@Zope/Extra/NAME is a part of the object NAME beside it
    that has no file yet; its name tells the server what it is.

    A TARGET that was to be removed, and is a file again, is not removed then
    but changed.

    Without either the server chooses by the extension of the file name and by
    the content: .pt becomes a page template, .dtml a DTML page, and common
    kinds of images are recognized.
    """
    kind = factory = None
    for option, value in opts:
        if option in ("-t", "--type"):
            kind = value
        elif option in ("-f", "--factory"):
            factory = value
    if not args:
        raise UsageError("add requires at least one TARGET argument")
    with client() as fs:
        fs.each(args, fs.add, kind, factory)


ENTRY = (add, "", "f:t:", "factory= type=")
