"""`beckon segment versions` and `beckon segment restore`: what a segment was, and back to it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from plugin.base import clock
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest import shops
from plugin.segment import saved
from plugin.segment import versions as kept
from plugin.segment.difference import Difference
from plugin.segment.saved import Segment
from plugin.segment.versions import Version
from plugin.store.engine import Tx, snapshot, transaction

COMMAND_LINE = "command line"
"""Who saved a version, in the list of versions."""


@click.command()
@click.argument("segment")
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def versions(segment: str, domain: str, form: str) -> None:
    """List the versions of SEGMENT (its name or number), the latest first: who saved it, and what it did."""
    with snapshot() as tx:
        shop_id = _shop(tx, domain)
        found = kept.every(tx, shop_id, _segment(tx, shop_id, segment).id)
        differences = kept.differences(tx, shop_id, found, clock.now())
    both = list(zip(found, differences, strict=True))
    if form == "json":
        told = [asdict(one) | {"differences": [asdict(each) for each in some]} for one, some in both]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False, default=str))
        return
    for one, some in both:
        click.echo(_said(one, some))


@click.command()
@click.argument("segment")
@click.argument("number", type=click.IntRange(1))
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
def restore(segment: str, number: int, domain: str) -> None:
    """Make SEGMENT what it was in version NUMBER. That is a new version; nothing is lost."""
    now = clock.now()
    with transaction() as tx:
        shop_id = _shop(tx, domain)
        mine = _segment(tx, shop_id, segment)
        kept.restore(tx, shop_id, mine.id, number, now, by=COMMAND_LINE)
        latest = kept.every(tx, shop_id, mine.id)[0]
        (differences,) = kept.differences(tx, shop_id, [latest], now)
    click.echo(_said(latest, differences))


def _shop(tx: Tx, domain: str) -> int:
    shop = shops.find(tx, domain.strip().lower())
    if shop is None:
        raise NotFound(f"There is no shop {domain}.")
    return shop.id


def _segment(tx: Tx, shop_id: int, wanted: str) -> Segment:
    found = [one for one in saved.every(tx, shop_id) if wanted in (one.name, str(one.id))]
    if len(found) > 1:
        raise BeckonError(
            f"Several segments are called {wanted!r}: say its number, {', '.join(str(one.id) for one in found)}."
        )
    if not found:
        raise NotFound(f"There is no segment {wanted!r} in this shop.")
    return found[0]


def _said(version: Version, differences: Sequence[Difference]) -> str:
    by = f", {version.saved_by}" if version.saved_by else ""
    back = f", as version {version.restores} was" if version.restores else ""
    head = f"{version.number}  {version.saved_at:%Y-%m-%d %H:%M} UTC{by}{back}: {version.name}"
    lines = [head, f"   {version.query or '(everybody)'}"]
    lines.append(f"   {version.members:,} members, {version.joined:,} joined and {version.left:,} left by it")
    for one in differences:
        if one.kind == "joined":
            lines.append("   the same clauses, put together in another way")
            continue
        lines += [f"   - {one.before}"] if one.before else []
        lines += [f"   + {one.after}"] if one.after else []
    return "\n".join(lines)
