"""A shared browser: who logs out or logs in changes whose messages it gets; and nobody takes another one's browser."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from plugin.delivery import claims
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import carts, consents, deliveries, people, subscriptions, visitors
from tests.factories import make_campaign, make_delivery

from .conftest import Storefront
from .shoppers import BEA, FCM, look, opt_in, subscription

MINE = {"logged_in_customer_id": "777"}
HIS = {"logged_in_customer_id": "888"}
EVE = "eve-visitor-0000000000000001"


def owners() -> list[int | None]:
    """Whose the active subscriptions are: customers' numbers."""
    query = select(people.c.customer_id).join(subscriptions, subscriptions.c.person_id == people.c.id)
    with snapshot() as tx:
        return list(tx.execute(query.where(subscriptions.c.state == "active").order_by(subscriptions.c.id)).scalars())


def states() -> dict[str, str]:
    with snapshot() as tx:
        rows = tx.execute(select(subscriptions.c.endpoint, subscriptions.c.state)).all()
        return {row.endpoint.removeprefix(FCM): row.state for row in rows}


def a_message_for_her(shop: int) -> int:
    with transaction() as tx:
        mine = tx.execute(select(subscriptions.c.id).where(subscriptions.c.state == "active")).scalars().first()
        assert mine is not None
        campaign = make_campaign(tx, shop, state="sending", title="Your parcel is on its way")
        return make_delivery(tx, shop, to=mine, campaign_id=campaign)


def pushed(storefront: Storefront, delivery: int) -> list[str]:
    """The endpoints that the message goes to now."""
    with transaction() as tx:
        tx.execute(update(deliveries).values(due_at=storefront.now))
        return [each.push.endpoint.removeprefix(FCM) for each in claims.claim(tx, [delivery], storefront.now)]


def outcome(delivery: int) -> str:
    with snapshot() as tx:
        return str(tx.execute(select(deliveries.c.state).where(deliveries.c.id == delivery)).scalar_one())


def test_who_logs_out_leaves_the_browser_to_an_anonymous_person(storefront: Storefront, shop: int) -> None:
    hers = opt_in()
    storefront.post("subscribe", hers, **MINE)
    message = a_message_for_her(shop)
    assert owners() == [777]

    storefront.post("subscribe", hers)  # the script tells at once that nobody is logged in any more

    assert owners() == [None]
    assert pushed(storefront, message) == []
    assert outcome(message) == "gone"


def test_any_request_of_the_browser_tells_it(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    storefront.post("track", look())
    assert owners() == [None]


def test_who_logs_in_again_has_the_browser_back(storefront: Storefront, shop: int) -> None:
    hers = opt_in()
    storefront.post("subscribe", hers, **MINE)
    storefront.post("subscribe", hers)
    storefront.post("subscribe", hers, **MINE)
    assert owners() == [777]
    assert pushed(storefront, a_message_for_her(shop)) == ["ann"]


def test_another_customer_who_logs_in_gets_their_own_messages_there(storefront: Storefront, shop: int) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    message = a_message_for_her(shop)
    storefront.post("track", look(), **HIS)
    assert owners() == [888]
    assert pushed(storefront, message) == []


def test_her_other_browser_gets_what_the_shared_one_does_not(storefront: Storefront, shop: int) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    message = a_message_for_her(shop)
    storefront.post("subscribe", opt_in(BEA, subscription=subscription(f"{FCM}phone")), **MINE)
    storefront.post("track", look())
    assert owners() == [None, 777]
    assert pushed(storefront, message) == ["phone"]


def test_a_visitor_who_never_logged_in_there_is_not_logged_out(storefront: Storefront, shop: int) -> None:
    """Known by an order of theirs, say: nothing has changed in that browser."""
    storefront.post("subscribe", opt_in())
    with transaction() as tx:
        tx.execute(update(people).values(customer_id=777))
    storefront.post("track", look())
    assert owners() == [777]


def test_the_cart_that_is_left_in_the_browser_does_not_tell_who_it_is(storefront: Storefront) -> None:
    hers = opt_in(cart_token="the-cart-of-777")
    storefront.post("subscribe", hers, **MINE)
    storefront.post("subscribe", hers)
    storefront.post("track", look() | {"cart_token": "the-cart-of-777"})
    assert owners() == [None]
    with snapshot() as tx:
        whose = select(people.c.customer_id).join(carts, carts.c.person_id == people.c.id)
        assert tx.execute(whose).scalar_one() == 777


def test_consent_goes_with_the_browser_in_the_ledger(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    storefront.post("track", look())
    with snapshot() as tx:
        rows = tx.execute(select(consents).order_by(consents.c.id)).all()
    assert [row.kind for row in rows] == ["granted", "ended", "granted"]
    assert rows[0].person_id == rows[1].person_id != rows[2].person_id
    assert (rows[2].wording, rows[2].at) == (rows[0].wording, rows[0].at)


def test_a_rotated_endpoint_carries_consent_person_and_what_waits(storefront: Storefront, shop: int) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    message = a_message_for_her(shop)
    new = opt_in(subscription=subscription(f"{FCM}new"), replaces=f"{FCM}ann", wording="")
    storefront.post("subscribe", new, **MINE)
    assert states() == {"ann": "replaced", "new": "active"}
    assert owners() == [777]
    with snapshot() as tx:
        old, fresh = tx.execute(select(subscriptions).order_by(subscriptions.c.id)).all()
        granted = tx.execute(select(consents).where(consents.c.subscription_id == fresh.id)).one()
    assert fresh.created_at == old.created_at
    assert (granted.kind, granted.wording) == ("granted", "Hear it first: we remind you of your cart.")
    assert pushed(storefront, message) == ["new"]


def test_the_worker_that_lost_the_visitors_token_proves_itself_by_the_old_secret(
    storefront: Storefront, shop: int
) -> None:
    first = opt_in()
    storefront.post("subscribe", first)
    message = a_message_for_her(shop)
    secret = first["subscription"]["keys"]["auth"]
    told = {"visitor": EVE, "subscription": subscription(f"{FCM}new"), "replaces": f"{FCM}ann", "replaces_auth": secret}
    storefront.post("subscribe", told)
    assert states() == {"ann": "replaced", "new": "active"}
    with snapshot() as tx:
        assert len(set(tx.execute(select(visitors.c.person_id)).scalars())) == 1
    assert pushed(storefront, message) == ["new"]


def test_who_knows_an_endpoint_and_not_its_secret_replaces_nothing(storefront: Storefront, shop: int) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    message = a_message_for_her(shop)
    for more in ({}, {"replaces_auth": "A" * 22}):
        eves = opt_in(EVE, subscription=subscription(f"{FCM}eve"), replaces=f"{FCM}ann") | more
        assert storefront.post("subscribe", eves).status_code == 200
    assert states() == {"ann": "active", "eve": "active"}
    assert owners() == [777, None]
    assert pushed(storefront, message) == ["ann"]


def test_who_knows_an_endpoint_and_not_its_keys_does_not_take_it_over(storefront: Storefront) -> None:
    storefront.post("subscribe", opt_in(), **MINE)
    answer = storefront.post("subscribe", opt_in(EVE, subscription=subscription(f"{FCM}ann")), **HIS)
    assert answer.status_code == 400
    assert "another browser's" in answer.get_json()["error"]
    assert owners() == [777]


def test_nonsense_for_a_secret_is_said_in_a_sentence(storefront: Storefront) -> None:
    told: Any
    for told in ("A", "é" * 22, "A" * 41, 7, {"a": 1}):
        answer = storefront.post("subscribe", opt_in(replaces=f"{FCM}old", replaces_auth=told))
        assert answer.status_code == 400, told
    with snapshot() as tx:
        assert tx.execute(select(tables.subscriptions)).all() == []
