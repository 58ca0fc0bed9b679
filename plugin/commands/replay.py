"""`beckon replay`: webhooks that could not be applied, once more."""

from __future__ import annotations

import click

from plugin import queue
from plugin.ingest import inbox
from plugin.store.engine import transaction


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1))
def replay(ids: tuple[int, ...]) -> None:
    """Apply failed webhooks again, all or those with these IDS: after an update that can read them."""
    with transaction() as tx:
        again = inbox.replay(tx, ids or None)
    for row_id in again:
        queue.enqueue(queue.WEBHOOKS, queue.APPLY_WEBHOOK, row_id)
    click.echo(f"{len(again)} webhooks are applied again. `beckon status` shows what became of them.")
