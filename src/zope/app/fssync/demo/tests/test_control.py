"""``bin/demo`` as a person uses it: real processes, real sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from zope.app.fssync.testing.demoserver import TIMEOUT
from zope.app.fssync.testing.demoserver import Demo
from zope.app.fssync.testing.processes import environment


@pytest.mark.slow
def test_start_returns_when_the_server_answers(demo: Demo) -> None:
    said = demo("start", "--port", "0")
    assert f"http://localhost:{demo.running.port}/manage" in said
    assert b"Zope" in demo.get("manage")


@pytest.mark.slow
def test_status_tells_whether_it_runs(demo: Demo) -> None:
    assert "does not run" in demo("status", expected=3)
    demo("start", "--port", "0")
    said = demo("status")
    assert str(demo.running.pid) in said
    assert demo.running.url in said
    demo("stop")
    assert "does not run" in demo("status", expected=3)


@pytest.mark.slow
def test_the_management_interface_needs_the_login(demo: Demo) -> None:
    demo("start", "--port", "0")
    with pytest.raises(urllib.error.HTTPError) as caught:
        demo.get("@@contents.html", login=None)
    assert caught.value.code == 401
    assert b"Zope" in demo.get("@@contents.html")


@pytest.mark.slow
def test_anybody_may_view_content(demo: Demo) -> None:
    demo("sample")
    demo("start", "--port", "0")
    assert demo.get("demo/hello.txt", login=None).startswith(b"Hello!")


@pytest.mark.slow
def test_start_of_a_running_server_is_harmless(demo: Demo) -> None:
    demo("start", "--port", "0")
    pid = demo.running.pid
    assert str(pid) in demo("start")
    assert demo.running.pid == pid


def test_stop_of_a_stopped_server_is_harmless(demo: Demo) -> None:
    assert "does not run" in demo("stop")


def test_a_busy_port_is_named_at_once(demo: Demo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        said = demo("start", "--port", port, expected=1)
    assert f"Port {port} of 127.0.0.1 is in use" in said
    assert "--port" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert demo.instance.running() is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--port", "70000"), "There is no port 70000"),
        (("--host", "no.such.host.invalid", "--port", "0"), "Cannot listen"),
    ],
)
def test_an_impossible_address_is_an_error(
    demo: Demo, arguments: tuple[str, ...], reason: str
) -> None:
    said = demo("start", *arguments, expected=1)
    assert reason in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_server_that_cannot_start_shows_why(demo: Demo) -> None:
    demo.instance.prepare()
    (demo.data / "site.zcml").write_text("<configure><nonsense/></configure>")
    said = demo("start", "--port", "0", expected=1)
    assert "did not start" in said
    assert "nonsense" in said
    assert str(demo.instance.log) in said
    assert demo.instance.running() is None


@pytest.mark.slow
def test_a_data_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    said = Demo(tmp_path / "data")("start", "--port", "0", expected=1)
    assert "is not a folder" in said


@pytest.mark.slow
def test_restart_keeps_address_and_content(demo: Demo) -> None:
    demo("start", "--port", "0")
    before = demo.running
    demo("sample")
    demo("restart")
    assert demo.running.port == before.port
    assert demo.running.pid != before.pid
    assert demo.get("demo/hello.txt").startswith(b"Hello!")


@pytest.mark.slow
def test_two_servers_side_by_side(demo: Demo, tmp_path: Path) -> None:
    other = Demo(tmp_path / "other")
    demo("start", "--port", "0")
    other("start", "--port", "0")
    try:
        demo("sample")
        assert demo.get("demo/hello.txt")
        with pytest.raises(urllib.error.HTTPError):
            other.get("demo/hello.txt")
    finally:
        other("stop")
    assert demo("status")


@pytest.mark.slow
def test_a_deep_folder_is_no_hindrance(tmp_path: Path) -> None:
    deep = Demo(tmp_path.joinpath(*["a-rather-long-name"] * 9))
    assert len(str(deep.data)) > 150
    deep("start", "--port", "0")
    assert "has stopped" in deep("stop")


@pytest.mark.slow
def test_stop_keeps_the_index_of_the_database(demo: Demo) -> None:
    demo("start", "--port", "0")
    demo("sample")
    demo("restart")
    demo("stop")
    assert (demo.data / "Data.fs.index").exists()
    log = demo.instance.log.read_text()
    assert "Ignoring index" not in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_a_killed_server_leaves_nothing_in_the_way(demo: Demo) -> None:
    demo("start", "--port", "0")
    os.kill(demo.running.pid, signal.SIGKILL)
    assert demo.instance.wait_until_stopped(TIMEOUT)
    assert "does not run" in demo("status", expected=3)
    demo("start", "--port", "0")
    assert demo("status")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_fg_serves_until_a_signal_ends_it(demo: Demo, ending: signal.Signals) -> None:
    with subprocess.Popen(
        demo.command("fg", "--port", "0"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "Ctrl-C stops it" in process.stdout.readline()
        assert demo.running.pid == process.pid
        assert b"Zope" in demo.get("manage")
        process.send_signal(ending)
        _out, err = process.communicate(timeout=TIMEOUT)
    assert "Traceback" not in err
    assert demo.instance.running() is None
    assert (demo.data / "Data.fs.index").exists()


@pytest.mark.slow
def test_logtail_shows_requests(demo: Demo) -> None:
    demo("start", "--port", "0")
    with subprocess.Popen(
        demo.command("logtail"), env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "GET / 200" in line:
                break
        demo.get("@@contents.html")
        for line in process.stdout:
            if "GET /@@contents.html 200" in line:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT) == 130


@pytest.mark.slow
def test_the_log_has_no_passwords(demo: Demo) -> None:
    demo("start", "--port", "0")
    demo.get("@@contents.html")
    assert not re.search(r"zsync:zsync|Basic |enN5bmM", demo.instance.log.read_text())


@pytest.mark.slow
def test_sample_gives_the_same_through_a_server_and_without(
    demo: Demo, tmp_path: Path
) -> None:
    demo("start", "--port", "0")
    through = demo("sample")
    assert through.splitlines()[0] == "Added demo"
    assert "Added demo/日本語/こんにちは.txt" in through
    assert through == Demo(tmp_path / "other")("sample")


@pytest.mark.slow
def test_sample_twice_changes_nothing(demo: Demo) -> None:
    demo("sample")
    assert "Nothing to add" in demo("sample")
    demo("start", "--port", "0")
    assert "Nothing to add" in demo("sample")


@pytest.mark.slow
def test_sample_that_fails_shows_why(demo: Demo) -> None:
    demo.instance.prepare()
    (demo.data / "Data.fs").write_text("this is no database")
    said = demo("sample", expected=1)
    assert "could not be filled" in said
    assert str(demo.instance.log) in said


@pytest.mark.slow
def test_names_print_on_any_terminal(demo: Demo) -> None:
    old = environment(PYTHONIOENCODING="ascii")
    said = subprocess.check_output(demo.command("sample"), env=old)
    assert b"Added demo" in said


@pytest.mark.slow
def test_sample_has_pages_for_everything(demo: Demo) -> None:
    demo("sample")
    demo("start", "--port", "0")
    listing = demo.get("demo/@@contents.html").decode()
    assert "Übersicht" in listing
    assert "64x64" in listing
    assert len(demo.get("demo/large.bin")) == 3_000_000
    assert demo.get("demo/colours.png").startswith(b"\x89PNG")


def test_address_options_go_with_starting_only(demo: Demo) -> None:
    assert "--port goes with" in demo("status", "--port", "1", expected=2)


def test_control_does_not_load_the_application() -> None:
    code = (
        "import sys; from zope.app.fssync.demo.control import main; "
        "print([n for n in sys.modules if n.startswith(('ZODB', 'zope.app.wsgi',"
        " 'zope.security', 'waitress', 'paramiko'))])"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, env=environment()) == b"[]\n"
