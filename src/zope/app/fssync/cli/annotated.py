"""The lines of `zsync annotate`."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

from zope.app.fssync.client.annotating import Line
from zope.fssync.terminal import escape

__all__ = ["fields", "shown"]


def fields(line: Line) -> dict[str, object]:
    """Return the fields of a line for JSON."""
    logged = line.logged
    found: dict[str, object] = {"text": line.text}
    if logged is not None:
        found |= {"id": logged.id, "user": logged.user, "time": logged.time}
    return found


def shown(line: Line) -> str:
    """Return the text of a line."""
    text = escape(line.text.removesuffix("\n").removesuffix("\r"))
    logged = line.logged
    if logged is None:
        return f"{'?':16} {'':10} {'':10} {text}".rstrip()
    time = datetime.fromtimestamp(logged.time, UTC).astimezone()
    user = escape(logged.user) or "(nobody)"
    return f"{escape(logged.id):16} {user:10} {time:%Y-%m-%d} {text}".rstrip()
