"""The settings of the user, of a working copy and of a command line.

The command line overrides the working copy, and this the user's own file.  A working
copy may come from a stranger: it can only have harmless settings, none that run a
program, name a file, or decide where a password is sent.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import NamedTuple

from zope.app.fssync.client.settings import HARMLESS
from zope.app.fssync.client.settings import KINDS
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError
from zope.fssync.files import open_regular
from zope.fssync.limits import LONGEST_TIME
from zope.fssync.limits import SETTING_PARTS
from zope.fssync.limits import SIZES
from zope.fssync.patterns import late
from zope.fssync.terminal import escape

__all__ = [
    "SETTINGS",
    "Configuration",
    "Setting",
    "Value",
    "load",
    "parsed",
    "place",
    "read_toml",
    "setting",
    "user_file",
    "working_copy_file",
]

Value = str | bool | float | list[str]

_QUOTED = late(r""""[^"]*"|'[^']*'""")

#: The displayed origin of settings of the command line.
COMMAND_LINE = "command line"


class Setting(NamedTuple):
    """A setting; see `zope.app.fssync.client.settings`."""

    key: str
    kind: str
    harmless: bool = False


SETTINGS = tuple(
    Setting(key, kind, key in HARMLESS) for key, kind in sorted(KINDS.items())
)


class Layer(NamedTuple):
    """Values of one origin, a file or the command line."""

    origin: str
    values: dict[str, Value]


class Configuration:
    """Layers of settings; the first one with a key counts."""

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers

    def value(self, key: str) -> Value | None:
        """Return the value of ``key``, None if it is not set."""
        for layer in self.layers:
            if key in layer.values:
                return layer.values[key]
        return None

    def text(self, key: str) -> str | None:
        value = self.value(key)
        return value if isinstance(value, str) else None

    def texts(self, key: str) -> list[str]:
        value = self.value(key)
        return list(value) if isinstance(value, list) else []

    def flag(self, key: str) -> bool:
        return self.value(key) is True

    def seconds(self, key: str, default: float) -> float:
        value = self.value(key)
        return value if isinstance(value, float) else default

    def shown(self) -> Iterator[tuple[str, Value, str]]:
        """Iterate over key, value and origin of all settings, sorted by key."""
        for known in sorted(SETTINGS):
            for layer in self.layers:
                if known.key in layer.values:
                    yield known.key, layer.values[known.key], layer.origin
                    break


def load(
    directory: str = os.curdir,
    given: Iterable[str] = (),
    warn: Callable[[str], object] = lambda line: None,
) -> Configuration:
    """Return the settings for ``directory``.

    ``given`` are words ``key=value`` of the command line.
    """
    layers = [Layer(COMMAND_LINE, _given(given))]
    local = working_copy_file(directory)
    if local is not None:
        layers.append(Layer(local, _read(local, warn, harmless=True)))
    own = user_file()
    layers.append(Layer(own, _read(own, warn)))
    return Configuration(*layers)


def user_file() -> str:
    """Return the path of the user's own file, which need not exist."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(base, "zsync", "config.toml")


def working_copy_file(directory: str) -> str | None:
    """Return the path of the file of the working copy around ``directory``."""
    from zope.app.fssync.client.workingcopy.ownership import check_trusted
    from zope.app.fssync.client.workingcopy.place import control_of
    from zope.app.fssync.client.workingcopy.place import is_root

    path = os.path.realpath(directory)
    while True:
        if is_root(path):
            check_trusted(path)
            return os.path.join(control_of(path), "config.toml")
        path, tail = os.path.split(path)
        if not tail:
            return None


def setting(key: str) -> Setting:
    """Return the setting named ``key``; raise `UsageError` if there is none."""
    for known in SETTINGS:
        if known.key == key:
            return known
    from difflib import get_close_matches

    near = get_close_matches(key, [known.key for known in SETTINGS])
    raise UsageError(
        f"there is no setting '{escape(key)}'",
        advice=f"did you mean {' or '.join(map(repr, near))}?"
        if near
        else "'zsync help config' lists the settings.",
    )


def parsed(known: Setting, words: list[str]) -> Value:
    """Return the value of words on the command line."""
    if known.kind == "texts":
        return [word for word in words if word]
    if len(words) != 1:
        raise UsageError(f"'{known.key}' takes one value")
    word = words[0]
    value: object = word
    if known.kind == "flag":
        value = {"true": True, "false": False}.get(word.lower())
    elif known.kind == "seconds":
        try:
            value = float(word)
        except ValueError:
            value = None
    found = _checked(known, value)
    if found is None:
        raise UsageError(f"'{known.key}' is {_KINDS[known.kind]}: '{escape(word)}'")
    return found


#: The descriptions of valid values.
_KINDS = {
    "text": "a text",
    "texts": "a list of texts",
    "flag": "true or false",
    "seconds": f"a number of seconds, at most {LONGEST_TIME:.0f}",
}


def _given(words: Iterable[str]) -> dict[str, Value]:
    values = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"-o takes KEY=VALUE: '{escape(word)}'")
        values[key] = parsed(setting(key), [value])
    return values


def _read(
    path: str, warn: Callable[[str], object], harmless: bool = False
) -> dict[str, Value]:
    """Return the settings in a file, only the harmless ones on demand."""
    shown = escape(path)
    found: dict[str, Value] = {}
    for key, value in _flat(read_toml(path)):
        known = next((known for known in SETTINGS if known.key == key), None)
        if known is None:
            warn(f"warning: {shown}: there is no setting '{escape(key)}'")
            continue
        if harmless and not known.harmless:
            warn(
                f"warning: {shown}: '{key}' is not taken from a working copy; "
                "set it in your own file, or with -o"
            )
            continue
        checked = _checked(known, value)
        if checked is None:
            raise Error(
                f"{shown}: '{key}' is {_KINDS[known.kind]}",
                path=path,
                advice=f"Mend it, or run 'zsync config unset {key}'.",
            )
        found[key] = checked
    return found


def read_toml(path: str) -> dict[str, object]:
    """Return the content of a file, empty if it does not exist."""
    if not os.path.lexists(path):
        return {}
    # Imported here: most people have no such file.
    import tomllib

    with open_regular(place(path)) as stream:
        _check_own(path, os.fstat(stream.fileno()))
        data = stream.read(SIZES.root)
    try:
        text = data.decode("utf-8")
        if any(_parts(line) > SETTING_PARTS for line in text.splitlines()):
            raise ValueError("a key of many parts")
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Error(
            f"{escape(path)} is not TOML: {escape(str(error))}",
            path=path,
            advice="Mend it, or move it away.",
        ) from None


def _parts(line: str) -> int:
    """Return how many parts the keys in a line have at most.

    `tomllib` takes time and memory for the square of that number.
    """
    return line.count(".") and _QUOTED.sub("", line).count(".") + 1


def place(path: str) -> str:
    """Return the real path of the file at ``path``.

    A link in the home directory is followed, one in a working copy is not.
    """
    return os.path.realpath(path) if path == user_file() else path


def _check_own(path: str, status: os.stat_result) -> None:
    """Refuse a file that others can have written: it may name programs."""
    if os.name != "posix":
        return
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & stat.S_IWOTH:
        raise AccessDenied(
            f"the settings in {escape(path)} are not used: others can write them",
            path=path,
            advice=f"Look at it, then run: chmod go-w {escape(path)}",
        )


def _flat(table: dict[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict) and not prefix:
            yield from _flat(value, f"{name}.")
        else:
            yield prefix + name, value


def _checked(known: Setting, value: object) -> Value | None:
    """Return ``value`` if it is one of the kind, else None."""
    if known.kind == "texts":
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and all(isinstance(each, str) for each in values):
            return [each for each in values if each]
        return None
    if known.kind == "flag":
        return value if isinstance(value, bool) else None
    if known.kind == "seconds":
        number = isinstance(value, int | float) and not isinstance(value, bool)
        # Not a number is not between any.
        return float(value) if number and 0 < value <= LONGEST_TIME else None  # type: ignore
    return value if isinstance(value, str) and "\0" not in value else None
