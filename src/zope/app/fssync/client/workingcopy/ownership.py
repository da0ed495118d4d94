"""Check who owns a working copy.

A working copy says which server is asked and what is written where.  So only the
caller or the administrator may have made it, unless the caller trusts it explicitly.
"""

from __future__ import annotations

import os
import stat

from zope.app.fssync.client.workingcopy.place import control_of
from zope.app.fssync.client.workingcopy.place import is_outside
from zope.fssync import paths
from zope.fssync.errors import PathRefused
from zope.fssync.terminal import escape

__all__ = ["VARIABLE", "check_trusted"]

#: Names the directories that are trusted, whoever owns them, as PATH does; a
#: star stands for all.
VARIABLE = "ZSYNC_SAFE_DIRECTORY"


def check_trusted(root: str) -> None:
    """Raise `PathRefused` if somebody else can have made the working copy."""
    if os.name != "posix" or _is_declared(root):
        return
    control = control_of(root)
    checked = [root, control, os.path.join(control, paths.ROOT)]
    if is_outside(root):
        # Imported here: few working copies need it.
        from zope.app.fssync.client.workingcopy.outside import told_of

        checked.extend(told_of(root))
    for path in checked:
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        if status.st_uid not in _trusted_users():
            raise _refused(root, path, f"belongs to {_user(status.st_uid)}")
        # In a directory with the sticky bit others replace nothing.
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise _refused(root, path, "can be written by everybody")


def _is_declared(root: str) -> bool:
    declared = os.environ.get(VARIABLE, "").split(os.pathsep)
    return "*" in declared or root in map(os.path.realpath, filter(None, declared))


def _trusted_users() -> set[int]:
    users = {0, os.geteuid()}
    behind_sudo = os.environ.get("SUDO_UID", "")
    if not os.geteuid() and behind_sudo.isascii() and behind_sudo.isdigit():
        users.add(int(behind_sudo))
    return users


def _user(number: int) -> str:
    import pwd

    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"the user {number}"


def _refused(root: str, path: str, why: str) -> PathRefused:
    shown = escape(root)
    return PathRefused(
        f"the working copy in {shown} is not used: {escape(path)} {why}",
        path=path,
        advice=f"If you trust it, say so: {VARIABLE}={shown} in the environment.",
    )
