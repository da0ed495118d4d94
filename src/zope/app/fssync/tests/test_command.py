"""`Command` and `Usage`, with which add-ons for 3.6.0 make programs."""

from __future__ import annotations

import pytest

from zope.app.fssync.command import Command
from zope.app.fssync.command import Usage


def throb(opts: list[tuple[str, str]], args: list[str]) -> None:
    if not args:
        raise Usage("throb requires an argument")
    print(opts, args)


def test_a_program_has_the_commands_that_are_added(
    capsys: pytest.CaptureFixture[str],
) -> None:
    program = Command("pulse", "A program.")
    program.addCommand("throb", throb, "l", "loud", "th")
    assert program.main(["th", "-l", "a"]) in (0, None)
    assert capsys.readouterr().out == "[('-l', '')] ['a']\n"
    assert program.main(["throb"]) == 2
    assert "throb requires an argument" in capsys.readouterr().err
