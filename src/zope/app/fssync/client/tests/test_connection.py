"""Requests and their answers, and the servers that are told a secret."""

import os
import socket

import pytest

from zope.app.fssync.client.connection import Network
from zope.app.fssync.client.rootfile import write_root
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable

TOKEN = "Basic enN5bmM6enN5bmM="

pytestmark = pytest.mark.usefixtures("no_proxies")


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def network(tmp_path, warnings):
    options = TransportOptions(read_timeout=5, answer_timeout=5, warn=warnings.append)
    network = Network(filename=str(tmp_path / "zsyncpass"), options=options)
    yield network
    network.close()


@pytest.fixture
def serve():
    servers = []

    def start(*answers):
        server = RawServer(list(answers))
        servers.append(server)
        return server.__enter__()

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def ask(
    network, server, path="/demo", view="@@toFS.snarf", user="zsync:zsync@", **more
):
    network.setrooturl(f"http://{user}127.0.0.1:{server.port}/demo")
    return network.httpreq(path, view, **more)


def test_the_attributes_of_3_6_0(network):
    network.setrooturl("https://u%40:p%3A@Example.com:443/a%20b")
    assert network.roottype == "https"
    assert network.rootpath == "/a b"
    assert network.user_passwd == "u@:p:"
    assert network.host_port == "example.com"
    assert network.rooturl == "https://u%40@example.com/a%20b"
    network.setrooturl(None)
    assert network.rooturl is network.roottype is network.rootpath is None
    assert network.user_passwd is network.host_port is None


def test_an_archive_is_returned_with_its_headers(network, serve):
    server = serve(answer(b"archive", extra="X-Zsync: yes\r\n"))
    fp, headers = ask(network, server)
    with fp:
        assert fp.read() == b"archive"
    assert headers["content-type"] == "application/x-snarf"
    assert headers["x-zsync"] == "yes"
    (request,) = server.requests
    assert request.line == "GET /demo/@@toFS.snarf HTTP/1.1"
    assert request.header("Authorization") == TOKEN


def busy(pause):
    extra = f"X-Zsync-Busy: yes\r\nRetry-After: {pause}\r\n"
    return answer(b"busy", "text/plain", "503 Busy", extra=extra)


@pytest.mark.parametrize("pause", ["0", "soon"])
def test_a_busy_server_is_asked_again(network, serve, monkeypatch, pause):
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    server = serve(busy(pause), busy(pause), answer(b"archive"))
    found, _ = ask(
        network, server, view="@@fromFS.snarf", datasource=lambda s: s.write(b"x")
    )
    assert found.read() == b"archive"
    assert [each.body for each in server.requests] == [b"x"] * 3
    assert all(0 <= each <= 1 for each in pauses)
    assert len(pauses) == 2


def test_a_server_that_stays_busy_is_given_up(network, serve, monkeypatch):
    monkeypatch.setattr("zope.app.fssync.client.connection.BUSY_PATIENCE", 0.0)
    with pytest.raises(ServerRefused, match="busy"):
        ask(network, serve(busy("0")))


def test_an_answer_after_signs_of_life_is_the_answer(network, serve):
    class Shown:
        told = []

        def __call__(self, phase, done, total=None):
            """Bytes are not looked at."""

        def objects(self, phase, done, total, word=""):
            self.told.append((phase, total))

    network.progress = Shown()
    inner = b"200 OK\nContent-Type: application/x-snarf\nX-FSSync-Server: 4\n\narchive"
    body = b"wait 0\nwait 7\n" + inner
    server = serve(answer(body, "application/x-zsync-delayed", old=True))
    found, headers = ask(
        network, server, view="@@fromFS.snarf", datasource=lambda s: s.write(b"x")
    )
    assert found.read() == b"archive"
    assert headers["X-FSSync-Server"] == "4"
    assert Shown.told == [("waiting", 0), ("waiting", 7)]
    assert network.old_server is False


def test_a_submission_is_sent_as_3_6_0_sent_it(network, serve):
    server = serve(answer(b"archive"))
    data = b"00000001 x\ny" * 300_000
    ask(
        network,
        server,
        view="@@fromFS.snarf?note=a%20b",
        datasource=lambda s: s.write(data),
    )
    (request,) = server.requests
    assert request.line == "POST /demo/@@fromFS.snarf?note=a%20b HTTP/1.1"
    assert [name for name, _ in request.headers] == [
        "Host",
        "Accept-Encoding",
        "Content-type",
        "Authorization",
        "X-Zsync-Alive",
        "Content-Length",
    ]
    assert request.header("Content-type") == "application/x-snarf"
    assert request.body == data


def test_a_submission_may_be_a_file(network, serve, tmp_path):
    server = serve(answer(b"archive"))
    with open(tmp_path / "f", "w+b") as stream:
        stream.write(b"0 x/\n")
        ask(network, server, datasource=stream)
    assert server.requests[0].body == b"0 x/\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/", "/@@v"),
        ("/demo/", "/demo/@@v"),
        ("/a b/ü%41?#", "/a%20b/%C3%BC%2541%3F%23/@@v"),
        ("/demo/++etc++site", "/demo/%2B%2Betc%2B%2Bsite/@@v"),
    ],
)
def test_the_path_is_quoted_once(network, serve, path, line):
    server = serve(answer())
    ask(network, server, path=path, view="@@v")
    assert server.requests[0].line == f"GET {line} HTTP/1.1"


@pytest.mark.parametrize(
    ("path", "view"), [("/x", "@@v HTTP/1.0"), ("/x", "@@v\r\nX: y"), ("x", "@@ü")]
)
def test_a_target_that_is_no_target_is_refused(network, serve, path, view):
    server = serve(answer())
    with pytest.raises(Error):
        ask(network, server, path=path, view=view)
    assert not server.requests


def test_without_a_user_nothing_is_told(network, serve):
    server = serve(answer())
    ask(network, server, user="")
    assert server.requests[0].header("Authorization") is None


def test_a_long_password_with_odd_characters(network, serve):
    server = serve(answer())
    ask(network, server, user="zs%79nc:" + "%3A%2F%40" * 40 + "@")
    header = server.requests[0].header("Authorization")
    assert header == "Basic " + network.createToken("zsync:" + ":/@" * 40)


def test_a_kept_token_is_used(network, serve):
    server = serve(answer(), answer())
    network.addToken("http", f"127.0.0.1:{server.port}", "zsync", "a2VwdA==")
    ask(network, server, user="zsync@")
    assert server.requests[0].header("Authorization") == "Basic a2VwdA=="


@pytest.fixture
def no_terminal(monkeypatch):
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield


@pytest.mark.usefixtures("no_terminal")
def test_a_kept_token_goes_to_no_other_server(network, serve):
    one, other = serve(answer()), serve(answer())
    network.addToken("http", f"127.0.0.1:{one.port}", "zsync", "a2VwdA==")
    ask(network, one, user="zsync@")
    with pytest.raises(AccessDenied, match="no terminal"):
        ask(network, other, user="zsync@")
    assert not other.requests


def test_a_password_in_the_clear_is_warned_of_once(network, warnings, monkeypatch):
    network.setrooturl("http://me:geheim@no.such.invalid/")
    for _ in range(2):
        with pytest.raises(ServerUnreachable) as error:
            network.httpreq("/", "@@toFS.snarf")
        assert "geheim" not in str(error.value)
    (line,) = warnings
    assert "unencrypted" in line
    assert "geheim" not in line


def test_a_login_in_the_clear_is_warned_of(network, warnings):
    network.setrooturl("http://me:geheim@no.such.invalid/")
    token = network.newToken("http", "no.such.invalid", "me")
    assert token == network.createToken("me:geheim")
    (line,) = warnings
    assert "unencrypted" in line


def test_on_this_machine_the_clear_is_not_warned_of(network, serve, warnings):
    ask(network, serve(answer()))
    assert not warnings


def test_anything_is_taken_where_nothing_is_expected(network, serve):
    server = serve(answer(b"done\x1b", "text/plain"))
    fp, headers = ask(network, server, expected_type=None)
    assert network.slurptext(fp, headers) == "done\\x1b"


def test_a_broken_archive_is_an_error_of_the_network(network, serve):
    server = serve(answer(b"x" * 10, length=100, extra="Connection: close\r\n"))
    fp, _ = ask(network, server)
    with fp, pytest.raises(ServerUnreachable) as error:
        fp.read()
    assert error.value.exit_code == 6


# Progress


def test_progress_is_told(network, serve):
    told = []
    network.progress = lambda *args: told.append(args)
    fp, _ = ask(
        network, serve(answer(b"x" * 100)), datasource=lambda s: s.write(b"y" * 70_000)
    )
    fp.read()
    sent = told.index(("sending", 70_000, 70_000))
    assert told[sent + 1] == ("waiting", 0)
    assert told[-1] == ("receiving", 100, 100)


# The root URL of a working copy


def test_the_root_url_is_saved_without_the_password(network, tmp_path, warnings):
    network.setrooturl("http://u%40:geheim@h:8080/a%20b")
    network.saverooturl(str(tmp_path))
    root = tmp_path / "@@Zope" / "Root"
    assert root.read_bytes() == b"http://u%40@h:8080/a%20b\n"
    token = network.findToken("http", "h:8080", "u@")
    assert token == network.createToken("u@:geheim")
    assert not warnings


def test_a_token_file_that_cannot_be_used_is_warned_of(network, tmp_path, warnings):
    with open(network.authfile, "w"):
        os.chmod(network.authfile, 0o644)
    network.setrooturl("http://u:geheim@h/x")
    network.saverooturl(str(tmp_path))
    assert (tmp_path / "@@Zope" / "Root").exists()
    (line,) = warnings
    assert "not kept" in line
    assert "geheim" not in line


def test_the_server_of_a_working_copy_is_found(network, tmp_path):
    write_root(str(tmp_path), "http://u@h/demo")
    (tmp_path / "demo").mkdir()
    network.loadrooturl(str(tmp_path / "demo"))
    assert network.rootpath == "/demo"


def test_a_root_of_3_6_0_with_its_password_works_and_gives_a_hint(
    network, tmp_path, serve, warnings
):
    server = serve(answer())
    (tmp_path / "@@Zope").mkdir()
    root = f"http://zsync:zsync@127.0.0.1:{server.port}/demo\n"
    (tmp_path / "@@Zope" / "Root").write_text(root)
    network.loadrooturl(str(tmp_path))
    network.loadrooturl(str(tmp_path))
    network.httpreq("/demo", "@@toFS.snarf")
    assert server.requests[0].header("Authorization") == TOKEN
    (line,) = warnings
    assert "holds a password" in line
    assert "zsync:zsync" not in line


def test_outside_of_a_working_copy(network, tmp_path):
    with pytest.raises(Error, match="can't find root url") as error:
        network.loadrooturl(str(tmp_path))
    assert "zsync checkout" in str(error.value)


def test_connections_end_with_the_network(network, serve):
    server = serve(answer(b"x"))
    fp, _ = ask(network, server)
    fp.read()
    network.close()
    with socket.create_connection(("127.0.0.1", server.port)):
        pass  # the server still stands; only the connection is gone
    assert server.connections >= 1
