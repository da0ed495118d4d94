"""zsync diff."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.output import write_bytes
from zope.app.fssync.cli.program import Options


def diff(opts: Options, args: list[str]) -> None:
    """%(program)s diff [OPTIONS] [TARGET ...]

    Shows how each TARGET, a file or a directory with all it contains, differs
    from what the server last sent.  TARGET is the current directory by default.
    Nothing is shown for files without changes.  The form of the output is that
    of GNU diff, which need not be installed; of its options there are:

    -u, -U NUMBER, --unified=NUMBER  unified, with NUMBER lines around (3)
    -c, -C NUMBER, --context=NUMBER  with NUMBER lines of context (3)
    -b         ignore changes in the amount of blanks
    -B         ignore changes that only insert or delete empty lines
    -i         ignore case
    --brief    tell only which files differ
    -a, --text  show binary files, too

    -N         show added and removed files too

    Binary is what has a zero byte or is neither UTF-8 nor, with a byte order
    mark, UTF-16 or UTF-32.  These two are shown in UTF-8.
    """
    passed = []
    need_original = True
    for option, value in opts:
        if option == "-N":
            need_original = False
        else:
            passed.append(_joined(option, value))
    with client() as fs:
        fs.multiple(args, fs.diff, 1, " ".join(passed), need_original, write_bytes)


def _joined(option: str, value: str) -> str:
    if not value:
        return option
    return f"{option}={value}" if option.startswith("--") else f"{option} {value}"


ENTRY = (diff, "di", "abBcC:iNuU:", "brief context= text unified=")
