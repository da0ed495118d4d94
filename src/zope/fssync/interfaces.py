"""The contracts of filesystem synchronization.

A *synchronizer* turns one object into a file or a directory and back.  A
*repository* keeps such files: a folder, a SNARF archive.  A *task* walks a tree
of objects and a repository side by side: it checks out, checks, commits.

Content is bytes and names are str throughout: ``dump`` writes bytes, ``load``
reads bytes.  Nothing here knows a database, a network or permissions;
`zope.app.fssync` adds those by the synchronizer lookup it hands to the tasks.
"""

from zope.component.interfaces import IFactory
from zope.interface import Attribute
from zope.interface import Interface
from zope.interface import interfacemethod
from zope.interface.common.mapping import IMapping
from zope.interface.interface import InterfaceClass
from zope.lifecycleevent.interfaces import IModificationDescription

from zope.fssync.fileinterfaces import IArchiveRepository as IArchiveRepository
from zope.fssync.fileinterfaces import IFileSystemRepository as IFileSystemRepository
from zope.fssync.fileinterfaces import IFileTree as IFileTree
from zope.fssync.fileinterfaces import ILimits as ILimits
from zope.fssync.fileinterfaces import IMergeSource as IMergeSource
from zope.fssync.fileinterfaces import IMetadata as IMetadata
from zope.fssync.fileinterfaces import IReadable as IReadable
from zope.fssync.fileinterfaces import IRepository as IRepository
from zope.fssync.fileinterfaces import IStreamRepository as IStreamRepository
from zope.fssync.fileinterfaces import (
    IVersionControlRepository as IVersionControlRepository,
)
from zope.fssync.fileinterfaces import IWorkingMetadata as IWorkingMetadata
from zope.fssync.fileinterfaces import IWriteable as IWriteable

# Parts of an object that live beside its body


class ISynchronizableExtras(IMapping):
    """Selected attributes of an object, by attribute name."""


class ISynchronizableAnnotations(IMapping):
    """The annotations of an object that are synchronized, by key."""

    def modify(target):
        """Store these annotations in the annotations ``target``.

        Returns an `IModificationDescription`, or None where nothing changed.
        """


class IObjectSynchronized(IModificationDescription):
    """An object changed during a synchronization; nothing more is known.

    A synchronizer that knows what changed returns a more specific description
    instead.
    """


# Pickles


class IPickler(Interface):
    """Writes an object, its context, as a pickle.

    A pickler is an adapter that is made for one pickle.  It reads the object in the
    transaction and the thread of its caller and changes nothing.  Equal states must
    give equal bytes: they decide whether an object has changed.

    Raises `PickleRefused` for what cannot be written, a security proxy or a blob,
    and `LimitExceeded`; what was written to the file is worthless then.
    """

    context = Attribute("The object to write.")

    def dump(writeable):
        """Write the pickle of the context to ``writeable``."""

    def dumps():
        """Return the pickle of the context as bytes."""


class IUnpickler(Interface):
    """Reads pickles; its context is the parent of what is read.

    An unpickler is an adapter that is made for one pickle.  What it returns is new
    and belongs to nothing: putting it into the context, and all events, are the
    caller's.  Objects it finds by reference are the site's own and stay unchanged.
    After an error nothing has changed.
    """

    context = Attribute("The object that a reference to the parent means.")

    def load(readable):
        """Return the object read from ``readable``.

        Raises `zope.fssync.errors.PickleRefused` for anything that is not plain
        data or a class that the application allows (`IAllowedGlobal`), and
        `LimitExceeded` before it takes more memory than a small multiple of its
        size.  A class is decided upon before its module is imported.
        """

    def loads(pickle):
        """Return the object read from the bytes ``pickle``."""


class IAllowedGlobal(Interface):
    """A class or function that pickles from outside may name.

    Register the object itself as a utility providing this interface, named by
    its dotted name.  Registering a class allows its instances to be made and
    given any state, so do it for classes that are mere data.  A class with a
    synchronizer of its own is allowed already, unless that is `IExclusive`.

    .. versionadded:: 4.0.0
    """


class IMarker(Interface):
    """An interface that submissions may let objects provide.

    Register the interface itself as a utility providing this one, named by its
    dotted name; `zope.fssync.markers` says which interfaces cannot be markers.

    .. versionadded:: 4.0.0
    """


class IPersistentIdGenerator(Interface):
    """Decides which objects a pickle refers to instead of including them.

    An adapter of the `IPickler`, asked once for each object that is not a scalar.
    """

    def id(obj):
        """Return a str that stands for ``obj``, or None to include it."""


class IPersistentIdLoader(Interface):
    """Finds the objects that a pickle refers to.

    An adapter of the `IUnpickler`.  What it raises reaches the caller of `load`.
    """

    def load(id):
        """Return the object that the str ``id`` stands for."""


class IEntryId(Interface):
    """The identity of an object in the metadata, in Zope its path."""

    def __str__():
        """Return the identity as text."""


# Synchronizers


class ISynchronizerFactory(IFactory):
    """Makes the synchronizer of an object.

    Registered as a utility named by the dotted name of the class, or as an adapter
    providing `ISynchronizer` for a class or an interface;
    `zope.fssync.registry.synchronizers` says which one is taken.  The unnamed utility
    makes the synchronizer of all classes that nothing describes.

    The result provides `IDirectorySynchronizer` or `IFileSynchronizer`.
    """

    inherited = Attribute(
        """A bool, optional: False if classes derived from the one that it is registered
        for are to be synchronized in another way.

        .. versionadded:: 4.0.0
        """
    )

    general = Attribute(
        """A bool, optional: True if it is for all objects of a kind that nothing else
        describes.

        .. versionadded:: 4.0.0
        """
    )


class IOwnSynchronizer(Interface):
    """Objects that no synchronizer of a base of their class may synchronize.

    A class implements this if what it inherits says too little, or too much.

    .. versionadded:: 4.0.0
    """


class IMaker(ISynchronizerFactory):
    """Also makes the empty objects that its synchronizers load.

    For classes that cannot be called without arguments.

    .. versionadded:: 4.0.0
    """

    def make(klass):
        """Return a new object of the class ``klass``, with a body like any other."""


class IExclusive(ISynchronizerFactory):
    """Pickles may not name the class: its state holds what is executed.

    Objects of the class are made and loaded by their synchronizers only, which
    compile what they read.

    .. versionadded:: 4.0.0
    """


class ISerializer(Interface):
    """Reads an object on its way to files.

    A synchronizer is made for one object, one caller and one task, and used in the
    thread of the task.  Reading changes nothing.
    """

    self_contained = Attribute(
        """A bool, optional, and read from the body of the class itself: a subclass
        does not inherit it.

        True if what is read depends only on the object and on persistent
        objects that belong to it, on no utility, clock, file or other object.
        Servers need not read such objects again as long as the database says that
        they have not changed.

        .. versionadded:: 4.0.0
        """
    )

    complete = Attribute(
        """A bool, optional: True if all attributes are recorded that an object has,
        those of classes derived from the registered one as well.

        Elsewhere what such a class adds is recorded beside the extras that `extras`
        returns, see `zope.fssync.inheritance`.

        .. versionadded:: 4.0.0
        """
    )

    def getObject():
        """Return the object."""

    def metadata():
        """Return a dict of str to str for the entry of the object, or None.

        ``factory`` names a callable that makes an empty object; without it the
        body is a pickle.  ``provides`` names directly provided interfaces.
        ``binary`` is ``true`` where clients of 3.6.0 shall merge no lines; those
        of this release look at the content.
        """

    def annotations():
        """Return an `ISynchronizableAnnotations`, or None if there are none.

        None also where the body contains them.
        """

    def extras():
        """Return an `ISynchronizableExtras`, or None if there are none.

        None also where the body contains them.
        """


class IDeserializer(Interface):
    """Changes an object according to files.

    The setters return an `IModificationDescription`, a list of them, or None where
    nothing relevant changed; what they return is sent with the modified event.  They
    are called after the body of the object is loaded and, if it is new, after it was
    put into its container; `ICommit` has the order.  An error fails the whole commit.
    """

    def setmetadata(metadata):
        """Apply the entry ``metadata``, a dict of str to str."""

    def setannotations(annotations):
        """Store the mapping ``annotations``: those that changed, or all."""

    def setextras(extras):
        """Store the mapping ``extras``.

        Only what `ISerializer.extras` declares may be set.  Parts of an `IPartMaker`
        are loaded already; one that was removed is None here.
        """


class ISynchronizer(ISerializer, IDeserializer):
    """Reads and changes an object.

    ``ISynchronizer(obj)`` returns the synchronizer that a task uses, whichever way it
    is registered; it checks no permission.
    """

    @interfacemethod
    def __adapt__(self, obj):
        """Look the synchronizer up as tasks do."""
        if self is not ISynchronizer:
            return InterfaceClass.__adapt__(self, obj)
        if self.providedBy(obj):
            return obj
        # Imported here: that module needs this one.
        from zope.fssync.synchronizer import getSynchronizer

        return getSynchronizer(obj)


class IFileSerializer(ISerializer):
    """Writes the body of an object to a file."""

    def dump(writeable):
        """Write the body as bytes.

        The same state must give the same bytes.  Large bodies are written in
        pieces; ``writeable`` need only have ``write``.
        """


class IStreamedSerializer(IFileSerializer):
    """Writes a body of which the size is known before it is read.

    Such a body is sent while it is read; `dump` writes the same bytes.

    .. versionadded:: 4.0.0
    """

    def size():
        """Return the number of bytes, or None to have `dump` called."""

    def pieces():
        """Iterate over the body, in pieces of bytes."""


class IFileDeserializer(IDeserializer):
    """Reads the body of an object from a file."""

    def load(readable):
        """Replace the body by what can be read.

        A new object is loaded before it is in its container, and before its metadata,
        extras and annotations are set: it may not need its ``__parent__``.

        May return a callable, which is called when all objects are loaded, and
        may return a callable again (at most ten passes).  May return an
        `IModificationDescription` of what it has changed, or a list of both.
        """


class IFileSynchronizer(ISynchronizer, IFileSerializer, IFileDeserializer):
    """Synchronizes an object with a file."""


class IDefaultSynchronizer(IFileSynchronizer):
    """Synchronizes an object with a pickle; `load` is never called."""


class IDirectorySerializer(ISerializer):
    """Lists the items of an object."""

    def __getitem__(key):
        """Return the item named ``key``; raises KeyError."""

    def iteritems():
        """Iterate over pairs of key and item."""


class IDirectoryDeserializer(IDeserializer):
    """Changes the items of an object."""

    def __setitem__(key, value):
        """Add the item ``value`` under ``key``."""

    def __delitem__(key):
        """Remove the item named ``key``."""


class IDirectorySynchronizer(
    ISynchronizer, IDirectorySerializer, IDirectoryDeserializer
):
    """Synchronizes an object with a directory."""

    def traverseName(name):
        """Return the item named ``name``; raises KeyError."""


# Making objects


class IReservedAttributes(Interface):
    """Tells which attributes have a meaning for the host, and are no data.

    Registered as a utility by a host that keeps owners, permissions and the like in
    attributes of objects.
    """

    def __call__(name):
        """Return True if an attribute of this name is reserved."""


class ITakesNames(Interface):
    """An extra that gives names to what is in an object, as items have them.

    A commit that adds an item with one of these names changes the extra before it,
    and after the removal of items: a property, say, can become an item.

    .. versionadded:: 4.0.0
    """

    def names():
        """Return the names that are taken now."""


class IPartsSynchronizer(IDirectorySynchronizer):
    """Lists extras or annotations, and the blobs in them as parts beside them."""

    def blobs(key):
        """Return the blobs that the pickle of a part refers to, by their names.

        The part with the bytes of one has the name that `zope.fssync.blobs.part_name`
        makes of these two.
        """


class IPartMaker(IDirectorySynchronizer):
    """Synchronizes extras that have a file only where they differ from the default.

    Removing the file restores the default.

    .. versionadded:: 4.0.0
    """

    def make(key):
        """Return the part ``key`` of the object, to be loaded from a new file.

        Raises `zope.fssync.errors.SynchronizationError` for an unknown key.
        """

    def makes(key):
        """Return whether `key` may be such a part; other extras are mere values."""


class INamedItems(IDirectorySynchronizer):
    """Synchronizes a directory whose items are made by their names alone.

    Their entries may name a type or a factory, which do not count: an item that was
    copied from elsewhere with its description is made like one without.

    .. versionadded:: 4.0.0
    """


class ITypes(Interface):
    """Finds the types of content that an application has in its database: a utility.

    .. versionadded:: 4.0.0
    """

    def factory(name):
        """Return what makes an empty object of the type ``name``, None if unknown.

        The name comes from outside: nothing may be imported because of it.
        """


class IObjectGenerator(Interface):
    """Makes objects whose factory needs to know where they go.

    Registered as a utility named by the ``factory`` of the entry.
    """

    def create(context, name):
        """Make an object, put it into ``context`` under ``name``, return it."""


class IFileGenerator(Interface):
    """Makes objects for files about which nothing but the name is known."""

    def create(context, name, extension=None):
        """Return a new object for the file ``name``, or None to unpickle it.

        The object is not yet in ``context``.  ``extension`` includes the dot.
        """

    def load(obj, readable):
        """Fill a new object from the file; may return a callable as
        `IFileDeserializer.load` does."""


class IDirectoryGenerator(IObjectGenerator):
    """Makes objects for directories about which nothing but the name is known.

    Unlike an `IObjectGenerator` it does not put the object into the context.
    """


# Faults in what was taken


class ISourceCheck(Interface):
    """Finds faults in an object: a script that does not compile, say.

    Register subscribers for a class or an interface::

        <subscriber for=".content.Formula" factory=".checks.FormulaCheck"
                    provides="zope.fssync.interfaces.ISourceCheck" />

    They are asked for each object that a commit or a checkin makes or changes, in its
    transaction and behind the permissions of the caller, who could write the object.
    They change nothing.  What they find is told as a warning; where a site or the
    caller wants it, nothing is committed.

    .. versionadded:: 4.0.0
    """

    def faults():
        """Iterate over the faults, as pairs of a line number and a message.

        The number is 0 where the line is not known.  A message is one line of text.
        """


# Tasks


class ITaskHooks(Interface):
    """The part of the application in a task: its database, permissions and wrappers.

    One object serves one run of a task.  All methods are called in the thread and in
    the transaction of the task; what they raise ends it.  `zope.fssync.task.NullHooks`
    does nothing, and is a base for hooks that do little.

    .. versionadded:: 4.0.0
    """

    fatal = Attribute(
        """A tuple of the exceptions that end a task which writes; all others are
        collected with the paths where they were raised.  Conflicts of a database
        belong here: they have the whole request repeated.  `MemoryError` always
        is one."""
    )
    fatal_reading = Attribute(
        """A tuple of the exceptions that end a task which reads, `MemoryError` again
        among them; a checkout leaves out an object that raises another one."""
    )

    def checkpoint():
        """Release memory, if need be; called before each object."""

    def pause():
        """Let other threads run, if need be; called often in a directory of many items.

        It may wait for a while.
        """

    def bare(obj):
        """Return an object, or an iterator over objects, without wrappers.

        Called where an object is stored inside another one, compared by its class, or
        iterated over; other use of the object goes through its synchronizer.
        """

    def class_of(obj):
        """Return the class of an object, which its entry names."""

    def identity(obj):
        """Return the id of an object in its entry, or None; see `IEntryId`."""

    def adopt(container, obj):
        """Let a database take a new object before its body is loaded.

        The object is not yet in ``container``, and has no ``__parent__``.
        """

    def move(obj, source, key, target, name):
        """Move an object as the application moves one, and return True.

        ``source`` and ``target`` are the synchronizers of its container and of the
        new one; ``key`` and ``name`` its keys there.  Raises an error where the caller
        may not.  False if the application knows no way: the object is then deleted at
        the one place, and put at the other.
        """

    def rely(obj, whole=False):
        """Have the transaction fail if others change or remove ``obj`` meanwhile.

        Called for each object that the task changes or puts a new item into; and,
        with ``whole`` for all its parts, before one is removed or replaced.
        """

    def protect(owner, kind, what):
        """Raise an error if ``owner`` may not get a part that needs a permission.

        ``kind`` is ``"annotation"``, ``what`` then the key that is set or removed;
        ``"interface"``, then the interface that the object has come to provide; and
        for pickles before they are loaded ``"class"``, then the synchronizer factory of
        an instance, or ``"declaration"``, then a tuple of a class and interfaces that
        an instance of it is to provide.  Once a pickle is loaded ``kind`` is
        ``"instance"``, ``what`` each instance that got a state, before it gets its
        place; what its sender may not decide can be removed from it.  ``"factory"`` and
        ``"generator"`` are for a new item of ``owner``, ``what`` then the `IFactory` or
        the `IObjectGenerator` that is to make it.
        """

    def check(obj, path):
        """Look for faults in an object that was made or changed, see `ISourceCheck`.

        ``path`` is that of its file.  Called once the object is loaded.
        """

    def doom():
        """Have the transaction end in an abort; called when a commit has failed.

        Some objects are changed already then.
        """


class ISyncTask(Interface):
    """Walks a tree of objects and a repository side by side.

    ``getSynchronizer(obj, raise_error=True)`` returns the synchronizer of an
    object.  None means that the caller may not read the object.  If it has an argument
    ``context`` it gets the object that one without a place of its own belongs to.

    A task is run once, in one thread, by `perform`.  It opens and ends no transaction.
    """

    repository = Attribute("The `IRepository`.")
    context = Attribute("The object that references are relative to.")


class ICheckout(ISyncTask):
    """Writes objects to a repository; no object is changed."""

    def perform(obj, name, location=""):
        """Write ``obj`` under ``name`` into the directory ``location``.

        Whatever a synchronizer raises leaves out its object, unless it is one of
        `ITaskHooks.fatal_reading`.  An error ends the checkout; what is written so
        far is of no use.
        """


class ICheck(ISyncTask):
    """Finds out whether a repository is based on the state of the objects.

    No object is changed.
    """

    def perform(container, name, fspath, obj=None):
        """Compare the object ``name`` in ``container`` with ``fspath``.

        An empty ``name`` means the container itself.  Where ``obj`` is given it
        is that object, and nothing is asked of the container.
        """

    def errors():
        """Return the paths in conflict, in the order they were found."""


class ICommit(ISyncTask):
    """Brings objects to the state of a repository.

    To be run after an `ICheck` without errors, in the same transaction.

    In a directory items are removed first, then files are changed and made, then
    directories.  An object that is there is changed in this order:

    1. its body by `IFileDeserializer.load`, or its items;
    2. `IDeserializer.setmetadata`, where the entry is not what the object says;
    3. `IDeserializer.setextras`, with the extras that changed;
    4. `IDeserializer.setannotations`, with the annotations that changed;
    5. an `IObjectModifiedEvent` with what 1 to 4 returned, if anything changed.

    A new object is made from its entry and loaded, while it has neither a container
    nor a ``__parent__`` (unless an `IObjectGenerator` has put it there).  Then an
    `IObjectCreatedEvent` is sent, unless it replaces another object; the container gets
    the object, its items follow, and steps 2 to 5.

    Callables that `load` returned are called at the end.
    """

    def perform(container, name, fspath, obj=None):
        """Make the object ``name`` in ``container`` equal to ``fspath``.

        An empty ``name`` means the container itself.  Where ``obj`` is given it
        is that object, and nothing is asked of the container unless the object
        is replaced or removed.

        An exception that a synchronizer raises ends the work on its object; the others
        are still tried, and a `SynchronizationError` in the end names every path that
        failed.  Whatever is raised, `ITaskHooks.doom` is called before: other objects
        are changed already, and nothing of it may be committed.
        """


class ICheckin(ISyncTask):
    """Makes new objects from a repository, as `ICommit` does."""

    def perform(container, name, fspath):
        """Make the object ``name`` in ``container`` from ``fspath``.

        Raises `SynchronizationError` where the name is taken; nothing is changed then.
        """


# Safety


class ITextEncoding(Interface):
    """The name of the encoding that byte strings of Python 2 have, where they are text.

    A utility of a site, a mere str; see `zope.fssync.xmlpickle.bytetext`.

    .. versionadded:: 4.0.0
    """
