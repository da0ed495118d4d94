"""The contracts of parts and secrets of objects of Zope."""

from zope.interface import Attribute
from zope.interface import Interface

__all__ = ["IAspect", "ISecretsPolicy"]


class IAspect(Interface):
    """A part of an object beside its body: a file in ``@@Zope/Extra``.

    Its class takes the object, and has a class method `IObjectGenerator.create`.
    `load` changes the object at once, in the transaction of the commit.

    .. versionadded:: 4.0.0
    """

    name = Attribute("The name of the file.")
    owner = Attribute("The object.")
    present = Attribute("A bool: whether it differs from the default.")
    permissions = Attribute(
        "See `zope.app.fssync.hosts.ofs.interfaces.IGuarded`: ``read`` and ``write``."
    )

    def dump(writeable):
        """Write the part as bytes."""

    def load(readable):
        """Replace the part by what can be read.

        May return a callable, as `zope.fssync.interfaces.IFileDeserializer.load` may.
        """


class ISecretsPolicy(Interface):
    """Decides about passwords and the like; without this utility none is written."""

    def records(obj, what):
        """Return whether the secret ``what`` of ``obj`` is to be written to files.

        ``what`` is ``password`` or ``connection``.  A secret that a file leaves out
        stays as it is in the object.
        """
