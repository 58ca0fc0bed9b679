"""The whole path, as `make demo` runs it, from the install to the report.

Real processes: gunicorn, two RQ workers, the clock, an embedded Redis, the sandbox store with its push service over
TLS and HTTP/2. On SQLite, and once more on PostgreSQL.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from plugin.store import tables
from sandbox.customers import NEWCOMERS_ABOVE

PROMISED = {
    "Segments": {"everybody", "number_of_orders = 1"},
    "Campaign": {"audience", "outcomes, added up", "sent (accepted by the push service)", "shown", "clicked", "orders"},
    "Pushes": {"robots that got it twice", "messages that could not be decrypted", "answered 429 on purpose"},
    "Reminder": {
        "carts left alone that got one",
        "with the very product",
        "bought meanwhile, and got one all the same",
    },
}
"""Comparisons that the story must have made, whatever else it compares."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_number_adds_up_and_a_second_start_doubles_nothing(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/beckon.sqlite3"
    if database == "postgresql":
        url = _empty_database(request.getfixturevalue("postgres_url"))

    told = _demo(tmp_path, url)
    assert told["adds_up"], told["checks"]
    for act, promised in PROMISED.items():
        assert promised <= {check["what"] for check in told["checks"] if check["act"] == act}

    assert _live_orders_of_the_historys_customers(url) == 0
    assert _unread_webhooks(url) == []
    assert _stock(url) == _stock_on_the_shelves(tmp_path / "sandbox" / "sandbox.sqlite3")
    before = _rows(url)
    assert _demo(tmp_path, url)["adds_up"]
    assert _rows(url) == before


def _demo(home: Path, url: str) -> dict[str, object]:
    """Runs `beckon demo --once` and returns what the story wrote down."""
    env = {**os.environ, "BECKON_HOME": str(home), "DATABASE_URL": url}  # noqa: TID251  for the process it starts
    ended = subprocess.run(
        [sys.executable, "-m", "app", "demo", "--once"],
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    logs = "".join(f"\n--- {log.name}\n{log.read_text()[-2000:]}" for log in (home / "log").glob("*.log"))
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:] + logs
    return dict(json.loads((home / "sandbox" / "story.json").read_text()))


def _live_orders_of_the_historys_customers(url: str) -> int:
    """The story's trade is by newcomers and strangers: what the history says of its customers stays checkable."""
    engine = create_engine(url)
    theirs = select(tables.people.c.id).where(tables.people.c.customer_id < NEWCOMERS_ABOVE)
    live = tables.orders.c.cart_token.is_not(None) & tables.orders.c.person_id.in_(theirs)
    with engine.connect() as tx:
        count = tx.execute(select(func.count()).select_from(tables.orders).where(live)).scalar_one()
    engine.dispose()
    return int(count)


def _unread_webhooks(url: str) -> list[tuple[str, str]]:
    """What `beckon status` would list as failed."""
    engine = create_engine(url)
    table = tables.webhooks.c
    with engine.connect() as tx:
        failed = tx.execute(select(table.topic, table.error).where(table.state == "failed")).all()
    engine.dispose()
    return [(topic, error) for topic, error in failed]


def _stock(url: str) -> dict[int, int]:
    """Product id → pieces, as webhooks of orders and refunds, doubled and late, left them."""
    engine = create_engine(url)
    with engine.connect() as tx:
        found = tx.execute(select(tables.variants.c.product_id, tables.variants.c.inventory)).all()
    engine.dispose()
    return dict(found)


def _stock_on_the_shelves(file: Path) -> dict[int, int]:
    shelves = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    found = dict(shelves.execute("SELECT id, stock FROM products").fetchall())
    shelves.close()
    return found


def _rows(url: str) -> dict[str, int]:
    """How many rows each table of lasting things holds."""
    lasting = (tables.people, tables.orders, tables.subscriptions, tables.campaigns, tables.deliveries, tables.facts)
    engine = create_engine(url)
    with engine.connect() as tx:
        counts = {table.name: tx.execute(select(func.count()).select_from(table)).scalar_one() for table in lasting}
    engine.dispose()
    return counts


def _empty_database(beside: str) -> str:
    """A database of the story's own on the suite's server: its tables come from the migrations."""
    name = f"beckon_story_{os.getpid()}"
    admin = create_engine(beside, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return make_url(beside).set(database=name).render_as_string(hide_password=False)
