"""Public names of release 3.6.0, which stand for code elsewhere."""

from zope.app.fssync.client.transport.ssh.sshconnection import SSHConnection

__all__ = [
    "SSHConnection",
]
