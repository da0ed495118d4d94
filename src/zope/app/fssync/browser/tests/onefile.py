"""A site with a folder that contains one file, and what its views refuse."""

from __future__ import annotations

from typing import Any

import pytest
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import ServerSite

__all__ = ["demo", "refused"]


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"a", "text/plain")
    site.commit()
    return site


def refused(response: Any, status: int, text: str) -> None:
    assert response.status_int == status
    assert response.headers["Content-Type"] == "text/plain;charset=utf-8"
    assert text in response.text
    assert "Traceback" not in response.text
