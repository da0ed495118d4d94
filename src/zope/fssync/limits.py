"""Every limit on data from outside, in one place.

Readers take a `Limits` argument; a site registers its own instance as an
`ILimits` utility, which the server views use.  Sizes of pieces, which cost time
and refuse nothing, stand where they are used.
"""

# Annotations are not deferred here: named tuples compile each deferred one again,
# and every command waits for that.
from typing import NamedTuple

from zope.interface import implementer

from zope.fssync.fileinterfaces import ILimits

__all__ = [
    "DEFAULT",
    "SIZES",
    "TIMES",
    "ClientTimes",
    "Limits",
    "LocalSizes",
    "ServerLimits",
]


@implementer(ILimits)
class Limits(NamedTuple):
    """Limits on what is read from a peer or from a working copy.

    Sizes are in bytes unless the name says otherwise.
    """

    #: One archive: the sum of all its members.
    archive_size: int = 1 << 40
    #: One member of an archive.
    member_size: int = 1 << 38
    #: Members of one archive.
    members: int = 20_000_000
    #: The line before a member: a size of at most 20 digits and a path.
    header_size: int = 8192
    #: Components of a path.
    path_depth: int = 128
    #: One component of a path, in UTF-8; the common limit of file systems.
    name_size: int = 255
    #: One Entries.xml.
    entries_size: int = 256 << 20
    #: Marks of an archive of changes: each takes some 200 bytes of memory.
    marks: int = 1_000_000
    #: What a deflated body of a request or an answer holds, or a block of a pack.
    deflated_size: int = 1 << 20
    #: One XML pickle, which is held in memory.
    pickle_size: int = 32 << 20
    #: Nesting of elements in an XML pickle.
    pickle_depth: int = 200
    #: Elements in an XML pickle.
    pickle_elements: int = 2_000_000
    #: Parts that references in a pickle repeat, besides 8 for each of its bytes: of
    #: tuples and frozensets, and pieces of 16 bytes of text, which are hashed and
    #: written in full each time.
    pickle_repeats: int = 50_000
    #: Different keys of one mapping, or members of one set, that have the same hash:
    #: each is compared with all others. Those of numbers are known to everybody.
    equal_hashes: int = 100
    #: The text of an error document that is shown to a person.
    error_text_size: int = 64 << 10
    #: The message of a commit, in UTF-8.  It travels in the address of a request, in
    #: which a byte may take three; storages keep at most 65,535 bytes.
    note_size: int = 20_000
    #: One line of the head of a message over ssh; the note of a commit travels there.
    head_line_size: int = 64 << 10
    #: All lines of such a head together.
    head_size: int = 128 << 10
    #: Lines of such a head.
    head_lines: int = 100
    #: A text that is merged line by line, which needs it in memory; of larger ones
    #: both versions are kept.
    merge_size: int = 8 << 20
    #: Files that an update deletes without asking, if they are no more than half
    #: of all.
    deletions: int = 1000
    #: Files that it deletes without asking, even if they are all.
    few_deletions: int = 20


class ServerLimits(NamedTuple):
    """What the demo servers let their clients use; times are in seconds."""

    connections: int = 64
    #: Connections that are not logged in.
    unauthenticated: int = 16
    sessions_per_connection: int = 10
    #: From connecting to being logged in, with time for a question at a terminal.
    login_time: float = 120.0
    #: Without a byte in a session, or without a session in a connection.
    idle_time: float = 300.0
    #: The body of a request.
    body_size: int = Limits().archive_size
    #: The body of a request to a page that takes no archive: an upload in a browser.
    page_body: int = 64 << 20
    #: The same from a client that sends no name and password: a form with a login.
    anonymous_body: int = 1 << 20
    #: A question which paths are hidden: anybody may ask, and it is held in memory.
    asked_body: int = 32 << 20
    #: Paths of such a question.
    asked_paths: int = 500_000
    #: For running sessions, when the server is told to stop.
    stop_time: float = 10.0


class ClientTimes(NamedTuple):
    """How long the client waits for a server, in seconds."""

    #: For a connection to be made.
    connect: float = 30.0
    #: Between two pieces of data.
    read: float = 300.0
    #: Until the answer begins: a server may work long on a commit.
    answer: float = 3600.0


class LocalSizes(NamedTuple):
    """How much is read of small files of this machine, and of a greeting.

    What stands behind that is not looked at.
    """

    #: `@@Zope/Root`, which holds a URL.
    root: int = 1 << 16
    #: An index, inflated: of the originals in one directory, with some 200 bytes
    #: for each file, or of what looked unchanged. It takes up to twenty times its size.
    index_size: int = 32 << 20
    #: A line of the journal, which names one path.
    plan_line: int = 1 << 18
    #: The settings of the script for the Subsystem of OpenSSH.
    settings: int = 1 << 16
    #: A file of known hosts.
    known_hosts: int = 64 << 20
    #: What an ssh server says before the login, to be shown to the person.
    banner: int = 2000


DEFAULT = Limits()
TIMES = ClientTimes()
SIZES = LocalSizes()
