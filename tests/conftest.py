"""What every test may ask for: a store on both databases, a shop, a real Redis, a clock that stands still."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, event, make_url, text

from plugin.base import clock, settings
from plugin.store import engine
from plugin.store.engine import Tx, transaction
from plugin.store.tables import metadata
from tests import servers
from tests.factories import make_shop


def pytest_configure(config: pytest.Config) -> None:
    """Laws are tried on the same examples each time, so that a red suite is the change's doing; soak goes looking."""
    hypothesis.settings.register_profile("suite", derandomize=True)
    hypothesis.settings.register_profile("soak", database=None, print_blob=True)
    hypothesis.settings.load_profile("soak" if config.getoption("markexpr") == "soak" else "suite")


LONGEST_FIRST = ("tests/stories/", "tests/faults/", "tests/browser/")
"""Files that take minutes: begun last, one of two processes would wait for the other's."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: next((n for n, folder in enumerate(LONGEST_FIRST) if item.nodeid.startswith(folder)), 9)
    )


NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
"""A Wednesday."""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this test process's own on the suite's PostgreSQL."""
    with servers.postgres() as url:
        name = f"beckon_test_{os.getpid()}"
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        engine.close_store()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis (the embedded Valkey) of this test process's own."""
    with servers.valkey() as url:
        yield url


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Iterator[settings.Settings]:
    """Settings of a test shop: no Redis (jobs run inline), SQLite below tmp_path. `use()` may change them in a test."""
    mine = settings.from_environment(
        {
            "BECKON_HOME": str(tmp_path),
            "BECKON_SECRET": "test-secret",
            "SHOPIFY_API_KEY": "client-id",
            "SHOPIFY_API_SECRET": "hush",
            "BECKON_URL": "https://beckon.test",
        }
    )
    yield settings.use(mine)
    settings.use(mine)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, own_settings: settings.Settings) -> Iterator[str]:
    """An empty database with all tables, on each database in turn; gives its URL."""
    url = own_settings.database_url if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    settings.use(dataclasses.replace(own_settings, database_url=url))
    opened = engine.open_store(url)
    metadata.create_all(opened)
    yield url
    if request.param == "postgresql":
        with opened.begin() as tx:
            for table in reversed(metadata.sorted_tables):
                tx.execute(table.delete())
    engine.close_store()


@pytest.fixture
def statements(store: str) -> Iterator[list[str]]:
    """Every statement that the database gets."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine.engine(), "before_cursor_execute", note)
    yield seen
    event.remove(engine.engine(), "before_cursor_execute", note)


@pytest.fixture
def tx(store: str) -> Iterator[Tx]:
    """One open transaction on the empty store, committed at the end."""
    with transaction() as opened:
        yield opened


@pytest.fixture
def shop(store: str) -> int:
    """The id of a shop in London, `vanta.myshopify.com`, committed.."""
    with transaction() as opened:
        return make_shop(opened)


@pytest.fixture
def shop_id(tx: Tx) -> int:
    """The id of a shop in London inside `tx`."""
    return make_shop(tx)


@pytest.fixture
def at_noon() -> Iterator[datetime]:
    """Time stands still on Wednesday 18 November 2026, 12:00 UTC."""
    with clock.stopped_at(NOON):
        yield NOON
