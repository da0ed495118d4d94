"""--json, from the command line to the document."""

import base64
import json
import os
from pathlib import Path

import pytest

from zope.app.fssync.cli.main import command_table
from zope.app.fssync.cli.main import main
from zope.app.fssync.testing.controldata import read
from zope.app.fssync.testing.controldata import write
from zope.app.fssync.testing.rawserver import RawServer
from zope.app.fssync.testing.rawserver import answer
from zope.app.fssync.testing.rawserver import recorded_answer

pytestmark = pytest.mark.layout(3)

GOLDEN = Path(__file__).with_name("golden")
CHECKOUT = recorded_answer("checkout-demo")
CHANGED = CHECKOUT.replace(b"Hello, world.", b"Hallo, Welt!!")

LOG = {
    "transactions": [
        {
            "id": "03f0000000000002",
            "time": 1700000000.5,
            "user": "principals zope.zsync",
            "message": "a title\n\nand more",
            "changes": [["M", "readme.txt"], ["R", "b", "a"]],
            "count": 3,
            "versions": [[2, "better"]],
        }
    ],
    "before": None,
}
LOGGED = b"\r\n".join(
    [
        b"HTTP/1.1 200 OK",
        b"X-FSSync-Server: 4",
        b"Content-Type: text/plain;charset=utf-8",
        b"Content-Length: %d" % len(json.dumps(LOG)),
        b"",
        json.dumps(LOG).encode(),
    ]
)


@pytest.fixture
def server(no_proxies):
    with RawServer([]) as server:
        yield server


@pytest.fixture
def zsync(server, capfd, tmp_path, monkeypatch):
    """Run a command; return the exit status and standard output."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def run(*args, answers=()):
        server.answers[:] = answers
        status = main([*args])
        return status, capfd.readouterr().out

    url = f"http://zsync:zsync@127.0.0.1:{server.port}/demo"
    assert run("checkout", url, "co", answers=[CHECKOUT])[0] == 0
    return run


def edit(text=b"mine\n"):
    Path("co/demo/readme.txt").write_bytes(text)


def stray():
    edit()
    Path("co/demo/stray.txt").write_bytes(b"x")
    Path("co/demo/utf8.txt").unlink()
    special = Path("co/demo/@@Zope/Extra/readme.txt/contentType")
    write(special, read(special).replace(b"plain", b"mine"))


@pytest.mark.parametrize(
    ("name", "prepare", "args", "answers", "status"),
    [
        ("status", stray, ["st", "co"], [], 0),
        ("update", None, ["up", "co"], [CHANGED], 0),
        ("update-conflict", edit, ["up", "co"], [CHANGED], 3),
        ("cat", None, ["cat", "co/demo/readme.txt", "co/demo/dot.gif"], [], 0),
        ("log", None, ["log", "-v", "co"], [LOGGED], 0),
        ("error", None, ["revert", "nosuch"], [], 1),
        ("usage", None, ["commit", "--nosuch"], [], 2),
        ("unknown-command", None, ["stattus"], [], 2),
    ],
)
def test_documents_are_as_recorded(zsync, name, prepare, args, answers, status):
    if prepare is not None:
        prepare()
    found, out = zsync(*args, "--json", answers=answers)
    assert found == status
    document = json.loads(out)
    golden = GOLDEN / f"{name}.json"
    assert document == json.loads(golden.read_text("utf-8"))
    assert document["exit"] == status


def test_lines_hold_what_the_document_holds(zsync):
    edit()
    document = json.loads(zsync("--json", "status", "-v", "co")[1])
    *items, last = map(
        json.loads, zsync("--json-lines", "st", "-v", "co")[1].split("\n")[:-1]
    )
    assert items == document.pop("items")
    assert last == document


@pytest.mark.parametrize("name", [entry[0].__name__ for entry in command_table])
def test_help_of_every_command_is_a_document(zsync, name):
    status, out = zsync(name, "--help", "--json")
    assert status == 0
    document = json.loads(out)
    assert document["command"] == name
    assert name in document["messages"][0]["text"]


@pytest.mark.parametrize("name", [entry[0].__name__ for entry in command_table])
def test_every_command_answers_in_one_envelope(zsync, name):
    refusals = [answer(b"no", "text/plain", "404 Not Found")] * 9
    status, out = zsync("--json", "-C", "co", name, answers=refusals)
    document = json.loads(out)
    assert list(document) == [
        *("format", "command", "items", "messages", "transaction", "exit"),
    ]
    assert (document["command"], document["exit"]) == (name, status)
    lines = zsync("--json-lines", "-C", "co", name, answers=refusals)[1].splitlines()
    *items, last = map(json.loads, lines)
    assert (last["command"], set(last)) == (name, set(document) - {"items"})
    assert all("exit" not in item for item in items)


@pytest.mark.parametrize("args", [[], ["help"], ["--version"], ["help", "nosuch"]])
def test_unknown_verbs_are_answered_in_json_too(zsync, args):
    status, out = zsync("--json", *args)
    assert json.loads(out)["exit"] == status


def test_words_after_two_dashes_are_names(zsync):
    status, out = zsync("status", "--", "--json")
    assert (status, out) == (1, "")


def test_paths_that_are_no_text_survive(zsync):
    raw = b"co/demo/b\xff"
    Path(os.fsdecode(raw)).write_bytes(b"")
    _, out = zsync("status", "co", "--json")
    assert out.isascii()
    (item,) = json.loads(out)["items"]
    assert os.fsencode(item["path"]) == raw
    assert base64.b64decode(item["path_bytes"]) == raw


def items(out):
    return json.loads(out)["items"]


def test_settings_are_items_and_show_no_password(zsync):
    (found,) = items(zsync("config", "-o", "http.proxy=http://u:pw@h:1", "--json")[1])
    assert (found["key"], found["value"]) == ("http.proxy", "http://u:***@h:1")
    status, out = zsync(
        "-o", "timeout.read=3", "config", "get", "timeout.read", "--json"
    )
    assert (status, items(out)) == (0, [{"key": "timeout.read", "value": 3.0}])


def test_rules_are_items(zsync):
    Path("co/demo/.zsyncignore").write_text("*.log\n")
    _, out = zsync("ignore", "co/demo/a.log", "co/demo/readme.txt", "--json")
    ignored, registered = items(out)
    assert ignored["path"] == "co/demo/a.log"
    assert (ignored["ignored"], ignored["rule"], ignored["line"]) == (True, "*.log", 1)
    assert (registered["ignored"], registered["registered"]) == (False, True)
    _, out = zsync("-C", "co/demo", "ignore", "--json")
    assert items(out)[-1]["rule"] == "*.log"


def test_logins_are_items_without_passwords(zsync, server):
    url = f"http://me:secret@127.0.0.1:{server.port}/"
    assert zsync("login", "--no-check", url)[0] == 0
    _, out = zsync("login", "--list", "--json")
    assert {"server": f"http://127.0.0.1:{server.port}", "user": "me"} in items(out)
    assert "secret" not in out
