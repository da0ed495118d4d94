"""The permissions of the synchronizers of Zope's objects."""

from zope.interface import Attribute
from zope.interface import Interface

__all__ = ["IGuarded"]


class IGuarded(Interface):
    """A synchronizer that names the permissions for its use.

    One that does not provide this is for callers who may read and write anything
    (`zope.app.fssync.hosts.ofs.permissions.ANYTHING`).
    """

    permissions = Attribute(
        """A mapping of str to the title of a permission of Zope, or to None for what
        everybody may.

        ``read``: to see the object and to dump it;
        ``write``: to load it, and to set its metadata or annotations;
        ``add``: in the container, to add such an object;
        ``delete``: in the container, to remove it, "Delete objects" by default.

        The permission of a key that is missing is `ANYTHING`.  `setextras` needs none,
        since each extra has permissions of its own.
        """
    )
