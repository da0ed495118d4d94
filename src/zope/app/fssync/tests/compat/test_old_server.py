"""Our client with the server of 3.6.0, live where it is found.

Whatever 3.6.0's own client brings about there, ours does, and in turns they can
work in one working copy.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from zope.app.fssync.tests.compat.scenarios import EVERYWHERE
from zope.app.fssync.tests.compat.scenarios import Scenario
from zope.app.fssync.tests.compat.support import Alternating
from zope.app.fssync.tests.compat.support import Client
from zope.app.fssync.tests.compat.support import OldServer
from zope.app.fssync.tests.compat.support import Zsync
from zope.app.fssync.tests.compat.support import old_server
from zope.app.fssync.tests.compat.support import requires_peer
from zope.app.fssync.tests.compat.support import seed_old
from zope.app.fssync.tests.compat.workingcopies import state
from zope.app.fssync.tests.serversite import Archive

pytestmark = requires_peer

_time = re.compile(rb"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[-+]\d\d:\d\d")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of 3.6.0 with its sample trees."""
    return seed_old(tmp_path_factory.mktemp("seeded"), "demo,names,site")


def stored(server: OldServer) -> dict[str, Any]:
    """Everything the server has, without moments."""
    tree = Archive.parse(server.request("GET", "@@toFS.snarf")).tree()
    return {
        path: _time.sub(b"a moment", data) if isinstance(data, bytes) else data
        for path, data in tree.items()
    }


def kept(home: Path) -> dict[str, Any]:
    """The working copies of a home, without what differs from run to run."""
    return {
        path: data
        for path, data in state(home).items()
        if not path.startswith(".") and "ZopeDublinCore" not in path
    }


def outcome(
    place: Path, database: Path, zsync: Zsync, scenario: Scenario
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a scenario on a server of its own."""
    with old_server(place, database) as server:
        scenario(zsync, server, server.url)
        return stored(server), kept(zsync.home)


@pytest.mark.parametrize("scenario", EVERYWHERE, ids=lambda s: s.__name__)
def test_commits_are_those_of_the_old_client(
    tmp_path: Path, database: Path, scenario: Scenario
) -> None:
    clients: dict[str, Zsync] = {
        "old": Client(tmp_path / "old", old=True),
        "new": Client(tmp_path / "new", old=False),
        "both": Alternating(tmp_path / "both"),
    }
    seen = {
        name: outcome(tmp_path / f"{name}-db", database, client, scenario)
        for name, client in clients.items()
    }
    assert seen["new"][0] == seen["old"][0]
    assert seen["both"][0] == seen["old"][0]
