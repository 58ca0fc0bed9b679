"""Everything that leads to what we hold of one person: ids, orders, browsers, tokens, addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, or_, select

from plugin.ingest.naming import Naming
from plugin.store.engine import Tx
from plugin.store.tables import carts, deliveries, orders, people, shops, subscriptions, visitors

from . import identity


@dataclass(frozen=True, slots=True)
class Subject:
    """One person (or, for the clock, some visitors), by all that reaches their rows."""

    shop_id: int
    domain: str
    person_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]
    order_ids: tuple[int, ...]
    subscription_ids: tuple[int, ...]
    endpoints: tuple[str, ...]
    delivery_ids: tuple[int, ...]
    cart_tokens: tuple[str, ...]
    checkout_tokens: tuple[str, ...]
    visitor_tokens: tuple[str, ...]
    addresses: tuple[str, ...]
    """E-mail and telephone, as far as anybody told us."""

    @property
    def naming(self) -> Naming:
        """What finds them in raw webhooks."""
        tokens = (*self.cart_tokens, *self.checkout_tokens, *self.visitor_tokens, *self.endpoints)
        return Naming(self.customer_ids, self.order_ids, (*tokens, *self.addresses))


def of_customer(tx: Tx, shop_id: int, customer_id: int, naming: Naming | None = None) -> Subject:
    """A customer of Shopify's, known to us or not, under all ids that they ever had; `naming`: what else was said."""
    return _gather(tx, shop_id, identity.rows_of(tx, shop_id, customer_id), customer_id, naming or Naming())


def of_person(tx: Tx, shop_id: int, person_id: int, naming: Naming | None = None) -> Subject:
    """A person of ours, customer or visitor; nobody when they are gone."""
    mine = people.c.shop_id == shop_id, people.c.id == person_id
    row = tx.execute(select(people.c.id, people.c.customer_id).where(*mine)).one_or_none()
    if row and row.customer_id is not None:
        return of_customer(tx, shop_id, row.customer_id, naming)
    return _gather(tx, shop_id, [row.id] if row else [], row.customer_id if row else None, naming or Naming())


def of_visitors(tx: Tx, shop_id: int, person_ids: Collection[int]) -> Subject:
    """Some visitors without an account, at once."""
    return _gather(tx, shop_id, list(person_ids), None, Naming())


def _gather(tx: Tx, shop_id: int, person_ids: list[int], customer_id: int | None, told: Naming) -> Subject:
    were = _ids(tx, people.c.customer_id, people.c.shop_id == shop_id, people.c.id.in_(person_ids))
    domain = str(tx.execute(select(shops.c.domain).where(shops.c.id == shop_id)).scalar_one())
    browsers = tx.execute(
        select(subscriptions.c.id, subscriptions.c.endpoint).where(*_of(subscriptions, shop_id, person_ids))
    ).all()
    subscription_ids = [row.id for row in browsers]
    sent = deliveries.c.person_id.in_(person_ids), deliveries.c.subscription_id.in_(subscription_ids)
    messages = tx.execute(
        select(deliveries.c.id, deliveries.c.person_id).where(deliveries.c.shop_id == shop_id, or_(*sent))
    ).all()
    person_ids = [*person_ids, *_shadows(tx, shop_id, {row.person_id for row in messages} - {*person_ids, None})]
    named = orders.c.order_id.in_(told.order_ids), orders.c.person_id.in_(person_ids)
    bought = tx.execute(
        select(orders.c.order_id, orders.c.cart_token, orders.c.checkout_token).where(
            orders.c.shop_id == shop_id, or_(*named)
        )
    ).all()
    held = carts.c.person_id.in_(person_ids), carts.c.token.in_({row.cart_token for row in bought} - {None})
    baskets = tx.execute(
        select(carts.c.token, carts.c.checkout_token).where(carts.c.shop_id == shop_id, or_(*held))
    ).all()
    return Subject(
        shop_id=shop_id,
        domain=domain,
        person_ids=_sorted(person_ids),
        customer_ids=_sorted([*told.customer_ids, customer_id, *were]),
        order_ids=_sorted([*told.order_ids, *(row.order_id for row in bought)]),
        subscription_ids=_sorted(subscription_ids),
        endpoints=_sorted(row.endpoint or None for row in browsers),
        delivery_ids=_sorted(row.id for row in messages),
        cart_tokens=_sorted([*(row.cart_token for row in bought), *(row.token for row in baskets)]),
        checkout_tokens=_sorted(row.checkout_token for row in [*bought, *baskets]),
        visitor_tokens=_sorted(_ids(tx, visitors.c.token, *_of(visitors, shop_id, person_ids))),
        addresses=_sorted([*told.texts, *_addresses(tx, shop_id, person_ids)]),
    )


def _addresses(tx: Tx, shop_id: int, person_ids: Collection[int]) -> list[str]:
    """E-mail and telephone, where the merchant has them kept."""
    mine = people.c.shop_id == shop_id, people.c.id.in_(person_ids)
    return [text for row in tx.execute(select(people.c.email, people.c.phone).where(*mine)) for text in row if text]


def _shadows(tx: Tx, shop_id: int, person_ids: Collection[int]) -> list[int]:
    """Rows that a merge left behind as nobody's, only because a campaign had reached both halves of the person."""
    nobody = people.c.customer_id.is_(None), people.c.customer_deleted_at.is_not(None)
    return _ids(tx, people.c.id, people.c.shop_id == shop_id, people.c.id.in_(person_ids), *nobody)


def _of(table: Any, shop_id: int, person_ids: Collection[int]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.shop_id == shop_id, table.c.person_id.in_(person_ids)


def _ids(tx: Tx, column: Column[Any], *where: ColumnElement[bool]) -> list[Any]:
    return list(tx.execute(select(column).where(*where)).scalars())


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted({value for value in values if value is not None}))
