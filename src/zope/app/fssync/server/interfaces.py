"""The contracts between the views, the tasks and a host.

`IHost` and what it returns are all that the views know of the objects and of the
caller, `IViewRequest` is all that they know of the request and the response.

A request runs in one thread and in one transaction, which the publisher begins and
ends.  After a conflict the publisher runs the whole request again: nothing may have
an effect outside of the transaction before it is committed.  Objects of this module
belong to one request, except for the utility `IHost`, which all threads share.
"""

from zope.interface import Attribute
from zope.interface import Interface

from zope.fssync.interfaces import ITaskHooks

__all__ = [
    "IAccess",
    "IDatabase",
    "IDetached",
    "IFrame",
    "IFsSyncRequest",
    "IHost",
    "IViewRequest",
]


class IHost(Interface):
    """A host: a utility, one for each process.

    All methods are about the caller of the current request.  They are called in any
    thread, and keep nothing between calls.

    .. versionadded:: 4.0.0
    """

    denials = Attribute(
        """A tuple of the exceptions that mean: the caller is not allowed to do that.
        The response is 403, or asks for a login."""
    )
    refusals = Attribute(
        """A tuple of the exceptions by which objects refuse a change, with a sentence
        for people.  The response is 409."""
    )
    fatal = Attribute(
        """A tuple of the exceptions that end a request at once: the publisher runs it
        again, or the storage is gone.  The views let them pass."""
    )

    def access(reading=False):
        """Return a new `IAccess`, for one request or one run of a task.

        With ``reading`` nothing may be changed as long as it is used, and it may
        remember its decisions.
        """

    def database(obj, writing=False, access=None):
        """Return the `IDatabase` of an object, for one run of a task.

        ``access`` is the `IAccess` that `protect` asks, by default a new one.
        """

    def move(obj, source, key, target, name):
        """Move an object to another place or name; see `ITaskHooks.move`."""

    def factories(obj):
        """Return what might be made in a container: pairs of a name and a title.

        A name is that of a factory in entries, a dotted one; those that entries may
        not name are ignored.  A title may be empty.
        """

    def may_add(synchronizer, obj, made):
        """Return whether the caller may add ``made``, which is new, to a container.

        ``synchronizer`` is that of the container ``obj``, as `IAccess` returned it.
        """

    def detached(obj):
        """Return an `IDetached` of an object, or None if the host has none for it.

        The caller closes it.
        """

    def bare(obj):
        """Return an object as it is stored, without wrappers of the host."""

    def name(obj):
        """Return the name of an object in its parent, an empty str for a root."""

    def parent(obj):
        """Return the parent of an object, None for a root."""

    def contained(obj):
        """Return whether each container up to the root has ``obj`` as its item.

        False for objects that a path reaches in other ways, by acquisition say.
        """

    def identity(obj):
        """Return the id of an object in its entry: its path, None if it has none."""

    def changes(obj, history, tid, references, without=None):
        """Return a `zope.fssync.task.delta.Changed`: what changed in ``obj``.

        It covers the object and all below it, after the transaction ``tid`` and up
        to the snapshot of ``history``, a
        `zope.app.fssync.server.changes.history.History`.  ``references`` says whether
        anything in it names other objects by path.  Commits are left out that have an
        id that begins with ``without``.

        Raises `HistoryUnavailable` of the same module where the changes cannot be
        bounded; the views then send everything.
        """

    def old(obj, connection):
        """Return an object of another connection, in its place there.

        None where there is none: ``connection`` shows the database as it once was.
        """

    def versions(obj):
        """Return the versions that an object keeps by itself, the newest first.

        These are `zope.app.fssync.server.changes.versions.Version`, as far as the
        caller may know of them, and not too many.
        """

    def reading_past(today):
        """Return a context manager: in its block permissions are those of today.

        ``today(obj)`` returns the `zope.app.fssync.server.changes.past.Where` of an
        object, or None, and then nothing is permitted.  Where the object is gone, its
        own permissions have to allow it as well.
        """

    def fingerprint():
        """Return a str for the rights by which the caller is served, or None.

        Equal strings mean the same rights, as long as nothing changes in the
        database: it covers the identity of the caller, their groups or roles, and the
        security policy.  None where any of this is not known for sure.
        """


class IAccess(Interface):
    """The lookup of synchronizers for one caller.

    It may remember decisions, and is used by one request or one run of a task only.

    .. versionadded:: 4.0.0
    """

    self_contained = Attribute(
        """A bool: whether all synchronizers that were looked up so far are
        self-contained, see `zope.fssync.interfaces.ISerializer`, and permissions
        depended on nothing but the database and `IHost.fingerprint`."""
    )
    damaged = Attribute("The number of objects so far that could not be loaded.")
    unwritable = Attribute(
        """A bool: whether an object was withheld so far because no pickle can hold the
        blob in it."""
    )
    closed = Attribute(
        """A bool: whether an object was withheld so far that the caller may read,
        because its pickle would hold what they may not."""
    )

    def __call__(obj, raise_error=True, context=None):
        """Return the synchronizer of an object, None if it is withheld.

        The object is loaded first.  If its record is lost it is withheld from
        everybody, and counted as ``damaged``.  Where no synchronizer is registered for
        its class, `zope.fssync.errors.MissingSynchronizer` is raised, or None returned
        if not ``raise_error``.  Then the permission to read is checked, in the place of
        the object.  ``context`` is that place for objects that have none of their own,
        or claim another one: annotations, extras and new objects.

        Whatever the synchronizer does on behalf of the caller is checked once
        more: one of `IHost.denials` is raised by what they may not do.
        """

    def allows(permission, obj):
        """Return whether the caller has a permission in the place of ``obj``.

        ``permission`` is its id.
        """

    def required(obj):
        """Return the permissions that a client needs for an object.

        A mapping of ``read``, ``write`` and others to the id or the title of a
        permission, empty where no registration says one.  To be called for objects that
        the caller may read.
        """

    def settle(obj, context):
        """Leave a new object only such rights to itself as the caller may give.

        A pickle made the object, or a part of it; ``context`` is where it will lie.
        One of `IHost.denials` is raised where rights cannot simply be removed.
        """


class IDetached(Interface):
    """An object in a connection of its own, which outlives the request.

    It is made in the thread of the request, and may be used in another one after the
    request has ended.  It shows the database as it was when the connection was opened,
    and is never written to.

    .. versionadded:: 4.0.0
    """

    obj = Attribute("The object, as it is stored.")

    def active():
        """Return a context manager: its block runs as the request did.

        Synchronizers find the same caller and site, and a copy of the request.
        The state before is restored at the end of the block.
        """

    def close():
        """Abort its transaction and close the connection; may be called again."""


class IDatabase(ITaskHooks):
    """The database of an object, as the hooks of one task.

    `checkpoint` gives memory back to the database; while writing it makes a savepoint
    first.  `adopt` adds a new object to the connection.  `rely` has the commit
    fail with a conflict if others change the object meanwhile, or any
    object it is in; with ``whole`` also its annotations.  `doom` dooms the
    transaction.  What `check` finds is in ``faults``, a list of
    `zope.app.fssync.server.faults.Fault`.

    .. versionadded:: 4.0.0
    """

    visited = Attribute("How many objects the task has come by.")


class IFsSyncRequest(Interface):
    """Marks requests that a view of this package has taken over.

    Errors that nobody catches are answered in plain text.
    """


class IViewRequest(Interface):
    """The request and its response, for the views: an adapter of the request.

    It may be made anew at any time: what it knows is kept with the request.  The
    response may be sent after the connection to the database is closed.

    .. versionadded:: 4.0.0
    """

    anonymous = Attribute("A bool: whether the caller is unknown.")

    outcome = Attribute(
        "The `zope.app.fssync.server.outcome.Outcome` of the promise, or None."
    )

    def begin(view, path, most):
        """Have the exchange observed until the request ends, see `server.observing`.

        ``view`` is the name of the view, ``path`` the id of the object, if it has one.
        Returns False where ``most`` large ones are under way and the client can wait.
        """

    def watch(database):
        """Have the exchange know how far a task is, by the `IDatabase` of that."""

    def conclude(result):
        """Have the exchange come to a result that the status does not say.

        It is one of `zope.app.fssync.server.exchange`.
        """

    def claims():
        """Return whether the request carries credentials, valid or not."""

    def method():
        """Return the method of the request, in upper case."""

    def content_type():
        """Return the Content-Type of the request as it is."""

    def argument(name):
        """Return an argument of the query string, None if it is not there.

        Repeated arguments are joined by a blank.
        """

    def header(name):
        """Return a header of the request as it is, None if it is not there."""

    def body(limit):
        """Return the body as a seekable binary stream.

        Raises `zope.fssync.errors.LimitExceeded` beyond ``limit`` bytes.
        """

    def note(text):
        """Describe the transaction."""

    def promise():
        """Have the response stand only if the transaction is committed.

        To be called before anything is changed.  Publishers commit after a view has
        returned its response, and something may abort the transaction then without
        an error: the response is then replaced by an error.
        """

    def follow(obj):
        """Have the response tell which transaction of the database of ``obj`` it was.

        To be called after `promise`; the id is known once all is committed.
        """

    def abort():
        """Abort the transaction, and drop the promise."""

    def deny(message):
        """Raise the exception by which the publisher asks for a login."""

    def send(stream, headers):
        """Return the response 200 with an archive on a temporary file."""

    def stream(pieces, headers):
        """Return the response 200 with an archive that is an iterator of bytes.

        It is iterated and closed after the request has ended, possibly in another
        thread.  It is a `zope.app.fssync.server.sentstream.SentStream`.
        """

    def say(status, text, headers=None):
        """Return a response of plain text."""

    def page(status, document, headers):
        """Return a response that is a document of HTML, a str."""

    def add_header(name, value):
        """Add a header to the response, whatever it will be."""

    def field(name):
        """Return a field of a form that was sent, None if it is not there.

        It is a str, a list of them, or an uploaded file.
        """

    def user():
        """Return the id of the caller, None if it is unknown."""

    def login():
        """Return the name with which the caller logs in, None if it is not known."""

    def url(obj):
        """Return the URL of an object, by which the caller reaches it."""


class IFrame(Interface):
    """What the pages of the browser need of a host: a utility, one for each process.

    .. versionadded:: 4.0.0
    """

    style_sources = Attribute(
        """A str: where styles may come from, as a Content-Security-Policy says it."""
    )

    def document(page, title, body):
        """Return a document of HTML: ``body`` within the navigation of the host.

        ``page`` is the view.  No script and no style may stand in the document itself:
        a policy that the response tells forbids them.
        """

    def may(page, name):
        """Return whether the caller may call the view ``name`` of the same object."""

    def token(view_request):
        """Return the name and the value of a hidden field for each form.

        It shows that a form comes from a page which the caller was sent.
        """

    def check(view_request):
        """Raise an error unless the form that was sent has that field."""

    def acting(page, principal):
        """Return a context manager: in its block the caller is another one.

        ``principal`` is its id.  Raises `zope.fssync.errors.Error` where there is none.
        """
