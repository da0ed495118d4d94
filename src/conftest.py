"""What holds for all tests that hypothesis has a hand in."""

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
