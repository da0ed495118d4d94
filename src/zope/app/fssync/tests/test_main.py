"""The commands of `zsync`, by their names in 3.6.0, loaded when they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from zope.app.fssync import main
from zope.app.fssync.cli import verbs


def test_every_command_is_a_function_of_this_module() -> None:
    assert set(verbs.FUNCTIONS) <= set(main.__all__)
    for name in main.__all__:
        assert callable(getattr(main, name)) or name == "command_table"


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="nosuch"):
        main.nosuch  # noqa: B018


@pytest.mark.slow
def test_main_can_be_run() -> None:
    command = [sys.executable, "-m", "zope.app.fssync.main", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip()
