"""The contracts of files and of the metadata about them.

They stand apart from the others, so that commands which only look at files start
without what contracts of objects need.  `zope.fssync.interfaces` has them too.

Nothing here is shared by threads: a repository, a file tree and their metadata belong
to the task or the command that made them.  None takes part in a transaction.
"""

from zope.interface import Attribute
from zope.interface import Interface

from zope.fssync.contracts import declare

__all__ = [
    "IArchiveRepository",
    "IFileSystemRepository",
    "IFileTree",
    "ILimits",
    "IMergeSource",
    "IMetadata",
    "IReadable",
    "IRepository",
    "IStreamRepository",
    "IVersionControlRepository",
    "IWorkingMetadata",
    "IWriteable",
]


class IMetadata(Interface):
    """The entries of the files in a repository.

    An entry is a dict of str to str; an empty entry means "not registered".
    Changing an entry changes the metadata in memory; `flush`, or `release` of its
    directory, stores it.

    The entries of a directory are read when they are first asked for.  So any method
    but `added` and `flush` may raise `MetadataDamaged` (`ArchiveDamaged` for an
    archive), `LimitExceeded` or another `UnsafeData`; no entry has changed then.
    """

    def getnames(dir):
        """Return the sorted names of the registered children of ``dir``."""

    def getentry(file):
        """Return the entry of ``file``: empty, and live, if there is none."""

    def getmanager(dir):
        """Return the manager of the entries of ``dir``."""

    def gettypeinfo(path):
        """Return the pair (type, factory) of an entry, each may be None."""

    def added():
        """Flag every known entry as added, but those that are removed."""

    def release(dir):
        """Store and forget one directory, to keep memory flat."""

    def flush():
        """Store what changed.

        After a failure the other directories are stored, and the first error is
        raised; it can be called again.
        """


class IWorkingMetadata(IMetadata):
    """The metadata of a working copy, which knows the local changes of entries.

    .. versionadded:: 4.0.0
    """

    def received(file):
        """Note that the entry of ``file`` is as the server has sent it."""

    def is_received(file):
        """Return whether the entry of ``file`` is known to be as the server sent it.

        Flags and marks apart.
        """

    def forget(dir):
        """Drop one directory unwritten, since its control data is removed."""


class IFileTree(Interface):
    """The files that a merge looks at and changes.

    Paths are those of the operating system.  Nothing is followed through a
    symbolic link, and only regular files are read: `PathRefused` is raised for others.

    A merge first asks, then writes a file, then changes its entry.  A tree may hold
    changes back and apply them all at once when a command ends
    (`zope.app.fssync.client.workingcopy.staging`); it then answers as if they were
    applied.  Any method may raise `OSError`; the merge ends, and of a tree that holds
    changes back nothing is applied.

    .. versionadded:: 4.0.0
    """

    def kind(path):
        """Return "file", "dir", "other" (a link, a device), or None."""

    def isfile(path):
        """Return True if a regular file is at the path."""

    def isdir(path):
        """Return True if a real directory is at the path."""

    def exists(path):
        """Return True if anything is at the path, even a dangling link."""

    def file_name(name, key):
        """Return the name of the file for the object ``key``.

        ``name`` is what an archive calls it.
        """

    def folds(path):
        """Return True if the file system of a directory ignores the case of names."""

    def realdir(path):
        """Return the absolute path of a directory, without links."""

    def listdir(path):
        """Return the names in a directory, sorted."""

    def open(path):
        """Return a binary stream on a regular file."""

    def size(path):
        """Return the size of a regular file in bytes."""

    def modified(path):
        """Return when a regular file was last changed, in nanoseconds."""

    def keep(path, content):
        """Write bytes that are of use but not needed, if there is a place for them.

        So is what only some layouts of a working copy have.  Where there are no
        bytes, there is to be no file.
        """

    def write(path, chunks):
        """Make or replace a file by the bytes of the iterable ``chunks``.

        Missing parents are made.
        """

    def remove(path):
        """Remove a file."""

    def mkdir(path):
        """Make a directory and its missing parents."""

    def rmdir(path):
        """Remove a directory if it is empty; returns whether it was."""

    def rmtree(path):
        """Remove a directory of control data with all it holds."""


class IMergeSource(Interface):
    """The side of a merge that changes come from: a file tree or an archive.

    It is only read, and need not be read in order; of a directory nothing is asked
    after its `release`.  A method raises what `IMetadata` and `IFileTree` do; the merge
    then ends between two files.

    .. versionadded:: 4.0.0
    """

    def kind(path):
        """Return "file", "dir", "other" or None."""

    def size(path):
        """Return the size of a file in bytes."""

    def open(path):
        """Return a binary stream on a file."""

    def getentry(path):
        """Return the entry of ``path``, empty if there is none."""

    def getnames(path):
        """Return the sorted names of the registered children of ``path``."""

    def listdir(path):
        """Return the sorted names of the files in a directory."""

    def release(path):
        """Forget what was read of the directory ``path``."""


class IWriteable(Interface):
    """A file that is being written, by one writer from its start to its end.

    After an error of `write` it is to be closed as well, and what it belongs to, a
    repository or an archive, is to be thrown away.
    """

    def write(data):
        """Write the bytes ``data``."""

    def close():
        """Finish the file: only now is it complete."""


class IReadable(Interface):
    """A file that is being read."""

    def read(bytes=None):
        """Return at most ``bytes`` bytes, or all the rest; b'' at the end."""

    def close():
        """Release the file."""


class IRepository(Interface):
    """Stores the files and directories that objects become.

    Paths are str with ``/`` between parts, relative to the repository (a
    filesystem repository takes paths of its operating system).

    A task either writes a repository or reads it.  A writer takes a name from
    `disambiguate`, closes one `writeable` before it asks for the next, and calls
    `forget_names` after the last name of a directory.  A repository undoes nothing:
    after an error of its writer it is to be thrown away.
    """

    chunk_size = Attribute("Bytes that are read or compared at a time, an int.")

    case_insensitive = Attribute("Are names that differ in case only the same name?")

    def getMetadata():
        """Return the metadata database, see `IMetadata`."""

    def disambiguate(dirpath, name):
        """Return a file name for the key ``name`` in the directory ``dirpath``.

        Every call for one directory returns another name.  Equal results mean
        the key can serve as the name; where they differ the caller stores the
        key in the metadata.
        """

    def forget_names(dirpath):
        """Give no thought any more to the names given in a directory."""

    def dirname(path):
        """Return the path of the directory that holds ``path``."""

    def join(path, *names):
        """Return ``path`` extended by ``names``."""

    def normalize(name):
        """Return the form of ``name`` by which collisions are found."""

    def encode(path, encoding=None):
        """Return ``path`` in its normal form as bytes (UTF-8 by default)."""

    def exists(path):
        """Return True if a file or directory is at ``path``."""

    def isdir(path):
        """Return True if a directory is at ``path``."""

    def readable(path):
        """Return an `IReadable` on the file ``path``.

        Raises `FileNotFoundError`; on an archive also `ArchiveDamaged`, when it is
        first read.
        """

    def writeable(path):
        """Return an `IWriteable` that makes or replaces the file ``path``.

        Raises `PathRefused` and `LimitExceeded` for a path that no archive may have.
        """

    def readFile(path):
        """Return the whole content of the file ``path`` as bytes."""

    def compare(readable1, readable2):
        """Return True if both files have the same bytes; close both."""


class IStreamRepository(IRepository):
    """Gives away what is written to it while more is written.

    It is never read.  An error after the first bytes were sent can only be told by an
    archive that has no end.

    .. versionadded:: 4.0.0
    """

    def sized(path, size):
        """Return what `writeable` does, for a file of ``size`` bytes.

        Raises SynchronizationError when it gets more, and when it is closed with
        less.
        """


class IFileSystemRepository(IRepository):
    """Stores files in a directory of the operating system."""


class IArchiveRepository(IRepository):
    """Stores files in a single seekable stream."""

    stream = Attribute("The binary, seekable stream.")

    def iterPaths():
        """Iterate over the paths of all files in the archive."""


class IVersionControlRepository(IRepository):
    """Stores files in a working copy of a version control system."""


class ILimits(Interface):
    """Limits on data from outside, see `zope.fssync.limits.Limits`.

    A utility of a site, read anew for each request.

    .. versionadded:: 4.0.0
    """


declare(__name__, globals())
