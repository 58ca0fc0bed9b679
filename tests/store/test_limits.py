"""A question that takes too long is cut off, on both databases, and others go on."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select, text

from plugin.store.engine import snapshot
from plugin.store.limits import TookTooLong, at_most
from plugin.store.tables import shops

ENDLESS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")


def test_an_endless_question_ends(store: str) -> None:
    begun = time.monotonic()
    with pytest.raises(TookTooLong, match=r"longer than 0\.2 seconds"), snapshot() as tx, at_most(tx, 0.2):
        tx.execute(ENDLESS)
    assert time.monotonic() - begun < 5

    with snapshot() as tx:  # the same connection, from the pool
        assert tx.execute(select(func.count()).select_from(shops)).scalar_one() == 0


def test_who_is_quick_notices_nothing_and_is_free_afterwards(store: str) -> None:
    with snapshot() as tx:
        with at_most(tx, 0.1):
            assert tx.execute(select(1)).scalar_one() == 1
        many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) SELECT count(*) FROM n"
        assert tx.execute(text(many)).scalar_one() == 600_000
