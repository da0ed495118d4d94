"""What can be made: tests/hostcontract has more, for each host."""

from __future__ import annotations

from typing import Any

from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.hosts.toolkit.host import ToolkitHost
from zope.app.fssync.server.making import makeable
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.synchronizer import dottedname


class Named(ToolkitHost):
    """Offers factories, of which it lets nobody add folders."""

    def factories(self, obj: Any) -> Any:
        yield from [
            ("os.system", "Danger"),
            (dottedname(File), ""),
            (dottedname(File), "Once more"),
            (dottedname(Folder), "Folder"),
            ("no.such.Class", ""),
        ]

    def may_add(self, synchronizer: Any, obj: Any, made: Any) -> bool:
        return isinstance(made, File)


def test_only_what_entries_may_name_is_asked_for(site: ServerSite) -> None:
    access = ToolkitHost().access()

    def everybody(obj: Any, raise_error: bool = True, context: Any = None) -> Any:
        kind = access.kind(obj)
        return kind.registration.make(obj)

    found = list(makeable(Named(), everybody, Folder()))
    assert [tuple(each) for each in found] == [(dottedname(File), "file", "Once more")]
