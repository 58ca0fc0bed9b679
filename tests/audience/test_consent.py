"""The ledger of consent and what it allows."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.audience import consent
from plugin.audience.consent import Subscribed
from plugin.base.errors import Refused
from plugin.store.engine import Tx
from plugin.store.tables import consents, deliveries, subscriptions
from tests.factories import make_delivery, make_person

GOOGLE = "https://fcm.googleapis.com/fcm/send/"


def agreed(endpoint: str = GOOGLE + "ann", **changes: Any) -> Subscribed:
    return Subscribed(
        **{
            "endpoint": endpoint,
            "p256dh": b"\4" + os.urandom(64),
            "auth": os.urandom(16),
            "page": "/",
            "wording": "Yes?",
        }
        | changes
    )


def ledger(tx: Tx) -> list[str]:
    return list(tx.execute(select(consents.c.kind).order_by(consents.c.id)).scalars())


def test_a_grant_keeps_what_the_person_read(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    made = consent.grant(tx, shop_id, ann, agreed(wording="News about coats?", page="/products/coat"), at_noon)
    row = tx.execute(select(subscriptions)).one()
    assert (row.id, row.person_id, row.state, row.service) == (made, ann, "active", "fcm.googleapis.com")
    noted = tx.execute(select(consents)).one()
    assert (noted.kind, noted.wording, noted.page, noted.at) == (
        "granted",
        "News about coats?",
        "/products/coat",
        at_noon,
    )


def test_the_same_browser_again_only_refreshes(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    first = consent.grant(tx, shop_id, ann, agreed(), at_noon)
    again = consent.grant(tx, shop_id, ann, agreed(auth=b"x" * 16), at_noon + timedelta(days=1))
    row = tx.execute(select(subscriptions)).one()
    assert again == first
    assert (row.auth, row.created_at, row.last_seen_at) == (b"x" * 16, at_noon, at_noon + timedelta(days=1))
    assert ledger(tx) == ["granted"]


def test_who_withdraws_can_agree_again(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    consent.grant(tx, shop_id, ann, agreed(), at_noon)
    assert consent.withdraw(tx, shop_id, GOOGLE + "ann", at_noon)
    assert not consent.withdraw(tx, shop_id, GOOGLE + "ann", at_noon)
    assert not consent.withdraw(tx, shop_id, GOOGLE + "nobody", at_noon)
    consent.grant(tx, shop_id, ann, agreed(), at_noon)
    assert ledger(tx) == ["granted", "withdrawn", "granted"]
    assert tx.execute(select(subscriptions.c.state)).scalar_one() == "active"


def test_a_rotated_endpoint_takes_over_what_waits(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = make_person(tx, shop_id)
    old = consent.grant(tx, shop_id, ann, agreed(GOOGLE + "old"), at_noon)
    waits, done = make_delivery(tx, shop_id, to=old), make_delivery(tx, shop_id, to=old, state="sent")
    new = consent.grant(tx, shop_id, ann, agreed(GOOGLE + "new", replaces=GOOGLE + "old"), at_noon)
    of = dict(tx.execute(select(deliveries.c.id, deliveries.c.subscription_id)).all())
    assert of == {waits: new, done: old}
    assert consent.overview(tx, shop_id) == consent.Overview(1, 1, (("The browser changed its endpoint.", 1),))


def test_only_known_push_services(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    with pytest.raises(Refused, match="not a push service we know"):
        consent.grant(tx, shop_id, make_person(tx, shop_id), agreed("https://evil.example/x"), at_noon)


def test_gone_is_noted_once(tx: Tx, shop_id: int, at_noon: datetime) -> None:
    ann = consent.grant(tx, shop_id, make_person(tx, shop_id), agreed(), at_noon)
    assert consent.gone(tx, [ann], "It ended.", at_noon) == 1
    assert consent.gone(tx, [ann], "It ended.", at_noon) == 0
    assert ledger(tx) == ["granted", "ended"]
