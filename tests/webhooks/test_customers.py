"""Customers' webhooks: today's samples, the shape of 2023, and whatever keys come and go between the two."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.base.errors import Unreadable
from plugin.ingest.events import (
    Contact,
    CustomerChanged,
    CustomersMerged,
    Event,
    MarketingConsentChanged,
    Purchases,
    PurchasesTold,
)
from webhooks.delivery import Delivery
from webhooks.topics import parse

from .signed import sample

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
BOB = 706405506930370084
ALL = frozenset({"name", "email", "phone"})
SHAPE_OF_2023 = {
    "id": BOB,
    "email": "bob@biller.com",
    "accepts_marketing": True,
    "created_at": "2021-12-31T19:00:00-05:00",
    "updated_at": "2021-12-31T19:00:00-05:00",
    "first_name": "Bob",
    "last_name": "Biller",
    "orders_count": 3,
    "total_spent": "199.65",
    "last_order_id": 450789469,
    "tags": "VIP, Press",
    "currency": "USD",
    "phone": "+16136120707",
    "email_marketing_consent": {"state": "subscribed", "opt_in_level": None, "consent_updated_at": None},
    "sms_marketing_consent": {"state": "not_subscribed", "opt_in_level": "single_opt_in"},
    "default_address": {"id": 1, "customer_id": BOB, "country_code": "CA"},
}
NEEDED = {
    "customers/update": {"id", "updated_at"},
    "customers/merge": {"admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id", "status"},
    "customers/purchasing_summary": {
        "customerId",
        "numberOfOrders",
        "amountSpent",
        "amountSpent.amount",
        "amountSpent.currencyCode",
    },
    "customers_email_marketing_consent/update": {
        "customer_id",
        "email_marketing_consent",
        "email_marketing_consent.state",
    },
    "customers_marketing_consent/update": {"id", "sms_marketing_consent", "sms_marketing_consent.state"},
    "customer.tags_added": {"customerId"},
}
"""What each parser cannot do without; everything else may go and come."""


def read(topic: str, payload: Any, keeps: frozenset[str] = frozenset()) -> Event:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (event,) = parse(topic, body, Delivery(at=NOON, currency="GBP", keeps=keeps))
    return event


def test_a_merge_that_is_done() -> None:
    done = sample("customers-merge") | {"status": "completed", "errors": []}
    assert read("customers/merge", done) == CustomersMerged(lost_id=2, kept_id=1, at=NOON)


@pytest.mark.parametrize("status", ["failed", "in_progress", "requested"])
def test_a_merge_that_is_not_done_changes_nothing(status: str) -> None:
    body = json.dumps(sample("customers-merge") | {"status": status}).encode()
    assert parse("customers/merge", body, Delivery(NOON, "GBP")) == []


def test_a_merge_of_a_state_that_we_do_not_know_is_kept_and_not_guessed() -> None:
    with pytest.raises(Unreadable, match='"status" is perhaps, which we do not know'):
        read("customers/merge", sample("customers-merge") | {"status": "perhaps"})


def test_shopifys_own_sums() -> None:
    at = datetime(2005, 5, 5, 5, tzinfo=UTC)
    told = read("customers/purchasing_summary", sample("customers-purchasing_summary"))
    assert told == PurchasesTold(1, Purchases(orders=1, spent=100_00, last_order_id=1), at)


def test_sums_of_yen_have_no_minor_units() -> None:
    yen = sample("customers-purchasing_summary") | {"amountSpent": {"amount": "1200.0", "currencyCode": "JPY"}}
    assert read("customers/purchasing_summary", yen).purchases.spent == 1200  # type: ignore[union-attr]


def test_consents() -> None:
    email = read("customers_email_marketing_consent/update", sample("customers_email_marketing_consent-update"))
    assert email == MarketingConsentChanged(BOB, "email", "NOT_SUBSCRIBED", NOON)
    sms = read("customers_marketing_consent/update", sample("customers_marketing_consent-update"))
    assert sms == MarketingConsentChanged(BOB, "sms", None, NOON)


def test_the_shape_of_2023_told_it_all_at_once() -> None:
    bob = read("customers/update", SHAPE_OF_2023)
    assert isinstance(bob, CustomerChanged)
    assert (bob.tags, bob.countries) == (("VIP", "Press"), ("CA",))
    assert (bob.email_status, bob.sms_status) == ("SUBSCRIBED", "NOT_SUBSCRIBED")
    assert bob.purchases == Purchases(orders=3, spent=199_65, last_order_id=450789469)


@pytest.mark.parametrize("payload", [sample("customers-update"), SHAPE_OF_2023])
def test_what_is_not_switched_on_is_never_in_an_event(payload: dict[str, Any]) -> None:
    assert "Bob" not in repr(read("customers/update", payload))
    assert "@" not in repr(read("customers/update", payload))
    named = read("customers/update", payload, keeps=frozenset({"name"}))
    assert isinstance(named, CustomerChanged)
    assert named.contact == Contact(frozenset({"name"}), first_name="Bob", last_name="Biller")


def test_what_shopify_hides_is_null_and_what_it_leaves_out_says_nothing() -> None:
    hidden = sample("customers-update") | {"first_name": None, "last_name": None, "email": None}
    told = read("customers/update", hidden, keeps=ALL)
    assert isinstance(told, CustomerChanged)
    assert told.contact == Contact(ALL)
    bare = read("customers/update", {"id": 1, "updated_at": "2026-11-18T12:00:00Z"}, keeps=ALL)
    assert isinstance(bare, CustomerChanged)
    assert bare.contact is None


def test_ids_beyond_floats_come_as_numbers_texts_and_gids() -> None:
    for said in (2**53 + 1, str(2**53 + 1), f"gid://shopify/Customer/{2**53 + 1}"):
        told = read("customers/update", {"id": said, "updated_at": "2026-11-18T12:00:00Z"})
        assert isinstance(told, CustomerChanged)
        assert told.customer_id == 2**53 + 1


@given(data=st.data())
def test_keys_come_and_go(data: st.DataObject) -> None:
    """Any key dropped, others added, all in another order: an event, or the name of the key that is missing."""
    topic = data.draw(st.sampled_from(sorted(NEEDED)))
    payload = dict(sample(topic.replace("/", "-"))) | ({"status": "completed"} if topic == "customers/merge" else {})
    whole = read(topic, payload, keeps=ALL)
    places = [
        *payload,
        *(f"{key}.{inner}" for key, value in payload.items() if isinstance(value, dict) for inner in value),
    ]
    dropped = data.draw(st.sampled_from(places))
    changed = without(payload, dropped) | {"new_in_2027": data.draw(st.sampled_from([None, 1, "x", [], {"id": "y"}]))}
    keys = list(changed)
    random.Random(data.draw(st.integers(0, 99))).shuffle(keys)
    shuffled = {key: changed[key] for key in keys}
    if dropped in NEEDED[topic]:
        with pytest.raises(Unreadable) as error:
            read(topic, shuffled, keeps=ALL)
        assert dropped in str(error.value) or (dropped, "customer_id") == ("id", "customer_id")
    else:
        assert type(read(topic, shuffled, keeps=ALL)) is type(whole)
    assert read(topic, {key: payload[key] for key in reversed(payload)} | {"new_in_2027": 1}, keeps=ALL) == whole


def without(payload: dict[str, Any], place: str) -> dict[str, Any]:
    key, _, inner = place.partition(".")
    if not inner:
        return {name: value for name, value in payload.items() if name != key}
    return payload | {key: {name: value for name, value in payload[key].items() if name != inner}}
