"""Times, as the ids of transactions have them."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime

import pytest

from zope.app.fssync.client.transactionids import id_of
from zope.app.fssync.client.transactionids import time_of


@pytest.mark.parametrize(
    "text", ["2026-02-28 23:59:59", "2028-02-29 12:00", "1999-12-31 00:00:01"]
)
def test_a_time_is_read_as_it_was_written(text: str) -> None:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    assert abs(time_of(f"0x{id_of(moment)}") - moment.timestamp()) <= 1


@pytest.mark.parametrize("tid", ["none", ""])
def test_invalid_id_is_refused(tid: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        time_of(tid)
