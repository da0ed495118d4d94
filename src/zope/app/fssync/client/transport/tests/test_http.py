"""The HTTP transport against servers that do well, badly, or nothing at all."""

import datetime
import io
import ipaddress
import socket
import ssl
import struct
from contextlib import suppress

import pytest
from zope.interface.verify import verifyObject

from zope.app.fssync.client.interfaces import IResponse
from zope.app.fssync.client.interfaces import ITransport
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport import open_transport
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.fssync.errors import Error
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable

IMPATIENT = TransportOptions(connect_timeout=1, read_timeout=0.3, answer_timeout=0.3)

pytestmark = pytest.mark.usefixtures("no_proxies")


@pytest.fixture
def serve():
    """Start servers that end with the test."""
    servers = []

    def start(*answers, **more):
        server = RawServer(list(answers), **more)
        servers.append(server)
        return server.__enter__()

    yield start
    for server in servers:
        server.__exit__(None, None, None)


OPENED: list[ITransport] = []


@pytest.fixture(autouse=True)
def close_transports():
    yield
    while OPENED:
        OPENED.pop().close()


def transport(url, options=IMPATIENT):
    OPENED.append(open_transport(RootURL.parse(url), options))
    return OPENED[-1]


def get(url, target="/", options=IMPATIENT):
    return transport(url, options).request("GET", target, [])


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_transport_and_response_keep_their_contracts(serve):
    server = serve(answer(b"x"))
    http = transport(server.url)
    assert verifyObject(ITransport, http)
    assert verifyObject(IResponse, http.request("GET", "/", []))


def test_a_get_is_what_3_6_0_servers_know(serve):
    server = serve(answer(b"body"))
    response = transport(server.url).request(
        "GET", "/demo/@@toFS.snarf", [("Authorization", "Basic eA==")]
    )
    assert response.fp.read() == b"body"
    (request,) = server.requests
    assert request.line == "GET /demo/@@toFS.snarf HTTP/1.1"
    assert request.headers == [
        ("Host", f"127.0.0.1:{server.port}"),
        ("Accept-Encoding", "identity"),
        ("Authorization", "Basic eA=="),
    ]


def test_a_post_has_a_length_and_exactly_that_body(serve):
    server = serve(answer())
    body = io.BytesIO(b"skipped" + b"x" * 200_000 + b"not sent")
    body.seek(7)
    transport(server.url).request(
        "POST", "/v", [("Content-type", "application/x-snarf")], body, 200_000
    )
    (request,) = server.requests
    assert request.header("Content-Length") == "200000"
    assert request.header("Content-type") == "application/x-snarf"
    assert request.all("Host") == [f"127.0.0.1:{server.port}"]
    assert request.body == b"x" * 200_000


def test_a_body_can_be_read_by_lines_and_by_pieces(serve):
    server = serve(answer(b"00000003 a\nabc00000001 b\nx"))
    fp = get(server.url).fp
    assert fp.readline(100) == b"00000003 a\n"
    assert fp.read(3) == b"abc"
    assert fp.readline() == b"00000001 b\n"
    assert fp.read(10) == b"x"
    assert fp.read(10) == b""


def test_a_body_without_length_ends_with_the_connection(serve):
    server = serve(b"HTTP/1.0 200 Ok\r\nConnection: close\r\n\r\nall of it")
    assert get(server.url).fp.read() == b"all of it"


def test_a_chunked_body_is_put_together(serve):
    head = b"HTTP/1.1 200 Ok\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert get(server.url).fp.read() == b"abcde"


# What breaks


@pytest.mark.parametrize("sent", [0, 1, 500, 999])
def test_a_body_that_is_too_short_is_an_error(serve, sent):
    server = serve(
        answer(b"x" * sent, length=1000, extra="Connection: close\r\n"),
    )
    fp = get(server.url).fp
    with pytest.raises(ServerUnreachable, match=f"{1000 - sent} bytes are missing"):
        fp.read()


def test_a_chunked_body_that_is_too_short_is_an_error(serve):
    head = b"HTTP/1.1 200 Ok\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    server = serve(head + b"64\r\nabc")
    with pytest.raises(ServerUnreachable, match="broke off"):
        get(server.url).fp.read()


def test_a_reset_in_the_body_is_an_error(serve):
    def send_and_reset(connection):
        connection.sendall(answer(b"x" * 10, length=1000))
        reset(connection)

    server = serve(send_and_reset)
    with pytest.raises(ServerUnreachable):
        get(server.url).fp.read()


def test_a_server_that_stalls_in_the_body_is_given_up(serve):
    release = socket.socketpair()
    with release[0], release[1]:

        def stall(connection):
            connection.sendall(answer(b"x" * 10, length=1000))
            release[0].recv(1)

        server = serve(stall)
        with pytest.raises(ServerUnreachable, match="nothing for too long"):
            get(server.url).fp.read()
        release[1].send(b"x")


def test_a_server_that_never_answers_is_given_up(serve):
    release = socket.socketpair()
    with release[0], release[1]:
        server = serve(lambda connection: release[0].recv(1))
        with pytest.raises(ServerUnreachable, match="did not answer in time"):
            get(server.url)
        release[1].send(b"x")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9\r\n", "does not speak HTTP"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "does not speak HTTP"),
    ],
)
def test_other_servers_than_http_are_reported(serve, said, what):
    def speak(connection):
        connection.sendall(said)

    server = serve(speak)
    with pytest.raises(ServerUnreachable, match=what):
        get(server.url)


def test_endless_headers_are_refused(serve):
    server = serve(b"HTTP/1.1 200 Ok\r\n" + b"X: y\r\n" * 200 + b"\r\n")
    with pytest.raises(ServerRefused, match="no valid answer"):
        get(server.url)


def test_nobody_listening_is_told_with_advice():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(ServerUnreachable, match=f"cannot reach .*:{port}.*refused"):
            get(f"http://127.0.0.1:{port}")


def test_an_unknown_host_is_told():
    with pytest.raises(
        ServerUnreachable, match=r"cannot reach http://no\.such\.invalid"
    ):
        get("http://no.such.invalid/")


def test_an_early_answer_to_a_post_is_heard(serve):
    def refuse(connection):
        connection.recv(1000)
        connection.sendall(answer(b"too large", "text/plain", "413 Too Large"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 16):
            pass

    server = serve(refuse, unread=True)
    size = 3_000_000
    response = transport(server.url).request(
        "POST", "/", [], io.BytesIO(b"x" * size), size
    )
    assert response.status == 413
    assert response.fp.read() == b"too large"


def test_a_body_that_shrinks_while_it_is_sent_is_an_error(serve):
    server = serve(answer())
    with pytest.raises(Error, match="became shorter"):
        transport(server.url).request("POST", "/", [], io.BytesIO(b"x"), 10)


# Kept connections


def test_a_connection_is_used_again(serve):
    server = serve(answer(b"one"), answer(b"two"))
    http = transport(server.url)
    assert http.request("GET", "/1", []).fp.read() == b"one"
    assert http.request("GET", "/2", []).fp.read() == b"two"
    assert server.connections == 1


def test_a_connection_with_an_unread_body_is_not_used_again(serve):
    server = serve(answer(b"one" * 100_000), answer(b"two"))
    http = transport(server.url)
    http.request("GET", "/1", []).fp.read(1)
    assert http.request("GET", "/2", []).fp.read() == b"two"
    assert server.connections == 2


def test_a_connection_that_the_server_closed_is_opened_anew(serve):
    server = serve(answer(b"one", extra="Connection: close\r\n"), answer(b"two"))
    http = transport(server.url)
    assert http.request("GET", "/1", []).fp.read() == b"one"
    assert http.request("GET", "/2", []).fp.read() == b"two"


def test_a_get_is_repeated_where_a_kept_connection_was_dead(serve):
    server = serve(answer(b"one"), reset, answer(b"two"))
    http = transport(server.url)
    assert http.request("GET", "/1", []).fp.read() == b"one"
    assert http.request("GET", "/2", []).fp.read() == b"two"
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_a_get_on_a_new_connection_is_not_repeated(serve):
    server = serve(reset, answer(b"two"))
    with pytest.raises(ServerUnreachable):
        get(server.url)
    assert len(server.requests) == 1


def test_a_post_is_sent_once_and_on_a_connection_of_its_own(serve):
    server = serve(answer(b"one"), reset, answer(b"two"))
    http = transport(server.url)
    assert http.request("GET", "/1", []).fp.read() == b"one"
    with pytest.raises(ServerUnreachable):
        http.request("POST", "/2", [], io.BytesIO(b"x"), 1)
    assert [request.connection for request in server.requests] == [1, 2]


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_origin_is_followed(serve, status):
    moved = answer(status=f"{status} Moved", extra="Location: ../new/x?a=b\r\n")
    server = serve(moved, answer(b"found"))
    response = transport(server.url).request("GET", "/old/y", [("Authorization", "B")])
    assert response.fp.read() == b"found"
    assert server.requests[1].line == "GET /new/x?a=b HTTP/1.1"
    assert server.requests[1].header("Authorization") == "B"


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{other}/", "//localhost:{port}/", "https://127.0.0.1:{port}/"],
)
def test_a_redirect_to_another_origin_is_not_followed(serve, location):
    other = serve(answer(b"stolen"))
    server = serve()
    where = location.format(other=other.port, port=server.port)
    server.answers.append(answer(status="302 Found", extra=f"Location: {where}\r\n"))
    response = transport(server.url).request("GET", "/", [("Authorization", "secret")])
    assert response.status == 302
    assert not other.requests
    assert len(server.requests) == 1


def test_redirects_in_a_circle_end(serve):
    server = serve(*[answer(status="302 Found", extra="Location: /\r\n")] * 20)
    with pytest.raises(ServerRefused, match="redirects"):
        get(server.url)


def test_the_late_body_of_a_redirect_is_not_taken_for_an_answer(serve):
    def moved(connection):
        head = b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 7\r\n\r\n"
        connection.sendall(head)
        # What a client sends before the body has come must not count as finished.
        connection.settimeout(0.1)
        with suppress(TimeoutError):
            connection.recv(1 << 16)
        connection.sendall(b"{moved}")
        connection.settimeout(None)
        connection.recv(1 << 16)

    server = serve(moved, answer(b"found"))
    assert get(server.url).fp.read() == b"found"


def test_the_redirect_of_a_post_is_not_followed(serve):
    server = serve(answer(status="307 Moved", extra="Location: /new\r\n"), answer())
    response = transport(server.url).request("POST", "/", [], io.BytesIO(b"x"), 1)
    assert response.status == 307
    assert len(server.requests) == 1


# Proxies


def test_a_proxy_is_asked_for_another_machine(serve, monkeypatch):
    proxy = serve(answer(b"through"))
    monkeypatch.setenv("http_proxy", f"http://me:s%20cret@127.0.0.1:{proxy.port}")
    response = get("http://zope.invalid:8080/x", "/demo/@@toFS.snarf")
    assert response.fp.read() == b"through"
    (request,) = proxy.requests
    assert request.line == "GET http://zope.invalid:8080/demo/@@toFS.snarf HTTP/1.1"
    assert request.all("Host") == ["zope.invalid:8080"]
    assert request.header("Proxy-Authorization") == "Basic bWU6cyBjcmV0"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_is_asked_without_a_proxy(serve, monkeypatch, host):
    proxy, server = serve(answer(b"through")), serve(answer(b"direct"))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    assert get(f"http://{host}:{server.port}/").fp.read() == b"direct"
    assert not proxy.requests


def test_no_proxy_is_honoured(serve, monkeypatch):
    proxy = serve(answer(b"through"))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "other.example,.invalid")
    with pytest.raises(ServerUnreachable, match="cannot reach"):
        get("http://zope.invalid/")
    assert not proxy.requests


def test_https_goes_through_a_tunnel(serve, monkeypatch):
    proxy = serve(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n")
    monkeypatch.setenv("https_proxy", f"http://me:pw@127.0.0.1:{proxy.port}")
    with pytest.raises(ServerUnreachable, match="502"):
        get("https://zope.invalid/")
    (request,) = proxy.requests
    assert request.line.startswith("CONNECT zope.invalid:443 ")
    assert request.header("Proxy-Authorization") == "Basic bWU6cHc="
    assert request.header("Authorization") is None


def test_the_proxy_of_the_settings_counts_before_the_environment(serve, monkeypatch):
    proxy = serve(answer(b"through"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    options = IMPATIENT._replace(proxy=f"127.0.0.1:{proxy.port}")
    assert get("http://zope.invalid/x", options=options).fp.read() == b"through"
    assert proxy.requests[0].line == "GET http://zope.invalid/ HTTP/1.1"
    with pytest.raises(ServerUnreachable, match=r"cannot reach http://zope\.invalid"):
        get("http://zope.invalid/x", options=IMPATIENT._replace(proxy=""))


def test_a_proxy_of_an_unknown_kind_is_refused(monkeypatch):
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1080")
    with pytest.raises(Error, match="proxy"):
        get("http://zope.invalid/")


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"), -1, 1)


def make_certificate(folder, first, last):
    """One that is valid for these days from now."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "zsync test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=first))
        .not_valid_after(now + datetime.timedelta(days=last))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(
            encoding,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(encoding)
    )
    return path


@pytest.fixture
def tls_server(serve, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return serve(answer(b"secret"), context=context)


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server):
    with pytest.raises(
        ServerUnreachable, match=r"certificate of https://127\.0\.0\.1"
    ) as e:
        get(f"https://127.0.0.1:{tls_server.port}/")
    assert "SSL_CERT_FILE" in str(e.value)
    assert not tls_server.requests


def test_a_certificate_that_is_trusted_is_accepted(
    tls_server, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert get(f"https://127.0.0.1:{tls_server.port}/").fp.read() == b"secret"


def test_the_authorities_of_the_settings_count(tls_server, certificate):
    options = IMPATIENT._replace(authorities=str(certificate))
    url = f"https://127.0.0.1:{tls_server.port}/"
    assert get(url, options=options).fp.read() == b"secret"
    for wrong in ("/nonexistent/ca.pem", __file__):
        with pytest.raises(Error, match=r"authorities in .* cannot be used"):
            get(url, options=IMPATIENT._replace(authorities=wrong))


def test_a_certificate_for_another_host_is_refused(
    tls_server, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(ServerUnreachable, match="certificate"):
        get(f"https://localhost:{tls_server.port}/")
    assert not tls_server.requests


@pytest.mark.parametrize(
    ("first", "last", "why"), [(-9, -2, "expired"), (2, 9, "not yet valid")]
)
def test_a_certificate_out_of_its_time_is_refused(
    serve, tmp_path, monkeypatch, first, last, why
):
    path = make_certificate(tmp_path, first, last)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = serve(answer(b"secret"), context=context)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ServerUnreachable, match=why):
        get(f"https://127.0.0.1:{server.port}/")
    assert not server.requests


def test_https_to_a_plain_server_is_told(serve):
    server = serve(answer())
    with pytest.raises(ServerUnreachable):
        get(f"https://127.0.0.1:{server.port}/")


def test_an_ipv6_literal_is_understood():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    with RawServer([answer(b"six")], family=socket.AF_INET6) as server:
        assert get(f"http://[::1]:{server.port}/").fp.read() == b"six"
        assert server.requests[0].all("Host") == [f"[::1]:{server.port}"]


LOGIN = [("Authorization", "Basic eA==")]


@pytest.mark.parametrize(
    ("root", "asked", "headers", "location", "followed"),
    [
        ("/demo", "/demo/@@toFS.snarf", LOGIN, "/site/demo/@@toFS.snarf", True),
        ("/demo", "/demo/a/@@toFS.snarf", LOGIN, "/demo/b/@@toFS.snarf", True),
        ("/a%20b", "/a%20b/c/@@x", LOGIN, "/a%20b/d/@@x", True),
        ("/", "/a/b/@@x", LOGIN, "/c/@@x", True),
        ("/demo", "/demo/a/@@toFS.snarf", LOGIN, "/evil/a/@@toFS.snarf", False),
        ("/demo", "/demo/a/@@toFS.snarf", LOGIN, "/demolition/@@toFS.snarf", False),
        ("/demo", "/demo/a/@@x", LOGIN, "/demo/%2e%2e/evil/@@x", False),
        ("/demo", "/demo/a/@@toFS.snarf", [], "/other/a/@@toFS.snarf", True),
    ],
)
def test_a_login_follows_no_redirect_out_of_the_root(
    serve, root, asked, headers, location, followed
):
    server = serve(
        answer(status="302 Found", extra=f"Location: {location}\r\n"), answer(b"x")
    )
    response = transport(server.url.rstrip("/") + root).request("GET", asked, headers)
    assert (response.status == 200) is followed
    assert len(server.requests) == 1 + followed
