"""What the views and tasks need to know of the objects of a host, and who asks.

`zope.app.fssync.server.requestinterfaces.IExchange` is the other half of the seam: the
request and its answer.
"""

from zope.interface import Attribute
from zope.interface import Interface

__all__ = ["IAccess", "IDatabase", "IDetached", "IHost"]


class IHost(Interface):
    """A host: a utility, one for each process.

    All methods speak of the caller of the current request.
    """

    denials = Attribute(
        "A tuple of the exceptions that mean: the caller is not allowed to do that."
    )
    refusals = Attribute(
        """A tuple of the exceptions by which objects refuse what is asked of them,
        with a sentence for people."""
    )
    fatal = Attribute(
        """A tuple of the exceptions that end a request at once: the host runs it
        again, or the storage is gone."""
    )

    def access(reading=False):
        """Return a new `IAccess`, for one request or one run of a task.

        While nothing is written it may remember the decisions it has made.
        """

    def database(obj, writing=False):
        """Return the `IDatabase` of an object, for one run of a task."""

    def detached(obj):
        """Return an `IDetached` of an object, or None if the host has no such thing."""

    def bare(obj):
        """Return an object as it is stored, without wrappers of the host."""

    def name(obj):
        """Return the name of an object in its parent, an empty str for a root."""

    def parent(obj):
        """Return the parent of an object, None for a root."""

    def contained(obj):
        """Is this the object that its container has, and so up to the root?

        Not so what a path leads to by other ways, acquisition say.
        """

    def identity(obj):
        """Return the id of an object in its entry: its path, None if it has none."""

    def changes(obj, history, tid, references, without=None):
        """Return a `zope.fssync.task.delta.Changed`: what changed in ``obj``.

        That is: in the object and all below it after the transaction ``tid``, as
        `~zope.app.fssync.server.changes.history.History` tells; ``references`` is
        whether anything in it names other objects by path.  Commits are left out
        that have an id that begins with ``without``.  Raises `Unknown` of the same
        module where it cannot be told for sure.
        """

    def fingerprint():
        """Return a str that tells by what rights the caller is served, or None.

        Equal strings mean the same rights, as long as nothing changes in the
        database: it covers who the caller is, his groups or roles, and the security
        policy.  None where any of this is not known for sure.
        """


class IAccess(Interface):
    """The lookup of synchronizers for one caller.

    It may remember what it found out, and is not used by another request.
    """

    self_contained = Attribute(
        """Were all synchronizers self-contained that were looked up so far?
        See `zope.fssync.interfaces.ISerializer`.  Then nor may the permissions of
        their objects depend on more than the database and `IHost.fingerprint`."""
    )
    damaged = Attribute("How many of the objects could not be loaded.")
    unwritable = Attribute(
        """Was an object withheld since no pickle can hold the blob in it?"""
    )

    def __call__(obj, raise_error=True, context=None):
        """Return the synchronizer of an object, None if the caller may not have it.

        Whatever the synchronizer does on behalf of the caller is checked once
        more: one of `IHost.denials` is raised by what he may not do.

        Permissions are those in the place of the object; ``context`` is that place
        for what has none of its own, or claims another one: annotations, extras
        and new objects.

        What cannot be loaded, since its record is lost, is withheld from everybody.

        Where no synchronizer is registered, `MissingSynchronizer` is raised, or
        None returned if not ``raise_error``.
        """

    def allows(permission, obj):
        """Has the caller a permission, named by its id, in the place of ``obj``?"""


class IDetached(Interface):
    """An object in a connection of its own, for what outlives the request."""

    obj = Attribute("The object, as it is stored.")

    def active():
        """Return a context manager: its block is like the request.

        The caller, the site and the request that synchronizers find are the same,
        or say the same.
        """

    def close():
        """Give the connection back; may be called again."""


class IDatabase(Interface):
    """Keeps the memory of a task flat."""

    def checkpoint():
        """Give back the memory of objects that are done with; called for each."""

    def rely(obj, whole=False):
        """Have the request fail, and repeated, if others change ``obj`` meanwhile.

        So that a change is not made to what somebody else removes: it holds for all
        that ``obj`` is in as well; with ``whole`` also for its annotations.
        """

    def adopt(container, obj):
        """Let a new object be stored in pieces, before it is in ``container``."""
