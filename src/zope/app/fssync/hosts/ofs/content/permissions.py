"""The titles of the permissions that synchronizers ask for."""

from zope.app.fssync.hosts.ofs.permissions import CHANGE_OWNER

__all__ = ["CHANGE_OWNER", "MARK", "SOURCE"]

#: To see what is not public: sources, settings.
SOURCE = "View management screens"

#: To let objects provide interfaces, as in the tab of that name.
MARK = "Manage properties"
