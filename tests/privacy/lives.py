"""People who leave traces everywhere, by the ways that real ones take: webhooks, the app proxy, messages, clicks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select

from plugin import jobs
from plugin.api.bodies import item
from plugin.api.told import tell
from plugin.automation import lifecycle
from plugin.base import clock
from plugin.ingest import inbox
from plugin.ingest.events import Credit, CustomerChanged
from plugin.ingest.metafields import Metafield
from plugin.profile.apply import apply
from plugin.segment import saved
from plugin.segment.lists import members
from plugin.segment.lists import saved as lists
from plugin.segment.lists.read import read
from plugin.store import tables
from plugin.store.engine import snapshot, transaction
from plugin.storefront.routes import blueprint as proxy
from tests.delivery.rows import fanned_out
from tests.delivery.wire import PushService
from tests.factories import make_arrival, make_product
from tests.storefront.conftest import Storefront
from tests.storefront.shoppers import FCM, subscription
from tests.webhooks.signed import deliver, door, sample

BEGIN = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PARKA = 632910392


@dataclass
class Life:
    """One person, and everything that could give them away."""

    name: str
    customer_id: int
    email: str
    phone: str
    street: str
    visitor: str
    cart: str
    checkout: str
    order_ids: list[int] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"{FCM}{self.visitor}"

    @property
    def town(self) -> str:
        return f"Bally{self.name.split()[1].lower()}"

    @property
    def customer(self) -> dict[str, Any]:
        first, last = self.name.split()
        address = {"first_name": first, "last_name": last, "address1": self.street, "country_code": "IE"}
        address |= {"province_code": "D", "city": self.town, "zip": "D02 AF30"}
        return {
            "id": self.customer_id,
            "email": self.email,
            "phone": self.phone,
            "first_name": first,
            "last_name": last,
            "default_address": address | {"customer_id": self.customer_id},
            "addresses": [address],
        }

    def traces(self) -> list[str]:
        """What must be found nowhere once they are forgotten."""
        numbers = [str(number) for number in (self.customer_id, *self.order_ids)]
        texts = [
            self.email,
            self.phone,
            self.street,
            self.town,
            self.visitor,
            self.cart,
            self.checkout,
            *self.name.split(),
        ]
        return [*numbers, *texts, *_tokens_of(self.customer_id)]


def ann() -> Life:
    return Life(
        "Annabel Quincefield",
        7_115_310_627_314_723,
        "annabel@quincefield.test",
        "+353-1-555-0199",
        "12 Larkspur Crescent",
        "visitor-of-annabel-0000001",
        "cart-of-annabel-c1",
        "checkout-of-annabel-k1",
    )


def bob() -> Life:
    return Life(
        "Robert Thistlewood",
        7_115_310_627_314_999,
        "robert@thistlewood.test",
        "+353-1-555-0177",
        "3 Barley Mow",
        "visitor-of-robert-00000001",
        "cart-of-robert-c1",
        "checkout-of-robert-k1",
    )


def live(shop_id: int, people: list[Life]) -> PushService:
    """An afternoon: they come, agree, leave carts, are written to, click, and buy."""
    service, client, app = PushService(), door(), Flask("proxy")
    app.register_blueprint(proxy)
    with transaction() as tx:
        level_2 = dict.fromkeys(("keeps_name", "keeps_email", "keeps_phone", "keeps_address"), True)
        tx.execute(tables.shops.update().where(tables.shops.c.id == shop_id).values(level_2))
        make_product(tx, shop_id, product_id=PARKA, title="Harbour Parka")
        for query in ("number_of_orders = 0", "orders_placed MATCHES (date >= -30d)", ""):  # they leave and enter
            saved.create(tx, shop_id, f"A segment: {query}", query, BEGIN)
        lifecycle.configure(
            tx, shop_id, "abandoned_cart", enabled=True, delay=30 * MINUTE, title="Your {{ product.title }}", body="",
            now=BEGIN,
        )  # fmt: skip
    for each in people:  # the campaign reaches them as strangers, so that the merge has something to merge
        with clock.stopped_at(BEGIN + MINUTE), app.test_client() as browser:
            _come(Storefront(browser, BEGIN + MINUTE), each)
    _campaign(shop_id, service, BEGIN + 2 * MINUTE)
    for number, each in enumerate(people):
        with clock.stopped_at(BEGIN + 3 * MINUTE):
            _trade(client, each, 5_115_310_627_000 + number)
        _be_read(shop_id, each, BEGIN + 4 * MINUTE)
        with clock.stopped_at(BEGIN + 40 * MINUTE), app.test_client() as browser:
            _be_reminded(each, service)
            _click(Storefront(browser, BEGIN + 40 * MINUTE), each)
        with clock.stopped_at(BEGIN + 60 * MINUTE):
            _buy(client, each, 5_115_310_628_000 + number)
    with transaction() as tx:
        fair = lists.create(tx, shop_id, "Fair 2026", BEGIN)
        guests = read("\n".join(str(each.customer_id) for each in people))
        assert members.put(tx, shop_id, fair, guests, "text", "Pasted", BEGIN).found == len(people)
    return service


def leave_raw_traces(people: list[Life], at: datetime) -> None:
    """One webhook that nobody could read, and one that waits."""
    with transaction() as tx:
        for number, each in enumerate(people):
            broken = json.dumps({"customer": each.customer})[:-2].encode()
            waits = json.dumps({"id": 9, "contact_email": each.email, "customer": each.customer}).encode()
            arrivals = [
                make_arrival(webhook_id=f"broken {number}", topic="orders/create", body=broken),
                make_arrival(webhook_id=f"waits {number}", topic="orders/updated", body=waits),
            ]
            failed, _ = inbox.record(tx, arrivals, at)
            inbox.fail(tx, failed, f"orders/create: {each.email} is not an id.", at)


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, every column, every row."""
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in tables.metadata.sorted_tables
        }


def found_in(rows: dict[str, list[tuple[Any, ...]]], traces: list[str]) -> list[tuple[str, str]]:
    """(table, trace) wherever one of the traces stands, in whatever column."""
    return [(name, trace) for name, some in rows.items() for row in some for trace in traces if holds(row, trace)]


def holds(row: tuple[Any, ...], trace: str) -> bool:
    written = " ".join(cell.decode("latin-1") if isinstance(cell, bytes) else repr(cell) for cell in row)
    if trace.isdigit():
        return re.search(rf"(?<!\d){trace}(?!\d)", written) is not None
    return trace.casefold() in written.casefold()


def _come(storefront: Storefront, each: Life) -> None:
    view = {"id": f"view-{each.visitor}", "product_id": str(PARKA), "at": storefront.now.isoformat()}
    assert storefront.post("track", {"visitor": each.visitor, "views": [view]}).status_code == 200
    wish = {
        "visitor": each.visitor,
        "page": "https://vanta-outdoor.test/products/harbour-parka",
        "wording": "Hear it first.",
        "locale": "en-IE",
        "timezone": "Europe/Dublin",
        "cart_token": each.cart,
    }
    for endpoint in (f"{each.endpoint}-phone", each.endpoint):
        agreed = wish | {"subscription": subscription(endpoint)}
        assert storefront.post("subscribe", agreed).status_code == 200
    said = {"id": f"a-{each.visitor}", "visitor": each.visitor, "question": "called", "answer": each.name}
    assert storefront.post("answer", said).status_code == 200
    place = {"visitor": each.visitor, "latitude": 53.35, "longitude": -6.26}
    assert storefront.post("location", place).status_code == 200
    _be_told_of(each, storefront.now)


def _be_told_of(each: Life, at: datetime) -> None:
    """By another tool of the merchant's, through the events API."""
    with transaction() as tx:
        shop_id = tx.execute(select(tables.shops.c.id)).scalar_one()
        told = {"event_id": f"e-{each.visitor}", "name": "survey", "visitor": each.visitor, "text": each.email}
        [result] = tell(tx, shop_id, [item(told, at)], at, keeps_email=False)
        assert result.status == "kept"


def _campaign(shop_id: int, service: PushService, at: datetime) -> None:
    with clock.stopped_at(at):
        with transaction() as tx:
            _, ids = fanned_out(tx, shop_id, at, title="{{ shop.name }} has news", name="News", browsers="all")
        jobs.send_batch(ids, send=service.send)


def _be_read(shop_id: int, each: Life, at: datetime) -> None:
    """What no webhook tells of a customer, as the night's reading does."""
    motto = Metafield("custom", "motto", "single_line_text_field", (f"Always {each.name}",))
    credit = Credit(each.customer_id + 1, "GBP", 5_00)
    told = CustomerChanged(each.customer_id, None, at, metafields=(motto,), companies=(7,), credits=(credit,))
    with transaction() as tx:
        apply(tx, shop_id, [told], now=at)


def _trade(client: Any, each: Life, order_id: int) -> None:
    at = clock.now().isoformat()
    each.order_ids.append(order_id)
    deliver(client, "customers/create", sample("customers-create") | each.customer | {"updated_at": at})
    gid = f"gid://shopify/Customer/{each.customer_id}"
    deliver(client, "customer.tags_added", {"customerId": gid, "tags": ["vip"], "occurredAt": at})
    order = sample("orders-create") | {"test": False, "id": order_id, "customer": each.customer, "email": each.email}
    named = {"name": f"#{order_id}", "admin_graphql_api_id": f"gid://shopify/Order/{order_id}", "order_number": 7}
    told = {"created_at": "2026-10-01T10:00:00Z", "processed_at": "2026-10-01T10:00:00Z", "updated_at": at}
    where = {"shipping_address": each.customer["default_address"], "billing_address": None, "phone": each.phone}
    refund = {"id": order_id + 500, "transactions": [{"kind": "refund", "status": "success", "amount": "1.00"}]}
    cheaper = {"discount_codes": [{"code": f"FOR-{each.name.split()[1]}", "amount": "1.00", "type": "percentage"}]}
    deliver(client, "orders/create", order | named | told | where | cheaper | {"refunds": [refund]})
    cart = {"token": each.cart, "updated_at": at, "line_items": [_line()]}
    deliver(client, "carts/update", sample("carts-create") | cart)
    checkout = {"token": each.checkout, "cart_token": each.cart, "customer": each.customer, "email": each.email}
    link = f"https://vanta-outdoor.test/checkouts/{each.checkout}/recover"
    more = {"updated_at": at, "line_items": [_line()], "abandoned_checkout_url": link, "completed_at": None}
    deliver(client, "checkouts/update", sample("checkouts-create") | checkout | more)


def _be_reminded(each: Life, service: PushService) -> None:
    with snapshot() as tx:
        query = select(tables.enrollments.c.id).where(tables.enrollments.c.subject == each.cart)
        reminder = tx.execute(query).scalar_one()
    sent: list[int] = []
    with transaction() as tx:
        made = jobs.steps.advance(tx, reminder, clock.now())
        assert made is not None
        sent.append(made)
    jobs.send_batch(sent, send=service.send)


def _click(storefront: Storefront, each: Life) -> None:
    with snapshot() as tx:
        of = select(tables.deliveries.c.token).join(
            tables.subscriptions, tables.subscriptions.c.id == tables.deliveries.c.subscription_id
        )
        tokens = tx.execute(of.where(tables.subscriptions.c.endpoint == each.endpoint)).scalars().all()
    assert len(tokens) == 2
    for token in tokens:
        assert storefront.post("receipt", {"delivery": token, "kind": "clicked"}).status_code == 200


def _buy(client: Any, each: Life, order_id: int) -> None:
    at = clock.now().isoformat()
    each.order_ids.append(order_id)
    order = sample("orders-create") | {"test": False, "id": order_id, "customer": each.customer, "email": each.email}
    named = {"name": f"#{order_id}", "admin_graphql_api_id": f"gid://shopify/Order/{order_id}"}
    told = {"created_at": at, "processed_at": at, "updated_at": at, "cart_token": each.cart}
    deliver(client, "orders/create", order | named | told | {"checkout_token": each.checkout})
    parcel = sample("fulfillments-create") | {"id": order_id + 700, "order_id": order_id, "email": each.email}
    where = {"destination": each.customer["default_address"], "tracking_number": f"RM-{order_id}", "updated_at": at}
    deliver(client, "fulfillments/create", parcel | where)
    deliver(client, "checkouts/delete", sample("checkouts-delete") | {"cart_token": each.cart})


def _line() -> dict[str, Any]:
    return {"product_id": PARKA, "variant_id": 808950810, "title": "Harbour Parka", "quantity": 1, "price": "199.00"}


def _tokens_of(customer_id: int) -> list[str]:
    """By which browsers know this customer's messages; none when they are forgotten."""
    with snapshot() as tx:
        of = select(tables.deliveries.c.token).join(tables.people, tables.people.c.id == tables.deliveries.c.person_id)
        return list(tx.execute(of.where(tables.people.c.customer_id == customer_id)).scalars())
