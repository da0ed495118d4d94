"""Archives that are sent while they are written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from zope.fssync.errors import SynchronizationError
from zope.fssync.interfaces import IFileSynchronizer
from zope.fssync.interfaces import IStreamedSerializer
from zope.fssync.interfaces import IStreamRepository
from zope.fssync.limits import STREAMED_BODY
from zope.fssync.repository import StreamRepository
from zope.fssync.synchronizer import FileSynchronizer
from zope.fssync.synchronizer import StreamedBody
from zope.fssync.task.checkout import Checkout

PIECE = b"x" * (1 << 16)


class Body:
    """An object with a large body, which may tell a wrong size."""

    def __init__(self, pieces: int, size: int | None = None) -> None:
        self.pieces = pieces
        self.size = len(PIECE) * pieces if size is None else size


@implementer(IFileSynchronizer, IStreamedSerializer)
class BodySynchronizer(StreamedBody, FileSynchronizer):
    def length(self) -> int:
        return self.context.size

    def pieces(self) -> Iterator[bytes]:
        for _ in range(self.context.pieces):
            yield PIECE


class Unsized(BodySynchronizer):
    """As for a caller who may dump the body, but not ask for its size."""

    def __getattribute__(self, name: str) -> object:
        if name in ("size", "pieces") and not getattr(self.context, "dumped", False):
            raise AttributeError(name)
        return super().__getattribute__(name)

    def dump(self, writeable: object) -> None:
        self.context.dumped = True
        super().dump(writeable)


def sent(body: Body, synchronizer: type) -> tuple[list[int], bytes]:
    """How much waited at each step of a checkout, and the archive."""
    repository = StreamRepository()
    task = Checkout(lambda obj, raise_error=True: synchronizer(obj), repository)
    waited, archive = [], b""
    for _ in task.steps(body, "body"):
        waited.append(repository.waiting())
        archive += b"".join(repository.take())
    archive += b"".join(repository.take())
    repository.close()
    return waited, archive


def test_the_contract():
    repository = StreamRepository()
    assert verifyObject(IStreamRepository, repository)
    assert verifyObject(IStreamedSerializer, BodySynchronizer(Body(1)))
    repository.close()


def test_a_large_body_is_sent_while_it_is_read():
    waited, archive = sent(Body(40), BodySynchronizer)
    assert max(waited) < 2 * len(PIECE)
    assert b"%d body\n%s" % (40 * len(PIECE), PIECE * 40) in archive


@pytest.mark.parametrize("synchronizer", [BodySynchronizer, Unsized])
@pytest.mark.parametrize("pieces", [0, 1, STREAMED_BODY // len(PIECE), 20])
def test_the_archive_is_the_same_however_it_is_made(synchronizer, pieces):
    _, archive = sent(Body(pieces), synchronizer)
    header, _, rest = archive.partition(b" body\n")
    size = int(header.rpartition(b"\n")[2])
    assert rest[:size] == PIECE * pieces
    assert rest[size:] == b"" or rest[size : size + 1].isdigit()


@pytest.mark.parametrize("told", [-1, 1])
def test_a_body_that_tells_a_wrong_size_ends_the_archive(told):
    with pytest.raises(SynchronizationError, match="says that it has"):
        sent(Body(20, 20 * len(PIECE) + told), BodySynchronizer)
