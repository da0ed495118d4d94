"""Map commands to their modules, so that only the one that runs is loaded."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from zope.app.fssync.cli.verb import Verb

__all__ = ["COMMANDS", "FUNCTIONS", "declared", "of_name"]

#: The commands in the order of the overview, with the aliases of their declarations.
_WORDS = {
    "checkout": "co",
    "export": "",
    "import": "",
    "checkin": "",
    "edit": "",
    "promote": "",
    "login": "",
    "logout": "",
    "config": "",
    "status": "stat st",
    "diff": "di",
    "add": "",
    "mkdir": "",
    "copy": "cp",
    "move": "mv rename",
    "remove": "del delete rm",
    "prop": "",
    "update": "up",
    "commit": "ci",
    "watch": "",
    "revert": "",
    "undo": "",
    "merge": "",
    "info": "",
    "list": "ls",
    "types": "",
    "explain": "",
    "ignore": "",
    "cat": "",
    "resolve": "resolved",
    "log": "",
    "annotate": "blame praise",
    "attach": "",
    "relocate": "",
    "cleanup": "",
    "doctor": "",
    "upgrade": "",
    "downgrade": "",
}

#: Each name or alias of a command -> its name.
COMMANDS = {
    word: name for name, aliases in _WORDS.items() for word in (name, *aliases.split())
}

#: The name of the function of a command -> its command.  Names that are keywords or
#: builtins of Python end in an underscore.
FUNCTIONS = {f"{n}_" if n in ("import", "list") else n: n for n in _WORDS}


def of_name(word: str) -> Verb | None:
    """Return the command of that name or alias, if there is one."""
    name = COMMANDS.get(word)
    if name is None:
        return None
    module = import_module(f"zope.app.fssync.cli.{name}_cmd")
    verb: Verb = getattr(module, name, None) or getattr(module, f"{name}_")
    return verb


def declared() -> Iterator[Verb]:
    """Yield all commands, in the order of the overview."""
    return filter(None, map(of_name, _WORDS))
