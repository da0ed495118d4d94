"""Finds the command that a command line names, and what its options are.

`Command` knows no command of its own but ``help``; a script of an application
adds its own beside those of `zope.app.fssync.main.command_table`.
"""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Callable
from typing import Any
from typing import TextIO

from zope.app.fssync.cli.output import escape
from zope.app.fssync.cli.output import finish_output
from zope.app.fssync.cli.output import say
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError

__all__ = ["Command", "Options", "Usage"]

Options = list[tuple[str, str]]

#: Takes the options and the other arguments; its docstring is its help, with
#: ``%(program)s`` for the name of the program.
Handler = Callable[[Options, list[str]], Any]

Usage = UsageError

#: The exit status that shells give a program that was ended by an interrupt.
INTERRUPTED = 130


class Command:
    """A program that is told by its first argument what to do."""

    def __init__(
        self,
        name: str | None = None,
        usage: str | None = None,
        version: Callable[[], str] = str,
    ) -> None:
        self.program = os.path.basename(sys.argv[0]) if name is None else name
        self.helptext = usage if usage is not None else _main_documentation()
        self.version = version
        self.command_table: dict[str, tuple[str, list[str], Handler]] = {}
        self.global_options: Options = []
        self.local_options: Options = []
        self.args: list[str] = []
        self.command: str | None = None

    def addCommand(
        self,
        name: str,
        function: Handler,
        short: str = "",
        long: str = "",
        aliases: str = "",
    ) -> None:
        """Add a command; ``short`` and ``long`` are options as getopt has them."""
        for each in (name, *aliases.split()):
            if each in self.command_table:
                raise ValueError(f"there is a command {each!r} already")
            self.command_table[each] = short, long.split(), function

    def main(self, args: list[str] | None = None) -> int | None:
        """Do what the command line says.

        Returns the exit status: None for success, 2 for a wrong command line,
        else that of the error.
        """
        try:
            self.realize(args)
            status: int | None = self.run()
        except Usage as error:
            self._complain(error)
            self.usage(sys.stderr, 'for help use "%(program)s help"')
            return error.exit_code
        except Error as error:
            self._complain(error)
            return error.exit_code
        except KeyboardInterrupt:
            self._complain("interrupted")
            return INTERRUPTED
        except OSError as error:
            self._complain(_os_message(error))
            return Error.exit_code
        except UnicodeEncodeError as error:
            self._complain(_encoding_message(error))
            return Error.exit_code
        except Exception as error:
            self._complain(f"internal error: {type(error).__name__}: {error}")
            self.usage(sys.stderr, "for its place use %(program)s --traceback")
            return Error.exit_code
        return status

    def _complain(self, what: object) -> None:
        """Print what went wrong; where in the program, if asked for."""
        finish_output()
        if os.environ.get("ZSYNC_TRACEBACK") or self._has_option("--traceback"):
            import traceback

            say(_masked(traceback.format_exc().rstrip()), sys.stderr)
        say(_masked(str(what)), sys.stderr)

    def _has_option(self, name: str) -> bool:
        return any(option == name for option, _ in self.global_options)

    def realize(self, args: list[str] | None = None) -> None:
        """Find out which command is meant; raises `Usage`."""
        self._add_help()
        options, args = self.getopt(
            "global",
            sys.argv[1:] if args is None else args,
            "h",
            ["help", "traceback", "version"],
            self.helptext,
        )
        self.global_options = options
        if self._has_option("--version"):
            self.usage(sys.stdout, f"%(program)s {self.version()}")
            sys.exit()
        if not args:
            raise Usage("missing command argument")
        self.command, *args = args
        if self.command not in self.command_table:
            raise Usage("unrecognized command")
        short, long, function = self.command_table[self.command]
        self.local_options, args = self.getopt(
            self.command, args, "h" + short, ["help", *long], function.__doc__ or ""
        )
        self.args = [_as_named(argument) for argument in args]

    def getopt(
        self, command: str, args: list[str], short: str, long: list[str], helptext: str
    ) -> tuple[Options, list[str]]:
        """Separate the options from the arguments; shows help where asked to."""
        try:
            options, args = getopt.getopt(args, short, long)
        except getopt.GetoptError as error:
            raise Usage(f"{command} option error: {error}") from None
        for option, _ in options:
            if option in ("-h", "--help"):
                self.usage(sys.stdout, helptext)
                sys.exit()
        return options, args

    def run(self) -> Any:
        """Run the command that `realize` found."""
        if self.command is None:
            raise Usage("missing command argument")
        function = self.command_table[self.command][2]
        return function(self.local_options, self.args)

    def usage(self, file: TextIO, text: object) -> None:
        """Print ``text`` with the name of the program filled in."""
        say(_dedented(str(text)).replace("%(program)s", self.program), file)

    def help(self, opts: Options, args: list[str]) -> int | None:
        """%(program)s help [COMMAND ...]

        Shows how each COMMAND is used, or without one which commands there are.
        """
        if not args:
            self.usage(sys.stdout, self.helptext)
            return None
        unknown = [name for name in args if name not in self.command_table]
        for name in unknown:
            say(f"unknown command: {name}", sys.stderr)
        known = [name for name in args if name not in unknown]
        for number, name in enumerate(known):
            if number:
                say("")
            self.usage(sys.stdout, self.command_table[name][2].__doc__ or "")
        return Error.exit_code if unknown else None

    def _add_help(self) -> None:
        if "help" not in self.command_table:
            self.addCommand("help", self.help)
        for alias in ("h", "?"):
            self.command_table.setdefault(alias, self.command_table["help"])


def _main_documentation() -> str:
    return sys.modules["__main__"].__doc__ or ""


def _masked(text: str) -> str:
    """Return ``text`` without the passwords of URLs, whoever put them there."""
    import re

    return re.sub(r"(://[^/\s:@]*):[^/\s]*@", r"\1:***@", text)


def _os_message(error: OSError) -> str:
    """Return what the system says, and about which file."""
    reason = error.strerror or str(error) or type(error).__name__
    names = [str(name) for name in (error.filename, error.filename2) if name]
    return ": ".join([" -> ".join(names), reason] if names else [reason])


def _encoding_message(error: UnicodeEncodeError) -> str:
    """Return what to do about text that the encoding of the locale has not."""
    encoding = sys.getfilesystemencoding()
    text = escape(error.object[:200], keep="")
    if "\udc80" <= error.object[error.start] <= "\udcff":
        what = "this is no text in the encoding of the locale"
    else:
        what = "this cannot be written in the encoding of the locale"
    return (
        f"{what}, {encoding}: {text}\nUse a locale with UTF-8, such as LC_ALL=C.UTF-8."
    )


def _as_named(argument: str) -> str:
    """Return a path in the normal form in which it is there."""
    if argument.isascii():
        return argument
    from zope.app.fssync.client.workingcopy.naming import as_named

    return as_named(argument)


def _dedented(text: str) -> str:
    """Return a docstring as all versions of Python would show it."""
    first, *rest = text.rstrip().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    margin = min(margins, default=0)
    return "\n".join([first, *(line[margin:].rstrip() for line in rest)])
