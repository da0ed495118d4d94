"""Ignore files of a working copy by rules, as git does.

Some rules are built in.  A file named `.zsyncignore` has rules for its directory and
all below it: they go before those of the directories above, and before the built-in
ones.  Of the rules of one file the last that matches a path counts.  An ignored
directory is ignored with all that it contains.

Rules apply to files that are not registered.  A registered file is content, whatever
its name is.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from zope.fssync import fsutil
from zope.fssync import paths
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.ignorepatterns import Rule
from zope.fssync.ignorepatterns import read_rules
from zope.fssync.limits import IGNORE_FILE_SIZE

if TYPE_CHECKING:
    from zope.app.fssync.client.session import Session
    from zope.fssync.fileinterfaces import IFileTree

__all__ = [
    "BUILT_IN",
    "IGNORE_FILE",
    "Ignored",
    "below",
    "default_rule",
    "rule_for",
    "rules_in",
]

IGNORE_FILE = ".zsyncignore"

#: The source of the built-in rules.
BUILT_IN = "built in"

_DEFAULTS = f"""\
{IGNORE_FILE}
*~
.#*
\\#*#
*.swp
*.swo
*.orig
*.rej
.idea/
.vscode/
.DS_Store
._*
Thumbs.db
desktop.ini
__pycache__/
*.pyc
.git
.gitignore
.gitattributes
.gitmodules
.hg
.hgignore
.bzr
.bzrignore
.svn
.cvsignore
CVS
RCS
SCCS
"""


@cache
def _defaults() -> list[Rule]:
    return read_rules(_DEFAULTS, BUILT_IN, numbered=False)


class Ignored:
    """The rules for ignored files below the directory ``root``.

    Paths are below ``root``, with `/` between their components.
    """

    def __init__(self, files: IFileTree, root: str) -> None:
        self.files = files
        self.root = root
        self._rules: dict[str, list[Rule]] = {}
        self._directories: dict[str, Rule | None] = {}

    def rule(self, path: str, is_directory: bool) -> Rule | None:
        """Return the rule that decides about a path, None if there is none."""
        above = path.rpartition("/")[0]
        if above:
            if above not in self._directories:
                self._directories[above] = self.rule(above, True)
            found = self._directories[above]
            if found is not None and not found.negated:
                # Nothing in an ignored directory is looked at.
                return found
        return self.own_rule(path, is_directory)

    def own_rule(self, path: str, is_directory: bool) -> Rule | None:
        """Return the rule for a path in a directory that is not ignored."""
        names = path.split("/")
        for depth in range(len(names) - 1, -1, -1):
            rules = self.rules("/".join(names[:depth]))
            for rule in reversed(rules):
                if rule.matches(names[depth:], is_directory):
                    return rule
        for rule in reversed(_defaults()):
            if rule.matches(names[-1:], is_directory):
                return rule
        return None

    def __call__(self, path: str, is_directory: bool) -> bool:
        """Return True if a path is ignored."""
        rule = self.rule(path, is_directory)
        return rule is not None and not rule.negated

    def rules(self, directory: str) -> list[Rule]:
        """Return the rules of the file in a directory."""
        if directory not in self._rules:
            self._rules[directory] = self._read(directory)
        return self._rules[directory]

    def all_rules(self, directory: str) -> list[Rule]:
        """Return all rules for files in a directory, the strongest last."""
        found = list(_defaults())
        names = directory.split("/") if directory else []
        for depth in range(len(names) + 1):
            found += self.rules("/".join(names[:depth]))
        return found

    def _read(self, directory: str) -> list[Rule]:
        source = f"{directory}/{IGNORE_FILE}" if directory else IGNORE_FILE
        path = os.path.join(self.root, source)
        if not self.files.isfile(path):
            return []
        with self.files.open(path) as stream:
            data = stream.read(IGNORE_FILE_SIZE + 1)
        if len(data) > IGNORE_FILE_SIZE:
            raise LimitExceeded(
                f"'{path}' has more than {IGNORE_FILE_SIZE} bytes", path=path
            )
        return read_rules(data.decode("utf-8", "surrogateescape"), source)


def default_rule(path: str) -> str | None:
    """Return the built-in rule that ignores a file, or a directory that it is in."""
    names = path.split("/")
    for number in range(1, len(names) + 1):
        for rule in reversed(_defaults()):
            if rule.matches(names[number - 1 : number], number < len(names)):
                return rule.text
    return None


def rules_in(session: Session, directory: str) -> list[Rule]:
    """Return the rules for what is in a directory of a working copy."""
    located = fsutil.located(directory)
    inside = "" if located == session.root else session.inside(directory)
    if session.root is None or inside is None:
        raise _unruled(directory)
    return session.ignored.all_rules(inside)


def rule_for(session: Session, path: str) -> tuple[bool, Rule | None]:
    """Return whether a path is registered, and the rule that decides about it."""
    inside = None if session.root is None else session.inside(path)
    if inside is None:
        raise _unruled(path)
    is_directory = path.endswith("/") or session.files.isdir(path)
    registered = bool(session.metadata.getentry(path))
    return registered, session.ignored.rule(inside, is_directory)


def _unruled(path: str) -> Error:
    return Error(
        f"nothing is ignored or not here: '{path}'",
        path=path,
        advice="Name a file or a directory in a working copy.",
    )


def below(root: str, path: str) -> str | None:
    """Return a located path relative to ``root``, None if it is not below it."""
    relative = os.path.relpath(path, root)
    parts = relative.split(os.sep)
    if relative == os.curdir or parts[0] == os.pardir or paths.CONTROL in parts:
        return None
    return "/".join(parts)
