"""What our client makes of recorded answers of 3.6.0 servers."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from zope.app.fssync.client.api import FSSync
from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.testing import recorded
from zope.app.fssync.testing.controldata import control
from zope.app.fssync.testing.rawserver import Answer
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.tests.scenarios.compat.workingcopies import state
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import ArchiveDamaged
from zope.fssync.errors import OutOfDate
from zope.fssync.errors import ServerRefused
from zope.fssync.snarf import Snarfer

#: The login in it is that of the last command.
ROOT = ".zsync/Root"

FAILED = "<html><title>System Error</title>A system error occurred.</html>"
UNKNOWN = answer(b"Who?", "text/html;charset=utf-8", "401 Unauthorized", old=True)
KNOWN = answer(
    FAILED.encode(),
    "text/html;charset=utf-8",
    "500 Internal Server Error",
    old=True,
)


def archive(name: str) -> bytes:
    return answer(recorded(f"{name}.snarf"), old=True)


class Person:
    """Runs verbs against a server that gives recorded answers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.warnings: list[str] = []

    def __call__(self, verb: str, *answers: Answer, login: str = "zsync:zsync") -> None:
        with RawServer(list(answers)) as server:
            credentials = f"{login}@" if login else ""
            url = f"http://{credentials}127.0.0.1:{server.port}"
            network = Network(
                filename=str(self.home / "tokens"),
                options=TransportOptions(warn=self.warnings.append),
            )
            fs = FSSync(network=network)
            if verb == "checkout":
                network.setrooturl(f"{url}/{self.top(answers[0])}")
                fs.checkout(str(self.home / "co"))
            else:
                (top,) = fs.metadata.getnames(str(self.home / "co"))
                root = control(self.home / "co") / "Root"
                root.write_text(f"{url}/{top}\n")
                getattr(fs, verb)(str(self.home / "co" / top))
            network.close()

    @staticmethod
    def top(given: Answer) -> str:
        assert isinstance(given, bytes)
        return (
            "names"
            if b" names/" in given
            else "site"
            if b"++etc++" in given
            else "demo"
        )


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


def test_a_login_is_tried_before_an_old_server_is_believed(person: Person) -> None:
    with pytest.raises(AccessDenied, match="does not accept this user name"):
        person("checkout", archive("demo-anonymous"), UNKNOWN)
    assert not (person.home / "co").exists()
    person("checkout", archive("demo"), KNOWN)
    before = state(person.home / "co")
    with pytest.raises(AccessDenied, match="does not accept this user name"):
        person("update", archive("demo-anonymous"), UNKNOWN)
    after = state(person.home / "co")
    assert {**after, ROOT: before[ROOT]} == before


def test_a_server_of_today_is_believed_at_once(person: Person) -> None:
    data = recorded("demo.snarf")
    person("checkout", answer(data))
    assert (person.home / "co" / "demo" / "readme.txt").is_file()


def test_an_update_without_a_login_deletes_nothing(person: Person) -> None:
    person("checkout", archive("demo"), KNOWN)
    before = state(person.home / "co")
    with pytest.raises(AccessDenied, match="without a login"):
        person("update", archive("demo-anonymous"), login="")
    after = state(person.home / "co")
    assert {**after, ROOT: before[ROOT]} == before


def test_a_failure_is_explained_by_names_the_server_cannot_take(person: Person) -> None:
    person("checkout", archive("names"), KNOWN)
    with pytest.raises(ServerRefused, match="takes back no folder that holds") as error:
        person("commit", KNOWN)
    assert "co/names/" in str(error.value)


def test_a_site_that_is_called_out_of_date_is_explained(person: Person) -> None:
    person("checkout", archive("site"), KNOWN)
    refusal = b"Up-to-date check failed:\nsite/++etc++site\n"
    with pytest.raises(OutOfDate, match="takes back no site"):
        person("commit", answer(refusal, "text/plain;charset=utf-8", old=True))


def test_an_archive_that_the_server_damaged_is_explained(person: Person) -> None:
    stream = io.BytesIO()
    Snarfer(stream).addstream(io.BytesIO(b"x"), 1, "demo/big.bin")
    broken = stream.getvalue().replace(b" demo", b"0demo")
    with pytest.raises(ArchiveDamaged, match="100,000,000 bytes"):
        person("checkout", answer(broken, old=True), KNOWN)
