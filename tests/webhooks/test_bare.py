"""What is kept of an applied webhook: nothing that says who somebody is but Shopify's ids."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from plugin.ingest.bare import without_people
from plugin.store import tables
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import metadata
from webhooks.topics import TOPICS

from .signed import deliver, door, sample

SAMPLES = sorted(file.stem for file in (Path(__file__).parent / "payloads").glob("*.json"))
PERSONAL = {
    "address1",
    "address2",
    "browser_ip",
    "city",
    "company",
    "contact_email",
    "customer_email",
    "email",
    "email_address",
    "first_name",
    "last_name",
    "phone",
    "shop_owner",
    "zip",
}


def personal(value: object, within: str = "") -> set[str]:
    """The texts of a payload that say who or where somebody is."""
    if isinstance(value, dict):
        return {text for key, one in value.items() for text in personal(one, key)}
    if isinstance(value, list):
        return {text for one in value for text in personal(one, within)}
    return {value} if within in PERSONAL and isinstance(value, str) and len(value) > 2 else set()


def topic_of(name: str) -> str:
    return name.replace("-", "/")


def dump(tx: Tx) -> str:
    """All that the database holds, shops' own rows left out: a merchant is no customer."""
    rows = [row for table in metadata.sorted_tables if table is not tables.shops for row in tx.execute(select(table))]
    return "\n".join(repr(tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)) for row in rows)


def test_after_shopifys_samples_no_name_no_address_no_email_and_no_phone_is_left(shop: int) -> None:
    client, said = door(), set[str]()
    for name in SAMPLES:
        if topic_of(name) in TOPICS and name not in {"app-uninstalled", "shop-redact", "customers-redact"}:
            payload = sample(name)
            said |= personal(payload)
            assert deliver(client, topic_of(name), payload).status_code == 200
    assert len(said) > 20
    with snapshot() as tx:
        assert set(tx.execute(select(tables.webhooks.c.state)).scalars()) == {"done"}
        held = dump(tx)
    assert sorted(text for text in said if text in held) == []
    assert not re.search(r"[\w.]+@\w+\.\w+", held)


def test_the_ids_stay_so_that_we_know_what_it_was_about() -> None:
    left = json.loads(without_people("orders/create", json.dumps(sample("orders-create")).encode()))
    assert (left["id"], left["customer"]["id"]) == (820982911946154508, 115310627314723954)
    assert left["created_at"] == sample("orders-create")["created_at"]


def test_what_names_nobody_stays_as_it_came() -> None:
    body = json.dumps(sample("products-create")).encode()
    assert without_people("products/create", body) == body


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000])
def test_what_is_no_json_is_emptied(body: bytes) -> None:
    assert without_people("orders/create", body) == b""


def test_what_failed_keeps_its_body_for_another_try(shop: int) -> None:
    broken = sample("customers-update") | {"updated_at": None}
    deliver(door(), "customers/update", broken)
    with snapshot() as tx:
        assert json.loads(tx.execute(select(tables.webhooks.c.body)).scalar_one())["first_name"] == "Bob"


def test_with_the_fields_switched_on_they_are_in_the_persons_row_and_nowhere_else(shop: int) -> None:
    with transaction() as tx:
        tx.execute(tables.shops.update().values(keeps_name=True, keeps_email=True))
    deliver(door(), "customers/create", sample("customers-create"))
    with snapshot() as tx:
        bob = tx.execute(select(tables.people)).one()
        assert (bob.first_name, bob.last_name, bob.email, bob.phone) == ("Bob", "Biller", "bob@biller.com", None)
        assert b"Bob" not in tx.execute(select(tables.webhooks.c.body)).scalar_one()
