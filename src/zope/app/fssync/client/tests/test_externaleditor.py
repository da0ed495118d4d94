"""Files of External Editor and links tell which object is meant, and whose login."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from zope.app.fssync.client.externaleditor import linked
from zope.app.fssync.client.externaleditor import sent
from zope.fssync.errors import Error

TOKEN = b64encode(b"me:s\xc3\xa9cret:1")


def test_a_file_tells_url_and_login_and_its_content_is_not_looked_at(
    tmp_path: Path,
) -> None:
    path = tmp_path / "news.zem"
    path.write_bytes(
        b"url:http://host:8080/site/news.txt\nmeta_type:File\ntitle:N\xe9ws: today\n"
        b"content_type:text/plain\nauth:Basic " + TOKEN + b"\ncookie:a=1; __ac=x%20y\n"
        b"lock-token:opaque\nborrow_lock:1\n\nurl:http://other/\n"
    )
    meant = sent(str(path))
    assert str(meant.url) == "http://me@host:8080/site/news.txt"
    assert meant.url.password == "sécret:1"
    assert meant.cookie == "a=1; __ac=x%20y"
    assert meant.file == str(path)


@pytest.mark.parametrize(
    "auth", ["", "Bearer abc", "Basic ???", "Basic /w==", "Basic bWU="]
)
def test_a_login_of_another_kind_is_none(tmp_path: Path, auth: str) -> None:
    path = tmp_path / "news.zem"
    path.write_text(f"url:https://host/news\r\nauth:{auth}\r\ncookie:a\x01\r\n\r\nx")
    assert sent(str(path)).url == ("https", "host", 443, "/news", None, None)
    assert sent(str(path)).cookie == ""


@pytest.mark.parametrize("text", ["", "hello\n", "title:x\n\n", "one:1\ntwo\nurl:x\n"])
def test_any_other_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.txt"
    path.write_text(text)
    with pytest.raises(Error, match="no file of External Editor"):
        sent(str(path))


def test_a_link_names_an_object_and_nobody() -> None:
    assert str(linked("zsync-edit:https://host/a%20b").url) == "https://host/a%20b"
    for link in ("zsync-edit:http://you:pw@host/a", "zsync-edit:file:///etc/passwd"):
        with pytest.raises(Error):
            linked(link)
