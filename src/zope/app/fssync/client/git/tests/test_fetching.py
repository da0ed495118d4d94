"""A fetch looks first; the rest is in the scenarios with git."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PROGRAM = """\
import sys
import zope.app.fssync.cli.git_remote
import zope.app.fssync.client.git.helper
parts = ("zope.component", "zope.fssync.description", "sqlite3", "tempfile")
print([each for each in parts if each in sys.modules])
"""


@pytest.mark.slow
def test_nothing_is_loaded_that_only_news_need():
    said = subprocess.check_output([sys.executable, "-c", _PROGRAM], text=True)
    assert said == "[]\n"
