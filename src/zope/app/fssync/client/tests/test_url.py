"""What a URL of a person means, and that its password stays unseen."""

import pytest

from zope.app.fssync.client.url import RootURL
from zope.app.fssync.client.url import masked
from zope.fssync.errors import Error


def test_all_parts_are_taken_and_unquoted():
    url = RootURL.parse("HTTP://u%40x:p%3Aw%2F%40@Example.COM:8080/a%20b/%C3%BC")
    assert (url.scheme, url.host, url.port) == ("http", "example.com", 8080)
    assert (url.user, url.password) == ("u@x", "p:w/@")
    assert url.path == "/a b/ü"
    assert url.user_passwd == "u@x:p:w/@"
    assert url.host_port == "example.com:8080"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("http://h", "/"),
        ("http://h/", "/"),
        ("http://h/demo", "/demo"),
        ("http://h/ü", "/ü"),
        ("http://h/%C3%BC", "/ü"),
        ("http://h/%ff", "/\udcff"),
        ("http://h/a@b:c", "/a@b:c"),
    ],
)
def test_the_path_is_unquoted_once(text, path):
    assert RootURL.parse(text).path == path


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("http://h/", None, None),
        ("http://@h/", None, None),
        ("http://u@h/", "u", None),
        ("http://u:@h/", "u", ""),
        ("http://u:p:q@h/", "u", "p:q"),
        ("http://u:p@q@h/", "u", "p@q"),
        ("http://u%25:p%2541@h/", "u%", "p%41"),
    ],
)
def test_user_and_password(text, user, password):
    url = RootURL.parse(text)
    assert (url.user, url.password) == (user, password)


@pytest.mark.parametrize(
    ("text", "host_port"),
    [
        ("http://h:80/", "h"),
        ("https://h:443/", "h"),
        ("https://h:80/", "h:80"),
        ("http://h:/", "h"),
        ("zsync+ssh://h:22/", "h"),
        ("zsync+ssh://h/", "h"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("http://[FE80::1]/", "[fe80::1]"),
    ],
)
def test_a_port_that_goes_without_saying_is_left_out(text, host_port):
    assert RootURL.parse(text).host_port == host_port


@pytest.mark.parametrize(
    "text",
    [
        "ftp://h/",
        "h/demo",
        "http:/h",
        "http:///demo",
        "http://:80/",
        "http://h:0/",
        "http://h:65536/",
        "http://h:x/",
        "http://h:\u0661/",
        "http://h:99999999999999999999999/",
        "http://-oProxyCommand=x/",
        "http://a'b/",
        "http://a%20b/",
        "http://[::1/",
        "http://[x]/",
        "http://::1/",
        "http://h/a b",
        "http://h\r\nX: y/",
        "http://h/\x1b[2J",
    ],
)
def test_urls_of_other_schemes_are_refused(text):
    with pytest.raises(Error):
        RootURL.parse(text)


def test_the_password_is_in_no_text():
    url = RootURL.parse("http://u:geheim@h/demo")
    assert str(url) == "http://u@h/demo"
    assert "geheim" not in repr(url)
    assert url.without_password().password is None
    with pytest.raises(Error) as error:
        RootURL.parse("http://u:geheim@h:x/")
    assert "geheim" not in str(error.value)
    assert "***" in str(error.value)


@pytest.mark.parametrize(
    "text", ["http://u@h/", "https://u%40x@h:1/a%20b/%C3%BC/@@x", "http://h/a%25b"]
)
def test_the_text_means_the_same(text):
    url = RootURL.parse(text)
    assert RootURL.parse(str(url)) == url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://u:p@h/x", "http://u:***@h/x"),
        ("http://u:p@q@h/x", "http://u:***@h/x"),
        ("http://u@h:1/a:b@c", "http://u@h:1/a:b@c"),
        ("u:p@h/x", "u:***@h/x"),
        ("http://h/", "http://h/"),
        ("http://u:p/w@h/x", "http://u:***@h/x"),
        ("http://u:/pw@h", "http://u:***@h"),
        ("://https://u:p@h/x", "://https:***@h/x"),
        ("http://h:80/a:b/@@view", "http://h:80/a:b/@@view"),
    ],
)
def test_masked(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("zope.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("example.com", False),
    ],
)
def test_loopback(host, expected):
    assert RootURL.parse(f"http://{host}/").is_loopback is expected
