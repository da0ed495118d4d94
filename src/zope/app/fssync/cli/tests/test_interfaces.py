"""Every command keeps the contract of a command."""

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.cli.interfaces import ICommand
from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.verb import GROUPS
from zope.app.fssync.cli.verb import Verb


def throb(opts, args):
    """%(program)s throb

    Throbs.
    """


COMMANDS = [line[0] for line in command_table]


@pytest.mark.parametrize(
    "command",
    [*COMMANDS, Verb.from_table("throb", throb, "x:", "next=", "beat")],
    ids=lambda command: command.name,
)
def test_a_command_keeps_its_contract(command):
    assert verifyObject(ICommand, command)
    assert command.group in GROUPS
    assert command.summary


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_is_declared_completely(command):
    assert len(command.examples) >= 2
    assert command.usage().startswith(f"%(program)s {command.name}")
    assert command.description()
    assert not command.summary.endswith(".")
    assert all(option.help for option in command.options)
