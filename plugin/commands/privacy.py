"""`beckon privacy …`: what is held of a person, erasures, receipts; forgetting once more after a restored backup."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import IO

import click
from sqlalchemy import select

from plugin import jobs
from plugin.base import clock
from plugin.base.errors import NotFound, Unreadable
from plugin.ingest import privacy as requests
from plugin.ingest import shops, tombstones
from plugin.ingest.shops import Shop
from plugin.profile import export as exports
from plugin.profile.subject import of_customer
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import people
from plugin.store.tables import tombstones as table

_ID = click.IntRange(1, 2**63 - 1)
_SHOP = click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")


@click.group()
def privacy() -> None:
    """Export and erase people; show what was asked and done."""


@privacy.command()
@_SHOP
@click.option("--customer", type=_ID, required=True, help="Shopify customer id.")
@click.option("--format", "form", type=click.Choice(["json", "html"]), default="json", show_default=True)
def export(domain: str, customer: int, form: str) -> None:
    """Print everything that is held of a customer."""
    with snapshot() as tx:
        shop = _shop(tx, domain)
        found = exports.collect(tx, of_customer(tx, shop.id, customer), shop.currency, clock.now())
    click.echo(exports.as_json(found) if form == "json" else exports.as_page(found))


@privacy.command()
@_SHOP
@click.option("--customer", type=_ID, required=True, help="Shopify customer id.")
@click.confirmation_option(prompt="Everything of this customer is deleted for ever. Go on?")
def erase(domain: str, customer: int) -> None:
    """Erase a customer, here and now, with a receipt."""
    with transaction() as tx:
        _erase(tx, _shop(tx, domain).id, customer, secrets.token_hex(8), clock.now())
    _carry_out(domain)
    with snapshot() as tx:
        last = requests.receipts(tx, domain, limit=1)[0]
    rows = ", ".join(f"{count} {name}" for name, count in last.erased.items())
    click.echo(f"Erased: {rows}." if rows else "Nothing was held.")


@privacy.command()
@_SHOP
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def open(domain: str, form: str) -> None:  # noqa: A001  the command's name
    """List requests that are not done: what, whose, since when, until when."""
    with snapshot() as tx:
        found = requests.open_ones(tx, _shop(tx, domain).id)
    if form == "json":
        told = [{name: getattr(each, name) for name in _OPEN} for each in found]
        click.echo(json.dumps(told, indent=2, default=str))
        return
    for each in found:
        who = f"customer {each.customer_id}" if each.customer_id else each.kind
        trouble = f"  stopped: {each.error}, {each.attempts} tries" if each.error else ""
        click.echo(f"{each.kind:<10}  {who}  asked {each.asked_at:%Y-%m-%d}  due {each.due_at:%Y-%m-%d}{trouble}")
    if not found:
        click.echo("Nothing is open.")


_OPEN = ("kind", "asked_by", "customer_id", "reference", "asked_at", "received_at", "due_at", "attempts", "error")


@privacy.command()
@click.option("--shop", "domain", help="Its myshopify.com domain, also of one that was erased; all without it.")
@click.option("--customer", type=_ID, help="Only those about this customer of the shop.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def receipts(domain: str | None, customer: int | None, form: str) -> None:
    """List what was done: receipts name nobody, but whoever knows an id finds its receipt."""
    with snapshot() as tx:
        found = requests.receipts(tx, domain, limit=10_000)
    if customer is not None:
        if domain is None:
            raise click.UsageError("--customer needs --shop: a receipt knows a customer only within a shop.")
        key = requests.subject_key(domain, customer, None)
        found = [each for each in found if each.subject_key == key]
    if form == "json":
        told = [asdict(each) | {"subject_key": each.subject_key.hex() if each.subject_key else None} for each in found]
        click.echo(json.dumps(told, indent=2, default=str))
        return
    for each in found:
        late = "  LATE" if each.was_late else ""
        asked = f"asked {each.asked_at:%Y-%m-%d} by {each.asked_by}"
        click.echo(
            f"{each.kind:<10}  {each.outcome:<12}  {asked}  done {each.done_at:%Y-%m-%d %H:%M}"
            f"  {each.rows} rows  {each.reference}{late}"
        )
    if not found:
        click.echo("No receipts.")


@privacy.command()
def journal() -> None:
    """Print what was erased, as keyed hashes, one JSON object a line: keep it apart from the backups."""
    query = select(table.c.shop_id, table.c.key, table.c.at).order_by(table.c.at)
    with snapshot() as tx:
        for shop_id, key, at in tx.execute(query):
            click.echo(json.dumps({"shop": shop_id, "key": bytes(key).hex(), "at": at.isoformat()}))


@privacy.command()
@click.argument("journal", type=click.File("r"))
def replay(journal: IO[str]) -> None:
    """After a backup was restored: erase again, by a JOURNAL, whoever was erased since."""
    buried = dict(_read(journal))
    with snapshot() as tx:
        known = tx.execute(
            select(people.c.shop_id, people.c.customer_id).where(people.c.customer_id.is_not(None))
        ).all()
    again = 0
    for shop_id, customer_id in known:
        at = buried.get((shop_id, tombstones.key_of(shop_id, tombstones.CUSTOMER, customer_id)))
        if at is None:
            continue
        with transaction() as tx:
            _erase(tx, shop_id, customer_id, f"restored {secrets.token_hex(8)}", at)
            domain = shops.by_id(tx, shop_id).domain
        _carry_out(domain)
        again += 1
    click.echo(f"{again} people of the journal were in this database and are erased again.")


def _read(journal: IO[str]) -> Iterator[tuple[tuple[int, bytes], datetime]]:
    for number, line in enumerate(journal, 1):
        try:
            told = json.loads(line)
            yield (int(told["shop"]), bytes.fromhex(told["key"])), datetime.fromisoformat(told["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"Line {number} of the journal is not one that `beckon privacy journal` wrote.") from error


def _shop(tx: Tx, domain: str) -> Shop:
    found = shops.find(tx, domain)
    if found is None:
        raise NotFound(f"There is no shop {domain} here.")
    return found


def _erase(tx: Tx, shop_id: int, customer_id: int, reference: str, asked_at: datetime) -> None:
    requests.ask(
        tx,
        shop_id,
        requests.ERASE,
        by=requests.OPERATOR,
        reference=reference,
        asked_at=asked_at,
        now=clock.now(),
        customer_id=customer_id,
    )


def _carry_out(domain: str) -> None:
    with snapshot() as tx:
        waiting = requests.open_ones(tx, _shop(tx, domain).id)
    for each in waiting:
        if each.kind == requests.ERASE:
            jobs.carry_out(each.id)
