"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.cli.program import Command
from zope.app.fssync.cli.program import Usage

__all__ = [
    "Command",
    "Usage",
]
