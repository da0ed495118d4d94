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
        """Replace the part by the content of a file.

        May return a callable, as `zope.fssync.interfaces.IFileDeserializer.load` may.
        """


class ISecretsPolicy(Interface):
    """Decides whether secrets are written; without this utility none are."""

    def records(obj, what):
        """Return True to write the secret ``what`` of ``obj`` to files.

        ``what`` is ``password`` or ``connection``.  A secret that a file lacks is not
        changed in the object.
        """
