"""Readers of the client and of the servers, fed with what nobody should write.

Each gets recorded data, spoiled: only errors of ours may escape, and what lies
outside of a working copy, or in a database, stays as it is.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import tempfile
import zlib
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from zope.app.fssync.client.credentials import PasswordManager
from zope.app.fssync.client.transport import TransportOptions
from zope.app.fssync.client.transport.document import text_of
from zope.app.fssync.client.transport.http import HTTPTransport
from zope.app.fssync.client.transport.ssh.config import endpoint
from zope.app.fssync.client.transport.ssh.knownhosts import HostKeyRefused
from zope.app.fssync.client.transport.ssh.knownhosts import KnownHosts
from zope.app.fssync.client.transport.ssh.terminal import Terminal
from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.workingcopy.journal import Journal
from zope.app.fssync.client.workingcopy.pack import Pack
from zope.app.fssync.client.workingcopy.serverstate import States
from zope.app.fssync.client.workingcopy.tests.packs import contents_of
from zope.app.fssync.client.workingcopy.tests.packs import first_version
from zope.app.fssync.client.workingcopy.tests.packs import packed
from zope.app.fssync.protocol import sshframing
from zope.app.fssync.sshserver.access import AuthorizedKeys
from zope.app.fssync.testing import DATA
from zope.app.fssync.testing import recorded
from zope.app.fssync.testing import recorded_body
from zope.app.fssync.testing import snapshot
from zope.app.fssync.testing.clientside import URL
from zope.app.fssync.testing.clientside import Client
from zope.app.fssync.testing.clientside import Server
from zope.app.fssync.testing.rawserver import RawServer
from zope.fssync.errors import AccessDenied
from zope.fssync.errors import Error
from zope.fssync.errors import LimitExceeded
from zope.fssync.errors import MetadataDamaged
from zope.fssync.errors import PathRefused
from zope.fssync.errors import ServerRefused
from zope.fssync.errors import ServerUnreachable
from zope.fssync.files import Tree
from zope.fssync.limits import DEFAULT
from zope.fssync.paths import split_archive_path
from zope.fssync.tests.fuzzing import bounded
from zope.fssync.tests.fuzzing import operations
from zope.fssync.tests.fuzzing import spoiled

pytestmark = pytest.mark.slow

SSH = DATA / "ssh"


def heads(paths: Any) -> list[bytes]:
    """The heads of recorded messages, and a little of their bodies."""
    found = set()
    for path in paths:
        head, empty, body = path.read_bytes().partition(b"\r\n\r\n")
        found.add(head + empty + body[:200])
    return sorted(found)


# The grammar of ssh sessions, and of HTTP


def buffered(data: bytes) -> io.BufferedReader[sshframing.ByteStream]:
    """A stream as a session has it."""
    return io.BufferedReader(sshframing.ByteStream(io.BytesIO(data).read))


HEAD_WORDS = [
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b": ",
        b":",
        b" ",
        b"\t",
        b"\x00",
        b"\xff",
        b"GET",
        b"POST",
    ),
    *(b"HTTP/1.0", b"HTTP/1.1 200 Ok", b"HTTP/9.9", b"HTTP/1.1 1000", b"\r\n\r\n"),
    *(b"Content-Length: 5", b"Content-Length: -5", b"Content-Length: 99999999999999"),
    *(b"Transfer-Encoding: chunked", b"ffffffffffffffff\r\n", b"Location: //x/"),
    *(b"Connection: close", b"Content-Encoding: gzip", b"Authorization: Basic eA=="),
    *(b"/demo/@@toFS.snarf", b"http://x/", b"/%", b"/\xff", b" HTTP/1.1", b"a" * 9000),
]
REQUESTS = heads([*SSH.glob("*.request"), *DATA.glob("*.request")])
RESPONSES = heads([*SSH.glob("*.response"), *(DATA / "http").glob("*.response")])


@bounded(300)
@given(spoiled(REQUESTS, HEAD_WORDS))
def test_requests_over_ssh(data: bytes) -> None:
    """What is passed on reads the same once more."""
    try:
        found = sshframing.read_request(buffered(data))
    except sshframing.RequestRefused:
        return
    head = sshframing.request_head(found.method, found.target, found.headers)
    again = sshframing.read_request(buffered(head))
    assert again == found


@bounded(300)
@given(spoiled(RESPONSES, HEAD_WORDS))
def test_answers_over_ssh(data: bytes) -> None:
    with contextlib.suppress(ServerRefused, ServerUnreachable):
        status, _, _, length = sshframing.read_response_head(
            buffered(data), "the server"
        )
        assert 100 <= status < 600
        assert length is None or 0 <= length < 10**15


@bounded(60)
@given(data=spoiled(RESPONSES, HEAD_WORDS))
def test_answers_over_http(data: bytes) -> None:
    """Whatever a server says, the client ends with a body or an error of ours."""
    options = TransportOptions(read_timeout=5, answer_timeout=5)
    with RawServer([lambda connection: connection.sendall(data)]) as server:
        url = RootURL.parse(f"http://127.0.0.1:{server.port}/demo")
        transport = HTTPTransport(url, options=options)
        try:
            response = transport.request("GET", "/demo/@@toFS.snarf", [])
            assert 100 <= response.status < 1000
            response.fp.read(1 << 20)
            response.close()
        except Error:
            pass
        finally:
            transport.close()


# Documents

DOCUMENTS = [path.read_bytes() for path in sorted((DATA / "http").glob("*.response"))]
DOCUMENTS = [data.partition(b"\r\n\r\n")[2][:3000] for data in DOCUMENTS]
DOCUMENT_WORDS = [
    *(
        b"<",
        b">",
        b"</",
        b"<!--",
        b"-->",
        b"<script>",
        b"</script>",
        b"<title>",
        b"<pre>",
    ),
    *(
        b"&lt;",
        b"&#27;[2J",
        b"&#x1b;",
        b"\x1b]0;x\x07",
        b"\xe2\x80\xae",
        b"\xff",
        b"\x00",
    ),
    *(
        b"<![CDATA[",
        b"<!DOCTYPE",
        b"<?php",
        b"&",
        b"&#99999999999;",
        b"\r",
        b"<p",
        b"<br/>",
    ),
]
kinds = st.sampled_from(
    [
        *(
            "text/html",
            "text/plain",
            "text/html; charset=utf-16",
            "TEXT/HTML;charset=x",
        ),
        *("text/plain; charset=utf-7", "text/plain;charset=hex", "image/png", "", ";"),
        "text/html; charset=unicode_escape",
    ]
)


@bounded(300)
@given(spoiled(DOCUMENTS, DOCUMENT_WORDS), kinds)
def test_error_documents(data: bytes, kind: str) -> None:
    """Any document becomes text that a terminal may see."""
    headers: Any = Message()
    headers["Content-Type"] = kind
    text = text_of(io.BytesIO(data), headers)
    assert not set(text) & {*map(chr, range(9)), "\x1b", "\x7f", "\u202e", "\x9b"}


# URLs

URLS = [
    b"http://zsync:zsync@localhost:8080/demo",
    b"https://u%40:p%3A@Example.com:443/a%20b?x#y",
    b"zsync+ssh://u@[::1]:22/a/b",
]
URL_WORDS = [
    *(
        b"://",
        b"@",
        b":",
        b"/",
        b"//",
        b"%",
        b"%00",
        b"%0a",
        b"%2f",
        b"[",
        b"]",
        b"[::1]",
    ),
    *(
        b"-oProxyCommand=x",
        b"http",
        b"file",
        b"\x00",
        b"\n",
        b" ",
        b"\xc3\xbc",
        b"99999",
    ),
    *(b":0", b"..", b"?", b"#", b"\\", b"%ff", b"\xe2\x80\xae", b"\xd9\xa1"),
]


@bounded(300)
@given(spoiled(URLS, URL_WORDS))
def test_urls(data: bytes) -> None:
    """What is taken for a URL means the same when it is written and read again."""
    text = data.decode("utf-8", "replace")
    try:
        url = RootURL.parse(text)
    except Error:
        return
    assert not url.host.startswith("-")
    assert 0 < url.port < 65536
    assert RootURL.parse(str(url)) == url.without_password()


# Files of the client

PLANS = [
    b"".join(
        json.dumps(step).encode() + b"\n"
        for step in (
            ["move", "demo/a.txt", "0", None],
            ["move", "demo/b.txt", "1", [1, 2, 3, 4]],
            ["remove", "demo/old.txt", "", [1, 2, 3, 4]],
            ["rmdir", "demo/empty", "", None],
            ["move", "demo/sub", "2", None],
        )
    )
]
PLAN_WORDS = [
    *(b'"', b"[", b"]", b"null", b",", b"\n", b"..", b"../", b"/", b"\\", b"\\u0000"),
    *(
        b"link/",
        b"link",
        b"demo",
        b'"move"',
        b'"remove"',
        b'"rmdir"',
        b'"0"',
        b'"../x"',
    ),
    *(
        b"1e999",
        b"-1",
        b"[" * 500,
        b"{}",
        b"\xff",
        b"@@Zope",
        b"\xd9\xa1",
        b'"1"',
        b'"2"',
    ),
]


@bounded(200)
@given(spoiled(PLANS, PLAN_WORDS))
def test_plans_of_the_journal(data: bytes) -> None:
    """A plan that somebody wrote changes nothing outside of the working copy."""
    with tempfile.TemporaryDirectory() as place:
        outside, root = Path(place, "outside"), Path(place, "co")
        journal = root / "@@Zope" / "Journal"
        for folder in (outside, journal / "2", root / "demo" / "empty"):
            folder.mkdir(parents=True)
        (outside / "precious").write_bytes(b"precious")
        (root / "link").symlink_to(outside)
        (root / "demo" / "a.txt").write_bytes(b"a")
        (root / "demo" / "old.txt").write_bytes(b"old")
        (journal / "0").write_bytes(b"new")
        (journal / "plan").write_bytes(data)
        before = snapshot(outside)
        with contextlib.suppress(MetadataDamaged, PathRefused, OSError):
            Journal(str(root)).recover()
        assert snapshot(outside) == before
        assert sorted(os.listdir(place)) == ["co", "outside"]


STATES = [
    b'{"commits": 3, "lacking": {}, "nonce": "0123456789abcdef", '
    b'"states": {"/demo": "1-abc"}}',
]
STATE_WORDS = [
    *(b'"', b"{", b"}", b"[", b"]", b":", b",", b"null", b"1e999", b"NaN", b"-1"),
    *(b"{}", b"[]", b'"\\r\\nX: y"', b'"\\ud800"', b"\xff", b'"/"', b'""'),
    *(b"9" * 5000, b"[" * 2000),
]


@example(b'{"commits": 1e999, "nonce": "a", "states": {}}')
@example(b'{"commits": 1, "nonce": "a", "states": []}')
@example(b'{"commits": 1, "nonce": "a\\r\\nX: y", "states": {}}')
@bounded(300)
@given(spoiled(STATES, STATE_WORDS))
def test_states_of_a_working_copy(data: bytes) -> None:
    """Whatever is there: it is states, or nothing is known."""
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(os.path.join(place, "@@Zope"))
        Path(place, "@@Zope", "State").write_bytes(data)
        states = States(Tree(place), place)
        state = states.get("/demo")
        assert state is None or (state.isascii() and state.isprintable())
        assert states.commit_id("digest").replace("-", "").isalnum()
        states.set("/demo", "2-def")
        assert States(Tree(place), place).get("/demo") == "2-def"


CONTENTS = {"Original/a.txt": b"a", "Original/b.txt": b"b" * 999, "Extra/a.txt/x": b"a"}
PACKS = [packed(CONTENTS), packed({}), first_version(CONTENTS), first_version({})]
#: The index as it is: of a deflated one little can be made but noise.
PACKS += [
    b"zsync base 2\n%s%s%015d %015d\n" % (content, index, len(index), len(index))
    for content, index in [
        (b"abb", b'[[[3,3]],[[1,"x"],[2,"y"]],{"Original/a":0,"Original/b":1}]'),
        (zlib.compress(bytes(99)), b'[[[11,99]],[[99,"x"]],{"Original/a.txt":0}]'),
    ]
]
PACK_WORDS = [
    *(b"zsync base 1 ", b"zsync base 2\n", b"0\n", b"99999999999999\n", b"{", b"}"),
    *(b"[", b"]", b",", b":", b'"', b"null", b"-1", b"1e999", b"true", b'"../x"'),
    *(b'"/x"', b'""', b'"@@ZOPE"', b'"a\\u0000"', b"\xff", b"\n", b'[0,1,"x"]'),
    *(b"9" * 5000, b"[" * 2000, zlib.compress(bytes(1 << 20)), b"%015d " % (1 << 20)),
]


@bounded(400)
@given(spoiled(PACKS, PACK_WORDS))
def test_packs(data: bytes) -> None:
    """What a pack says lies in it, under names that are safe."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "Base")
        path.write_bytes(data)
        try:
            pack = Pack(Tree(), str(path))
        except (MetadataDamaged, PathRefused, LimitExceeded):
            return
        for name, member in pack.members.items():
            assert split_archive_path(name)
            with contextlib.suppress(MetadataDamaged):
                assert sum(map(len, pack.pieces(member))) == member.size


names = st.text("ab/Zü", min_size=1, max_size=6).filter(
    lambda name: "" not in name.split("/")
)


@given(st.dictionaries(names, st.sampled_from([b"", b"x", b"yy", b"x" * 99])))
def test_a_pack_gives_back_what_it_was_made_of(contents: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "Base")
        for made in (packed, first_version):
            path.write_bytes(made(contents))
            assert contents_of(path) == contents


TOKENS = [
    b"# Tokens\n\nhttp localhost:8080 zsync enN5bmM6enN5bmM=\n"
    b"zsync+ssh h:22 u dTpw\nhttps example.com \xc3\xbc eDp5\n"
]
TOKEN_WORDS = [
    *(
        b"http",
        b"https",
        b"zsync+ssh",
        b" ",
        b"\n",
        b"\r",
        b"\t",
        b"#",
        b":",
        b":99999",
    ),
    *(
        b"[::1]",
        b"]",
        b"\xff",
        b"\x00",
        b"localhost",
        b"\x0b",
        b"\x1c",
        b"\xc2\x85",
        b"u",
    ),
]


@bounded(200)
@given(spoiled(TOKENS, TOKEN_WORDS))
def test_token_files(data: bytes) -> None:
    """A token is added and removed again, and all else stays as it was."""
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "tokens")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as stream:
            stream.write(data)
        manager = PasswordManager(path)
        manager.addToken("http", "new.example.com", "me", "bWU6bWU=")
        assert manager.findToken("http", "new.example.com", "me") == "bWU6bWU="
        assert manager.removeToken("http", "new.example.com", "me")
        rest = Path(path).read_bytes() if os.path.exists(path) else b""
        assert rest.rstrip(b"\n") == data.rstrip(b"\n") or not rest.strip()


KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + b"k" * 32)
KEY_LINES = [
    b"# keys\nlocalhost,[::1]:22 ssh-ed25519 %s me\n|1|eA==|eA== ssh-rsa %s\n"
    b"@revoked * ssh-ed25519 %s\n@cert-authority *.example.com ssh-rsa %s\n"
    % (KEY, KEY, KEY, KEY),
    b"ssh-ed25519 %s me\nno-pty,no-x11-forwarding ssh-rsa %s you\n" % (KEY, KEY),
]
KEY_WORDS = [
    *(
        b" ",
        b"\n",
        b"\r",
        b"#",
        b"|",
        b"|1|",
        b"=",
        b"*",
        b"?",
        b"!",
        b",",
        b"@revoked",
    ),
    *(
        b"\xff",
        b"\xc3\xbc",
        b"\x00",
        b"ssh-ed25519",
        b"ssh-rsa",
        b"[",
        b"]:",
        b"*" * 60,
    ),
]


@example(b"ssh-ed25519 \xff\n@revoked * ssh-rsa \xff\n")
@bounded(150)
@given(spoiled(KEY_LINES, KEY_WORDS))
def test_files_of_keys(data: bytes) -> None:
    """The files of ssh give a decision, and never an accident."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "keys")
        path.write_bytes(data)
        path.chmod(0o600)
        log: list[str] = []
        assert isinstance(b"nobody's" in AuthorizedKeys(path, log.append), bool)
        hosts = KnownHosts([path], Path(place, "own"))
        with contextlib.suppress(HostKeyRefused):
            hosts.key_types("localhost")
        with contextlib.suppress(HostKeyRefused):
            hosts.check("localhost", "ssh-rsa", b"shown", Terminal())
        assert os.listdir(place) == ["keys"]


SETTINGS = [
    b"Host *.example.com\n  User me\n  Port 2222\n  IdentityFile ~/.ssh/%h\n"
    b"Host *\n  ProxyJump one,two:22\n  HostKeyAlias other\n",
    b"Host=host\nHostName=::1\nIdentitiesOnly yes\nProxyCommand nc %h %p\n",
]
# No word makes one that would run: the file is the person's own.
SETTING_WORDS = [
    *(b" ", b"\n", b"=", b'"', b"%h", b"%", b"%%", b"*", b"!", b",", b"-o", b"~"),
    *(b"Host ", b"Match all\n", b"Port ", b"0", b"\xff", b"\x00", b"\xc3\xbc"),
]


@bounded(150)
@given(spoiled(SETTINGS, SETTING_WORDS))
def test_settings_of_ssh(data: bytes) -> None:
    """A configuration of ssh that cannot be used is refused in words."""
    if b"exec" in data.lower():
        return
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", place)
        folder = Path(place, ".ssh")
        folder.mkdir()
        (folder / "config").write_bytes(data)
        with contextlib.suppress(Error):
            assert 0 < endpoint("host.example.com", None, None).port < 65536


# All of it together

ANSWERS = [recorded("demo.snarf")]
ANSWER_WORDS = [
    *(
        b"0 ",
        b"\n",
        b"..",
        b"@@Zope",
        b"/",
        b"</entries>",
        b"<entry name='x'/>",
        b"\x00",
    ),
    *(
        b"flag='added'",
        b"flag='removed'",
        b"conflict='yes'",
        b"00000000 demo/x\n",
        b"../",
    ),
]


@bounded(40)
@given(spoiled(ANSWERS, ANSWER_WORDS))
def test_answers_of_a_hostile_server(data: bytes) -> None:
    """A checkout is whole or not there, and nothing is written beside it."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        server = Server({"demo": None})
        server.answer = data
        client = Client(server, home)
        target = str(home / "co")
        try:
            client("checkout", target, url=URL)
        except Error:
            assert os.listdir(place) == []
            return
        assert set(os.listdir(place)) <= {"co", "tokens"}
        before = snapshot(home / "co")
        with contextlib.suppress(Error):
            client.each("update", target)
            assert snapshot(home / "co") == before


SUBMISSIONS = [
    recorded_body("checkin.request"),
    recorded_body("checkin-file.request"),
    recorded_body("raw-checkin-minimal.request"),
]


@bounded(40)
@given(data=spoiled(SUBMISSIONS, ANSWER_WORDS))
def test_submissions_of_a_hostile_client(site: Any, data: bytes) -> None:
    """The server takes it or refuses it, with a word and without a traceback."""
    for source in ("demo", "file.txt"):
        target = f"/@@checkin.snarf?name=new&src={source}"
        before = sorted(site.root)
        response = site.request("POST", target, "manager", data)
        assert response.status_int in (200, 400, 403, 409, 413), response.text
        assert "Traceback" not in response.text
        if response.status_int == 200:
            del site.root["new"]
            site.commit()
        assert sorted(site.root) == before


CHANGES = [
    recorded_body("commit-demo.request"),
    recorded_body("commit-no-change.request"),
    recorded_body("commit-subfolder.request"),
]


@pytest.fixture
def demo(site: Any) -> Any:
    """A site with the folder that 3.6.0's clients have committed to."""
    data = recorded("demo.snarf")
    site.request("POST", "/@@checkin.snarf?name=demo&src=demo", "manager", data)
    return site


@bounded(40)
@given(data=spoiled(CHANGES, ANSWER_WORDS))
def test_commits_of_a_hostile_client(demo: Any, data: bytes) -> None:
    """A commit is accepted, or it changes nothing."""
    before = demo.request("GET", "/demo/@@toFS.snarf", "manager").body
    response = demo.request("POST", "/demo/@@fromFS.snarf", "manager", data)
    assert response.status_int in (200, 400, 403, 409, 413), response.text
    if response.content_type != "application/x-snarf":
        assert "Traceback" not in response.text
        assert demo.request("GET", "/demo/@@toFS.snarf", "manager").body == before


# The work

SHAPES = {
    "tags": (DOCUMENT_WORDS, b"<p>"),
    "open tags": (DOCUMENT_WORDS, b"<script"),
    "comments": (DOCUMENT_WORDS, b"<!--"),
    "references": (DOCUMENT_WORDS, b"&#27;"),
    "titles": (DOCUMENT_WORDS, b"<title>"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_on_a_document_grows_with_it(shape: str) -> None:
    piece = SHAPES[shape][1]
    headers: Any = Message()
    headers["Content-Type"] = "text/html"

    def work(times: int) -> int:
        return operations(text_of, io.BytesIO(piece * times), headers)

    work(10)
    assert work(2000) <= 5 * work(500) + 100


def test_a_line_of_a_head_is_read_no_further_than_its_limit() -> None:
    stream = io.BytesIO(b"GET /" + b"x" * (1 << 20))
    reader: Any = io.BufferedReader(stream)
    with pytest.raises(sshframing.RequestRefused):
        sshframing.read_request(reader)
    assert stream.tell() <= DEFAULT.head_size + io.DEFAULT_BUFFER_SIZE


def test_tokens_are_refused_to_others() -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "tokens")
        path.write_bytes(TOKENS[0])
        path.chmod(0o644)
        with pytest.raises(AccessDenied):
            PasswordManager(str(path)).findToken("http", "localhost:8080", "zsync")
