"""`beckon segment import-shopify` and `compare`: the store's segments at Shopify, their import, and their members."""

from __future__ import annotations

import json
from typing import Any

import click

from plugin import segment_jobs
from plugin.base import clock
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest import segments as at_shopify
from plugin.ingest import shops
from plugin.segment import comparison, imports, saved
from plugin.segment.imports import Offer
from plugin.store.engine import snapshot, transaction


@click.command("import-shopify")
@click.argument("names", nargs=-1)
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
@click.option("--all", "take_all", is_flag=True, help="Import every new one that can be read as a whole.")
@click.option("--partly", is_flag=True, help="Import NAMES without the clauses that cannot be read, which are named.")
@click.option("--read", "ask", is_flag=True, help="Ask Shopify for the list first.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def import_shopify(names: tuple[str, ...], domain: str, *, take_all: bool, partly: bool, ask: bool, form: str) -> None:
    """List the store's segments at Shopify, or import those with NAMES."""
    shop_id = _shop(domain)
    if ask:
        segment_jobs.read_segments(shop_id)
        with snapshot() as tx:
            trouble = at_shopify.of(tx, shop_id).error
        if trouble:
            raise BeckonError(f"Shopify's list could not be read: {trouble}")
    with transaction() as tx:
        every = imports.every(tx, shop_id, clock.now())
        for offer in _wanted(every, names, take_all=take_all):
            imports.take_over(tx, shop_id, offer.shopify_id, clock.now(), partly=partly)
        every = imports.every(tx, shop_id, clock.now())
    told = [_told(offer) for offer in every if not names or offer.name in names]
    click.echo(json.dumps(told, indent=2, ensure_ascii=False) if form == "json" else _lines(told))


@click.command("compare")
@click.argument("name")
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def compare(name: str, domain: str, form: str) -> None:
    """Are the same customers in segment NAME here and at Shopify? Exit status 1 when they are not."""
    shop_id, now = _shop(domain), clock.now()
    with transaction() as tx:
        segment = next((one for one in saved.every(tx, shop_id) if one.name == name), None)
        if segment is None:
            raise NotFound(f"There is no segment called “{name}”.")
        shopify_id = imports.asked_for(tx, shop_id, segment.id, now)
        check_id = comparison.begin(tx, shop_id, name, segment.query, now, segment_id=segment.id, shopify_id=shopify_id)
    if check_id is None:
        raise BeckonError("Another segment is being compared with Shopify. One at a time: wait until it is done.")
    segment_jobs.check_members(check_id)
    with snapshot() as tx:
        check = comparison.find(tx, check_id)
        people = comparison.examples(tx, check)
    if check.state != "done":
        raise BeckonError(
            check.error or "Shopify works the question off; the clock goes on, the panel shows the answer."
        )
    counts = {"both": check.both, "ours_only": check.ours_only, "theirs_only": check.theirs_only}
    told = counts | {"anonymous": check.anonymous, "unheld": check.unheld}
    if form == "json":
        differing = [{"customer": one.customer_id, "side": one.side, "why": list(one.clauses)} for one in people]
        click.echo(json.dumps(told | {"examples": differing}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(f"{what.replace('_', ' '):<12} {number:,}" for what, number in told.items()))
        for one in people:
            values = "; ".join(str(clause["value"]) for clause in one.clauses) or "not held here"
            click.echo(f"  only {'here' if one.side == comparison.OURS_ONLY else 'there'}: {one.customer_id}: {values}")
    if not check.is_same:
        raise SystemExit(1)


def _wanted(every: list[Offer], names: tuple[str, ...], *, take_all: bool) -> list[Offer]:
    if take_all:
        return [offer for offer in every if offer.is_importable and offer.state == "new"]
    missing = set(names) - {offer.name for offer in every}
    if missing:
        raise NotFound(f"Shopify has no segment called “{min(missing)}”. With --read the list is read anew.")
    return [offer for offer in every if offer.name in names]


def _shop(domain: str) -> int:
    with snapshot() as tx:
        shop = shops.find(tx, domain.strip().lower())
    if shop is None:
        raise NotFound(f"There is no shop {domain}.")
    return shop.id


def _told(offer: Offer) -> dict[str, Any]:
    told = offer.translation
    return {
        "id": offer.shopify_id,
        "name": offer.name,
        "state": offer.state,
        "readable": "whole" if told.is_whole else "partly" if told.canonical is not None else "no",
        "shopify": told.query,
        "canonical": told.canonical,
        "refused": [{"clause": one.clause, "why": one.why} for one in told.refused],
        "segment": offer.imported.segment_id if offer.imported else None,
    }


def _lines(told: list[dict[str, Any]]) -> str:
    if not told:
        return "Shopify has told of no segment. With --read the list is read anew."
    lines = []
    for one in told:
        lines.append(f"{one['state']:<9} {one['readable']:<7} {one['name']}: {one['canonical'] or one['shopify']}")
        lines += [f"{'':17} cannot be read: {each['clause']}: {each['why']}" for each in one["refused"]]
    return "\n".join(lines)
