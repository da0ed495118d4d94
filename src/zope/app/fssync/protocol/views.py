"""The views of a server that a client calls, and the answer that refuses a commit."""

from zope.fssync import paths

__all__ = [
    "CHECKIN",
    "CHECKOUT",
    "COMMIT",
    "HIDDEN",
    "HISTORY",
    "LAST_CHANGES",
    "LIST",
    "LOG",
    "OUT_OF_DATE",
    "PROMOTED",
    "RECORD",
    "REHEARSE_CHECKIN",
    "REHEARSE_COMMIT",
    "REPLAY",
    "TYPES",
    "UPLOAD",
    "WATCH",
]

#: GET returns the archive of an object.
CHECKOUT = "@@toFS.snarf"

#: POST stores an archive of changes; GET only checks the login.
COMMIT = "@@fromFS.snarf"
#: The same without storing anything.
REHEARSE_COMMIT = "@@rehearse-commit.snarf"

#: POST to a container makes a new object in it.
CHECKIN = "@@checkin.snarf"
REHEARSE_CHECKIN = "@@rehearse-checkin.snarf"

#: POST with paths returns those of them that are hidden from the caller.
HIDDEN = "@@hidden.snarf"

#: GET returns the transactions that changed an object.
LOG = "@@log.snarf"

#: The member of an archive of changes that tells who made them: a log of the objects in
#: it, each in the last transaction that changed it.  Only callers who may see the log
#: get it.
LAST_CHANGES = f"{paths.CONTROL}/Log"

#: GET returns the archive of an object as it was after a transaction.
HISTORY = "@@history.snarf"

#: POST with transactions and paths returns an archive with an archive for each of
#: them: what these objects were afterwards.
REPLAY = "@@replay.snarf"

#: The member of the archive of a commit that git needs to make the same commit of the
#: transaction again.  Servers keep it as it is, and do not read it.
RECORD = f"{paths.CONTROL}/Record"

#: GET returns an archive of entries: of an object, and of what is directly in it.
LIST = "@@list.snarf"

#: POST with names returns what can be made in a container, and what each name becomes.
TYPES = "@@types.snarf"

#: GET answers once there is a transaction newer than that of ``since``.
WATCH = "@@watch.snarf"

#: POST sends a part of a large archive, before the request that uses the archive; GET
#: returns how much of it the server has.
UPLOAD = "@@upload.snarf"

#: POST says that the changes of an object were promoted to another site.
PROMOTED = "@@promoted.snarf"

#: The first line of the answer that refuses a commit; paths follow, one a line.
OUT_OF_DATE = "Up-to-date check failed:"
