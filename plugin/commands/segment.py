"""`beckon segment count|members|explain|check|import-shopify|compare`: ask a segment from the command line.

Standard output holds the answer and nothing else; what is wrong goes to standard error with exit status 2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy import ColumnElement, Row, func, select

from plugin.base import clock
from plugin.base.errors import NotFound
from plugin.profile import identity
from plugin.profile.load import load
from plugin.segment.checked import Checked, clauses
from plugin.segment.compile import compile_segment
from plugin.segment.errors import SegmentError
from plugin.segment.format import canonical, sentence
from plugin.segment.membership import explanation
from plugin.segment.saved import every, queries
from plugin.segment.sql import clause_condition, condition
from plugin.store.engine import Tx, snapshot
from plugin.store.tables import people, shops
from plugin.store.types import major_units

from .segment_explained import explained_json, explained_text
from .segment_shopify import compare, import_shopify
from .segment_versions import restore, versions
from .tables import table

_ID = click.IntRange(0, 2**63 - 1)


@click.group()
def segment() -> None:
    """Count, list, explain and check segments; import and compare those of Shopify."""


for _command in (import_shopify, compare, versions, restore):
    segment.add_command(_command)


@dataclass(frozen=True, slots=True)
class _Shop:
    id: int
    domain: str
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query in a shop, on an open snapshot."""

    tx: Tx
    shop: _Shop
    now: datetime
    checked: Checked

    def count(self, where: ColumnElement[bool]) -> int:
        return self.tx.execute(select(func.count()).select_from(people).where(where)).scalar_one()


def _options(formats: tuple[str, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What every command takes."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for option in (
            click.argument("query"),
            click.option(
                "--format",
                "form",
                type=click.Choice(formats),
                default=formats[0],
                show_default=True,
                help="Of the answer.",
            ),
            click.option(
                "--now", "at", metavar="INSTANT", help="Judge as at this instant: ISO, else on the shop's clock."
            ),
            click.option("--shop", "domain", required=True, help="Its myshopify.com domain."),
        ):
            command = option(command)
        return command

    return decorate


@segment.command()
@_options(("table", "json"))
def check(query: str, form: str, at: str | None, domain: str) -> None:
    """Read QUERY; show it in canonical form and as a sentence."""
    with _asked(domain, query, at) as asked:
        canon, said = canonical(asked.checked.tree), sentence(asked.checked)
    _answer(form, {"query": query, "canonical": canon, "sentence": said}, f"{canon}\n{said}" if canon else said)


@segment.command()
@_options(("table", "json"))
def count(query: str, form: str, at: str | None, domain: str) -> None:
    """Count the people who belong to QUERY."""
    with _asked(domain, query, at) as asked:
        found = asked.count(condition(asked.checked, asked.shop.id))
        told = {"shop": asked.shop.domain, "now": asked.now.isoformat(), "query": query, "count": found}
    _answer(form, told, str(found))


@segment.command()
@_options(("table", "ids", "json"))
def members(query: str, form: str, at: str | None, domain: str) -> None:
    """List the people who belong to QUERY. As ids: Shopify customer ids, so without anonymous visitors."""
    with _asked(domain, query, at) as asked:
        rows = asked.tx.execute(
            select(people)
            .where(condition(asked.checked, asked.shop.id))
            .order_by(people.c.customer_id.is_(None), people.c.customer_id, people.c.id)
        )
        if form == "ids":
            for row in rows:
                if row.customer_id is not None:
                    click.echo(row.customer_id)
            return
        found = [_member(row, asked.shop.currency) for row in rows]
    _answer(form, found, table(_COLUMNS, [[one[column] for column in _COLUMNS] for one in found]))


@segment.command()
@_options(("table", "json"))
@click.option("--customer", type=_ID, help="Shopify customer id of the person to explain.")
@click.option("--person", type=_ID, help="Beckon's id of the person to explain, for anonymous visitors.")
def explain(query: str, form: str, at: str | None, domain: str, customer: int | None, person: int | None) -> None:
    """Show each clause of QUERY: how many people it holds for, or with --customer or --person whether it holds."""
    with _asked(domain, query, at) as asked:
        if customer is None and person is None:
            _explain_counts(asked, form)
            return
        person_id = _person(asked, customer, person)
        profile = load(asked.tx, asked.shop.id, person_id)
        kept = next((one.id for one in every(asked.tx, asked.shop.id) if one.query == query.strip()), None)
        found = explanation(asked.tx, asked.shop.id, asked.checked, profile, asked.now, kept)
    told = {"person": person_id, "customer": profile.customer_id, **explained_json(found)}
    _answer(form, told, explained_text(found, profile, asked.checked.dates.zone))


def _explain_counts(asked: _Asked, form: str) -> None:
    here = asked.shop.id
    counts = [
        {"clause": canonical(one.clause), "people": asked.count(clause_condition(one, here))}
        for one in clauses(asked.checked.condition)
    ]
    total = asked.count(condition(asked.checked, here))
    said = sentence(asked.checked)
    rows = [[one["people"], one["clause"]] for one in counts] + [[total, "all together"]]
    _answer(form, {"sentence": said, "count": total, "clauses": counts}, f"{said}\n{table(('people', 'clause'), rows)}")


@contextmanager
def _asked(domain: str, query: str, at: str | None) -> Iterator[_Asked]:
    with snapshot() as tx:
        shop = shop_of(tx, domain)
        now = _instant(at, shop.timezone) if at else clock.now()
        try:
            checked = compile_segment(query, now=now, timezone=shop.timezone, segments=queries(tx, shop.id))
        except SegmentError as error:
            _refuse(error.with_caret())
        yield _Asked(tx, shop, now, checked)


def shop_of(tx: Tx, domain: str) -> _Shop:
    row = tx.execute(select(shops).where(shops.c.domain == domain.strip().lower())).mappings().first()
    if row is None:
        known = ", ".join(tx.execute(select(shops.c.domain).order_by(shops.c.domain).limit(10)).scalars())
        _refuse(f"There is no shop {domain}. " + (f"Known: {known}." if known else "No shop is installed yet."))
    return _Shop(row["id"], row["domain"], row["timezone"], row["currency"])


def _instant(text: str, timezone: str) -> datetime:
    """An instant with its offset, or a date or time on the shop's clock."""
    try:
        instant = datetime.fromisoformat(text)
        return instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        _refuse(f"--now: {text} is no instant; write 2026-11-18, 2026-11-18T12:00 or 2026-11-18T12:00+01:00.")


def _person(asked: _Asked, customer: int | None, person: int | None) -> int:
    wanted = people.c.id == person if customer is None else people.c.customer_id == customer
    both = wanted if person is None else wanted & (people.c.id == person)
    found = asked.tx.execute(select(people.c.id).where(people.c.shop_id == asked.shop.id, both)).scalar()
    if found is not None and customer is not None:  # or who they are since Shopify made one customer of two
        found = identity.rows_of(asked.tx, asked.shop.id, customer)[0]
    if not isinstance(found, int):
        raise NotFound(f"There is no {'person' if customer is None else 'customer'} {customer or person} in this shop.")
    return found


_COLUMNS: Final = ("person", "customer", "number_of_orders", "amount_spent", "last_order_date")


def _member(row: Row[Any], currency: str) -> dict[str, Any]:
    return {
        "person": row.id,
        "customer": row.customer_id,
        "number_of_orders": row.number_of_orders,
        "amount_spent": f"{major_units(row.amount_spent, currency):f}",
        "currency": currency,
        "last_order_date": row.last_order_at and row.last_order_at.isoformat(),
    }


def _answer(form: str, told: Any, text: str) -> None:
    click.echo(json.dumps(told, indent=2, ensure_ascii=False) if form == "json" else text)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)
