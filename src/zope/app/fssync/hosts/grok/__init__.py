"""Grok as a host: containers, models and annotations become files.  See grok.txt.

Nothing outside of this package imports it, or anything of Grok.
"""

from zope.app.fssync.hosts.grok.adapter import Synchronizer

__all__ = ["Synchronizer"]
