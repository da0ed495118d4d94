"""Two processes of the demo, where a module has no servers of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zope.app.fssync.testing import databases
from zope.app.fssync.tests.scenarios.storages.people import Servers


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Two processes of the demo on one ZEO server."""
    with databases.served(tmp_path_factory.mktemp("storage")) as storage:
        servers = Servers(storage, tmp_path_factory.mktemp("servers"))
        yield servers
        servers.stop()


@pytest.fixture
def servers(processes: Servers) -> Servers:
    """Both processes run, and serve the sample content."""
    processes.start()
    processes.begin_anew()
    return processes
