"""The version stands in one place."""

from __future__ import annotations

import re
from importlib.metadata import version

from zope.fssync.version import __version__


def test_version_is_that_of_the_distribution() -> None:
    assert version("zope.app.fssync") == __version__


def test_version_is_one_that_installers_can_compare() -> None:
    assert re.fullmatch(
        r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.dev[0-9]+)?", __version__
    )
