"""No part of a head that the demo server takes costs the publisher much."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from zope.site.folder import Folder

from zope.app.fssync.demo.bodies import Accounts
from zope.app.fssync.demo.bodies import Parser
from zope.fssync.limits import DEMO_COOKIES
from zope.fssync.limits import DEMO_ESCAPES
from zope.fssync.limits import DEMO_FIELDS
from zope.fssync.limits import DEMO_HEADERS
from zope.fssync.limits import DEMO_STEPS
from zope.fssync.limits import LANGUAGES_LENGTH

pytestmark = pytest.mark.slow

#: How many times the time of a page that is not there; five times were seen.
MOST = 10

MISSING = "/shop/@@missing.html"

#: The steps that lead from the root to that page, and begin with a slash.
STEPS = MISSING.count("/")

#: The address and the headers of each request: the longest that the demo takes.
HEADS: dict[str, tuple[str, dict[str, str]]] = {
    "languages": (MISSING, {"Accept-Language": "l," * (LANGUAGES_LENGTH // 2)}),
    "cookies": (MISSING, {"Cookie": "a=b;" * (DEMO_COOKIES // 4)}),
    "an escaped cookie": (MISSING, {"Cookie": f'a="{chr(92) * DEMO_ESCAPES}"'}),
    "arguments": (f"{MISSING}?a=1{'&a=1' * (DEMO_FIELDS - 1)}", {}),
    "lists": (f"{MISSING}?a:list=1{'&a:list=1' * (DEMO_FIELDS - 1)}", {}),
    "resources": (f"{'/@@' * (DEMO_STEPS - STEPS)}{MISSING}", {}),
    "skins": (f"{'/++skin++Basic' * (DEMO_STEPS - STEPS)}{MISSING}", {}),
    "virtual hosts": (
        f"{'/++vh++http:a:80/++' * (DEMO_STEPS // 2 - STEPS)}{MISSING}",
        {},
    ),
    "dots": (f"{'/x/..' * (DEMO_STEPS // 2 - STEPS)}{MISSING}", {}),
    "a long name": (f"/shop/@@{'x' * (DEMO_HEADERS - 8)}", {}),
}


@pytest.fixture
def shop(site: Any) -> Iterator[Any]:
    site.root["shop"] = Folder()
    site.commit()
    logging.disable()
    yield site
    logging.disable(logging.NOTSET)


def cost(site: Any, path: str, headers: dict[str, str]) -> float:
    """Return the processor time of a request, the best of some."""
    times = []
    for _ in range(5):
        began = time.process_time()
        assert site.request("GET", path, None, **headers).status_int == 404
        times.append(time.process_time() - began)
    return min(times)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_takes_some_times_as_long_as_a_missing_page(
    shop: Any, name: str
) -> None:
    path, headers = HEADS[name]
    parser = Parser(Adjustments(), Accounts(shop.layer.db))
    lines = [f"GET {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    parser.received("\r\n".join([*lines, "", ""]).encode())
    assert parser.error is None
    ratio = cost(shop, path, headers) / cost(shop, MISSING, {})
    print(f"{name}: {ratio:.1f}")
    assert ratio < MOST
