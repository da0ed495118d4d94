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

        With ``reading`` it may remember its decisions; the caller must not change any
        object while using it.
        """

    def database(obj, writing=False, access=None):
        """Return the `IDatabase` of an object, for one run of a task.

        ``access`` is the `IAccess` that `protect` asks, by default a new one.
        """

    def rehearse(obj):
        """Prepare for changes of an object that will be undone with the transaction.

        What nobody will see of them may be left out.
        """

    def move(obj, source, key, target, name):
        """Move an object to another place or name; see `ITaskHooks.move`."""

    def factories(obj):
        """Return the factories for items of a container as pairs of name and title.

        A name is the dotted name of the factory in entries; names that entries may not
        have are ignored.  A title may be empty.
        """

    def may_add(synchronizer, obj, made):
        """Return whether the caller may add the new object ``made`` to a container.

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

        False for objects that a path reaches in another way, as by acquisition.
        """

    def identity(obj):
        """Return the id of an object in its entry: its path, None if it has none."""

    def changes(obj, history, tid, references, without=None):
        """Return the changes of ``obj`` as a `zope.fssync.task.delta.Changed`.

        It covers the object and all below it, after the transaction ``tid`` and up
        to the snapshot of ``history``, a
        `zope.app.fssync.server.changes.history.History`.  ``references`` is True if an
        object in it refers to others by path.  Commits with the id prefix ``without``
        are left out.

        Raises `HistoryUnavailable` of the same module if a change may concern any
        object; the views then send everything.
        """

    def old(obj, connection):
        """Return the same object in a connection to the past, with its containers.

        None if it did not exist then.
        """

    def versions(obj):
        """Return the versions that an object itself keeps, the newest first.

        They are `zope.app.fssync.server.changes.versions.Version`, a limited number,
        and only those that the caller may see.
        """

    def reading_past(today):
        """Return a context manager to read old states with the permissions of today.

        ``today(obj)`` returns the `zope.app.fssync.server.changes.past.Where` of an
        object; nothing is permitted if it returns None.  If the object is gone, its
        own permissions have to allow the access as well.
        """

    def fingerprint():
        """Return a str for the rights of the caller, or None.

        Equal strings mean the same rights, as long as nothing changes in the
        database: it covers the identity of the caller, their groups or roles, and the
        security policy.  None if any of these is not known for certain.
        """


class IAccess(Interface):
    """The lookup of synchronizers for one caller.

    It may remember decisions: use it for one request or one run of a task only.

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
    top = Attribute(
        """The object that the request goes to, or None.  Any other object in another
        database than its container is withheld: it is mounted there."""
    )
    closed = Attribute(
        """A bool: whether an object was withheld so far that the caller may read,
        because its pickle would hold what they may not."""
    )

    def __call__(obj, raise_error=True, context=None):
        """Return the synchronizer of an object, None if it is withheld.

        The object is loaded first.  If its record is lost it is withheld from
        everybody, and counted as ``damaged``.  If no synchronizer is registered for its
        class, `zope.fssync.errors.MissingSynchronizer` is raised, or None returned if
        not ``raise_error``.  Then the permission to read is checked, in the place of
        the object.  ``context`` is that place for objects that have none of their own,
        or claim another one: annotations, extras and new objects.

        Each use of the synchronizer is checked again: it raises one of `IHost.denials`
        if the caller lacks the permission.
        """

    def twin():
        """Return another one for the same caller, which counts by itself.

        Both may remember decisions together.
        """

    def allows(permission, obj):
        """Return whether the caller has a permission in the place of ``obj``.

        ``permission`` is its id.
        """

    def required(obj):
        """Return the permissions that a client needs for an object.

        A mapping of ``read``, ``write`` and others to the id or the title of a
        permission, empty if the registration names none.  Call it only for objects
        that the caller may read.
        """

    def settle(obj, context):
        """Remove rights that a new object grants and the caller may not grant.

        A pickle made the object or a part of it; ``context`` is its future container.
        Raises one of `IHost.denials` if the rights cannot be removed.
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
        """Return a context manager that sets up the environment of the request.

        In its block synchronizers find the same caller and site, and a copy of the
        request.  The previous environment is restored at the end of the block.
        """

    def close():
        """Abort its transaction and close the connection; may be called again."""


class IDatabase(ITaskHooks):
    """The database of an object, as the hooks of one task.

    `checkpoint` shrinks the object cache; while writing it makes a savepoint first.  It
    lets short requests go first, as `pause` does.
    `adopt` adds a new object to the connection.  `rely` makes the commit fail with a
    conflict if others change the object or one of its containers meanwhile; with
    ``whole`` also its annotations.  `doom` dooms the transaction.  `check` adds to
    ``faults``, a list of `zope.app.fssync.server.faults.Fault`.

    .. versionadded:: 4.0.0
    """

    visited = Attribute("How many objects the task has come by.")


class IFsSyncRequest(Interface):
    """Marks requests that a view of this package handles.

    The responses to their uncaught errors are plain text.
    """


class IViewRequest(Interface):
    """The request and its response, for the views: an adapter of the request.

    Adapters may be created at any time: the data are kept with the request.  The
    response may be sent after the connection to the database is closed.

    .. versionadded:: 4.0.0
    """

    anonymous = Attribute("A bool: whether the caller is unknown.")

    outcome = Attribute(
        "The `zope.app.fssync.server.outcome.Outcome` of the promise, or None."
    )

    def begin(view, path, most):
        """Register the exchange until the request ends, see `server.observing`.

        ``view`` is the name of the view, ``path`` the id of the object, if it has one.
        Returns False if ``most`` large exchanges are running and the client can wait.
        """

    def watch(database):
        """Let the exchange count the objects of a task, by its `IDatabase`."""

    def conclude(result):
        """Set a result of the exchange that the status does not say.

        ``result`` is one of `zope.app.fssync.server.exchange`.
        """

    def claims():
        """Return whether the request carries credentials, valid or not."""

    def method():
        """Return the method of the request, in upper case."""

    def content_type():
        """Return the unchanged Content-Type of the request."""

    def argument(name):
        """Return an argument of the query string, None if it is missing.

        Repeated arguments are joined by a space.
        """

    def header(name):
        """Return the unchanged value of a header of the request, or None."""

    def body(limit):
        """Return the body as a seekable binary stream.

        Raises `zope.fssync.errors.LimitExceeded` beyond ``limit`` bytes.
        """

    def note(text):
        """Describe the transaction."""

    def promise():
        """Replace the response by an error if the transaction is not committed.

        Call it before anything is changed.  Publishers commit after a view has
        returned its response, and the transaction may be aborted then without an
        error.
        """

    def follow(obj):
        """Add the id of the transaction in the database of ``obj`` to the response.

        Call it after `promise`; the id is known after the commit.
        """

    def abort():
        """Abort the transaction, and cancel `promise`."""

    def deny(message):
        """Raise the exception for which the publisher asks for a login."""

    def send(stream, headers):
        """Return the response 200 with an archive in a temporary file."""

    def stream(pieces, headers):
        """Return the response 200 with an archive that is an iterator of bytes.

        ``pieces`` is a `zope.app.fssync.server.sentstream.SentStream`.  It is iterated
        and closed after the request has ended, possibly in another thread.
        """

    def languages_exceed(length):
        """Return True if the languages that a browser asks for are longer than that.

        Publishers also take a field of a form for the header.
        """

    def words(*messages):
        """Return messages, one after the other, in the language of a browser.

        Other clients name no language, and have them in English.
        """

    def say(status, text, headers=None):
        """Return a response of plain text."""

    def page(status, document, headers):
        """Return a response with a document of HTML, a str."""

    def add_header(name, value):
        """Add a header to any response."""

    def field(name):
        """Return a field of the submitted form, None if it is missing.

        It is a str, a list of them, or an uploaded file.
        """

    def user():
        """Return the id of the caller, None if it is unknown."""

    def login():
        """Return the name with which the caller logs in, None if it is not known."""

    def may(obj, name):
        """Return whether the caller may call the view ``name`` of an object."""

    def url(obj):
        """Return the URL of an object, by which the caller reaches it."""


class IFrame(Interface):
    """The frame of the pages of a host: a utility, one for each process.

    .. versionadded:: 4.0.0
    """

    style_sources = Attribute(
        """A str: where styles may come from, as a Content-Security-Policy says it."""
    )

    def document(page, title, body):
        """Return a document of HTML: ``body`` within the navigation of the host.

        ``page`` is the view.  The document must not contain inline scripts or styles:
        the Content-Security-Policy of the response forbids them.
        """

    def token(view_request):
        """Return the name and the value of a hidden field for each form.

        It proves that a form comes from a page that was sent to the caller.
        """

    def check(view_request):
        """Raise an error unless the submitted form has that field."""

    def acting(page, principal):
        """Return a context manager in whose block the caller is another principal.

        ``principal`` is its id.  Raises `zope.fssync.errors.Error` if it does not
        exist.
        """
