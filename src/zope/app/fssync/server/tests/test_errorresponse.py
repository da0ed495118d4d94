"""The responses to errors that reach the publisher."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from sqlite3 import OperationalError
from types import SimpleNamespace

import pytest
from ZODB.POSException import ConflictError
from ZODB.POSException import ReadOnlyError
from ZODB.POSException import StorageError
from zope.component import provideUtility
from zope.exceptions.interfaces import UserError
from zope.testing.cleanup import cleanUp

from zope.app.fssync.server.errorresponse import failure
from zope.app.fssync.server.interfaces import IHost


class Request:
    """An `IViewRequest` that returns what it is to say."""

    def __init__(self, committed: bool | None = None) -> None:
        self.outcome = None
        if committed is not None:
            self.outcome = SimpleNamespace(committed=committed)

    def words(self, *messages: str) -> str:
        return " ".join(messages)

    def say(
        self, status: int, text: str, headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str] | None]:
        return status, text, headers


@pytest.fixture(autouse=True)
def host() -> Iterator[None]:
    provideUtility(SimpleNamespace(refusals=(UserError,)), IHost)
    yield
    cleanUp()


def tpc_vote(error: Exception) -> None:
    raise error


def tpc_finish(error: Exception) -> None:
    raise error


def subscriber(error: Exception) -> None:
    raise error


def raised(error: Exception, function: Callable[[Exception], None]) -> Exception:
    """Return an error as a function has raised it."""
    with pytest.raises(type(error)) as caught:
        function(error)
    return caught.value


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ReadOnlyError(), 503),
        (StorageError("a secret"), 503),
        (OSError("a secret"), 503),
        (ConflictError("a secret"), 503),
        (OperationalError("a secret"), 503),
        (KeyError("a secret"), 500),
    ],
)
def test_before_the_second_phase_nothing_was_changed(error, status):
    for request in (Request(), Request(committed=False)):
        found, text, headers = failure(request, raised(error, tpc_vote))
        assert found == status
        assert "Nothing was changed." in text
        assert "secret" not in text
        assert bool(headers) == ("Try again." in text)


def test_in_the_second_phase_nobody_knows():
    _, text, _ = failure(Request(False), raised(OSError(), tpc_finish))
    assert "Nothing was changed" not in text
    assert "changes may have been stored" in text


def test_nobody_knows_where_another_error_followed():
    def follow(error: Exception) -> None:
        try:
            tpc_finish(OSError())
        except OSError:
            raise error  # noqa: B904

    _, text, headers = failure(Request(False), raised(OperationalError(), follow))
    assert "Nothing was changed" not in text
    assert "changes may have been stored" in text
    assert "Try again" not in text
    assert not headers


def test_after_the_commit_the_changes_are_stored():
    _, text, _ = failure(Request(True), raised(KeyError(), subscriber))
    assert "Nothing was changed" not in text
    assert "The changes are stored" in text


def test_a_refusal_has_a_sentence_of_its_own():
    status, text, _ = failure(Request(), UserError("that name is taken"))
    assert (status, text) == (409, "that name is taken\n")
