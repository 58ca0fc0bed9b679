"""Who asks to be forgotten is found nowhere afterwards; everybody else, and every number, stays as it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from plugin import jobs
from plugin.base import clock, settings
from plugin.ingest import inbox, privacy, tombstones
from plugin.profile import erase
from plugin.report import funnel, home, status
from plugin.store import engine, tables
from plugin.store.engine import snapshot, transaction
from tests.factories import make_shop
from tests.privacy.lives import BEGIN, Life, ann, bob, dump, found_in, holds, leave_raw_traces, live
from tests.storefront.conftest import Storefront
from tests.storefront.shoppers import subscription
from tests.webhooks.signed import SHOP, deliver, door, sample

LATER = BEGIN + timedelta(hours=3)
MAY_CHANGE = {"webhooks", "deliveries", "facts", "enrollments", "privacy_requests", "privacy_receipts", "tombstones"}
MAY_CHANGE |= {"segment_days"}
COUNTED = tables.segment_days
"""Who was forgotten left: that is a number of its day."""


def redact(each: Life, at: datetime = LATER, **more: Any) -> None:
    """customers/redact, as Shopify sends it."""
    asked = {"shop_id": 954889, "shop_domain": SHOP, "orders_to_redact": each.order_ids}
    who = {"id": each.customer_id, "email": each.email, "phone": each.phone}
    with clock.stopped_at(at):
        deliver(door(), "customers/redact", asked | {"customer": who}, triggered_at=at.isoformat(), **more)


def reports(shop_id: int, at: datetime = LATER) -> list[Any]:
    with snapshot() as tx:
        campaign = tx.execute(select(tables.campaigns.c.id)).scalar_one()
        numbers = home.key_numbers(tx, shop_id, at)
        proof = (numbers.sent, numbers.shown, numbers.orders, numbers.revenue, numbers.revenue_daily)
        return [funnel.campaign(tx, shop_id, campaign), funnel.automation(tx, shop_id, "abandoned_cart"), proof]


def test_a_forgotten_customer_is_found_nowhere_and_nobody_else_changes(shop: int) -> None:
    annabel, robert = ann(), bob()
    live(shop, [annabel, robert])
    with clock.stopped_at(LATER):
        deliver(door(), "customers/data_request", sample("customers-data_request") | {"customer": annabel.customer})
    leave_raw_traces([annabel, robert], LATER)
    traces, before, numbers = annabel.traces(), dump(engine.engine()), reports(shop)
    theirs = {name for name, _ in found_in(before, traces)}
    assert theirs >= {"people", "orders", "order_lines", "carts", "deliveries", "subscriptions", "visitors", "webhooks"}
    mine = ids_of(annabel)

    redact(annabel)

    after = dump(engine.engine())
    assert found_in(after, traces) == []
    assert reports(shop) == numbers
    for name, rows in before.items():
        lost = [row for row in rows if row not in after[name] and name != COUNTED.name]
        columns = tables.metadata.tables[name].c.keys()
        strangers = [row for row in lost if not is_of(dict(zip(columns, row, strict=True)), row, mine, traces)]
        assert strangers == [], name
        if name not in MAY_CHANGE:
            assert [row for row in after[name] if row not in rows] == [], name
    for robert_s in robert.traces():
        assert {name for name, _ in found_in(before, [robert_s])} == {name for name, _ in found_in(after, [robert_s])}


def ids_of(each: Life) -> dict[str, set[int]]:
    """Our own ids of this person: people, messages, browsers."""
    with snapshot() as tx:
        browsers = set(
            tx.execute(
                select(tables.subscriptions.c.id).where(tables.subscriptions.c.endpoint == each.endpoint)
            ).scalars()
        )
        carts = set(tx.execute(select(tables.carts.c.id).where(tables.carts.c.token == each.cart)).scalars())
        sent = tx.execute(
            select(tables.deliveries.c.id, tables.deliveries.c.person_id).where(
                tables.deliveries.c.subscription_id.in_(browsers)
            )
        ).all()
    return {
        "person_id": {row.person_id for row in sent},
        "delivery_id": {row.id for row in sent},
        "subscription_id": browsers,
        "cart_id": carts,
    }


def is_of(named: dict[str, Any], row: tuple[Any, ...], mine: dict[str, set[int]], traces: list[str]) -> bool:
    return any(named.get(key) in ids for key, ids in mine.items()) or any(holds(row, trace) for trace in traces)


def test_the_receipt_says_what_was_done_and_names_nobody(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    redact(annabel, webhook_id="b3c5")
    with snapshot() as tx:
        (receipt,) = privacy.receipts(tx, SHOP)
        assert privacy.open_ones(tx, shop) == []
    assert (receipt.kind, receipt.outcome, receipt.reference, receipt.asked_by) == (
        "erase",
        "erased",
        "b3c5",
        "shopify",
    )
    assert (receipt.asked_at, receipt.done_at, receipt.was_late) == (LATER, LATER, False)
    assert receipt.subject_key == privacy.subject_key(SHOP, annabel.customer_id, None)
    erased = receipt.erased
    assert (erased["people"], erased["orders"], erased["deliveries"], erased["facts"]) == (1, 2, 2, 1)
    assert erased["webhooks"] >= 5


def test_late_news_and_repetitions_bring_nobody_back(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    traces = annabel.traces()
    redact(annabel, webhook_id="once")
    order = sample("orders-create") | {"id": annabel.order_ids[1], "customer": annabel.customer, "test": False}
    old = sample("orders-create") | {"id": 17, "customer": annabel.customer, "email": annabel.email, "test": False}
    cart = {"token": annabel.cart, "updated_at": BEGIN.isoformat()}
    with clock.stopped_at(LATER + timedelta(hours=1)):
        for topic, payload in (
            ("orders/updated", order | {"updated_at": LATER.isoformat(), "note": "after all"}),
            ("orders/create", old),
            ("orders/delete", {"id": annabel.order_ids[0]}),
            ("refunds/create", sample("orders-create") | {"id": 78, "order_id": annabel.order_ids[0]}),
            ("customers/update", sample("customers-create") | annabel.customer | {"updated_at": LATER.isoformat()}),
            (
                "customer.tags_added",
                {"customerId": annabel.customer_id, "tags": ["x"], "occurredAt": LATER.isoformat()},
            ),
            ("customers/delete", {"id": annabel.customer_id}),
            ("carts/update", sample("carts-create") | cart),
        ):
            deliver(door(), topic, payload)
        redact(annabel, LATER + timedelta(hours=1), webhook_id="once")
        redact(annabel, LATER + timedelta(hours=1), webhook_id="again")
        asked = {"customer": annabel.customer, "data_request": {"id": 31}}
        deliver(door(), "customers/data_request", sample("customers-data_request") | asked)
    assert found_in(dump(engine.engine()), traces) == []
    with snapshot() as tx:
        assert tx.execute(select(tables.people)).all() == []
        outcomes = {(each.reference, each.outcome) for each in privacy.receipts(tx, SHOP)}
    assert outcomes == {("once", "erased"), ("again", "nothing held"), ("31", "nothing held")}


def test_who_buys_again_is_a_new_person(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    redact(annabel)
    back = LATER + timedelta(days=9)
    order = sample("orders-create") | {"id": 99, "customer": annabel.customer, "test": False, "cart_token": None}
    told = {"created_at": back.isoformat(), "processed_at": back.isoformat(), "updated_at": back.isoformat()}
    late = {"customerId": annabel.customer_id, "tags": ["vip"], "occurredAt": BEGIN.isoformat()}
    new = {"customerId": annabel.customer_id, "tags": ["returned"], "occurredAt": back.isoformat()}
    with clock.stopped_at(back):
        deliver(door(), "orders/create", order | told)
        deliver(door(), "customer.tags_added", late)
        deliver(door(), "customer.tags_added", new)
    with snapshot() as tx:
        person = tx.execute(select(tables.people)).one()
        tags = tx.execute(select(tables.person_tags.c.tag)).scalars().all()
    assert (person.customer_id, person.number_of_orders, tags) == (annabel.customer_id, 1, ["returned"])


def test_a_browser_renews_no_subscription_that_was_erased_but_its_person_may_agree_anew(
    shop: int, storefront: Storefront, at_noon: datetime
) -> None:
    annabel = ann()
    wish = {"visitor": annabel.visitor, "subscription": subscription(annabel.endpoint), "wording": "Hear it first."}
    logged_in = {"logged_in_customer_id": str(annabel.customer_id)}
    assert storefront.post("subscribe", wish, **logged_in).status_code == 200
    redact(annabel, at_noon)

    renewed = storefront.post("subscribe", wish, **logged_in)
    replaced = storefront.post("subscribe", wish | {"subscription": subscription(), "replaces": annabel.endpoint})
    agreed = storefront.post("subscribe", wish | {"subscription": subscription()}, **logged_in)

    assert (renewed.status_code, replaced.status_code, agreed.status_code) == (410, 410, 200)
    with snapshot() as tx:
        browsers = tx.execute(select(tables.subscriptions.c.endpoint)).scalars().all()
        customers = tx.execute(select(tables.people.c.customer_id)).scalars().all()
        assert not tombstones.is_buried(tx, shop, tombstones.CUSTOMER, annabel.customer_id)
    assert len(browsers) == 1
    assert annabel.endpoint not in browsers
    assert customers == [annabel.customer_id]


def test_who_was_two_customers_is_forgotten_under_both_numbers(shop: int) -> None:
    annabel, robert, former = ann(), bob(), 7_115_310_627_777_777
    live(shop, [annabel, robert])
    gid = "gid://shopify/Customer"
    merged = {
        "admin_graphql_api_customer_kept_id": f"{gid}/{annabel.customer_id}",
        "admin_graphql_api_customer_deleted_id": f"{gid}/{former}",
        "status": "completed",
    }
    old = {"customerId": f"{gid}/{former}", "tags": ["vip"], "occurredAt": LATER.isoformat()}
    with clock.stopped_at(LATER):
        deliver(door(), "customer.tags_added", old)
        deliver(door(), "customers/merge", sample("customers-merge") | merged, triggered_at=LATER.isoformat())
    traces = [*annabel.traces(), str(former)]
    assert "people" in {name for name, _ in found_in(dump(engine.engine()), [str(former)])}

    redact(annabel, LATER + timedelta(hours=1))
    with clock.stopped_at(LATER + timedelta(hours=2)):
        deliver(door(), "customer.tags_added", old | {"tags": ["late"]})
        deliver(door(), "customers/merge", sample("customers-merge") | merged, triggered_at=LATER.isoformat())

    assert found_in(dump(engine.engine()), traces) == []
    with snapshot() as tx:
        assert tx.execute(select(tables.people.c.customer_id)).scalars().all() == [robert.customer_id]


def test_what_breaks_stays_open_and_the_clock_tries_again(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    annabel = ann()
    live(shop, [annabel])
    traces = annabel.traces()

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError(annabel.email)

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "forget", broken)
        redact(annabel)
    with snapshot() as tx:
        (request,) = privacy.open_ones(tx, shop)
        assert (request.error, request.attempts) == ("ValueError", 1)
        assert tx.execute(select(tables.people)).all() == []
        assert privacy.receipts(tx, SHOP) == []
        stuck = [one for one in status.overview(tx, LATER).stuck if "privacy" in one]
    assert len(stuck) == 1
    assert "a privacy request (erase) stopped: ValueError; the clock tries again" in stuck[0]
    with transaction() as tx:
        assert privacy.due(tx, LATER) == [request.id]
        assert privacy.due(tx, LATER + privacy.AGAIN) == []
    with clock.stopped_at(LATER + timedelta(hours=1)):
        jobs.carry_out(request.id)
    assert found_in(dump(engine.engine()), traces) == []
    with snapshot() as tx:
        assert [receipt.erased["people"] for receipt in privacy.receipts(tx, SHOP)] == [1]


def test_a_message_on_its_way_is_counted_and_nothing_more_is_sent(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    with transaction() as tx:
        tx.execute(update(tables.deliveries).values(state="queued"))
    redact(annabel)
    with snapshot() as tx:
        left = tx.execute(select(tables.deliveries.c.state, tables.deliveries.c.reason).distinct()).all()
    assert left == [("deleted", erase.WITHHELD)]


def test_a_redacted_shop_leaves_its_receipt_and_nothing_else(shop: int) -> None:
    annabel, robert = ann(), bob()
    live(shop, [annabel, robert])
    leave_raw_traces([annabel], LATER)
    traces = [*annabel.traces(), *robert.traces(), SHOP, "Vanta Outdoor", "vanta-outdoor"]
    with clock.stopped_at(LATER):
        deliver(door(), "app/uninstalled", sample("app-uninstalled"), triggered_at=LATER.isoformat())
    with clock.stopped_at(LATER + timedelta(hours=48)):
        deliver(door(), "shop/redact", sample("shop-redact"), webhook_id="farewell")
    after = dump(engine.engine())
    assert found_in(after, traces) == []
    assert {name for name, rows in after.items() if rows} <= {"privacy_receipts", "services", "leases"}
    with snapshot() as tx:
        (receipt,) = privacy.receipts(tx, SHOP)
    assert (receipt.kind, receipt.outcome, receipt.subject_key) == ("erase_shop", "erased", None)
    assert receipt.erased["people"] == 2


def test_in_small_steps_a_shop_may_come_back_while_its_former_stay_is_erased(
    shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erase, "AT_ONCE", 3)
    live(shop, [ann()])
    with transaction() as tx:
        tx.execute(update(tables.shops).values(uninstalled_at=LATER))
        request_id = privacy.ask(
            tx, shop, privacy.ERASE_SHOP, by=privacy.SHOPIFY, reference="farewell", asked_at=LATER, now=LATER
        )
        assert request_id is not None
        assert erase.step(tx, request_id, LATER)
        anew = make_shop(tx)
    jobs.carry_out(request_id)
    with snapshot() as tx:
        assert tx.execute(select(tables.shops.c.id)).scalars().all() == [anew]
        assert tx.execute(select(tables.deliveries)).all() == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # PostgreSQL's files: docs/privacy.md says what they mean
def test_sqlite_s_file_holds_nothing_of_them_either(shop: int) -> None:
    annabel = ann()
    live(shop, [annabel])
    leave_raw_traces([annabel], LATER)
    traces = annabel.traces()
    redact(annabel)
    engine.close_store()
    file = Path(settings.current().database_url.removeprefix("sqlite:///"))
    raw = b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*")).lower()
    assert [trace for trace in traces if trace.encode().lower() in raw] == []
