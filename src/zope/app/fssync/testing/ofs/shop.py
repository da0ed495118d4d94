"""A product whose classes nobody described, and a synchronizer that looks around."""

from __future__ import annotations

from typing import Any

from OFS.Folder import Folder
from OFS.SimpleItem import SimpleItem
from ZODB.blob import Blob
from zope.component.hooks import getSite
from zope.globalrequest import getRequest
from zope.interface import implementer
from zope.security.management import queryInteraction

from zope.app.fssync.hosts.ofs.content.synchronizer import FileBody
from zope.fssync.interfaces import IMaker
from zope.fssync.interfaces import IOwnSynchronizer

__all__ = ["BlobDocument", "Mirror", "MirrorSynchronizer", "ShopFolder"]


@implementer(IOwnSynchronizer)
class ShopFolder(Folder):
    """A folder that wants a synchronizer of its own, and has none."""

    meta_type = "Shop Folder"


class BlobDocument(SimpleItem):
    """Something with a title and a blob."""

    meta_type = "Blob Document"

    def __init__(self, id: str, data: bytes) -> None:
        self.id = id
        self.title = "Title"
        self.bodies = [Blob(data)]


class Mirror(SimpleItem):
    """Its file tells what its synchronizer sees of the request."""

    meta_type = "Mirror"

    def __init__(self, id: str) -> None:
        self.id = id


@implementer(IMaker)
class MirrorSynchronizer(FileBody):
    """Writes what surrounds it."""

    permissions = {"read": "View", "write": "View", "add": "View"}
    aspects = ()

    def dump(self, writeable: Any) -> None:
        """See `IFileSerializer`."""
        request = self.context.REQUEST
        seen = [
            f"site {'/'.join(getSite().getPhysicalPath())}",
            f"url {self.context.absolute_url()}",
            f"server {request['SERVER_URL']}",
            f"user {request['AUTHENTICATED_USER'].getId()}",
            f"agent {request.get_header('User-Agent')}",
            f"query {request.form.get('query')}",
            f"same {getRequest() is request}",
            f"parents {request['PARENTS'][-1].getId()}",
            f"interaction {queryInteraction() is not None}",
        ]
        writeable.write("".join(f"{line}\n" for line in seen).encode())
