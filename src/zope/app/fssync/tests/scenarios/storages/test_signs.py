"""A commit takes longer than a proxy waits for something to be sent."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress.server
from zope.app.file.file import File
from zope.site.folder import Folder

from zope.app.fssync.server.alive import SignsOfLife
from zope.app.fssync.testing.processes import free_port
from zope.app.fssync.testing.serversite import ServerSite
from zope.app.fssync.testing.ssh import process
from zope.app.fssync.tests.scenarios.storages.people import Person
from zope.app.fssync.tests.scenarios.storages.proxies import NGINX
from zope.app.fssync.tests.scenarios.storages.proxies import program
from zope.app.fssync.tests.scenarios.storages.proxies import wait_for
from zope.fssync.errors import ProxyFailed
from zope.fssync.task import Commit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_proxies")]

#: Seconds: what the proxy waits, and what a commit takes.
PATIENCE = 1
WORK = 3

PROXY = """\
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://127.0.0.1:{server};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_read_timeout {patience}s;
    }}
}}
"""


@pytest.fixture
def url(site: ServerSite, tmp_path: Path) -> Iterator[str]:
    """The URL of a folder through an impatient proxy, which keeps what it is sent."""
    folder = site.root["demo"] = Folder()
    folder["a.txt"] = File(b"old", "text/plain")
    site.commit()
    application: Any = site.layer.make_wsgi_app()
    server = waitress.server.create_server(
        SignsOfLife(application, delay=0.2, interval=0.2), port=0, host="127.0.0.1"
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    port = free_port()
    text = PROXY.format(port=port, server=server.effective_port, patience=PATIENCE)
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(NGINX.format(place=tmp_path))
    nginx = [program("nginx"), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    with process(*nginx, env=dict(os.environ), cwd=tmp_path):
        wait_for(port)
        yield f"http://manager:managerpw@127.0.0.1:{port}/demo"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(60)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commits take long."""
    perform = Commit.perform

    def slow(*arguments: Any) -> None:
        perform(*arguments)
        time.sleep(WORK)

    monkeypatch.setattr(Commit, "perform", slow)


@pytest.mark.usefixtures("slowly")
def test_signs_of_life_keep_the_proxy_waiting(
    url: str, tmp_path: Path, site: ServerSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person(url, tmp_path)
    person.write("a.txt", b"new")
    person.commit()
    person.update()
    assert person.read("a.txt") == b"new"
    assert site.root["demo"]["a.txt"].data == b"new"
    # Without them it does not; the next command finds out what became of the commit.
    monkeypatch.setattr("zope.app.fssync.client.connection.ALIVE", "X-Unknown")
    person.write("a.txt", b"newer")
    with pytest.raises(ProxyFailed):
        person.commit()
    person.update()
    assert person.read("a.txt") == b"newer"
