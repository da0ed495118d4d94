"""Who may see what of the past: a matrix of what became of objects, and of people.

Each old state has a text of its own.  Everything that can be asked for is asked for by
each of them, and what comes is compared with what they may see today.
"""

from __future__ import annotations

import base64
import re
import statistics
import time
from collections.abc import Callable
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
import transaction
from zope.app.file.file import File
from zope.copypastemove.interfaces import IObjectMover
from zope.proxy import removeAllProxies
from zope.securitypolicy.interfaces import IPrincipalPermissionManager
from zope.site.folder import Folder

from zope.app.fssync.tests.scenarios.changesonly.database import FileDatabase
from zope.app.fssync.tests.scenarios.changesonly.site import Server
from zope.app.fssync.tests.scenarios.changesonly.site import Site

pytestmark = pytest.mark.slow

#: What there was first, with the text of each file; at the end a letter where a grant
#: of its own hid it then.
FIRST = {
    "open/kept": "kept",
    "open/removed": "removed",
    "open/removed-hidden": "removedhidden",
    "open/to-hidden": "tohidden",
    "hidden/scheme": "scheme",
    "hidden/to-open": "toopen",
    "closed/old": "closedold",
    "closed/removed": "closedremoved",
    "opened/old": "openedold",
    "gone/old": "goneold",
    "gone-hidden/old": "gonehidden",
}
HIDDEN_FIRST = ("hidden", "opened", "gone-hidden", "open/removed-hidden")

EVERYTHING = {*FIRST.values(), "keptnew", "schemenew"}
OPEN = {"kept", "keptnew", "removed", "toopen"}

#: What each may see; the staff has no history but of what is open.
MATRIX = {
    "manager": EVERYTHING,
    "editor": OPEN | {"openedold", "goneold"},
    "weak": OPEN,
    "reader": set(),
    "": set(),
}


def found(demo: Any, path: str) -> Any:
    for name in path.split("/"):
        demo = demo[name]
    return demo


def hide(demo: Any, path: str) -> None:
    rights = IPrincipalPermissionManager(removeAllProxies(found(demo, path)))
    for login in ("editor", "weak"):
        rights.denyPermissionToPrincipal("zope.View", f"zope.{login}")


def fill(demo: Any) -> None:
    for path, text in FIRST.items():
        folder, name = path.split("/")
        if folder not in demo:
            demo[folder] = Folder()
        demo[folder][name] = File(f"TEXT-{text}-".encode(), "text/plain")
    for path in HIDDEN_FIRST:
        hide(demo, path)
    rights = IPrincipalPermissionManager(removeAllProxies(demo["open"]))
    rights.grantPermissionToPrincipal("zope.ManageContent", "zope.weak")


def change(demo: Any) -> None:
    demo["open"]["kept"].data = b"TEXT-keptnew-"
    for name in ("removed", "removed-hidden"):
        del demo["open"][name]
    IObjectMover(demo["open"]["to-hidden"]).moveTo(demo["hidden"], "to-hidden")
    IObjectMover(demo["hidden"]["to-open"]).moveTo(demo["open"], "to-open")
    hide(demo, "closed")
    del demo["closed"]["removed"], demo["gone"], demo["gone-hidden"]
    rights = IPrincipalPermissionManager(removeAllProxies(demo["opened"]))
    for login in ("editor", "weak"):
        rights.unsetPermissionForPrincipal("zope.View", f"zope.{login}")


def change_hidden(demo: Any) -> None:
    demo["hidden"]["scheme"].data = b"TEXT-schemenew-"


STEPS = {"first": fill, "then": change, "concealed": change_hidden}


class Past:
    """A site with its states, and what it answers."""

    def __init__(self, site: Site, url: str) -> None:
        self._connection = HTTPConnection(url.removeprefix("http://"))
        self.tids: list[str] = []
        for note, step in STEPS.items():
            with site.changing() as root:
                transaction.get().note(note)
                step(root["area"]["demo"])
            self.tids.append(site.db.lastTransaction().hex())

    def ask(self, login: str, place: str, view: str, **arguments: str) -> bytes:
        headers = {}
        if login:
            token = base64.b64encode(f"{login}:{login}pw".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        address = f"/area/demo{place}/@@{view}.snarf?{urlencode(arguments)}"
        self._connection.request("GET", address, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status in (200, 401, 403, 404), body
        return body

    def everything(self, login: str) -> Iterator[bytes]:
        """Yield what comes for each object, at each time, by each way."""
        now = ["", "/open", "/hidden", "/closed", "/opened"]
        now += ["/open/kept", "/open/to-open", "/hidden/scheme", "/hidden/to-hidden"]
        now += ["/closed/old", "/opened/old"]
        for tid in self.tids:
            for path in now:
                yield self.ask(login, path, "history", at=tid)
            for path in FIRST:
                folder, name = path.split("/")
                yield self.ask(login, "", "history", at=tid, path=path)
                yield self.ask(login, f"/{folder}", "history", at=tid, path=name)


@pytest.fixture(scope="module")
def past(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    site = Site(FileDatabase(tmp_path_factory.mktemp("past")))
    server.site = site
    yield Past(site, server.url)
    site.close()


@pytest.mark.parametrize("login", MATRIX)
def test_old_states_are_for_those_who_may_see_the_object_today(
    past: Past, login: str
) -> None:
    answers = b"".join(past.everything(login))
    texts = {each.decode() for each in re.findall(rb"TEXT-(\w+)-", answers)}
    assert texts == MATRIX[login]


@pytest.mark.parametrize(
    ("login", "notes"),
    [
        ("manager", ["concealed", "then", "first"]),
        ("editor", ["then", "first"]),
        ("weak", ["then", "first"]),
        ("reader", []),
        ("", []),
    ],
)
def test_the_log_tells_of_what_may_be_seen_today(
    past: Past, login: str, notes: list[str]
) -> None:
    answer = past.ask(login, "/open" if login == "weak" else "", "log", limit="3")
    told = re.findall(rb'"message": "(first|then|concealed)"', answer)
    assert [each.decode() for each in told] == notes
    if login != "manager":
        for name in (b"scheme", b"hidden", b"closed"):
            assert b'"%s' % name not in answer
            assert b"/%s" % name not in answer


@pytest.mark.parametrize(("login", "is_told"), [("manager", True), ("editor", False)])
def test_the_log_keeps_quiet_about_what_is_in_a_hidden_place_today(
    past: Past, login: str, is_told: bool
) -> None:
    answer = past.ask(login, "", "log", limit="3")
    assert (b'["A", "open/to-hidden"]' in answer) == is_told
    assert (b'["D", "open/to-hidden"]' in answer) != is_told
    assert b'["A", "open/removed"]' in answer


def test_grants_of_the_past_are_for_those_who_may_see_todays(past: Past) -> None:
    names = (b"PrincipalPermission", b"zope.weak")
    shown = b"".join(past.everything("manager"))
    assert all(name in shown for name in names)
    for login in ("editor", "weak"):
        shown = b"".join(past.everything(login))
        assert not any(name in shown for name in names)


def cost(ask: Callable[[], bytes]) -> float:
    """The processor time of an answer, of server and client: they are one process."""
    taken = []
    for _ in range(9):
        began = time.process_time()
        ask()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def test_withheld_and_missing_objects_get_the_same_answer_at_the_same_cost(
    past: Past,
) -> None:
    def ask(path: str) -> Callable[[], bytes]:
        return lambda: past.ask("editor", "", "history", at=past.tids[0], path=path)

    for withheld, missing in (
        ("hidden/scheme", "hidden/none"),
        ("hidden", "none"),
        ("open/removed-hidden", "open/nothing-here"),
    ):
        said = ask(withheld)().replace(withheld.encode(), b"X")
        assert b"or you may not read it" in said
        assert said.count(b"\n") == ask(missing)().count(b"\n")
        ratio = cost(ask(withheld)) / cost(ask(missing))
        assert 1 / 3 < ratio < 3, (withheld, ratio)
