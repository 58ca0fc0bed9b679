"""Test data by functions with keyword defaults; each returns the new row's id."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from plugin.ingest.inbox import Arrival
from plugin.store import tables
from plugin.store.engine import Tx

LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_shop(tx: Tx, domain: str = "vanta.myshopify.com", **changes: Any) -> int:
    private = ec.generate_private_key(ec.SECP256R1())
    return _insert(
        tx,
        tables.shops,
        dict(
            domain=domain,
            name="Vanta Outdoor",
            currency="GBP",
            timezone="Europe/London",
            storefront_url="https://vanta-outdoor.test",
            access_token="shpat_test",
            installed_at=LONG_AGO,
            vapid_private=private.private_numbers().private_value.to_bytes(32, "big"),
            vapid_public=private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        )
        | changes,
    )


def make_pixel(tx: Tx, shop_id: int, *, key: str = "k" * 32, **changes: Any) -> int:
    """A web pixel that Shopify has not switched on yet."""
    return _insert(tx, tables.pixels, dict(shop_id=shop_id, key=key) | changes)


def make_person(
    tx: Tx,
    shop_id: int,
    *,
    customer_id: int | None = None,
    countries: Iterable[str] = (),
    tags: Iterable[str] = (),
    **changes: Any,
) -> int:
    """A visitor, or a customer when `customer_id` is given. Metrics (`number_of_orders`…) are as said, not computed."""
    person_id = _insert(
        tx,
        tables.people,
        dict(
            shop_id=shop_id,
            customer_id=customer_id,
            created_at=LONG_AGO,
            customer_added_at=LONG_AGO if customer_id else None,
        )
        | changes,
    )
    mine = {"shop_id": shop_id, "person_id": person_id, "source_id": person_id}
    for country in countries:
        tx.execute(tables.person_countries.insert().values(**mine, country=country))
    for tag in tags:
        tx.execute(tables.person_tags.insert().values(**mine, tag=tag, key=tag.casefold(), changed_at=LONG_AGO))
    return person_id


def make_product(
    tx: Tx,
    shop_id: int,
    *,
    product_id: int | None = None,
    title: str = "Harbour Parka",
    tags: Iterable[str] = (),
    **changes: Any,
) -> int:
    """Returns Shopify's product id."""
    product_id = product_id or 9_000_000_000_000_000_000 + next(_numbers)
    _insert(
        tx,
        tables.products,
        dict(
            shop_id=shop_id,
            product_id=product_id,
            title=title,
            handle=title.lower().replace(" ", "-"),
            status="active",
            updated_at=LONG_AGO,
        )
        | changes,
    )
    for tag in tags:
        tx.execute(
            tables.product_tags.insert().values(shop_id=shop_id, product_id=product_id, tag=tag, key=tag.casefold())
        )
    return product_id


def make_variant(tx: Tx, shop_id: int, *, of: int, variant_id: int = 1, **changes: Any) -> int:
    """A variant of the product with Shopify's id `of`; returns Shopify's variant id. `in_stock` is as said."""
    values = dict(shop_id=shop_id, product_id=of, variant_id=variant_id, title="M", price=12_900)
    _insert(tx, tables.variants, values | changes)
    return variant_id


def make_discount(
    tx: Tx, shop_id: int, code: str, *, status: str = "active", removed: bool = False, **changes: Any
) -> str:
    """A discount with one code, as webhooks tell it; returns its gid."""
    gid = f"gid://shopify/DiscountCodeNode/{next(_numbers)}"
    values = dict(shop_id=shop_id, discount_id=gid, title=code, status=status, updated_at=LONG_AGO)
    _insert(tx, tables.discounts, values | changes)
    mine = dict(shop_id=shop_id, discount_id=gid, code=code, key=code.casefold(), changed_at=LONG_AGO, removed=removed)
    _insert(tx, tables.discount_codes, mine | {"code_id": f"{gid}/code"})
    return gid


def make_order(
    tx: Tx,
    shop_id: int,
    *,
    of: int | None,
    placed_at: datetime,
    total: int = 1_000,
    lines: Iterable[tuple[int | None, int]] = (),
    **changes: Any,
) -> int:
    """`lines` are (product id, quantity) pairs. The person's metrics are not recomputed. Returns Shopify's order id."""
    order_id = 5_000_000_000_000_000_000 + next(_numbers)
    _insert(
        tx,
        tables.orders,
        dict(
            shop_id=shop_id,
            person_id=of,
            order_id=order_id,
            name=f"#{order_id % 10_000}",
            placed_at=placed_at,
            updated_at=placed_at,
            currency="GBP",
            total=total,
        )
        | changes,
    )
    for position, (product_id, quantity) in enumerate(lines):
        _insert(
            tx,
            tables.order_lines,
            dict(
                shop_id=shop_id,
                person_id=of,
                order_id=order_id,
                position=position,
                product_id=product_id,
                title="Line",
                quantity=quantity,
                price=total,
                placed_at=placed_at,
            ),
        )
    return order_id


def make_subscription(
    tx: Tx, shop_id: int, *, of: int, endpoint: str | None = None, state: str = "active", **changes: Any
) -> int:
    endpoint = endpoint or f"https://fcm.googleapis.com/fcm/send/{secrets.token_urlsafe(12)}"
    private = ec.generate_private_key(ec.SECP256R1())
    return _insert(
        tx,
        tables.subscriptions,
        dict(
            shop_id=shop_id,
            person_id=of,
            endpoint=endpoint,
            endpoint_hash=hashlib.sha256(endpoint.encode()).digest(),
            service=endpoint.split("/")[2],
            p256dh=private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
            auth=secrets.token_bytes(16),
            state=state,
            created_at=LONG_AGO,
            last_seen_at=LONG_AGO,
        )
        | changes,
    )


def make_arrival(webhook_id: str = "w-1", topic: str = "orders/create", body: bytes = b"{}", **changes: Any) -> Arrival:
    """A delivery of Shopify's as the door hands it to the inbox."""
    told = dict(shop_domain="vanta.myshopify.com", api_version="2026-10", triggered_at=None) | changes
    return Arrival(webhook_id=webhook_id, topic=topic, body=body, **told)


def make_segment(tx: Tx, shop_id: int, query: str, name: str = "A segment", **changes: Any) -> int:
    return _insert(
        tx,
        tables.segments,
        dict(shop_id=shop_id, name=name, query=query, created_at=LONG_AGO, updated_at=LONG_AGO) | changes,
    )


def make_campaign(tx: Tx, shop_id: int, *, segment_id: int | None = None, state: str = "draft", **changes: Any) -> int:
    return _insert(
        tx,
        tables.campaigns,
        dict(
            shop_id=shop_id,
            name="Winter coats",
            state=state,
            segment_id=segment_id,
            title="Winter is here",
            body="Coats are 20 % off until Sunday.",
            url="https://vanta-outdoor.test/collections/coats",
            created_at=LONG_AGO,
            updated_at=LONG_AGO,
        )
        | changes,
    )


def make_delivery(
    tx: Tx, shop_id: int, *, to: int, campaign_id: int | None = None, state: str = "queued", **changes: Any
) -> int:
    """A delivery to subscription `to` of its person."""
    person_id = tx.execute(tables.subscriptions.select().where(tables.subscriptions.c.id == to)).one().person_id
    return _insert(
        tx,
        tables.deliveries,
        dict(
            shop_id=shop_id,
            person_id=person_id,
            subscription_id=to,
            campaign_id=campaign_id,
            token=secrets.token_urlsafe(16),
            state=state,
            created_at=LONG_AGO,
            due_at=LONG_AGO,
            expires_at=LONG_AGO + timedelta(days=3650),
        )
        | changes,
    )


def make_plan(tx: Tx, shop_id: int, plan: str | None, *, state: str = "active", **changes: Any) -> None:
    """What Shopify told last of the shop's plan under a hosted offer."""
    tx.execute(
        tables.shop_plans.insert().values(
            dict(
                shop_id=shop_id,
                shop_gid="gid://shopify/Shop/1",
                app_gid="gid://shopify/App/1",
                plan=plan,
                state=state,
                month_from=LONG_AGO,
                known_at=LONG_AGO + timedelta(days=1),
                tried_at=datetime(2100, 1, 1, tzinfo=UTC),
                ask_at=datetime(2100, 1, 1, tzinfo=UTC),
            )
            | changes
        )
    )


def _insert(tx: Tx, table: Any, values: dict[str, Any]) -> int:
    key = tx.execute(table.insert().values(values)).inserted_primary_key
    return int(key[0])
