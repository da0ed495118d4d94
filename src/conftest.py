"""What holds for all tests."""

import os
import tempfile
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings

from zope.app.fssync.client.workingcopy import layout
from zope.app.fssync.testing.plone.environment import OLDEST
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

#: The layout of new working copies, where no marker names one.
LAYOUT = int(os.environ.get("FSSYNC_LAYOUT", layout.NEW))

#: Whether files are written to the disk, as people have it.
SYNC = bool(os.environ.get("FSSYNC_SYNC"))

#: A file system in memory, and the bytes that must be free there for all tests.
MEMORY = "/dev/shm"  # noqa: S108
ROOM = 8 << 30

PLONE = "zope/app/fssync/hosts/plone/tests"


def pytest_configure() -> None:
    """Let no test wait for a disk: the power is not cut in any.

    Which files are synced, and when, is what some tests look at with calls of their
    own; `FSSYNC_SYNC=1` has all do it.
    """
    if not SYNC:
        # A descriptor that is closed is an error all the same.
        os.fsync = os.fstat  # type: ignore[assignment]
        os.sync = lambda: None
        # The package has a class of the name of its module.
        import_module("ZODB.FileStorage.FileStorage").fsync = None
    # To make and remove small files takes fifty times as long on some disks.
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        os.environ["TMPDIR"] = MEMORY
        tempfile.tempdir = None


def has_room(place: str) -> bool:
    """May programs and all files of the tests be in a directory?"""
    if not os.path.ismount(place):
        return False
    found = os.statvfs(place)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > ROOM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Tracing doubles the time of a test: the quick ones show what tests reach.
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker("no_cover")


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Hand out a file at a time, and together all that one site of Plone is for.

    Such a site starts slowly.
    """
    # Imported late: without processes to share tests among there may be none.
    from xdist.scheduler import LoadFileScheduling

    class Scheduler(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            if PLONE not in file:
                return file
            return f"{PLONE} {OLDEST}" if f"[{OLDEST}" in nodeid else PLONE

    return Scheduler(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let new working copies be of the layout that a marker names.

    It comes before fixtures of a whole module.
    """
    marker = item.get_closest_marker("layout")
    layout.NEW = marker.args[0] if marker else LAYOUT
