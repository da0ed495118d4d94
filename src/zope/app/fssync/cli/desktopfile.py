"""Register zsync for ``zsync-edit:`` links and External Editor, by a desktop file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from shutil import which

from zope.app.fssync.client.externaleditor import MIME_TYPE
from zope.app.fssync.client.externaleditor import SCHEME
from zope.fssync.files import SaveFile
from zope.fssync.files import make_directories

__all__ = ["desktop_entry", "register"]

_NAME = "zsync-edit"

#: Defines the file name extension of files of External Editor.
_MIME = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MIME_TYPE}">
    <comment>object of a Zope site to edit</comment>
    <glob pattern="*.zem"/>
    <glob pattern="*.zope"/>
  </mime-type>
</mime-info>
"""


def register(app: str | None) -> list[str]:
    """Write the desktop file for the current user; return the written paths.

    ``app`` is the command that opens links, in place of the editor.
    """
    base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    applications = os.path.join(base, "applications")
    mime = os.path.join(base, "mime")
    entry = os.path.join(applications, f"{_NAME}.desktop")
    types = os.path.join(mime, "packages", f"{_NAME}.xml")
    for path, text in ((entry, desktop_entry(_program(), app)), (types, _MIME)):
        make_directories(os.path.dirname(path))
        with SaveFile(path) as stream:
            stream.write(text.encode())
    _tell("update-mime-database", mime)
    _tell("update-desktop-database", applications)
    for kind in (f"x-scheme-handler/{SCHEME}", MIME_TYPE):
        _tell("xdg-mime", "default", f"{_NAME}.desktop", kind)
    return [entry, types]


def desktop_entry(program: str, app: str | None = None) -> str:
    """Return the text of the desktop file."""
    command = [program, "edit", "--keep-open"]
    if app is not None:
        command += ["--app", app]
    return "\n".join(
        [
            "[Desktop Entry]",
            "Type=Application",
            "Version=1.0",
            "Name=zsync edit",
            "Comment=Edit an object of a Zope site in your editor",
            f"Exec={_escaped(' '.join([*map(_argument, command), '--', '%u']))}",
            f"TryExec={_escaped(program)}",
            "Terminal=true",
            "NoDisplay=true",
            "StartupNotify=false",
            "Categories=Development;",
            f"MimeType=x-scheme-handler/{SCHEME};{MIME_TYPE};",
            "",
        ]
    )


def _program() -> str:
    """Return the path of the running script, else the name that pip installs."""
    return which(os.path.abspath(sys.argv[0])) or which("zsync") or "zsync"


def _argument(text: str) -> str:
    """Return an argument quoted for the key Exec, where ``%`` begins a field."""
    text = text.replace("%", "%%")
    if text and all(each.isalnum() or each in "-_./:=@+," for each in text):
        return text
    for each in '\\"`$':
        text = text.replace(each, f"\\{each}")
    return f'"{text}"'


def _escaped(text: str) -> str:
    """Return a string escaped as a value of a desktop file."""
    for old, new in (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(old, new)
    return text


def _tell(program: str, *arguments: str) -> None:
    """Update the desktop's database, if the program for that is installed."""
    found = which(program)
    if found is not None:
        _quietly([found, *arguments])


def _quietly(command: Sequence[str]) -> None:
    # On failure the desktop finds the files at its next start.
    subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
