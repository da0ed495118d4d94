"""A large archive is sent in parts, which only its commit by the same user uses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import transaction
from zope.app.file.file import File
from zope.component import getGlobalSiteManager
from zope.site.folder import Folder

from zope.app.fssync.protocol.headers import STATE
from zope.app.fssync.protocol.headers import UPLOADED
from zope.app.fssync.server import sentparts
from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.testing.serversite import ServerSite
from zope.fssync.interfaces import ILimits
from zope.fssync.limits import DEFAULT
from zope.fssync.limits import UPLOAD_TIME

#: Bytes of each part but the last.
PART = 100


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentparts, "LEAST_UPLOAD_PART", PART)


@pytest.fixture
def demo(site: ServerSite) -> ServerSite:
    site.root["demo"] = Folder()
    site.root["demo"]["a.txt"] = File(b"old", "text/plain")
    site.root["demo"]["sub"] = Folder()
    site.commit()
    return site


@pytest.fixture
def limits() -> Iterator[Any]:
    """Returns a function that changes the limits of the site."""
    registered = []

    def change(**changed: int) -> None:
        found = DEFAULT._replace(**changed)
        getGlobalSiteManager().registerUtility(found, ILimits)
        registered.append(found)

    yield change
    for each in registered:
        getGlobalSiteManager().unregisterUtility(each, ILimits)


class Upload:
    """An archive, and what is sent of it."""

    def __init__(self, site: ServerSite, data: bytes, path: str = "/demo") -> None:
        self.site = site
        self.data = data
        self.path = path
        self.digest = hashlib.sha256(data).hexdigest()

    def ask(self, method: str, user: str | None, body: bytes = b"", **more: Any) -> Any:
        told = {"upload": self.digest, "size": len(self.data), **more}
        query = "&".join(f"{name}={value}" for name, value in told.items())
        path = f"{self.path}/@@upload.snarf?{query}"
        return self.site.request(method, path, user, body)

    def part(
        self, offset: int, length: int = PART, user: str | None = "editor", **more: Any
    ) -> int:
        """Send a part; return the status."""
        body = more.pop("body", self.data[offset : offset + length])
        told = {"offset": offset, "digest": hashlib.sha256(body).hexdigest(), **more}
        found: int = self.ask("POST", user, body, **told).status_int
        return found

    def received(self, user: str = "editor", **more: Any) -> str | None:
        found: str | None = self.ask("GET", user, **more).headers.get(UPLOADED)
        return found

    def send(self, user: str = "editor") -> None:
        for offset in range(0, len(self.data), PART):
            assert self.part(offset, user=user) == 200

    def use(self, user: str = "editor", view: str = "fromFS.snarf", **more: Any) -> Any:
        """Commit it."""
        told = {"upload": self.digest, "size": len(self.data), **more}
        query = "&".join(f"{name}={value}" for name, value in told.items())
        return self.site.request("POST", f"{self.path}/@@{view}?{query}", user)


@pytest.fixture
def upload(demo: ServerSite) -> Upload:
    """An archive that changes a file, of five parts."""
    archive = demo.checkout("/demo", "editor")
    archive.edit("demo/a.txt", b"new" * 50)
    data = archive.dump()
    assert len(data) > 4 * PART
    return Upload(demo, data)


def stored(site: ServerSite) -> Any:
    transaction.abort()
    found: Any = site.root["demo"]["a.txt"].data
    return found


def waiting(site: ServerSite) -> int:
    """How many archives wait in the database."""
    transaction.abort()
    return len(site.root._p_jar.root().get("zope.app.fssync.uploads", ()))


def test_the_commit_uses_the_parts_and_removes_them(upload: Upload) -> None:
    assert upload.received() == "0"
    upload.send()
    assert upload.received() == str(len(upload.data))
    assert stored(upload.site) == b"old"
    response = upload.use()
    assert response.status_int == 200
    assert Archive.parse(response.body)["demo/a.txt"] == b"new" * 50
    assert stored(upload.site) == b"new" * 50
    assert waiting(upload.site) == 0
    assert upload.received() == "0"


def test_a_checkin_uses_the_parts_and_removes_them(demo: ServerSite) -> None:
    data = demo.checkout("/demo", "editor").dump()
    upload = Upload(demo, data)
    upload.send()
    response = upload.use(view="checkin.snarf", name="new", src="demo", report=1)
    assert response.text.startswith("new: 3 objects")
    assert waiting(demo) == 0


@pytest.mark.parametrize("view", ["rehearse-commit.snarf", "rehearse-checkin.snarf"])
def test_a_rehearsal_leaves_the_parts_to_its_commit(upload: Upload, view: str) -> None:
    upload.send()
    assert upload.use(view=view, name="new", src="demo").status_int == 200
    assert upload.received() == str(len(upload.data))


def test_a_refused_commit_leaves_the_parts(upload: Upload) -> None:
    upload.send()
    upload.site.root["demo"]["a.txt"].data = b"others"
    upload.site.commit()
    assert upload.use().text == "Up-to-date check failed:\ndemo/a.txt\n"
    assert upload.received() == str(len(upload.data))


def test_a_part_has_to_follow_those_before(upload: Upload) -> None:
    assert upload.part(PART) == 409
    assert upload.part(0) == 200
    # A gap, an overlap, and the same once more.
    for offset in (2 * PART, PART // 2, 0):
        assert upload.part(offset) == 409
    assert upload.received() == str(PART)


@pytest.mark.parametrize(
    ("offset", "more"),
    [
        (-1, {"body": b"x" * PART}),
        (0, {"body": b""}),
        (0, {"body": b"x" * (PART - 1)}),
        (0, {"body": b"x" * 100_000}),
        (0, {"digest": "0" * 64}),
        (0, {"size": "many"}),
        (10**15, {"body": b"x" * PART}),
        (0, {"size": "9" * 16}),
    ],
)
def test_a_part_that_is_none_is_refused(
    upload: Upload, offset: Any, more: dict[str, Any]
) -> None:
    body = more.pop("body", upload.data[:PART])
    assert upload.part(offset, body=body, **more) == 400
    assert waiting(upload.site) == 0


def test_a_commit_needs_all_parts(upload: Upload) -> None:
    assert upload.use().status_int == 409
    upload.part(0)
    response = upload.use()
    assert (response.status_int, stored(upload.site)) == (409, b"old")
    assert f"{PART} of the {len(upload.data)} bytes" in response.text


def test_nobody_finds_or_continues_parts_of_others(upload: Upload) -> None:
    upload.part(0)
    assert upload.received("manager") == "0"
    assert upload.part(PART, user="manager") == 409
    upload.part(PART)
    for offset in range(2 * PART, len(upload.data), PART):
        upload.part(offset)
    assert upload.use("manager").status_int == 409
    assert stored(upload.site) == b"old"


def test_parts_are_for_one_object(upload: Upload) -> None:
    upload.send()
    assert Upload(upload.site, upload.data, "/demo/sub").received() == "0"


@pytest.mark.parametrize("user", ["reader", None])
def test_users_without_the_permission_to_commit_send_nothing(
    upload: Upload, user: str | None
) -> None:
    assert upload.ask("GET", user).status_int in (401, 403)
    assert upload.part(0, user=user) in (401, 403)
    assert waiting(upload.site) == 0


def test_an_archive_above_the_limit_is_refused_at_the_start(
    upload: Upload, limits: Any
) -> None:
    limits(upload_size=len(upload.data))
    assert upload.received() == "0"
    limits(upload_size=len(upload.data) - 1)
    response = upload.ask("GET", "editor")
    assert response.status_int == 413
    assert f"at most {len(upload.data) - 1}" in response.text
    assert upload.part(0) == 413
    limits(archive_size=len(upload.data) - 1)
    assert upload.ask("GET", "editor").status_int == 413


def test_an_archive_of_too_many_members_is_refused_at_the_start(
    upload: Upload, limits: Any
) -> None:
    limits(members=7)
    assert upload.received(members=7) == "0"
    response = upload.ask("GET", "editor", members=8)
    assert (response.status_int, "at most 7" in response.text) == (413, True)


def test_the_archives_of_all_users_are_limited(upload: Upload, limits: Any) -> None:
    upload.part(0, user="manager")
    limits(uploads_size=len(upload.data) + PART)
    assert upload.received() == "0"
    limits(uploads_size=len(upload.data) + PART - 1)
    assert upload.ask("GET", "editor").status_int == 413
    assert upload.part(0) == 413


def test_the_oldest_archive_of_a_user_gives_way(upload: Upload, limits: Any) -> None:
    limits(uploads=2)
    uploads = [Upload(upload.site, b"%d" % number * 250) for number in range(3)]
    Upload(upload.site, b"of another user" * 20).part(0, user="manager")
    for each in uploads:
        assert each.part(0) == 200
    assert [each.received() for each in uploads] == ["0", "100", "100"]
    assert waiting(upload.site) == 3
    # So it is where all of them have too many bytes.
    limits(upload_size=350)
    assert uploads[2].part(PART) == 200
    assert [each.received() for each in uploads] == ["0", "100", "200"]
    limits(upload_size=349)
    assert uploads[2].part(2 * PART) == 200
    assert [each.received() for each in uploads] == ["0", "0", "250"]


def grow_old(site: ServerSite) -> None:
    """Nobody has continued for long what waits now."""
    transaction.abort()
    for each in site.root._p_jar.root()["zope.app.fssync.uploads"].values():
        each["touched"] -= UPLOAD_TIME + 1
    site.commit()


def test_a_part_removes_archives_that_nobody_continues(upload: Upload) -> None:
    upload.part(0)
    Upload(upload.site, b"of another user" * 20).part(0, user="manager")
    grow_old(upload.site)
    assert Upload(upload.site, b"x" * 250).part(0) == 200
    assert waiting(upload.site) == 1


def test_a_commit_removes_archives_that_nobody_continues(upload: Upload) -> None:
    upload.part(0)
    grow_old(upload.site)
    archive = upload.site.checkout("/demo", "editor")
    archive.edit("demo/a.txt", b"newer")
    assert upload.site.submit("/demo", archive, "editor").status_int == 200
    assert waiting(upload.site) == 0


def test_parts_are_no_news(upload: Upload) -> None:
    site = upload.site
    first = site.request(
        "GET", "/demo/@@toFS.snarf", "editor", X_Zsync_State="none"
    ).body
    state = Archive.parse(first)["@@Zope/Answer"].decode().split()
    told = state[state.index(STATE) + 1]
    upload.send()
    response = site.request("GET", "/demo/@@toFS.snarf", "editor", X_Zsync_State=told)
    assert response.body == b"00000000 @@Zope/Changes\n"


def test_a_database_without_blobs_offers_nothing(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentparts.SentParts, "are_possible", False)
    assert upload.received() is None
