"""What the host asks of the synchronizers of Zope's objects."""

from zope.interface import Attribute
from zope.interface import Interface

__all__ = ["IGuarded", "ISynchronizationRequest"]


class IGuarded(Interface):
    """A synchronizer that names the permissions its use asks for.

    One that does not provide this is for those who may read and write anything
    (`zope.app.fssync.hosts.ofs.permissions.ANYTHING`).
    """

    permissions = Attribute(
        """A mapping of str to the title of a permission of Zope, or to None for what
        everybody may.

        ``read``: to see the object and to dump it;
        ``write``: to load it, and to set its metadata or annotations;
        ``add``: in the container, to add such an object;
        ``delete``: in the container, to remove it, "Delete objects" by default.

        What is not named asks for what `ANYTHING` says.  Extras ask by themselves:
        `setextras` needs no permission.
        """
    )


class ISynchronizationRequest(Interface):
    """A request that one of our views serves; its errors are told in plain text."""
