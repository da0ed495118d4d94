"""Large files pass a real instance in both directions, its memory stays small."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path
from typing import IO
from typing import cast

import pytest

from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.fssync.metadata import dump_entries
from zope.fssync.snarf import Snarfer

pytestmark = pytest.mark.slow

MB = 1 << 20
SIZE = 64 * MB

#: What a request may need besides: caches, buffers, what Python keeps.
ROOM = 32 * MB


class Noise(io.RawIOBase):
    """A file of noise that never was in memory as a whole."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._random = random.Random(1)
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        size = min(self._left, MB if size < 0 else size)
        self._left -= size
        data = self._random.randbytes(size)
        self.digest.update(data)
        return data


def peak(instance: ZopeInstance) -> int:
    """Return the most memory the server has had since `forget`."""
    assert instance.server is not None
    status = Path(f"/proc/{instance.server.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def forget(instance: ZopeInstance) -> int:
    """Begin to measure anew; returns what the server has now."""
    assert instance.server is not None
    Path(f"/proc/{instance.server.pid}/clear_refs").write_text("5")
    return peak(instance)


@pytest.fixture
def zope(tmp_path):
    instance = ZopeInstance(tmp_path / "instance")
    instance.script("")
    with instance.running():
        yield instance


def test_memory_does_not_grow_with_the_size_of_a_file(zope, tmp_path):
    kind = "OFS.Image.File"
    entries = dump_entries({"big.bin": {"type": kind, "factory": kind}})
    noise = Noise(SIZE)
    with (tmp_path / "sent").open("w+b") as sent:
        snarfer = Snarfer(sent)
        snarfer.addstream(io.BytesIO(entries), len(entries), "@@Zope/Entries.xml")
        snarfer.addstream(cast(IO[bytes], noise), SIZE, "big.bin")
        sent.seek(0)
        before = forget(zope)
        length = str((tmp_path / "sent").stat().st_size)
        path = "/@@checkin.snarf?name=big.bin"
        answer = zope.request("POST", path, body=sent, Content_Length=length)
    assert answer.status == 200, answer.text
    assert peak(zope) - before < ROOM
    before = forget(zope)
    answer = zope.request("GET", "/big.bin/@@toFS.snarf")
    assert answer.status == 200
    assert peak(zope) - before < ROOM
    assert hashlib.sha256(answer.body[-SIZE:]).digest() == noise.digest.digest()


MANY = """
from OFS.Folder import Folder
from OFS.Image import File
app._setObject("many", Folder("many"))
for number in range(400):
    name = f"f{number}"
    app.many._setObject(name, File(name, "", name.encode() * 20, "text/plain"))
"""


def test_a_checkout_begins_before_all_has_been_read(tmp_path):
    instance = ZopeInstance(tmp_path / "instance")
    instance.script(MANY)
    with instance.running():
        # As a client that knows states of the database asks.
        answer = instance.request("GET", "/many/@@toFS.snarf", **{STATE: "none"})
        assert answer.status == 200
        assert "Content-Length" not in answer.headers
        for number in (0, 399):
            assert f"f{number}".encode() * 20 in answer.body
        assert b"X-Fssync-Withheld 0\n" in answer.body[-300:]
        # The database connection of the answer has been given back.
        for _ in range(8):
            instance.request("GET", "/many/@@toFS.snarf", **{STATE: "none"})
        assert "connections" not in instance.log()
