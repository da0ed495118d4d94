"""The headers of requests and answers.

Both take the names from here.  3.6.0 has none of these headers: neither side may
need the other to know one.
"""

from __future__ import annotations

from collections.abc import Iterable

from zope.fssync.limits import ANNOUNCED_DIGITS
from zope.fssync.limits import LEFT_OUT_SIZE
from zope.fssync.patterns import late

__all__ = [
    "ACCEPT",
    "AGAIN",
    "ALIVE",
    "BACK",
    "BUSY",
    "CODING",
    "DELAYED",
    "FAULTS",
    "GENERATION",
    "LATER",
    "LEFT_OUT",
    "NEWS",
    "NOTHING",
    "NO_STATE",
    "OBJECT",
    "OBJECTS",
    "SEEN",
    "SIGN",
    "SNARF",
    "SPARSE",
    "STATE",
    "STORED",
    "STREAMED",
    "TRANSACTION",
    "UNSTREAMED",
    "UPLOADED",
    "UPLOAD_DONE",
    "USER",
    "WITHHELD",
    "announced",
    "left_out",
    "transaction_of",
]

#: The content type of an archive.
SNARF = "application/x-snarf"

#: In answers: the server is of this release; those of 3.6.0 need precautions.
GENERATION = "X-FSSync-Server"

#: In requests the state of the server that the client has, in answers the one that
#: it will have then.  Clients that keep states and have none say `NO_STATE`.
STATE = "X-Zsync-State"
NO_STATE = "none"

#: In answers to commits: the transaction that stored it, as ``0x`` and digits.
TRANSACTION = "X-Zsync-Transaction"

#: Beside it: who stored it, quoted as in a URL, as the log calls the user.
USER = "X-Zsync-User"

#: A state begins so, with the transaction.  Clients only show it.
_state = late(r"4-([0-9a-f]{16})-")

#: In requests: the id, quoted as in a URL, of the object that the client means.  The
#: path may lead to another one since.
OBJECT = "X-Zsync-Object"

#: In answers: the last transaction that the answer shows, where it has no state.
SEEN = "X-Zsync-Seen"

#: In answers: the database went back to a time before what the client has seen.
BACK = "X-Zsync-Went-Back"

#: In answers: how many objects are withheld from the caller.
WITHHELD = "X-Fssync-Withheld"

#: In answers: what is known only when all is written, `STATE` and `WITHHELD`, stands
#: at the end of the archive; see `zope.fssync.snarf`.
STREAMED = "X-Zsync-Streamed"

#: Beside it: about how many objects the archive has; with a plus sign behind it there
#: are more.
OBJECTS = "X-Zsync-Objects"

#: In requests: the answer is not to be streamed.  At the end of a streamed archive:
#: something failed, ask again in that way.
UNSTREAMED = "no"
AGAIN = "X-Zsync-Again"

#: In answers: paths, quoted, of what is withheld from everybody, since its name cannot
#: be written or its synchronizer failed; not more of them than fit.
LEFT_OUT = "X-Zsync-Left-Out"

#: In requests: what the working copy leaves out, see `zope.fssync.sparse`.  In answers:
#: the server has left it out.
SPARSE = "X-Zsync-Sparse"

#: In answers to commits: how many objects others have changed.
NEWS = "X-Zsync-News"

#: In answers to commits: faults in what was taken, as JSON in ASCII: a list of path,
#: line (0 if it is not known) and message; not more of them than fit.
FAULTS = "X-Zsync-Faults"

#: In answers to commits: `NOTHING` if the commit changed nothing.  The database has no
#: transaction of it then, and the client may not miss one.
STORED = "X-Zsync-Stored"
NOTHING = "nothing"

#: In requests: the client waits where it is told to, and can read an answer to what it
#: sends that is `DELAYED`, with signs of life before it; see
#: `zope.app.fssync.server.alive`.
ALIVE = "X-Zsync-Alive"
DELAYED = "application/x-zsync-delayed"
SIGN = "wait "

#: In answers: nothing was done, since others are being served; ask again after the
#: seconds of ``Retry-After``.
BUSY = "X-Zsync-Busy"

#: In answers to who wants to wait for news: after how many seconds to ask again.
LATER = "X-Zsync-Later"

#: In answers: how many bytes of an archive that is sent in parts the server has, or
#: `UPLOAD_DONE` if its commit was stored before.  A server that takes no parts does not
#: send it.
UPLOADED = "X-Zsync-Uploaded"
UPLOAD_DONE = "done"

#: How the body is coded, and how that of the answer may be; see `zope.fssync.snarf`.
CODING = "X-Zsync-Coding"
ACCEPT = "X-Zsync-Accept"


def transaction_of(state: str | None) -> str | None:
    """Return the transaction of a state, as ``0x`` and digits, None without one."""
    match = _state.match(state or "")
    return f"0x{match[1]}" if match else None


def announced(value: str | None) -> tuple[int, bool] | None:
    """Return the number in `OBJECTS`, and whether there are more; None without one."""
    digits = (value or "").removesuffix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= ANNOUNCED_DIGITS):
        return None
    return int(digits), digits != value


def left_out(paths: Iterable[str]) -> str:
    """Return the value of `LEFT_OUT`."""
    # Imported here: clients never need it.
    from urllib.parse import quote

    words: list[str] = []
    left = LEFT_OUT_SIZE
    for path in paths:
        word = quote(path, errors="surrogatepass")
        left -= len(word) + 1
        if left < 0:
            break
        words.append(word)
    return " ".join(words)
