"""Keep rehearsed uploads until the user confirms them.

They are in temporary files of this process; where there are too many, the oldest of the
user who has the most are dropped.  Another process of the same site does not have them,
and asks for the file again.
"""

from __future__ import annotations

import secrets
import tempfile
from collections import Counter
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import IO
from typing import NamedTuple

from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import NoLongerThere
from zope.fssync.limits import CHUNK
from zope.fssync.limits import SERVER
from zope.fssync.messages import _

__all__ = ["UPLOADS", "Uploads"]


class _Waiting(NamedTuple):
    owner: tuple[str, str]
    stream: IO[bytes]
    size: int


class Uploads:
    """At most ``most`` files, ``room`` bytes together; shared by all threads.

    The owner of a file is a user and the path of an object.
    """

    def __init__(self, room: int, most: int = SERVER.waiting_files) -> None:
        self._room = room
        self._most = most
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._lock = Lock()

    def keep(self, owner: tuple[str, str], source: IO[bytes]) -> str:
        """Keep a copy of a file; return its name for `using`."""
        stream = tempfile.TemporaryFile()  # noqa: SIM115
        source.seek(0)
        size = 0
        while piece := source.read(CHUNK):
            size += len(piece)
            if size > SERVER.page_body:
                stream.close()
                raise LimitExceeded(
                    _(
                        "the zip has more than ${size} bytes",
                        mapping={"size": SERVER.page_body},
                    )
                )
            stream.write(piece)
        name = secrets.token_hex(16)
        self._put(name, _Waiting(owner, stream, size))
        return name

    @contextmanager
    def using(self, name: str, owner: tuple[str, str]) -> Iterator[IO[bytes]]:
        """Yield a file, which no other thread uses during the block.

        It is kept after the block, since the request may be repeated.
        """
        with self._lock:
            found = self._waiting.get(name)
            if found is not None and found.owner == owner:
                del self._waiting[name]
            else:
                found = None
        if found is None:
            raise NoLongerThere(
                _("the server no longer has the upload"),
                advice=_("Choose the file again."),
            )
        try:
            yield found.stream
        finally:
            self._put(name, found)

    def _put(self, name: str, waiting: _Waiting) -> None:
        with self._lock:
            self._waiting[name] = waiting
            while (user := self._user_of_too_much()) is not None:
                oldest = next(k for k, v in self._waiting.items() if v.owner[0] == user)
                self._waiting.pop(oldest).stream.close()

    def _user_of_too_much(self) -> str | None:
        """Return who has the largest part of the files where they are too many.

        Nobody can drop what others have by sending more.
        """
        sizes: Counter[str] = Counter()
        for each in self._waiting.values():
            # A file that is open costs more than its bytes.
            sizes[each.owner[0]] += each.size + self._room // self._most
        total = sum(each.size for each in self._waiting.values())
        is_full = total > self._room or len(self._waiting) > self._most
        return sizes.most_common(1)[0][0] if is_full else None


#: The uploads of this process.
UPLOADS = Uploads(SERVER.waiting_uploads)
