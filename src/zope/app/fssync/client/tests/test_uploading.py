"""A large archive is sent in parts, and what a server has is not sent again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from zope.app.fssync.client import connection
from zope.app.fssync.client import uploading
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ProxyFailed
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.limits import UPLOAD_TRIES

pytestmark = pytest.mark.usefixtures("no_proxies")

#: Bytes of a part.
PART = 100

ARCHIVE = b"0 demo/\n230 demo/a.txt\n" + b"x" * 230
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Parts are small; returns the pauses that were made."""
    monkeypatch.setattr(connection, "UPLOADED_SIZE", len(ARCHIVE))
    monkeypatch.setattr(uploading, "UPLOAD_PART", PART)
    monkeypatch.setattr(uploading, "LEAST_UPLOAD_PART", PART // 4)
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    with ExitStack() as stack:
        yield lambda *answers: stack.enter_context(RawServer(list(answers)))


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    options = TransportOptions(read_timeout=5, answer_timeout=5)
    network = Network(filename=str(tmp_path / "zsyncpass"), options=options)
    yield network
    network.close()


def has(count: int | str) -> bytes:
    """The answer of a server that has so many bytes."""
    return answer(kind="text/plain", extra=f"X-Zsync-Uploaded: {count}\r\n")


def refusal(status: str, old: bool = False) -> bytes:
    return answer(b"no", "text/plain", status, old=old)


DONE = answer(b"done")


def commit(
    network: Network, server: RawServer, archive: bytes = ARCHIVE, **more: Any
) -> bytes:
    network.setrooturl(f"http://zsync:zsync@127.0.0.1:{server.port}/demo")
    view = "@@fromFS.snarf?note=n&commit=1-2"
    found, _ = network.httpreq("/demo", view, io.BytesIO(archive), **more)
    return found.read()


def told(server: RawServer) -> list[tuple[str, dict[str, str], int]]:
    """The method, the arguments, and the bytes of each request."""
    found = []
    for request in server.requests:
        method, target, _ = request.line.split()
        query = {k: v for k, [v] in parse_qs(urlsplit(target).query).items()}
        if "fromFS" in target:
            method = "commit"
        found.append((method, query, len(request.body)))
    return found


def offsets(server: RawServer) -> list[str]:
    return [query["offset"] for method, query, _ in told(server) if method == "POST"]


def test_a_large_archive_is_sent_in_parts(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(has(0), has(100), has(200), has(len(ARCHIVE)), DONE)
    mark = ("X-Zsync-State", "none")
    assert commit(network, server, headers=[mark]) == b"done"
    named = {"upload": DIGEST, "size": str(len(ARCHIVE))}
    (ask, *parts, last) = told(server)
    assert ask == ("GET", {**named, "members": "2", "commit": "1-2"}, 0)
    for number, (method, query, length) in enumerate(parts):
        body = ARCHIVE[PART * number :][:PART]
        digest = hashlib.sha256(body).hexdigest()
        assert (method, length) == ("POST", len(body))
        assert query == {**named, "offset": str(PART * number), "digest": digest}
        assert server.requests[number + 1].body == body
    assert last == ("commit", {**named, "note": "n", "commit": "1-2"}, 0)
    # A state belongs to each of them: a commit may have been stored before.
    assert [each.header("X-Zsync-State") for each in server.requests] == ["none"] * 5


def test_a_smaller_archive_is_sent_at_once(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(DONE)
    assert commit(network, server, ARCHIVE[:-1]) == b"done"
    assert [each[0] for each in told(server)] == ["commit"]


def test_other_requests_are_sent_at_once(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(answer(b"", "text/plain"))
    network.setrooturl(f"http://zsync:zsync@127.0.0.1:{server.port}/demo")
    network.httpreq("/demo", "@@hidden.snarf", io.BytesIO(ARCHIVE), expected_type=None)
    assert server.requests[0].body == ARCHIVE


def test_parts_that_the_server_has_are_not_sent(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(has(200), has(len(ARCHIVE)), DONE)
    assert commit(network, server) == b"done"
    assert offsets(server) == ["200"]


@pytest.mark.parametrize(
    "first",
    [
        # Servers of 3.6.0, of another release, and one whose database has no blobs.
        refusal("404 Not Found", old=True),
        refusal("404 Not Found"),
        answer(b"<p>Welcome", "text/html", old=True),
        answer(kind="text/plain"),
        has("many"),
    ],
)
def test_a_server_that_takes_no_parts_gets_all_at_once(
    network: Network, serve: Callable[..., RawServer], first: bytes
) -> None:
    server = serve(first, DONE)
    assert commit(network, server) == b"done"
    assert server.requests[-1].body == ARCHIVE
    assert "upload" not in told(server)[-1][1]


def test_a_commit_that_was_stored_is_not_sent_again(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(has("done"))
    with pytest.raises(Error, match="stored already") as caught:
        commit(network, server)
    assert "zsync update" in (caught.value.advice or "")


@pytest.mark.parametrize(
    "lost",
    [
        # The connection is cut, a proxy answers, and the database was busy.
        lambda stream: None,
        refusal("502 Bad Gateway", old=True),
        refusal("503 Service Unavailable"),
        refusal("409 Conflict"),
        has(0),
    ],
)
def test_a_lost_part_is_sent_again(
    network: Network,
    serve: Callable[..., RawServer],
    lost: Any,
    pauses: list[float],
) -> None:
    server = serve(has(0), has(100), lost, has(100), has(200), has(253), DONE)
    assert commit(network, server) == b"done"
    assert offsets(server) == ["0", "100", "100", "200"]
    assert pauses == [1]


def test_a_part_whose_answer_is_lost_is_not_sent_again(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    server = serve(has(0), lambda stream: None, has(100), has(200), has(253), DONE)
    assert commit(network, server) == b"done"
    assert offsets(server) == ["0", "100", "200"]


def test_a_part_that_is_swept_begins_anew(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    parts = [has(100), has(200), has(253)]
    server = serve(has(0), has(100), refusal("409 Conflict"), has(0), *parts, DONE)
    assert commit(network, server) == b"done"
    assert offsets(server) == ["0", "100", "0", "100", "200"]


def test_a_part_that_is_too_large_for_a_proxy_is_made_smaller(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    large = refusal("413 Request Entity Too Large", old=True)
    smaller = [has(count) for count in (225, 250, 253)]
    server = serve(has(200), large, has(200), *smaller, DONE)
    assert commit(network, server) == b"done"
    assert offsets(server) == ["200", "200", "225", "250"]


def test_a_server_without_room_says_so(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    full = answer(b"no room for 253 bytes", "text/plain", "413 Too Large")
    with pytest.raises(ServerRefused, match="no room for 253 bytes"):
        commit(network, serve(full))


def test_a_refused_login_ends_the_upload(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    with pytest.raises(AccessDenied):
        commit(network, serve(has(0), refusal("403 Forbidden")))


@pytest.mark.parametrize("failing", ["part", "all"])
def test_the_client_gives_up_and_says_what_to_do(
    network: Network,
    serve: Callable[..., RawServer],
    pauses: list[float],
    failing: str,
) -> None:
    gone = refusal("502 Bad Gateway", old=True)
    between = has(100) if failing == "part" else gone
    server = serve(has(100), gone, *[between, gone] * UPLOAD_TRIES)
    with pytest.raises(ProxyFailed) as caught:
        commit(network, server)
    assert "Nothing was committed. The same command sends" in str(caught.value.advice)
    assert sum(pauses) > 60


def test_a_server_that_is_away_is_not_waited_for(
    network: Network, serve: Callable[..., RawServer], pauses: list[float]
) -> None:
    with pytest.raises(ServerUnreachable):
        commit(network, serve(lambda stream: None))
    assert not pauses


def test_progress_is_that_of_the_whole_archive(
    network: Network, serve: Callable[..., RawServer]
) -> None:
    class Shown:
        calls: list[tuple[str, int, int | None]] = []

        def __call__(self, phase: str, done: int, total: int | None = None) -> None:
            if phase == "sending":
                self.calls.append((phase, done, total))

        def objects(self, *told: Any) -> None:
            """Only bytes are looked at."""

        def finish(self) -> None:
            """Nothing was shown."""

    network.progress = shown = Shown()  # type: ignore[assignment]
    commit(network, serve(has(100), has(200), has(253), DONE))
    assert shown.calls == [("sending", 200, 253), ("sending", 253, 253)]
    assert network.progress is shown
