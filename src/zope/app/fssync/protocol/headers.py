"""What client and server say to each other in headers.

Both take the names from here.  3.6.0 has none of these headers: neither side may
need the other to know one.
"""

from __future__ import annotations

__all__ = [
    "ACCEPT",
    "CODING",
    "GENERATION",
    "NEWS",
    "NO_STATE",
    "SNARF",
    "STATE",
    "STREAMED",
    "WITHHELD",
]

#: The content type of an archive.
SNARF = "application/x-snarf"

#: In answers: the server is none of 3.6.0, which clients have to mistrust.
GENERATION = "X-FSSync-Server"

#: In requests the state of the server that the client has, in answers the one that
#: it will have then.  Clients that keep states and have none say `NO_STATE`.
STATE = "X-Zsync-State"
NO_STATE = "none"

#: In answers: how many objects are withheld from the caller.
WITHHELD = "X-Fssync-Withheld"

#: In answers: what is known only when all is written, `STATE` and `WITHHELD`, stands
#: at the end of the archive; see `zope.fssync.snarfstream`.
STREAMED = "X-Zsync-Streamed"

#: In answers to commits: how many objects others have changed.
NEWS = "X-Zsync-News"

#: How the body is coded, and how that of the answer may be; see `zope.fssync.deflate`.
CODING = "X-Zsync-Coding"
ACCEPT = "X-Zsync-Accept"
