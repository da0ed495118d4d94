"""The desktop file is valid, and starts the command that it is meant to start."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.cli.desktopfile import desktop_entry
from zope.app.fssync.testing.person import Person

#: The keys of the specification that an application may have, and those it must have.
KEYS = {
    *("Type", "Version", "Name", "Comment", "Exec", "TryExec", "Terminal"),
    *("NoDisplay", "StartupNotify", "Categories", "MimeType"),
}
REQUIRED = {"Type", "Name", "Exec"}
ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}

#: Programs, and editors of --app.
COMMANDS = [
    ("/usr/bin/zsync", None),
    ("/home/me/my tools/100%/zsync", "code --wait"),
    ('/opt/$x/`y`/"z"\\w/zsync', "'a b' \\ %u \"c\""),
]

VALIDATOR = shutil.which("desktop-file-validate")

needs_validator = pytest.mark.skipif(
    VALIDATOR is None,
    reason="needs Debian's desktop-file-utils; .ci/run installs them",
)


def unescaped(value: str) -> str:
    """A value of a desktop file as a string."""
    found, rest = "", value
    while rest:
        plain, backslash, rest = rest.partition("\\")
        found += plain
        if backslash:
            found, rest = found + ESCAPES[rest[0]], rest[1:]
    return found


def arguments(value: str) -> list[str]:
    """What the key Exec starts, by the rules of the specification."""
    found: list[str] = []
    rest = unescaped(value)
    while rest := rest.lstrip(" "):
        word = ""
        if rest[0] != '"':
            word, _, rest = rest.partition(" ")
            assert not set(word) & set("\t\n\"'\\><~|&;$*?#()`"), word
        else:
            rest = rest[1:]
            while rest[0] != '"':
                if rest[0] == "\\":
                    assert rest[1] in '"`$\\'
                    rest = rest[1:]
                else:
                    assert rest[0] not in "`$"
                word, rest = word + rest[0], rest[1:]
            rest = rest[1:]
            assert rest[:1] in ("", " ")
            assert "%" not in word.replace("%%", "")
        found.append(word.replace("%%", "%") if word != "%u" else word)
    return found


def fields(text: str) -> dict[str, str]:
    """The keys of a desktop file that keeps to the specification."""
    head, *lines, end = text.split("\n")
    assert (head, end) == ("[Desktop Entry]", "")
    pairs = [line.partition("=")[::2] for line in lines]
    found = dict(pairs)
    assert len(found) == len(pairs)
    assert found.keys() <= KEYS
    assert found.keys() >= REQUIRED
    for name in ("Terminal", "NoDisplay", "StartupNotify"):
        assert found[name] in ("true", "false")
    for name in ("Categories", "MimeType"):
        assert found[name].endswith(";")
    return found


@pytest.mark.parametrize(("program", "app"), COMMANDS)
def test_the_entry_keeps_to_the_specification_and_starts_what_is_meant(
    program: str, app: str | None
) -> None:
    text = desktop_entry(program, app)
    found = fields(text)
    given = [] if app is None else ["--app", app]
    start = [program, "edit", "--keep-open", *given, "--", "%u"]
    assert arguments(found["Exec"]) == start
    assert unescaped(found["TryExec"]) == program
    kinds = found["MimeType"].split(";")
    assert kinds == ["x-scheme-handler/zsync-edit", "application/x-zope-edit", ""]


@needs_validator
@pytest.mark.parametrize(("program", "app"), COMMANDS)
def test_the_tool_of_freedesktop_finds_no_fault(
    program: str, app: str | None, tmp_path: Path
) -> None:
    assert VALIDATOR is not None
    path = tmp_path / "zsync-edit.desktop"
    path.write_text(desktop_entry(program, app))
    said = subprocess.run([VALIDATOR, path], capture_output=True, text=True)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_register_writes_the_files_and_tells_the_desktop(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("update-desktop-database", "xdg-mime"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/told\nexit 1\n')
        tool.chmod(0o755)
    me = Person(tmp_path)
    data = tmp_path / "data"
    variables: dict[str, Any] = {"XDG_DATA_HOME": str(data), "PATH": str(tools)}
    shown = me("edit", "--register", "--app", "gedit", **variables)
    entry = data / "applications" / "zsync-edit.desktop"
    types = data / "mime" / "packages" / "zsync-edit.xml"
    assert shown == f"Wrote {entry}\nWrote {types}\n"
    started = arguments(fields(entry.read_text())["Exec"])
    assert started[1:] == ["edit", "--keep-open", "--app", "gedit", "--", "%u"]
    (kind,) = ET.parse(types).getroot()
    assert kind.attrib == {"type": "application/x-zope-edit"}
    assert (tmp_path / "told").read_text().splitlines() == [
        f"update-desktop-database {data}/applications",
        "xdg-mime default zsync-edit.desktop x-scheme-handler/zsync-edit",
        "xdg-mime default zsync-edit.desktop application/x-zope-edit",
    ]
    me("edit", "--register", "http://host/a", status=2)
