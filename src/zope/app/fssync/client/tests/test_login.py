"""A login is stored for a server, and deleted again."""

from __future__ import annotations

from pathlib import Path

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.login import login
from zope.app.fssync.client.login import login_info
from zope.app.fssync.client.login import logout
from zope.app.fssync.client.login import logout_all
from zope.app.fssync.client.rootfile import write_root
from zope.fssync.errors import Error


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(filename=str(tmp_path / "zsyncpass"))


def test_a_login_is_stored_and_deleted(network: Network) -> None:
    stored = login(network, "https://me:secret@host/site", None, check=False)
    assert stored == ("https://host", "me", "token file")
    assert network.findToken("https", "host", "me")
    logout(network, "https://host/site", "me")
    assert network.findToken("https", "host", "me") is None
    with pytest.raises(Error, match="matching login info not found"):
        logout(network, "https://host/site", "me")


def test_all_logins_are_deleted(network: Network) -> None:
    for host in ("one", "two"):
        login(network, f"https://me:secret@{host}/site", None, check=False)
    assert logout_all(network) == 2
    assert logout_all(network) == 0


def test_the_server_is_that_of_the_working_copy(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_root(str(tmp_path), "https://me@host:8080/site")
    monkeypatch.chdir(tmp_path)
    assert login_info(network, None, None) == ("https", "host:8080", "me")
    assert login_info(network, None, "other") == ("https", "host:8080", "other")
