"""What curl talks to: the body of a file, streamed to and fro without an archive."""

from __future__ import annotations

import tempfile
from typing import Any

from zope.publisher.browser import BrowserView
from zope.security.proxy import removeSecurityProxy

from zope.app.fssync.file.adapter import FileSynchronizer

__all__ = ["Download", "Upload"]

ZCML = """\
<configure
    xmlns="http://namespaces.zope.org/zope"
    xmlns:browser="http://namespaces.zope.org/browser"
    >
  <include package="zope.app.fssync.demo" file="site.zcml" />
  <browser:page
      for="zope.app.file.interfaces.IFile"
      name="download" class="views.Download" permission="zope.View" />
  <browser:page
      for="zope.app.file.interfaces.IFile"
      name="upload" class="views.Upload" permission="zope.ManageContent" />
</configure>
"""


class Download(BrowserView):
    """Answers the body of a file."""

    def __call__(self) -> Any:
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        FileSynchronizer(removeSecurityProxy(self.context)).dump(stream)
        stream.seek(0)
        self.request.response.setHeader("Content-Type", "application/octet-stream")
        return stream


class Upload(BrowserView):
    """Makes the body of the request that of a file."""

    def __call__(self) -> str:
        synchronizer = FileSynchronizer(removeSecurityProxy(self.context))
        synchronizer.load(self.request.bodyStream)
        return ""
