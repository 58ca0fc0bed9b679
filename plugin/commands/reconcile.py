"""`beckon reconcile`: compare a shop with Shopify now, and say what was repaired."""

from __future__ import annotations

import time

import click

from plugin import jobs
from plugin.base.clock import now
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest import backfill, reconcile, shops
from plugin.ingest.reconcile import Reconciliation
from plugin.store.engine import snapshot, transaction


@click.command("reconcile")
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
def command(domain: str) -> None:
    """Ask Shopify what changed in a shop since the last time, and what is there at all; repair what we missed.

    Works by itself, beside running workers too. Exit status 2 when something could not be compared.
    """
    with transaction() as tx:
        shop = shops.find(tx, domain)
        if shop is None:
            raise NotFound(f"There is no shop {domain}.")
        reconcile.begin(tx, shop.id, reconcile.MERCHANT, now())
    with snapshot() as tx:
        run = reconcile.latest(tx, shop.id)[0]
    while run.finished_at is None:
        time.sleep(_step(run))
        with snapshot() as tx:
            run = reconcile.by_id(tx, run.id)
    for kind, counts in (run.kinds or {}).items():
        gone = f", {counts['removed']:,} removed" if counts["removed"] else ""
        click.echo(f"{kind:<12} {counts['looked_at']:>9,} looked at, {counts['repaired']:,} repaired{gone}")
    click.echo(reconcile.sentence(run))
    if run.error:
        raise BeckonError(run.error)


def _step(run: Reconciliation) -> float:
    """Takes every open part one step further; gives the seconds to wait before the next."""
    with snapshot() as tx:
        parts = [part for part in backfill.every(tx, run.shop_id, run.id) if part.state in backfill.OPEN]
    for part in parts:
        jobs.load_history(part.id)
    return 0.0 if any(part.state == "loading" for part in parts) else 0.5
