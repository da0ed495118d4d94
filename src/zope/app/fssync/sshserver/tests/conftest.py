"""Real processes on loopback."""

from zope.app.fssync.testing.sshfixtures import *  # noqa: F403
