"""Clients that commit at the same time: one wins, the others are told of a conflict."""

from __future__ import annotations

import base64
import io
import re
import threading
from urllib.parse import quote

import pytest
import transaction
from persistent.mapping import PersistentMapping
from zope.annotation.interfaces import IAnnotations
from zope.app.file.file import File
from zope.app.wsgi import WSGIPublisherApplication
from zope.component import getGlobalSiteManager
from zope.component.hooks import setSite
from zope.dublincore.interfaces import IZopeDublinCore
from zope.lifecycleevent.interfaces import IObjectModifiedEvent
from zope.security.proxy import removeSecurityProxy
from zope.site.folder import Folder

from zope.app.fssync.testing.serversite import Archive
from zope.app.fssync.tests.scenarios.server.schedule import Runner
from zope.app.fssync.tests.scenarios.server.schedule import orders

pytestmark = pytest.mark.slow

FACTORY = "zope.app.file.file.File"
TITLE = "demo/@@Zope/Annotations/a.txt/zope.app.dublincore.ZopeDublinCore"
TYPE = "demo/@@Zope/Extra/a.txt/contentType"
LARGE = 200_000


@pytest.fixture
def demo(site):
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"0", "text/plain")
    folder["b.txt"] = File(b"0", "text/plain")
    folder["sub"] = Folder()
    folder["sub"]["c.txt"] = File(b"0", "text/plain")
    IZopeDublinCore(folder["a.txt"]).title = "Title 0"
    IAnnotations(site.root)["log"] = PersistentMapping(count=0)
    site.commit()
    return site


@pytest.fixture
def subscribe():
    subscribed = []

    def subscribe(handler):
        getGlobalSiteManager().registerHandler(handler, [IObjectModifiedEvent])
        subscribed.append(handler)

    yield subscribe
    for handler in subscribed:
        getGlobalSiteManager().unregisterHandler(handler, [IObjectModifiedEvent])


class Server:
    """The application itself: the one of the site shares a connection."""

    def __init__(self, site):
        self.db = site.layer.db
        self.application = WSGIPublisherApplication(self.db)

    def request(self, method, path, body=b"", user="manager"):
        token = base64.b64encode(f"{user}:{user}pw".encode()).decode()
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": quote(path, safe="/@+"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_AUTHORIZATION": f"Basic {token}",
            "CONTENT_TYPE": "application/x-snarf" if method == "POST" else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        started = []
        answer = self.application(environ, lambda *args: started.append(args))
        try:
            data = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
            setSite(None)
            transaction.abort()
        ((status, headers, *_),) = started
        return int(status.split()[0]), dict(headers)["Content-Type"], data

    def checkout(self, path="/demo"):
        status, kind, data = self.request("GET", f"{path}/@@toFS.snarf")
        assert (status, kind) == (200, "application/x-snarf"), data
        return Archive.fresh(data)

    def commit(self, archive, path="/demo"):
        """Submit; return whether it was accepted, else it was for a conflict."""
        answer = self.request("POST", f"{path}/@@fromFS.snarf", archive.dump())
        if answer[:2] == (200, "application/x-snarf"):
            return True
        assert answer[0] == 200, answer
        assert answer[2].startswith(b"Up-to-date check failed:\ndemo/"), answer
        return False

    def read(self, function):
        """Return what a function of the root folder returns, as it is stored."""
        manager = transaction.TransactionManager()
        connection = self.db.open(manager)
        try:
            return function(connection.root()["Application"])
        finally:
            manager.abort()
            connection.close()

    def write(self, function):
        """Let a function change the root folder, in a transaction of its own."""
        manager = transaction.TransactionManager()
        connection = self.db.open(manager)
        try:
            function(connection.root()["Application"])
            manager.commit()
        finally:
            connection.close()

    def revisions(self):
        """How many transactions were stored."""
        return len(list(self.db.storage.changes.iterator()))


@pytest.fixture
def server(demo):
    return Server(demo)


def change(archive, kind, token):
    """What a client does, told apart by his token."""
    if kind == "edit":
        put(archive, "demo/a.txt", token)
    elif kind == "add":
        put(archive, "demo/new.txt", token)
    elif kind == "large":
        archive.edit("demo/a.txt", token * LARGE)
    elif kind == "below":
        archive.edit("demo/sub/c.txt", token)
    elif kind != "remove" and "demo/a.txt" not in archive:
        put(archive, "demo/a.txt", token)
    elif kind == "title":
        archive.edit(TITLE, re.sub(rb"Title .", b"Title " + token, archive[TITLE]))
    elif kind == "extra":
        archive.edit(TYPE, re.sub(rb"text/\w+", b"text/" + token, archive[TYPE]))
    elif kind == "remove" and "demo/a.txt" in archive:
        archive.remove("demo/a.txt")
    elif kind == "remove":
        put(archive, "demo/a.txt", token)
    elif kind == "retype":
        name = "zope.app.file.image.Image"
        archive.set_entry("demo/a.txt", type=name, factory=name)
        archive.edit("demo/a.txt", token)
    return archive


def put(archive, path, token):
    if path in archive:
        archive.edit(path, token)
    else:
        archive.add(path, token, factory=FACTORY)


def state(kind):
    """Where `change` shows; None where the object is gone."""

    def read(root):
        folder = root["demo"]
        if kind == "add":
            return folder["new.txt"].data if "new.txt" in folder else b"0"
        if "a.txt" not in folder:
            return None
        if kind == "below":
            return folder["sub"]["c.txt"].data
        file = folder["a.txt"]
        if kind == "title":
            return IZopeDublinCore(file).title.split()[1].encode()
        if kind == "extra":
            return file.contentType.removeprefix("text/").encode()
        return file.data[:1]

    return read


KINDS = ["edit", "large", "below", "title", "extra", "add", "remove", "retype"]
ORDERS = orders(2, 3)


class TestSchedules:
    """A client checks out, sends up to where all is changed but not stored, stores."""

    def run(self, server, subscribe, kinds, order):
        tokens = [b"%d" % number for number in range(1, len(kinds) + 1)]
        stopped = threading.local()

        def client(kind, token):
            def run():
                stopped.once = False
                archive = change(server.checkout(), kind, token)
                runner.pause()
                return server.commit(archive)

            return run

        def between(event):
            # When the publisher repeats the request, it goes through.
            if not getattr(stopped, "once", True):
                stopped.once = True
                runner.pause()

        runner = Runner([client(*each) for each in zip(kinds, tokens, strict=True)])
        subscribe(between)
        before = server.revisions()
        won = [bool(each) for each in runner.run(order)]
        assert server.revisions() - before == sum(won)
        return won, tokens

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_user_who_stores_first_after_his_checkout_wins(
        self, server, subscribe, kind
    ):
        # One site for all orders: each starts where it is put back to.
        start = server.read(state(kind))
        for order in ORDERS:
            won, tokens = self.run(server, subscribe, [kind, kind], order)
            assert won == expected(order, 2), order
            found = server.read(state(kind))
            last = max((i for i in range(2) if won[i]), key=lambda i: finish(order, i))
            gone = kind == "remove" and sum(won) == 1
            assert found == (None if gone else tokens[last]), order
            server.write(reset)
            assert server.read(state(kind)) == start

    @pytest.mark.parametrize("kind", ["edit", "extra", "title", "retype"])
    def test_nobody_changes_what_another_removes(self, server, subscribe, kind):
        for order in ORDERS:
            won, _ = self.run(server, subscribe, [kind, "remove"], order)
            assert any(won), order
            if overlap(order):
                assert sum(won) == 1, order
                gone = server.read(lambda root: "a.txt" not in root["demo"])
                assert gone == won[1], order
            server.write(reset)

    @pytest.mark.parametrize("kinds", [("title", "edit"), ("edit", "below")])
    def test_two_changes_lose_nothing(self, server, subscribe, kinds):
        for order in ORDERS:
            won, tokens = self.run(server, subscribe, list(kinds), order)
            assert any(won), order
            for kind, token, stored in zip(kinds, tokens, won, strict=True):
                assert server.read(state(kind)) == (token if stored else b"0"), order
            server.write(reset)

    def test_one_of_three_commits_wins_each_round(self, server, subscribe):
        for order in orders(3, 3)[::70]:
            won, _ = self.run(server, subscribe, ["edit"] * 3, order)
            assert won == expected(order, 3), order
            server.write(reset)


def finish(order, client):
    """When a client stores: at his third step."""
    return [at for at, each in enumerate(order) if each == client][2]


def overlap(order):
    """Do both check out before one stores?"""
    starts = [order.index(client) for client in (0, 1)]
    return max(starts) < min(finish(order, client) for client in (0, 1))


def expected(order, clients):
    """The model: who wins is who stores what he has checked out."""
    version = 0
    base, steps, won = {}, dict.fromkeys(range(clients), 0), [False] * clients
    for client in order:
        steps[client] += 1
        if steps[client] == 1:
            base[client] = version
        elif steps[client] == 3 and base[client] == version:
            version += 1
            won[client] = True
    return won


def reset(root):
    folder = root["demo"]
    for name in ("new.txt", "a.txt"):
        if name in folder:
            del folder[name]
    folder["a.txt"] = File(b"0", "text/plain")
    IZopeDublinCore(folder["a.txt"]).title = "Title 0"
    folder["sub"]["c.txt"].data = b"0"


class TestRetries:
    """Conflicts that a transaction of somebody else makes, between check and commit."""

    @pytest.fixture
    def disturb(self, server, subscribe):
        """Let somebody commit meanwhile, at the first attempts."""

        def disturb(function, attempts=1):
            done: list[object] = []

            def handler(event):
                if len(done) < attempts:
                    done.append(event)
                    server.write(function)

            subscribe(handler)
            return done

        return disturb

    def count(self, subscribe):
        """Each changed object counts, in a record that all share."""

        def handler(event):
            connection = removeSecurityProxy(event.object)._p_jar
            if connection is not None:
                root = connection.root()["Application"]
                IAnnotations(root)["log"]["count"] += 1

        subscribe(handler)

    @staticmethod
    def touch(root):
        IAnnotations(root)["log"]["count"] += 100

    @staticmethod
    def counted(root):
        return IAnnotations(root)["log"]["count"]

    @pytest.mark.parametrize("size", [1, LARGE])
    @pytest.mark.parametrize("attempts", [1, 2, 3])
    def test_the_body_is_read_again_and_the_result_is_there_once(
        self, server, subscribe, disturb, size, attempts
    ):
        self.count(subscribe)
        disturb(self.touch, attempts)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"1" * size)
        archive.add("demo/new.txt", b"2" * size, factory=FACTORY)
        before = server.read(self.counted)
        revisions = server.revisions()
        assert server.commit(archive)
        found = server.read(lambda root: {k: f.data for k, f in demo_files(root)})
        assert found["a.txt"] == b"1" * size
        assert found["new.txt"] == b"2" * size
        # The attempts in between left nothing.
        assert server.revisions() == revisions + attempts + 1
        assert (server.read(self.counted) - before) // 100 == attempts
        assert 1 <= (server.read(self.counted) - before) % 100 <= 4

    def test_in_the_end_it_is_told_and_nothing_is_changed(
        self, server, subscribe, disturb
    ):
        self.count(subscribe)
        done = disturb(self.touch, attempts=99)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"1")
        status, kind, text = server.request(
            "POST", "/demo/@@fromFS.snarf", archive.dump()
        )
        assert (status, kind) == (503, "text/plain;charset=utf-8")
        assert text == (
            b"Other changes came in between, again and again. Nothing was changed. "
            b"Try again.\n"
        )
        assert len(done) >= 4
        assert server.read(lambda root: root["demo"]["a.txt"].data) == b"0"
        assert server.read(self.counted) == 100 * len(done)

    def test_somebody_elses_change_of_the_same_file_wins(
        self, server, subscribe, disturb
    ):
        def theirs(root):
            root["demo"]["a.txt"].data = b"theirs"

        disturb(theirs)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"mine")
        archive.edit("demo/b.txt", b"mine")
        assert not server.commit(archive)
        found = server.read(lambda root: {k: f.data for k, f in demo_files(root)})
        assert (found["a.txt"], found["b.txt"]) == (b"theirs", b"0")

    def test_a_file_that_goes_meanwhile_is_a_conflict(self, server, subscribe, disturb):
        def theirs(root):
            del root["demo"]["a.txt"]

        disturb(theirs)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"mine")
        assert not server.commit(archive)
        assert server.read(lambda root: "a.txt" not in root["demo"])

    def test_the_folder_may_go_meanwhile(self, server, subscribe, disturb):
        def theirs(root):
            del root["demo"]

        disturb(theirs)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"mine")
        answer = server.request("POST", "/demo/@@fromFS.snarf", archive.dump())
        assert answer[0] == 404
        assert server.read(lambda root: "demo" not in root)

    def test_rights_that_go_meanwhile_are_gone(self, server, subscribe, disturb):
        from zope.securitypolicy.interfaces import IPrincipalPermissionManager

        def theirs(root):
            root["demo"]["a.txt"].data = b"theirs"
            manager = IPrincipalPermissionManager(root["demo"])
            manager.denyPermissionToPrincipal("zope.ManageContent", "zope.editor")

        disturb(theirs)
        archive = server.checkout()
        archive.edit("demo/a.txt", b"mine")
        answer = server.request(
            "POST", "/demo/@@fromFS.snarf", archive.dump(), user="editor"
        )
        assert answer[0] in (401, 403)
        assert server.read(lambda root: root["demo"]["a.txt"].data) == b"theirs"


def demo_files(root):
    return ((k, f) for k, f in root["demo"].items() if k.endswith(".txt"))


class TestFree:
    """Threads as they come: whatever happens, it is one after the other."""

    CLIENTS, ROUNDS = 6, 5

    def test_readers_see_whole_commits_and_writers_win_one_at_a_time(self, server):
        wins: list[bytes] = []
        gate = threading.Barrier(self.CLIENTS)
        problems: list[BaseException] = []

        def write(number):
            for turn in range(self.ROUNDS):
                token = b"%d.%d" % (number, turn)
                archive = server.checkout()
                archive.edit("demo/a.txt", token)
                archive.edit("demo/sub/c.txt", token)
                gate.wait(60)
                if server.commit(archive):
                    wins.append(token)

        def read(number):
            for _ in range(self.ROUNDS):
                archive = server.checkout()
                assert archive["demo/a.txt"] == archive["demo/sub/c.txt"]
                gate.wait(60)
                archive = server.checkout()
                assert archive["demo/a.txt"] == archive["demo/sub/c.txt"]

        def guarded(function, number):
            try:
                function(number)
            except BaseException as error:  # raised by the test
                problems.append(error)
                gate.abort()

        before = server.revisions()
        threads = [
            threading.Thread(target=guarded, args=(write if n < 4 else read, n))
            for n in range(self.CLIENTS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert not problems, problems
        # All have checked out before anybody commits: one wins each round, unless
        # a slow one begins when the winner is done and has the next base already.
        assert self.ROUNDS <= len(wins) <= 4 * self.ROUNDS
        assert server.revisions() - before == len(wins)
        assert server.read(lambda root: root["demo"]["a.txt"].data) in wins
