"""The declaration of a command: options, help and handler, in one place."""

from __future__ import annotations

from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.options import Pairs
from zope.app.fssync.cli.options import from_getopt
from zope.app.fssync.cli.options import to_getopt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: A handler: it is called with the options and the targets.
    Handler = Callable[[Options, list[str]], Any]

    #: A handler that was written for release 3.6.0.
    Handler36 = Callable[[Any, list[str]], Any]

__all__ = ["GROUPS", "WIDTH", "Verb", "verb"]

#: The groups of the overview, in their order.
GROUPS = ("start", "work", "conflicts", "history", "care", "more")

#: The columns for which help is written; it is wrapped again for narrower terminals.
WIDTH = 79


class Verb:
    """A command; see `zope.app.fssync.cli.interfaces.ICommand`."""

    def __init__(
        self,
        handler: Handler36,
        *options: Option,
        aliases: str = "",
        group: str = "more",
        summary: str = "",
        examples: tuple[tuple[str, str], ...] = (),
        completes: str = "files",
    ) -> None:
        self.handler = handler
        self.options = options
        self.aliases = tuple(aliases.split())
        self.group = group
        self.examples = examples
        self.completes = completes
        # A command may have the name of a builtin: list.
        self.__name__ = self.name = getattr(handler, "__name__", "").rstrip("_")
        self.__doc__ = handler.__doc__
        self.summary = summary or _first_line(self.description())

    @classmethod
    def from_table(
        cls, name: str, handler: Handler36, short: str, long: str, aliases: str
    ) -> Verb:
        """Return the command for a line of a table of 3.6.0."""
        if isinstance(handler, cls) and handler.name == name:
            return handler
        command = cls(handler, *from_getopt(short, long.split()), aliases=aliases)
        command.__name__ = command.name = name
        return command

    def table_entry(self) -> tuple[Verb, str, str, str]:
        """Return the line of this command in a table of 3.6.0."""
        short, long = to_getopt(self.options)
        return self, " ".join(self.aliases), short, " ".join(long)

    def __call__(self, opts: Pairs, args: list[str]) -> Any:
        """Run the command; return the exit status, None for success."""
        return self.handler(Options.of(opts), args)

    def usage(self) -> str:
        """Return the usage line of the command."""
        return (self.__doc__ or "").partition("\n")[0]

    def description(self) -> str:
        """Return the description of the command."""
        return _dedented((self.__doc__ or "").partition("\n\n")[2])

    def help(self) -> str:
        """Return the complete help, with %(program)s in place of zsync."""
        first, _, rest = (self.__doc__ or "").partition("\n")
        parts = [f"{first}\n{_dedented(rest)}".rstrip()]
        if shown := [option for option in self.options if option.help]:
            parts.append("Options:\n" + columns([(o.usage(), o.help) for o in shown]))
        if self.examples:
            lines = [f"  # {what}\n  {line}" for line, what in self.examples]
            parts.append("Examples:\n" + "\n".join(lines))
        if shown and self.aliases:
            parts.append(f"Also called: {', '.join(self.aliases)}")
        return "\n\n".join(parts)


def verb(
    *options: Option,
    group: str,
    summary: str,
    examples: tuple[tuple[str, str], ...],
    aliases: str = "",
    completes: str = "files",
) -> Callable[[Handler], Verb]:
    """Make a command of a function, whose docstring has usage and description.

    ``examples`` are command lines, each with its effect.  ``completes`` is the kind of
    targets that shells complete: files, directories, tracked paths or conflicts.
    """

    def declared(handler: Handler) -> Verb:
        return Verb(
            handler,
            *options,
            aliases=aliases,
            group=group,
            summary=summary,
            examples=examples,
            completes=completes,
        )

    return declared


def columns(rows: list[tuple[str, str]], widest: int = 24) -> str:
    """Return names and descriptions in two columns."""
    width = min(widest, max(len(name) for name, _ in rows))
    margin = " " * (width + 4)
    shown = []
    for name, text in rows:
        lines = _wrapped(text, WIDTH - len(margin))
        if len(name) > width:
            shown.append(f"  {name}")
        else:
            shown.append(f"  {name:{width}}  {lines.pop(0)}")
        shown.extend(margin + line for line in lines)
    return "\n".join(shown)


def _wrapped(text: str, width: int) -> list[str]:
    """Return ``text`` wrapped to lines, without the slow import of `textwrap`."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _first_line(text: str) -> str:
    return text.lstrip().partition("\n")[0].rstrip(".")


def _dedented(text: str) -> str:
    """Return the lines of a docstring as all versions of Python would show them."""
    lines = text.rstrip().split("\n")
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join(line[margin:].rstrip() for line in lines)
