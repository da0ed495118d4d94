"""A page for each command of zsync, from the declaration that its help comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.options import COMMON
from zope.app.fssync.cli.options import Option
from zope.app.fssync.cli.verb import GROUPS
from zope.app.fssync.cli.verb import Verb

#: Where the pages are written, below the sources of the manual.
FOLDER = "reference/commands"

#: Help names the program by this.
PROGRAM = "%(program)s"


def commands() -> list[Verb]:
    """The commands of zsync, in the order of its overview."""
    return [verb for verb, *_ in command_table if isinstance(verb, Verb)]


def setup(app: Any) -> dict[str, bool]:
    """Let Sphinx write the pages before it reads the sources."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def man_pages() -> list[tuple[str, str, str, str, int]]:
    """The man pages, as the setting of Sphinx lists them."""
    return [
        (f"{FOLDER}/{verb.name}", f"zsync-{verb.name}", named(verb.summary), "", 1)
        for verb in commands()
    ]


def write_pages(source: Path) -> None:
    """Write the page of each command, and one that lists them by group."""
    pages = {verb.name: page(verb) for verb in commands()}
    pages["index"] = overview(commands())
    folder = source / FOLDER
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        target = folder / f"{name}.rst"
        if not target.exists() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")


def page(verb: Verb) -> str:
    """The page of a command."""
    parts = [title(f"zsync {verb.name}", "="), f"{verb.summary}\n"]
    parts.append(literal(verb.usage()))
    if verb.aliases:
        parts.append(f"Also called: {', '.join(verb.aliases)}\n")
    parts.append(literal(verb.description()))
    if shown := [option for option in verb.options if option.help]:
        parts += [title("Options", "-"), *map(described, shown)]
    if verb.examples:
        parts.append(title("Examples", "-"))
        parts.append(
            literal("\n".join(f"# {what}\n{line}" for line, what in verb.examples))
        )
    return named("\n".join(parts))


def overview(verbs: list[Verb]) -> str:
    """The page that lists the commands, and the options of all of them."""
    parts = [title("Commands", "=")]
    for group in GROUPS:
        members = [verb for verb in verbs if verb.group == group]
        if members:
            parts += [title(group.capitalize(), "-"), *map(mentioned, members)]
    parts += [title("Options of every command", "-"), *map(described, COMMON)]
    parts.append(".. toctree::\n   :hidden:\n")
    parts += [f"   {verb.name}" for verb in verbs]
    return named("\n".join(parts)) + "\n"


def mentioned(verb: Verb) -> str:
    return f":doc:`{verb.name}`\n    {verb.summary}\n"


def described(option: Option) -> str:
    return f"``{option.usage()}``\n    {option.help}\n"


def named(text: str) -> str:
    return text.replace(PROGRAM, "zsync")


def title(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n"


def literal(text: str) -> str:
    lines = (f"    {line}".rstrip() for line in text.splitlines())
    return "\n".join(["::", "", *lines, ""])
