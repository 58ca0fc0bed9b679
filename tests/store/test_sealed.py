"""A stolen database opens no shop: what is secret in it is encrypted, under keys that can be changed."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import LargeBinary, Text, select, text, type_coerce

from app import main
from plugin.base import settings
from plugin.base.errors import BeckonError
from plugin.commands.migrate import upgrade
from plugin.ingest import shops
from plugin.store import engine, tables
from plugin.store.engine import snapshot, transaction
from plugin.store.sealed import CannotOpen, seal
from plugin.store.tables import metadata
from tests.conftest import NOON
from tests.factories import make_shop

OLD, NEW = (base64.urlsafe_b64encode(bytes([each]) * 32).decode() for each in (1, 2))
SECRETS = (b"shpat_of_vanta", b"shprt_of_vanta")


def keys(*those: str) -> None:
    settings.use(dataclasses.replace(settings.current(), encryption_keys=those))


@pytest.fixture
def vanta(store: str) -> int:
    keys(OLD)
    with transaction() as tx:
        return make_shop(tx, access_token="shpat_of_vanta", refresh_token="shprt_of_vanta")


def the_shop(shop_id: int) -> shops.Shop:
    with snapshot() as tx:
        return shops.by_id(tx, shop_id)


def raw() -> bytes:
    """Every secret column as the database has it, and on SQLite the very bytes of the file."""
    columns = tables.shops.c
    query = select(
        type_coerce(columns.access_token, Text),
        type_coerce(columns.refresh_token, Text),
        type_coerce(columns.vapid_private, LargeBinary),
    )
    with snapshot() as tx:
        rows = tx.execute(query).all()
        whole = b"".join(
            value.encode() if isinstance(value, str) else bytes(value or b"") for row in rows for value in row
        )
    if engine.engine().dialect.name == "sqlite":
        home = settings.current().home
        whole += b"".join(file.read_bytes() for file in home.glob("beckon.sqlite3*"))
    return whole


def rotate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rotate-keys", *arguments])


def test_no_token_and_no_key_can_be_read_in_the_database(vanta: int) -> None:
    shop = the_shop(vanta)
    assert shop.access_token is not None
    assert shop.refresh_token is not None
    assert (shop.access_token.open(), shop.refresh_token.open()) == SECRETS
    for secret in (*SECRETS, shop.vapid_private.open()):
        assert secret not in raw()
    assert "shpat_of_vanta" not in repr(shop), "nor in a log"


def test_a_new_key_takes_over_while_the_former_still_opens(vanta: int) -> None:
    before = the_shop(vanta)
    vapid = before.vapid_private.open()
    keys(NEW, OLD)

    assert "3 are under a former key" in rotate("--check").output
    assert "3 of them anew" in rotate().output
    assert "0 of them anew" in rotate().output, "a second time changes nothing"

    keys(NEW)
    after = the_shop(vanta)
    assert after.access_token is not None
    assert (after.access_token.open(), after.vapid_private.open()) == (SECRETS[0], vapid)
    assert after.access_token != before.access_token


def test_a_value_that_no_key_opens_is_named_with_what_to_do(vanta: int) -> None:
    keys(NEW)
    shop = the_shop(vanta)
    assert shop.access_token is not None
    with pytest.raises(CannotOpen, match="BECKON_ENCRYPTION_KEYS, behind the newest"):
        shop.access_token.text()

    told = rotate()

    assert told.exit_code == 1
    assert f"shops.vapid_private of {vanta}" in told.output
    keys(OLD)
    assert the_shop(vanta).access_token == shop.access_token, "nothing was changed"


def test_a_shop_whose_tokens_no_key_opens_is_connected_anew_when_its_merchant_comes(vanta: int) -> None:
    keys(NEW)
    assert not shops.has_access(the_shop(vanta))
    keys(OLD)
    assert shops.has_access(the_shop(vanta))


def test_what_was_kept_in_clear_is_encrypted_by_the_migration_and_back(store: str) -> None:
    keys(OLD)
    opened = engine.engine()
    metadata.drop_all(opened)
    try:
        upgrade(store, "0001")
        with transaction() as tx:
            tx.execute(
                text(
                    "INSERT INTO shops (domain, access_token, refresh_token, vapid_private, vapid_public, installed_at)"
                    " VALUES ('vanta.myshopify.com', 'shpat_of_vanta', NULL, :key, :key, :at)"
                ),
                {"key": b"k" * 32, "at": NOON.replace(tzinfo=None)},
            )
        upgrade(store)
        with snapshot() as tx:
            shop = shops.find(tx, "vanta.myshopify.com")
        assert shop is not None
        assert shop.access_token is not None
        assert (shop.access_token.text(), shop.refresh_token, shop.vapid_private.open()) == (
            "shpat_of_vanta",
            None,
            b"k" * 32,
        )
    finally:
        metadata.drop_all(opened)
        with opened.begin() as tx:
            tx.execute(text("DROP TABLE IF EXISTS alembic_version"))
        metadata.create_all(opened)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    env = {"BECKON_HOME": str(tmp_path)}
    first = settings.from_environment(env).encryption_keys
    assert settings.from_environment(env).encryption_keys == first
    assert (tmp_path / "encryption-key").stat().st_mode & 0o077 == 0
    assert seal("x").open() == b"x"


def test_keys_are_taken_as_openssl_writes_them(tmp_path: Path) -> None:
    standard = base64.b64encode(b"\xfb\xff" * 16).decode()
    told = settings.from_environment({"BECKON_HOME": str(tmp_path), "BECKON_ENCRYPTION_KEYS": f"{standard}, {OLD}"})
    assert told.encryption_keys == (base64.urlsafe_b64encode(b"\xfb\xff" * 16).decode(), OLD)


@pytest.mark.parametrize("wrong", ["secret", "c2hvcnQ=", "🙈", base64.b64encode(b"x" * 33).decode()])
def test_a_key_that_is_none_is_named_but_not_shown(tmp_path: Path, wrong: str) -> None:
    env = {"BECKON_HOME": str(tmp_path), "BECKON_ENCRYPTION_KEYS": f"{OLD},{wrong}"}
    with pytest.raises(BeckonError, match="BECKON_ENCRYPTION_KEYS, key 2 is not 32 bytes") as raised:
        settings.from_environment(env)
    assert wrong not in str(raised.value)
