"""What holds for all tests."""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Tracing doubles the time of a test: the quick ones show what tests reach.
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")
