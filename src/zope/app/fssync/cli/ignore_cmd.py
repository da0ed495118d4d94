"""zsync ignore."""

from __future__ import annotations

import os

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.fssync.ignorepatterns import Rule


@verb(
    group="work",
    summary="show which files are ignored, and why",
    examples=(
        ("%(program)s ignore", "list the rules for the current directory"),
        ("%(program)s ignore build/a.log", "show the rule that decides about a file"),
    ),
)
def ignore(opts: Options, args: list[str]) -> int | None:
    """%(program)s ignore [PATH ...]

    Shows for each PATH the rule that decides whether it is ignored, and where
    the rule stands.  PATH need not exist; a slash at its end makes it a directory.
    The exit status is 1 if no PATH is ignored.  Without PATH all rules for the
    current directory are shown, the strongest last.

    Ignored files are not listed by 'status', not added with the directory they
    are in, and never deleted.  You can still add one by its name.  Registered
    files are never ignored.

    Rules are written into files named .zsyncignore, one on each line, in the
    syntax of git: '*.log' a name in this directory or below, '/build' or
    'a/b' a path from this directory on, 'tmp/' directories only, 'a/**/b' with any
    directories between, '!keep.log' not ignored after all, '#' a comment.
    Backup files of editors and what version control leaves are ignored without a
    rule.  A .zsyncignore is yours alone until you add it.
    """
    with client(opts) as fs:
        if not args:
            for rule in fs.ignore_rules(os.curdir):
                opts.report.item(_fields(rule), _named(rule))
            return None
        found = [(path, *fs.ignore_rule(path)) for path in args]
    for path, registered, rule in found:
        told = {"path": path, "ignored": _is_ignored(registered, rule)}
        told |= {"registered": registered} | (_fields(rule) if rule else {})
        opts.report.item(told, f"{escape(path)}: {_reason(registered, rule)}")
    return None if any(_is_ignored(*each) for _, *each in found) else 1


def _is_ignored(registered: bool, rule: Rule | None) -> bool:
    return not registered and rule is not None and not rule.negated


def _reason(registered: bool, rule: Rule | None) -> str:
    if registered:
        return "not ignored, it is registered"
    if rule is None:
        return "not ignored"
    return f"{'not ignored' if rule.negated else 'ignored'} by {_named(rule)}"


def _fields(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.text,
        "source": rule.source,
        "line": rule.number or None,
        "negated": rule.negated,
    }


def _named(rule: Rule) -> str:
    place = f"{rule.source}:{rule.number}" if rule.number else rule.source
    return f"{escape(place)}: {escape(rule.text)}"
