"""Public names of release 3.6.0, which stand for code elsewhere."""

import sys

from zope.app.fssync.sshserver.demo import main

__all__ = [
    "main",
]

if __name__ == "__main__":
    sys.exit(main())
