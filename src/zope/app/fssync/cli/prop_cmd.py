"""zsync prop."""

from __future__ import annotations

from zope.app.fssync.cli.common import client
from zope.app.fssync.cli.options import ZERO
from zope.app.fssync.cli.options import Options
from zope.app.fssync.cli.verb import verb
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.terminal import TEXT
from zope.fssync.terminal import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from zope.app.fssync.client.partfiles import Property


@verb(
    ZERO,
    completes="tracked",
    group="work",
    summary="show and change titles, content types and other metadata",
    examples=(
        ("%(program)s prop list front.html", "show the metadata of a page"),
        ('%(program)s prop set front.html title "Welcome"', "give it another title"),
    ),
)
def prop(opts: Options, args: list[str]) -> None:
    """%(program)s prop list PATH ... | get PATH NAME | set PATH NAME VALUE ...
                  | edit PATH [NAME] | delete PATH NAME

    Shows and changes the metadata of an object, such as its title.  'list' prints
    a line 'name: value' for each value, 'get' the values of one property.  The
    next commit sends the changes of 'set', 'edit' and 'delete'; 'revert' undoes
    them.

    Titles are called 'title' everywhere.  Objects of the Zope Toolkit have
    contentType and the Dublin Core: title, description, subjects, creators,
    contributors, publisher, rights, language, created, effective and expires.
    Objects of Zope have the properties and the settings of their type; for
    another property of your own NAME may say its type: 'keywords (lines)'.
    Capitals, '-' and '_' in names do not matter.

    Lists of texts take several VALUEs, and times the form 2026-12-24T18:30+01:00.
    'edit' without NAME opens all properties in your editor.
    """
    actions: dict[str, Callable[[Any, Options, list[str]], None]] = {
        "list": _list,
        "get": _get,
        "set": _set,
        "edit": _edit,
        "delete": _delete,
    }
    if not args or args[0] not in actions:
        raise UsageError(f"prop takes one of {', '.join(actions)}, then PATH")
    with client(opts) as fs:
        actions[args[0]](fs, opts, args[1:])


def _list(fs: Any, opts: Options, args: list[str]) -> None:
    if not args:
        raise UsageError("prop list takes PATH")
    for number, (path, found) in enumerate(
        [(path, fs.properties(path).properties()) for path in args]
    ):
        if args[1:]:
            opts.report.message("\n" * bool(number) + f"{escape(path)}:")
        for each in found:
            lines = [f"{escape(each.name)}: {_shown(each, v)}" for v in _values(each)]
            opts.report.item(_fields(path, each), "\n".join(lines))


def _get(fs: Any, opts: Options, args: list[str]) -> None:
    path, name = _arguments("get PATH NAME", args, 2)
    parts = fs.properties(path)
    found = parts.get(name)
    if not found.readable:
        if found.kind:
            raise _unreadable(found)
        opts.report.content(parts.source(name), _fields(path, found))
        return
    text = "\n".join(escape(value, TEXT) for value in found.values)
    opts.report.item(_fields(path, found), text)


def _set(fs: Any, opts: Options, args: list[str]) -> None:
    if len(args) < 3:
        raise UsageError("prop set takes PATH NAME VALUE")
    path, name, *values = args
    for text in (name, *values):
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise UsageError(f"this is no text in UTF-8: '{escape(text)}'")
    name, kind = _split(name)
    with fs.change_properties(path) as parts:
        parts.set(name, values, kind)


def _delete(fs: Any, opts: Options, args: list[str]) -> None:
    path, name = _arguments("delete PATH NAME", args, 2)
    with fs.change_properties(path) as parts:
        parts.delete(name)


def _edit(fs: Any, opts: Options, args: list[str]) -> None:
    from zope.app.fssync.cli.editor import edited
    from zope.fssync import itemtext

    if len(args) == 1:
        (path,) = args
        text = _COMMENT + itemtext.dumps(
            each.item() for each in fs.properties(path).properties() if each.readable
        )
        with (
            edited(opts, path, "properties.txt", text) as data,
            fs.change_properties(path) as parts,
        ):
            parts.replace(itemtext.loads(data))
        return
    path, name = _arguments("edit PATH [NAME]", args, 2)
    parts = fs.properties(path)
    found = parts.get(name)
    if found.readable:
        text = "".join(f"{value}\n" for value in found.values).encode("utf-8")
    elif found.kind:
        raise _unreadable(found)
    else:
        text = parts.source(name)
    with (
        edited(opts, path, "property.txt", text) as data,
        fs.change_properties(path) as parts,
    ):
        if data == text:
            return
        if found.readable:
            parts.set(name, _read(data, found), found.kind)
        else:
            parts.set_source(name, data)


_COMMENT = (
    b"# Change values, take lines out or add some.  What is below a name is indented,\n"
    b'# one line for each value.  Write "" for an empty text.\n'
)


def _read(data: bytes, found: Property) -> list[str]:
    """Return the values in an edited file."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n")
    except UnicodeDecodeError:
        raise Error("what you wrote is not UTF-8 text") from None
    if found.is_list:
        return [line for line in text.split("\n") if line]
    return [text]


def _arguments(usage: str, args: list[str], number: int) -> list[str]:
    if len(args) != number:
        raise UsageError(
            f"prop {usage.partition(' ')[0]} takes {usage.partition(' ')[2]}"
        )
    return args


def _split(name: str) -> tuple[str, str]:
    """Split ``keywords (lines)`` into the name of a property and its type."""
    head, mark, kind = name.partition(" (")
    return (head, kind[:-1]) if mark and kind.endswith(")") else (name, "")


def _values(found: Property) -> tuple[str, ...]:
    return found.values or ("",)


def _shown(found: Property, value: str) -> str:
    if not found.readable:
        return "(a pickle of objects)"
    return escape(value)


def _fields(path: str, found: Property) -> dict[str, object]:
    values: object = list(found.values) if found.is_list else "".join(found.values)
    return {
        "path": path,
        "name": found.name,
        "value": values if found.readable else None,
        "type": found.kind,
        "file": found.path,
    }


def _unreadable(found: Property) -> Error:
    return Error(
        f"the property '{escape(found.name)}' is a pickle of objects",
        path=found.path,
        advice="It stands with the other attributes: 'zsync prop list PATH'.",
    )
