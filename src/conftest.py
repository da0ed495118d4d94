"""What holds for all tests."""

from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings

from zope.app.fssync.testing.serverfixtures import *  # noqa: F403
from zope.fssync.tests.fuzzing import FACTOR

# A slow machine is no reason to fail; see `zope.fssync.tests.fuzzing`.
settings.register_profile(
    "zsync",
    deadline=None,
    derandomize=FACTOR == 1,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("zsync")

PLONE = "zope/app/fssync/hosts/plone/tests"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Tracing doubles the time of a test: the quick ones show what tests reach.
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Hand out a file at a time, and all files of Plone together: it starts slowly."""
    # Imported late: without processes to share tests among there may be none.
    from xdist.scheduler import LoadFileScheduling

    class Scheduler(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return PLONE if PLONE in file else file

    return Scheduler(config, log)
