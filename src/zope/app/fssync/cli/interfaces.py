"""The contract of a command.

`Verb` is declared here to implement it, so that commands start without importing
`zope.interface`.
"""

from __future__ import annotations

from typing import Any

from zope.interface import Attribute
from zope.interface import Interface
from zope.interface import classImplements

from zope.app.fssync.cli.options import Pairs
from zope.app.fssync.cli.verb import Verb

__all__ = ["ICommand"]


class ICommand(Interface):
    """A command of a command line.

    A module of `zope.app.fssync.cli` declares each command by the decorator
    `zope.app.fssync.cli.verb.verb`.  `zope.app.fssync.main.command_table` lists
    them; an application that has further commands appends lines to it.

    .. versionadded:: 4.0.0
    """

    name = Attribute("The first word of its command line.")

    aliases = Attribute("Its other names, a tuple.")

    group = Attribute("Its part of the overview, one of `verb.GROUPS`.")

    summary = Attribute("A line for the overview.")

    options = Attribute("Its own options, a tuple of `Option`.")

    examples = Attribute("Command lines, each with what it does.")

    completes = Attribute(
        "What shells complete its targets with: files, directories, tracked, "
        "conflicts, commands, settings or shells."
    )

    def usage() -> str:
        """Return the usage line of the command."""

    def description() -> str:
        """Return the description of the command."""

    def help() -> str:
        """Return usage, description, options and examples.

        ``%(program)s`` stands for the name of the program.
        """

    def table_entry() -> tuple[Any, str, str, str]:
        """Return the command, its aliases, its short and its long options.

        This is a line of a table of 3.6.0; aliases and long options are
        separated by blanks, options are in the notation of getopt.
        """

    def __call__(opts: Pairs, args: list[str]) -> Any:
        """Run the command in the thread of the caller.

        ``opts`` are pairs of the name and the argument of an option, ``args``
        the targets.  Returns the exit status, None for success.  Raises
        `zope.fssync.errors.Error`, whose class determines the exit status; a
        command that fails has changed no file, or says which.
        """


classImplements(Verb, ICommand)
