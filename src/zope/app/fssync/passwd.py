"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.client.credentials import DEFAULT_FILENAME
from zope.app.fssync.client.credentials import PasswordManager

__all__ = [
    "DEFAULT_FILENAME",
    "PasswordManager",
]
