"""Every limit on data from outside, in one place.

Readers take a `Limits` argument; a site registers its own instance as an
`ILimits` utility, which the server views use.
"""

from __future__ import annotations

from typing import NamedTuple

from zope.interface import implementer

from zope.fssync.interfaces import ILimits

__all__ = ["DEFAULT", "Limits"]


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
    #: One XML pickle, which is held in memory.
    pickle_size: int = 32 << 20
    #: Nesting of elements in an XML pickle.
    pickle_depth: int = 200
    #: Elements in an XML pickle.
    pickle_elements: int = 2_000_000
    #: The text of an error document that is shown to a person.
    error_text_size: int = 64 << 10
    #: Files that an update deletes without asking, if they are no more than half
    #: of all.
    deletions: int = 1000
    #: Files that it deletes without asking, even if they are all.
    few_deletions: int = 20


DEFAULT = Limits()
