"""The titles of the permissions that synchronizers ask for."""

__all__ = ["CHANGE_OWNER", "MARK", "SOURCE"]

#: To see what is not public: sources, settings.
SOURCE = "View management screens"

#: To give objects to others.  Zope's own "Take ownership" is for oneself only.
CHANGE_OWNER = "FSSync: Change owner"

#: To let objects provide interfaces, as in the tab of that name.
MARK = "Manage properties"
