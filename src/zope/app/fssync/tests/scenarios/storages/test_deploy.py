"""Two processes of a site behind the proxies of ``deploy``, as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from http.client import HTTPConnection
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import zope.app.fssync
from zope.app.fssync.client.log import Query
from zope.app.fssync.testing.ofs.instance import ZopeInstance
from zope.app.fssync.testing.processes import environment
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.ssh import process
from zope.app.fssync.tests.scenarios.storages.people import NAME
from zope.app.fssync.tests.scenarios.storages.people import PASSWORD
from zope.app.fssync.tests.scenarios.storages.people import Person
from zope.app.fssync.tests.scenarios.storages.people import Servers
from zope.app.fssync.tests.scenarios.storages.proxies import NGINX
from zope.app.fssync.tests.scenarios.storages.proxies import program
from zope.app.fssync.tests.scenarios.storages.proxies import wait_for
from zope.fssync.errors import Error

DEPLOY = Path(*zope.app.fssync.__path__).parents[3] / "deploy"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DEPLOY.exists(), reason="an installed package has none"),
]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for localhost, its key, and both in one file."""
    place = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-keyout", "site.key", "-out", "site.pem", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        cwd=place,
        check=True,
        capture_output=True,
    )
    both = (place / "site.pem").read_text() + (place / "site.key").read_text()
    (place / "site-and-key.pem").write_text(both)
    return place


def written(name: str, ports: list[int], certificate: Path, port: int) -> str:
    """A file of ``deploy`` with the ports and places of the test."""
    text = (DEPLOY / name).read_text()
    first, second = ports
    for old, new in (
        ("127.0.0.1:8081", f"127.0.0.1:{first}"),
        ("127.0.0.1:8082", f"127.0.0.1:{second}"),
        ("/etc/ssl", str(certificate)),
        ("www.example.com", "localhost"),
    ):
        assert old in text or name == "haproxy.cfg"
        text = text.replace(old, new)
    return re.sub(r"listen 443|bind 127.0.0.1:8443", _listen(port), text)


def _listen(port: int) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{found[0].split()[0]} 127.0.0.1:{port}"


@contextmanager
def proxy(
    name: str, ports: list[int], certificate: Path, place: Path
) -> Iterator[tuple[str, int]]:
    """Have a proxy before two processes; yield its host and port."""
    port = free_port()
    place.mkdir()
    if name == "nginx":
        site = written("nginx.conf", ports, certificate, port)
        (place / "site.conf").write_text(site)
        (place / "nginx.conf").write_text(NGINX.format(place=place))
        command = [program("nginx"), "-p", str(place), "-c", str(place / "nginx.conf")]
    else:
        site = written("haproxy.cfg", ports, certificate, port)
        (place / "haproxy.cfg").write_text(site)
        command = [program("haproxy"), "-db", "-f", str(place / "haproxy.cfg")]
    with process(*command, env=dict(os.environ), cwd=place):
        wait_for(port)
        yield "localhost", port


PROXIES = ["nginx", "haproxy"]


@pytest.fixture(params=PROXIES)
def url(
    request: pytest.FixtureRequest,
    servers: Servers,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The URL of the folder ``demo`` through the proxy."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "site.pem"))
    ports = [demo.running.port for demo in servers.demos]
    with proxy(request.param, ports, certificate, tmp_path / "proxy") as (host, port):
        yield f"https://{NAME}:{PASSWORD}@{host}:{port}/demo"


class Told(BaseHTTPRequestHandler):
    """Answers with the headers that arrive."""

    def do_GET(self) -> None:
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *told: object) -> None:
        pass


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_hands_on_no_headers_that_cost_a_publisher_much(
    certificate: Path, tmp_path: Path, name: str
) -> None:
    context = ssl.create_default_context(cafile=str(certificate / "site.pem"))
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        ports = [server.server_port] * 2
        with proxy(name, ports, certificate, tmp_path / "proxy") as where:

            def asked(
                *headers: tuple[str, str], path: str = "/demo"
            ) -> tuple[int, str]:
                connection = HTTPSConnection(*where, context=context, timeout=60)
                connection.putrequest("GET", path)
                for each in headers:
                    connection.putheader(*each)
                # A proxy may answer, and close, before all is sent.
                with suppress(ssl.SSLEOFError, ConnectionError):
                    connection.endheaders()
                with connection.getresponse() as answer:
                    return answer.status, answer.read().decode()

            status, told = asked(
                *(("Cookie", f"a={'b' * 8000}"), ("Accept-Language", "l" * 1024)),
                *(("Accept-Charset", "us-ascii"), ("X-FSSync-Sparse", "s" * 4000)),
            )
            assert status == 200
            assert all(sent in told for sent in ("b" * 8000, "l" * 1024, "s" * 4000))
            assert "ascii" not in told
            for refused in (
                [("Cookie", "a" * 8193)],
                [("Cookie", "a" * 8000)] * 5,
                [("Accept-Language", "l" * 1025)],
                [("A", "a" * 7000)] * 6,
            ):
                assert asked(*refused)[0] in (400, 431), refused[0][0]
            for step in ("/a", "%2fa", "/%C3%A9"):
                assert asked(path=f"/{step * 149}")[0] == 200
                assert asked(path=f"/{step * 151}")[0] in (400, 414)
            assert asked(path=f"/demo?a={'/a' * 200}")[0] == 200
        server.shutdown()


def test_a_process_of_the_demo_takes_short_headers(servers: Servers) -> None:
    for count, expected in ((30, 200), (40, 431)):
        port = servers.demos[0].running.port
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        sent = {f"X-{number}": "x" * 1000 for number in range(count)}
        connection.request("GET", "/demo/@@synchronize.html", headers=sent)
        with connection.getresponse() as answer:
            assert answer.status == expected


def transactions(person: Person) -> int:
    """How many transactions changed the folder."""
    with person.client() as fs:
        return len(list(fs.log(str(person.top), Query(limit=100))))


def until_done(*steps: Callable[[], None]) -> None:
    """Do each step; where a process went away, once more after an update."""
    for step in steps:
        try:
            step()
        except Error:
            steps[0]()
            step()


def test_people_work_through_a_proxy_and_a_process_may_die(
    servers: Servers, url: str, tmp_path: Path
) -> None:
    people = []
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        people.append(Person(url, tmp_path / name))
    ann, bob = people
    for number in range(4):
        for person in people:
            person.update()
        ann.write("hello.txt", b"Hello %d\n" % number)
        bob.write("notes/todo.txt", b"%d\n" % number)
        ann.commit()
        bob.commit()

    # One process dies; what is sent to it is sent again, and stored once.
    before = transactions(ann)
    os.kill(servers.demos[0].running.pid, signal.SIGKILL)
    for number in range(4, 7):
        ann.write("hello.txt", b"Hello %d\n" % number)
        until_done(ann.update, ann.commit)
        until_done(bob.update)
        assert bob.read("hello.txt") == b"Hello %d\n" % number
    assert transactions(ann) == before + 3
    bob.write("notes/todo.txt", b"done\n")
    bob.commit()
    ann.update()
    assert ann.read("notes/todo.txt") == b"done\n"


def test_a_large_file_goes_both_ways(url: str, tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    ann = Person(url, tmp_path / "ann")
    data = os.urandom(8 << 20)
    ann.add("big.bin", data)
    ann.commit()
    (tmp_path / "bob").mkdir()
    assert Person(url, tmp_path / "bob").read("big.bin") == data


def test_the_units_of_systemd_are_valid(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze")
    units = []
    for unit in DEPLOY.glob("*.service"):
        # The command is not installed here.
        text = re.sub("/srv/site/bin/[a-z]+", "/bin/true", unit.read_text())
        units.append(tmp_path / unit.name)
        units[-1].write_text(text)
    assert len(units) == 2
    done = subprocess.run(
        [analyze, "verify", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_unit_names_the_port_of_its_process(tmp_path: Path) -> None:
    instance = ZopeInstance(tmp_path / "zope")
    found = re.search("^ExecStart=(.*)$", (DEPLOY / "zope@.service").read_text(), re.M)
    assert found is not None
    _, *arguments = found[1].replace("%i", str(instance.port)).split()
    ini = instance.place / "etc" / "zope.ini"
    ini.write_text(ini.read_text().replace(f"{instance.port}", "%(http_port)s"))
    command = [sys.executable, "-c", "from Zope2.Startup.serve import main; main()"]
    with process(*command, *arguments, env=environment(), cwd=instance.place):
        wait_for(instance.port)
        assert instance.request("GET", "/").status == 200
