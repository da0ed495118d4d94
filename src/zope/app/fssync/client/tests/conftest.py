"""The client, a server in memory and a demo server."""

from zope.app.fssync.testing.clientfixtures import *  # noqa: F403
