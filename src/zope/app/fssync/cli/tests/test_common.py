"""Code that several commands share."""

import os

import pytest

from zope.app.fssync.cli import common
from zope.app.fssync.cli.options import Options
from zope.app.fssync.client.workingcopy.layout import DESCRIBED
from zope.app.fssync.testing.clientfixtures import client as client
from zope.app.fssync.testing.clientfixtures import home as home
from zope.app.fssync.testing.clientfixtures import server as server
from zope.app.fssync.testing.clientside import URL
from zope.fssync.errors import ConflictsRemain
from zope.fssync.errors import Error
from zope.fssync.errors import UsageError


@pytest.mark.parametrize(
    ("data", "targets"),
    [
        (b"a\n", ["a"]),
        (b"a", ["a"]),
        (b"a b\n\n c\n", ["a b", " c"]),
        (b"a\nb\0c\0", ["a\nb", "c"]),
        ("ü\n".encode(), ["ü"]),
        (b"\xff\n", [os.fsdecode(b"\xff")]),
    ],
)
def test_read_targets(tmp_path, data, targets):
    (tmp_path / "targets").write_bytes(data)
    assert common.read_targets(str(tmp_path / "targets")) == targets


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0"])
def test_read_targets_refuses_a_file_without_any(tmp_path, data):
    (tmp_path / "targets").write_bytes(data)
    with pytest.raises(UsageError, match="there are no targets in"):
        common.read_targets(str(tmp_path / "targets"))


def test_extract_message_returns_the_other_options():
    opts = [("-m", "why"), ("-n", "")]
    assert common.extract_message(opts, "commit") == ("why", [("-n", "")])
    assert common.extract_message([], "commit") == ("fssync_commit", [])


def test_extract_message_reads_a_file(tmp_path):
    path = tmp_path / "message"
    path.write_bytes("grün\r\nrot\n".encode())
    assert common.extract_message([("-F", str(path))], "c") == ("grün\nrot\n", [])
    path.write_bytes(b"\xff")
    with pytest.raises(Error, match="is not UTF-8 text") as caught:
        common.extract_message([("-F", str(path))], "c")
    assert caught.value.path == str(path)


def test_check_exist_takes_links_that_lead_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.symlink("nowhere", "link")
    common.check_exist(["link", "."])
    with pytest.raises(Error, match="nothing known about") as caught:
        common.check_exist(["link", "nosuch"])
    assert caught.value.path == "nosuch"
    assert "'zsync checkout' makes one" in str(caught.value.advice)


def test_url_and_target():
    assert common.url_and_target("checkout", ["u"]) == ("u", ".")
    assert common.url_and_target("checkout", ["u", "d"]) == ("u", "d")


@pytest.mark.parametrize(
    ("conflicts", "message"),
    [
        (["a"], "1 conflict is left, the first in a"),
        (["b", "a", "b"], "2 conflicts are left, the first in b"),
    ],
)
def test_check_conflicts_counts_paths(conflicts, message):
    with common.client(Options()) as client:
        client.conflicts = conflicts
        with pytest.raises(ConflictsRemain) as caught:
            common.check_conflicts(client)
    assert caught.value.message == message


def test_a_quiet_client_reports_nothing_and_a_verbose_one_everything(capsys):
    for option, shown in (("-q", ""), ("-v", "* a\nU b\n"), ("-x", "U b\n")):
        options = Options(common=[(option, ""), ("--compat", "")])
        with common.client(options):
            options.report.change("* a")
            options.report.change("U b")
        assert capsys.readouterr() == (shown, "")


def test_descriptions_that_a_pattern_names_go_with_their_objects(client):
    client("checkout", "co", url=URL, layout=DESCRIBED)
    demo = "co/demo/"
    everything = sorted(f"{demo}{name}" for name in os.listdir(demo))
    assert f"{demo}@@a.txt.meta" in everything
    wanted = [f"{demo}{name}" for name in ("a.txt", "b.txt", "sub", "void")]
    assert common.objects(everything) == wanted
    assert common.objects([f"{demo}@@a.txt.meta"]) == [f"{demo}@@a.txt.meta"]
    named = [f"{demo}@@a.txt.meta", f"{demo}b.txt"]
    assert common.objects(named) == named
    stray = ["co/demo/@@stray.meta", "co/demo/a.txt"]
    assert common.objects(stray) == stray
