"""The options of a command line: declared, separated from targets, passed on."""

from __future__ import annotations

import os
from functools import cached_property

from zope.fssync.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence

    from zope.app.fssync.cli.report import Report

__all__ = [
    "COMMON",
    "ZERO",
    "Option",
    "Options",
    "Pairs",
    "from_getopt",
    "json_form",
    "parsed",
    "separate",
]

#: Options as getopt returns them: names with their arguments.
Pairs = list[tuple[str, str]]


class Option:
    """An option of a command: its names, its argument, and its help."""

    def __init__(self, *names: str, argument: str = "", help: str = "") -> None:
        self.names = names
        self.argument = argument
        self.help = help

    def usage(self) -> str:
        """Return the names and the argument as help shows them."""
        if not self.argument:
            return ", ".join(self.names)
        return ", ".join(
            f"{name}={self.argument}"
            if name.startswith("--")
            else f"{name} {self.argument}"
            for name in self.names
        )


#: The options of every command.  A command can override them by options of its own.
COMMON = (
    Option("-h", "--help", help="show how a command is used"),
    Option(
        "-C",
        "--directory",
        argument="DIR",
        help="work as if started in DIR",
    ),
    Option("-q", "--quiet", help="print only what was asked for and what went wrong"),
    Option("-v", "--verbose", help="list files to which nothing happened, too"),
    Option(
        "--targets",
        argument="FILE",
        help="read more targets from FILE, one on each line; - is standard input",
    ),
    Option(
        "-o",
        "--option",
        argument="KEY=VALUE",
        help="use another setting; see '%(program)s help config'",
    ),
    Option("--password-stdin", help="read the password from standard input"),
    Option(
        "--color",
        argument="WHEN",
        help="colour the output: auto, which is on a terminal, always or never",
    ),
    Option("--no-pager", help="show long output at once, without a pager"),
    Option("--json", help="print one JSON document; docs/json.rst describes it"),
    Option("--json-lines", help="the same, one item on each line as it comes"),
    Option("--compat", help="print what release 3.6.0 printed"),
    Option("--traceback", help="show where in the program an error arose"),
)


#: The option of commands that list paths.
ZERO = Option(
    "-z", "--null", help="end each path with a zero byte, quote none: for 'xargs -0'"
)


class Options(list[tuple[str, str]]):
    """The options given to a command, in their order.

    It is a list of pairs, as the commands of 3.6.0 take it; ``common`` has the pairs of
    the options in `COMMON`.
    """

    def __init__(
        self, pairs: Iterable[tuple[str, str]] = (), common: Pairs | None = None
    ) -> None:
        super().__init__(pairs)
        self.common: Pairs = common or []

    @classmethod
    def of(cls, pairs: Pairs) -> Options:
        """Convert ``pairs``, which a caller of 3.6.0 passes as a plain list."""
        return pairs if isinstance(pairs, cls) else cls(pairs)

    def given(self, *names: str) -> bool:
        """Return True if an option of one of these names is given."""
        return any(name in names for name, _ in self)

    def value(self, *names: str) -> str | None:
        """Return the last argument of an option of these names."""
        values = [value for name, value in self if name in names]
        return values[-1] if values else None

    @property
    def quiet(self) -> bool:
        return self._common("-q", "--quiet")

    @property
    def verbose(self) -> bool:
        return self._common("-v", "--verbose")

    @property
    def compat(self) -> bool:
        """True to print the output of 3.6.0."""
        return self._common("--compat") or os.environ.get("ZSYNC_COMPAT") == "3.6"

    @property
    def color(self) -> str:
        """When to colour output: auto, always or never."""
        given = [value for name, value in self.common if name == "--color"]
        return given[-1] if given else "auto"

    @property
    def pager_refused(self) -> bool:
        return self._common("--no-pager")

    @property
    def password_on_stdin(self) -> bool:
        return self._common("--password-stdin")

    @property
    def settings(self) -> list[str]:
        """The words ``key=value`` that override the configuration files."""
        return [value for name, value in self.common if name in ("-o", "--option")]

    @cached_property
    def report(self) -> Report:
        """The report to which the command writes its output."""
        from zope.app.fssync.cli.report import report_for

        return report_for(self)

    def _common(self, *names: str) -> bool:
        return any(name in names for name, _ in self.common)


def json_form(args: Sequence[str]) -> str:
    """Return ``document`` or ``lines`` if the options ask for JSON, else "".

    It is called before the command line is parsed, whose errors are JSON then, too.
    """
    for word in args:
        if word == "--":
            break
        if len(word) > 4 and "--json-lines".startswith(word):
            return "document" if len(word) <= len("--json") else "lines"
    return ""


def separate(
    args: Sequence[str], own: Iterable[Option], common: Iterable[Option] = COMMON
) -> tuple[Options, list[str]]:
    """Separate options from targets, in any order.

    ``--`` ends the options.  `getopt.gnu_getopt` does nearly the same, but with
    POSIXLY_CORRECT in the environment it takes ``-n`` after a target for a target, so
    that a rehearsal becomes a commit.

    Raises `UsageError`.
    """
    own = list(own)
    _, long = to_getopt(own)
    names = {name for option in own for name in option.names}
    all_short, all_long = to_getopt([*own, *_besides(names, common)])
    options, rest = Options(), list(args)
    targets: list[str] = []
    while rest:
        word = rest[0]
        if word == "--":
            return options, targets + rest[1:]
        if word == "-" or not word.startswith("-"):
            targets.append(rest.pop(0))
            continue
        known = long if _abbreviates(word, long, all_long) else all_long
        # The empty word remains unless the option takes an argument.  To catch the
        # error of a missing argument would be slow: it loads translations.
        found, left = parsed([word, ""], all_short, known)
        width = 1
        if not left:
            found, width = parsed(rest[:2], all_short, known)[0], 2
        for name, value in found:
            (options if name in names else options.common).append((name, value))
        del rest[:width]
    return options, targets


def _abbreviates(word: str, own: Iterable[str], every: Iterable[str]) -> bool:
    """Return True if a word abbreviates a long option of the command."""
    name = word[2:].partition("=")[0]
    if not word.startswith("--") or name in {each.rstrip("=") for each in every}:
        return False
    return any(each.startswith(name) for each in own)


def parsed(words: list[str], short: str, long: list[str]) -> tuple[Pairs, list[str]]:
    """Return the leading options, and the words after them.

    Raises `UsageError`.
    """
    # Imported late: it loads gettext and re, and many commands have no options.
    from getopt import GetoptError
    from getopt import getopt

    try:
        return getopt(words, short, long)
    except GetoptError as error:
        raise UsageError(f"option error: {error}") from None


def _besides(names: set[str], options: Iterable[Option]) -> list[Option]:
    """Return ``options`` without the given names."""
    return [
        Option(
            *(name for name in option.names if name not in names),
            argument=option.argument,
        )
        for option in options
    ]


def to_getopt(options: Iterable[Option]) -> tuple[str, list[str]]:
    """Return short and long options in the notation of getopt."""
    short, long = "", []
    for option in options:
        for name in option.names:
            if name.startswith("--"):
                long.append(name[2:] + ("=" if option.argument else ""))
            else:
                short += name[1:] + (":" if option.argument else "")
    return short, long


def from_getopt(short: str, long: Sequence[str]) -> list[Option]:
    """Return options for their notation of getopt."""
    options = [
        Option(f"-{letter}", argument="VALUE" if short[i + 1 : i + 2] == ":" else "")
        for i, letter in enumerate(short)
        if letter != ":"
    ]
    options.extend(
        Option(f"--{name.rstrip('=')}", argument="VALUE" if name[-1] == "=" else "")
        for name in long
    )
    return options
