"""The responses to errors in a view, and after it.

They show neither a traceback nor a path of the server's disk: only its log does.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from transaction.interfaces import TransientError
from ZODB.POSException import ReadOnlyError
from ZODB.POSException import StorageError
from zope.component import getUtility

from zope.app.fssync.server.broken import DatabaseDamaged
from zope.app.fssync.server.drivers import is_lost_connection
from zope.app.fssync.server.interfaces import IHost
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import NameRefused
from zope.fssync.errors import NoLongerThere
from zope.fssync.errors import PickleRefused
from zope.fssync.errors import UnsafeData
from zope.fssync.errors import UsageError
from zope.fssync.messages import _
from zope.fssync.task.commit import CommitFailed

__all__ = ["answer", "failure", "status_of", "told"]

log = logging.getLogger(__name__)

#: The status for each class of errors in a view; the first match counts.
_statuses: tuple[tuple[type[Error], int], ...] = (
    (DatabaseDamaged, 500),
    (NoLongerThere, 404),
    (AccessDenied, 403),
    (LimitExceeded, 413),
    (UnsafeData, 400),
    (ArchiveDamaged, 400),
    (MetadataDamaged, 400),
    (UsageError, 400),
    (Error, 409),
)

#: The status and the sentence for each class of errors that reach the publisher.
_failures: tuple[tuple[type[BaseException], int, str], ...] = (
    (ReadOnlyError, 503, _("The database can only be read at the moment.")),
    (StorageError, 503, _("The database did not answer.")),
    (TransientError, 503, _("Other changes came in between, again and again.")),
    (
        OSError,
        503,
        _("The server failed to read or write a file; is its disk full?"),
    ),
    (BaseException, 500, _("The server failed, its log tells more.")),
)


NOTHING = _("Nothing was changed.")

_AGAIN = _("Try again.")

UNSURE = _(
    "It happened in the last moment, changes may have been stored: 'zsync update' "
    "shows them."
)

STORED = _("The changes are stored: 'zsync update' shows them.")


def answer(view_request: Any, function: Callable[[], Any]) -> Any:
    """Return the response of ``function``, or an error in plain text.

    ``view_request`` is an `IViewRequest`.  The transaction is aborted after an error.
    Conflicts of the database and unexpected errors are raised, and reach the
    publisher; `failure` is the response to them.
    """
    host = getUtility(IHost)
    try:
        return function()
    except host.fatal:
        raise
    except host.denials as error:
        view_request.abort()
        if view_request.anonymous:
            view_request.deny(str(error))
        return view_request.say(403, f"{told(error, host)}\n")
    except host.refusals as error:
        view_request.abort()
        return view_request.say(409, f"{told(error, host)}\n")
    except CommitFailed as error:
        view_request.abort()
        return _failed(view_request, error, host)
    except Error as error:
        view_request.abort()
        return view_request.say(status_of(error, host.refusals), f"{error}\n")


def failure(view_request: Any, error: BaseException) -> Any:
    """Return the response to an error that reached the publisher.

    It says whether the changes are stored, and whether to try again.
    """
    if isinstance(error, getUtility(IHost).refusals):
        return view_request.say(409, f"{error}\n")
    known = StorageError() if (is_lost := is_lost_connection(error)) else error
    status, text = next(
        (status, text) for kind, status, text in _failures if isinstance(known, kind)
    )
    consequence = _consequence(view_request, error)
    texts, headers = [text, consequence], {}
    if consequence == NOTHING and (is_lost or isinstance(error, TransientError)):
        texts.append(_AGAIN)
        headers = {"Retry-After": "5"}
    return view_request.say(status, f"{view_request.words(*texts)}\n", headers)


def _consequence(view_request: Any, error: BaseException) -> str:
    outcome = view_request.outcome
    if outcome is not None and outcome.committed:
        # A subscriber failed after the commit.
        return STORED
    return UNSURE if _was_finishing(error) else NOTHING


def _was_finishing(error: BaseException) -> bool:
    """Return True if the transaction was in its second phase, which cannot abort.

    Another error may have followed, when the connection was used again.
    """
    raised: BaseException | None = error
    while raised is not None:
        frames = traceback.walk_tb(raised.__traceback__)
        if any(frame.f_code.co_name == "tpc_finish" for frame, _ in frames):
            return True
        raised = raised.__cause__ or raised.__context__
    return False


def _failed(view_request: Any, error: CommitFailed, host: Any) -> Any:
    causes = [cause for _, cause in error.failures]
    for path, cause in error.failures:
        if not isinstance(cause, (Error, *host.denials, *host.refusals)):
            log.error("cannot commit %r", path, exc_info=cause)
    if any(isinstance(cause, host.denials) for cause in causes):
        if view_request.anonymous:
            view_request.deny("a login is needed")
        status = 403
    else:
        status = max(status_of(cause, host.refusals) for cause in causes)
    text = "\n".join(f"{path}: {told(cause, host)}" for path, cause in error.failures)
    return view_request.say(status, f"Nothing was committed:\n{text}\n")


def status_of(error: BaseException, refusals: Any) -> int:
    """Return the status of the response to an error in a view."""
    for kind, status in _statuses:
        if isinstance(error, kind):
            return status
    if isinstance(error, OSError):
        return 503
    return 409 if isinstance(error, (*refusals, ValueError, LookupError)) else 500


def told(error: BaseException, host: Any) -> str:
    """Return the message of an error for the caller, without details for the log."""
    if isinstance(error, NameRefused | PickleRefused) and error.advice:
        mapping = {"message": error.message, "advice": error.advice}
        return _("${message}\n  ${advice}", mapping=mapping)
    if isinstance(error, Error):
        return error.message
    if isinstance(error, host.denials):
        return _("you are not allowed to do that")
    if isinstance(error, OSError):
        return _("the server failed to read or write a file")
    if isinstance(error, host.refusals):
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    # The text of any other error may contain secrets.
    return _(
        "the server failed (${error}), its log tells more",
        mapping={"error": type(error).__name__},
    )
