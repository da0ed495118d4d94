"""`fssync.FSSync`, `Network` and `Error`, the client of 3.6.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.fssync import Error
from zope.app.fssync.fssync import FSSync
from zope.app.fssync.fssync import Network


def test_a_client_is_made_for_a_url() -> None:
    client = FSSync(rooturl="http://me:secret@localhost:8080/demo")
    assert isinstance(client.network, Network)
    assert client.network.host_port == "localhost:8080"


def test_refusals_are_errors_of_this_module(tmp_path: Path) -> None:
    with pytest.raises(Error, match="nothing known about"):
        FSSync().update(str(tmp_path))
