"""Ann turns the bell on, and off again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from plugin.store import tables
from plugin.store.engine import transaction
from tests.factories import make_person

from .conftest import Storefront
from .shoppers import ANN, BEA, FCM, opt_in, subscription


def kept() -> list[Any]:
    with transaction() as tx:
        return list(tx.execute(select(tables.subscriptions).order_by(tables.subscriptions.c.id)))


def ledger() -> list[tuple[str, str | None]]:
    with transaction() as tx:
        return [(row.kind, row.wording) for row in tx.execute(select(tables.consents).order_by(tables.consents.c.id))]


def test_ann_opts_in_and_the_ledger_says_what_she_read(storefront: Storefront) -> None:
    answer = storefront.post("subscribe", opt_in())
    assert (answer.status_code, answer.get_json()) == (200, {"subscribed": True})
    [hers] = kept()
    assert (hers.state, hers.endpoint, hers.service) == ("active", f"{FCM}ann", "fcm.googleapis.com")
    assert (hers.locale, hers.timezone) == ("en-GB", "Europe/London")
    assert ledger() == [("granted", "Hear it first: we remind you of your cart.")]


def test_telling_the_same_again_changes_nothing(storefront: Storefront) -> None:
    same = opt_in()
    storefront.post("subscribe", same)
    storefront.post("subscribe", same)
    assert len(kept()) == 1
    assert len(ledger()) == 1


def test_a_rotated_endpoint_replaces_the_old_one(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in())
    storefront.post("subscribe", opt_in(subscription=subscription(f"{FCM}ann-2"), replaces=f"{FCM}ann"))
    assert [(each.endpoint, each.state) for each in kept()] == [(f"{FCM}ann", "replaced"), (f"{FCM}ann-2", "active")]


def test_the_worker_may_tell_with_the_least_it_knows(storefront: Storefront) -> None:
    """pushsubscriptionchange: no page, no words, no language."""
    storefront.post("subscribe", opt_in())
    least = {"visitor": ANN, "subscription": subscription(f"{FCM}ann-2"), "replaces": f"{FCM}ann"}
    assert storefront.post("subscribe", least).status_code == 200
    assert [each.state for each in kept()] == ["replaced", "active"]


def test_turning_it_off_ends_it(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in())
    answer = storefront.post("unsubscribe", {"visitor": ANN, "endpoint": f"{FCM}ann"})
    assert answer.get_json() == {"subscribed": False}
    assert [each.state for each in kept()] == ["unsubscribed"]
    assert [kind for kind, _ in ledger()] == ["granted", "withdrawn"]


def test_a_customer_who_logs_in_brings_their_subscription(storefront: Storefront, shop: int) -> None:
    with transaction() as tx:
        bea = make_person(tx, shop, customer_id=777)
    storefront.post("subscribe", opt_in(BEA))
    storefront.post("track", {"visitor": BEA, "views": []}, logged_in_customer_id="777")
    assert [each.person_id for each in kept()] == [bea]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subscription": subscription("https://evil.example/steal")}, "not a push service"),
        ({"subscription": subscription("http://fcm.googleapis.com/fcm/send/x")}, "not a plain https address"),
        ({"subscription": {"endpoint": f"{FCM}ann", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}}, "p256dh"),
        ({"subscription": {"endpoint": f"{FCM}ann"}}, "subscription.keys must be a JSON object"),
        ({"subscription": None}, "subscription must be a JSON object"),
        ({"visitor": "x"}, "visitor does not look like one of ours"),
        ({"visitor": 7}, "visitor must be text"),
        ({"visitor": None}, "visitor is missing"),
        ({"page": "x" * 3_000}, "page is longer than 2000"),
        ({"wording": "a\0b"}, "wording contains characters"),
        ({"wording": "\ud83d"}, "wording contains characters"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(
    storefront: Storefront, changes: dict[str, Any], sentence: str
) -> None:
    answer = storefront.post("subscribe", opt_in(**changes))
    assert answer.status_code == 400
    assert sentence in answer.get_json()["error"]
    assert kept() == []


def test_an_odd_locale_or_zone_loses_no_subscriber(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in(locale="<b>", timezone="Mars; DROP"))
    [hers] = kept()
    assert (hers.locale, hers.timezone) == (None, None)
