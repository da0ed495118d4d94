"""Arguments and headers of requests, as nobody should send them."""

from __future__ import annotations

import time
import tracemalloc
from urllib.parse import quote

import pytest
import transaction

from zope.app.fssync.browser.tests.onefile import demo as demo

LONG = "n" * 20_000

NAMES = [
    *("", ".", "..", "../x", "a/b", "/etc/passwd", "@@x", "+x", "++etc++site", "\0"),
    *("\x1b[2J", "a\nb", "\u202e", " ", LONG, "demo", "%00", "@@Zope", "x" * 256),
]
ENCODINGS = ["nosuch", "os.system", "zip", "rot13", "base64", "\0", "..", LONG]


def stored(site):
    transaction.abort()
    return site.layer.db.lastTransaction()


def told(response, sent):
    assert response.status_int < 500, (sent, response.text[:300])
    text = response.body.decode("utf-8", "replace")
    for secret in ("Traceback", "/site-packages/", "\x1b"):
        assert secret not in text, sent
    assert len(text) < 50_000, sent


class TestCheckin:
    @pytest.mark.parametrize("view", ["checkin", "rehearse-checkin"])
    def test_a_name_is_one_that_the_container_allows(self, demo, view):
        archive = demo.checkout("/demo")
        for name in NAMES:
            path = f"/@@{view}.snarf?name={quote(name)}&src=demo"
            response = demo.request("POST", path, "manager", archive.dump())
            told(response, name)
            if response.status_int == 200 and view == "checkin":
                assert name in demo.root
                assert not (set(name) & set("/\0"))
                assert name not in (".", "..")
                del demo.root[name]
                demo.commit()
        assert demo.root["demo"]["a.txt"].data == b"a"
        demo.checkout("")

    def test_a_download_has_the_given_name(self, demo):
        archive = demo.checkout("/demo")
        before = stored(demo)
        sources = [name for name in NAMES if name not in ("", "demo")]
        for source in [*sources, "demo/a.txt/x", "@@Zope/Entries.xml", "no"]:
            path = f"/@@checkin.snarf?name=new&src={quote(source)}"
            response = demo.request("POST", path, "manager", archive.dump())
            told(response, source)
            assert response.status_int in (400, 409), source
            assert stored(demo) == before, source

    def test_an_encoding_is_one_of_text(self, demo):
        archive = demo.checkout("/demo")
        before = stored(demo)
        for encoding in ENCODINGS:
            path = f"/@@checkin.snarf?name=new&src=demo&encoding={quote(encoding)}"
            response = demo.request("POST", path, "manager", archive.dump())
            told(response, encoding)
            assert response.status_int == 400, encoding
            assert stored(demo) == before, encoding


class TestOthers:
    @pytest.mark.parametrize("note", ["\0\x1b[2J\n", "\u202e", "ä" * 9000, "x" * 10**5])
    def test_a_note_is_a_note(self, demo, note):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        path = f"/demo/@@fromFS.snarf?note={quote(note)}"
        response = demo.request("POST", path, "manager", archive.dump())
        told(response, note)
        assert demo.root["demo"]["a.txt"].data in (b"a", b"b")

    @pytest.mark.slow
    def test_many_arguments_cost_little(self, demo):
        archive = demo.checkout("/demo")
        began = time.process_time()
        query = "&".join(f"a{number}=1" for number in range(20_000))
        path = f"/demo/@@fromFS.snarf?{query}"
        told(demo.request("POST", path, "manager", archive.dump()), "many")
        assert time.process_time() - began < 10

    @pytest.mark.parametrize(
        "token",
        ["", "Basic", "Basic !", "Basic Zm9v", "Basic /w==", "Bearer x", "x" * 10_000],
    )
    @pytest.mark.parametrize("view", ["toFS", "fromFS", "hidden"])
    def test_an_invalid_login_is_ignored(self, demo, view, token):
        method = "GET" if view == "toFS" else "POST"
        path = f"/demo/@@{view}.snarf"
        before = stored(demo)
        response = demo.request(method, path, None, Authorization=token)
        for secret in ("Traceback", "/site-packages/"):
            assert secret not in response.text
        if view == "fromFS":
            assert response.status_int >= 400
        assert stored(demo) == before

    @pytest.mark.parametrize("length", ["abc", "1_0", "9" * 30])
    def test_a_server_in_front_may_pass_on_any_length(self, demo, length):
        archive = demo.checkout("/demo")
        archive.edit("demo/a.txt", b"b")
        before = stored(demo)
        try:
            response = demo.request(
                "POST",
                "/demo/@@fromFS.snarf",
                "manager",
                archive.dump(),
                Content_Length=length,
            )
        except ValueError:
            pass  # the publisher looks at it before anything of ours does
        else:
            assert "Traceback" not in response.text
        assert stored(demo) == before or demo.root["demo"]["a.txt"].data == b"b"

    @pytest.mark.parametrize(
        "lines",
        [
            "",
            "\0",
            "..",
            "/etc/passwd",
            "demo/../x",
            "demo//x",
            "demo/@@Zope/Entries.xml",
        ],
    )
    def test_paths_that_are_asked_for_are_paths(self, demo, lines):
        response = demo.request(
            "POST",
            "/demo/@@hidden.snarf",
            "manager",
            lines.encode(),
            Content_Type="text/plain",
        )
        told(response, lines)
        assert response.status_int in (200, 400)
        assert response.status_int == 400 or response.text == ""

    @pytest.mark.slow
    def test_a_long_question_costs_no_more_than_its_answer(self, demo):
        """Anybody may ask, therefore nobody may ask for too much."""
        for data in (b"a\n" * 600_000, b"x" * (33 << 20)):
            response = demo.request(
                "POST", "/demo/@@hidden.snarf", None, data, Content_Type="text/plain"
            )
            assert response.status_int == 413
        deep = "/".join(["a"] * 120)
        data = "".join(f"demo/x{n}/{deep}\n" for n in range(4_000)).encode()
        began = time.process_time()
        tracemalloc.start()
        response = demo.request(
            "POST", "/demo/@@hidden.snarf", None, data, Content_Type="text/plain"
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (response.status_int, response.text) == (200, "")
        assert time.process_time() - began < 20
        assert peak < 20 * len(data)

    @pytest.mark.parametrize(
        "state",
        [
            "",
            "\x7f",
            "none\t",
            "1-" + "f" * 9000,
            "../x",
            "{}",
            "0" * 16,
            "ä",
            "-1",
            "%s",
        ],
    )
    def test_a_state_that_is_none_means_all(self, demo, state):
        header = {"X_Zsync_State": state}
        whole = demo.request("GET", "/demo/@@toFS.snarf", "manager")
        response = demo.request("GET", "/demo/@@toFS.snarf", "manager", **header)
        assert response.status_int == 200, response.text
        for path in (b"demo/a.txt", b"demo/@@Zope/Entries.xml"):
            assert path in response.body
        assert whole.body
