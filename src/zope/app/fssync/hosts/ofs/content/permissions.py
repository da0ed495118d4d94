"""The titles of the permissions that synchronizers require."""

from zope.app.fssync.hosts.ofs.permissions import CHANGE_OWNER

__all__ = ["CHANGE_OWNER", "MARK", "SOURCE"]

#: To read sources and settings, which are not public.
SOURCE = "View management screens"

#: To change the interfaces that an object provides, as in the tab "Interfaces".
MARK = "Manage properties"
