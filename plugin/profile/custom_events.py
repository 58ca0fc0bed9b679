"""What other tools tell of people through the events API, and what shoppers declare of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, func, select

from plugin.ingest.events import Answered, Event, ToldElsewhere
from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import answers, custom_events, people, visitors
from plugin.store.upsert import insert_new

from . import identity, shop_clock
from .news import of_kind
from .shopper_facts import day_named


def apply(tx: Tx, shop_id: int, events: Sequence[Event], now: datetime) -> set[int]:
    """Gives the persons who were told of. An event told twice counts once."""
    return _elsewhere(tx, shop_id, of_kind(events, ToldElsewhere), now) | _answers(
        tx, shop_id, of_kind(events, Answered), now
    )


def known(tx: Tx, shop_id: int, event_ids: Sequence[str]) -> set[str]:
    """Those of the events that were told before."""
    found: set[str] = set()
    for some in batches(event_ids, 1_000):
        mine = custom_events.c.shop_id == shop_id, custom_events.c.event_id.in_(some)
        found.update(tx.execute(select(custom_events.c.event_id).where(*mine)).scalars())
    return found


def customers_by_email(tx: Tx, shop_id: int, emails: set[str]) -> dict[str, int]:
    """E-mail in small letters → customer's id, where the shop keeps e-mails and knows it."""
    written = func.lower(people.c.email)
    mine = people.c.shop_id == shop_id, people.c.customer_id.is_not(None), people.c.merged_into.is_(None)
    found: dict[str, int] = {}
    for some in batches(sorted(emails), 1_000):
        rows = tx.execute(select(written, people.c.customer_id).where(*mine, written.in_(some)).order_by(people.c.id))
        found.update((email, customer_id) for email, customer_id in rows)
    return found


def visitors_among(tx: Tx, shop_id: int, tokens: set[str]) -> set[str]:
    """Those of the tokens that a browser of this shop has."""
    found: set[str] = set()
    for some in batches(sorted(tokens), 1_000):
        mine = visitors.c.shop_id == shop_id, visitors.c.token.in_(some)
        found.update(tx.execute(select(visitors.c.token).where(*mine)).scalars())
    return found


def reckon_days(tx: Tx, shop_id: int) -> None:
    """The shop has moved to another zone: the days that answers name have their noon at another time."""
    zone, of = shop_clock.zone(tx, shop_id), answers.c
    query = select(of.answer).distinct().where(of.shop_id == shop_id, of.noon.is_not(None))
    days = [{"said": said, "new": _noon(said, zone)} for said in tx.execute(query).scalars()]
    if days:
        anew = answers.update().where(of.shop_id == shop_id, of.answer == bindparam("said"))
        tx.execute(anew.values(noon=bindparam("new")), days)


def _elsewhere(tx: Tx, shop_id: int, told: Sequence[ToldElsewhere], now: datetime) -> set[int]:
    by_customer = identity.customers(tx, shop_id, {one.customer_id for one in told if one.customer_id}, now)
    by_visitor = {
        visitor: identity.person_of(tx, shop_id, visitor=visitor, customer_id=None, now=now)
        for visitor in {one.visitor for one in told if one.visitor and not one.customer_id}
    }
    rows = []
    for one in told:
        person_id = by_customer[one.customer_id] if one.customer_id else by_visitor[one.visitor or ""]
        rows.append(
            {
                "shop_id": shop_id,
                "person_id": person_id,
                "event_id": one.event_id,
                "name": one.name,
                "value": one.value,
                "text": one.text,
                "at": one.at,
                "received_at": now,
            }
        )
    insert_new(tx, custom_events, rows)
    return {*by_customer.values(), *by_visitor.values()}


def _answers(tx: Tx, shop_id: int, told: Sequence[Answered], now: datetime) -> set[int]:
    persons = {
        visitor: identity.person_of(tx, shop_id, visitor=visitor, customer_id=None, now=now)
        for visitor in {one.visitor for one in told}
    }
    if not told:
        return set()
    zone = shop_clock.zone(tx, shop_id)
    rows = [
        {
            "shop_id": shop_id,
            "person_id": persons[one.visitor],
            "event_id": one.event_id,
            "question": one.question.casefold(),
            "answer": one.answer,
            "key": one.answer.casefold(),
            "noon": _noon(one.answer, zone),
            "at": one.at,
        }
        for one in told
    ]
    insert_new(tx, answers, rows)
    return set(persons.values())


def _noon(answer: str, zone: ZoneInfo) -> datetime | None:
    day = day_named(answer)
    return shop_clock.noon(day, zone) if day else None
