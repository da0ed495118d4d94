"""The client: one method for each verb of `zsync`.

`FSSync` never prints.  What happens to each file is told to its reporter, in
the lines that `zope.fssync.fsmerger` describes; what goes wrong is raised.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from zope.app.fssync.client.cleanup import Care
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.schedule import LocalVerbs
from zope.app.fssync.client.workingcopy import WorkingCopy
from zope.app.fssync.client.workingcopy.layout import COMPACT
from zope.app.fssync.client.workingcopy.layout import PLAIN
from zope.fssync.errors import Error
from zope.fssync.errors import WorkingCopyError

__all__ = ["FSSync", "Network"]


class FSSync(Care, LocalVerbs):
    """A client working on the directories it is told to.

    ``reporter`` is called with one line for each file that something happens
    to; lines for files to which nothing happens are held back.  After a verb
    `conflicts` lists the local paths that are left in conflict.
    """

    def upgrade(self, target: str) -> None:
        """Make the working copy that ``target`` is in a compact one."""
        self._convert(target, "upgrade", COMPACT)

    def downgrade(self, target: str) -> None:
        """Give the working copy that ``target`` is in the layout of 3.6.0."""
        self._convert(target, "downgrade", PLAIN)

    def _convert(self, target: str, verb: str, layout: int) -> None:
        from zope.app.fssync.client.workingcopy.convert import convert

        copy = WorkingCopy.find(target)
        with self._changes(copy, verb) as changes:
            taken = convert(changes, copy.root, layout)
        if taken:
            raise WorkingCopyError(
                f"{len(taken)} not renamed, since another file has the same name in "
                f"another form: {', '.join(map(ascii, taken[:5]))}",
                path=taken[0],
                advice="All else is done. Move the other file away, then run "
                f"'zsync {verb}' again.",
            )

    def diff(
        self,
        target: str,
        mode: int = 1,
        diffopts: str = "",
        need_original: bool = True,
        write: Callable[[bytes], object] | None = None,
    ) -> None:
        """Write the differences between ``target`` and its originals.

        ``write`` is called with bytes.  ``mode`` is always 1, and with
        ``need_original`` added and removed files are passed over.
        """
        from zope.app.fssync.client.diff import Differ

        self._recover(target)
        Differ(self.metadata, diffopts, need_original, write or self._write).show(
            target
        )

    def _write(self, data: bytes) -> None:
        self._report(data.decode("utf-8", "replace").rstrip("\n"))

    def login(self, url: str | None = None, user: str | None = None) -> None:
        """Keep a token for the server of ``url`` or of the working copy."""
        scheme, host_port, user = self.get_login_info(url, user)
        token = self.network.newToken(scheme, host_port, user)
        self.network.addToken(scheme, host_port, user, token)

    def logout(self, url: str | None = None, user: str | None = None) -> None:
        """Forget the token for the server of ``url`` or of the working copy."""
        scheme, host_port, user = self.get_login_info(url, user)
        if not self.network.removeToken(scheme, host_port, user):
            raise Error("matching login info not found")

    def get_login_info(self, url: str | None, user: str | None) -> tuple[str, str, str]:
        """Return scheme, host and port, and user name."""
        if url:
            self.network.setrooturl(url)
        else:
            self.network.loadrooturl(os.curdir)
        location = self.network.location
        assert location is not None
        user = user or location.user or self.network.getUsername()
        return location.scheme, location.host_port, user
