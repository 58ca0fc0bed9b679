"""`beckon replay`: webhooks that could not be applied, once more."""

from __future__ import annotations

import click

from plugin import queue
from plugin.ingest import inbox
from plugin.store.batches import batches
from plugin.store.engine import transaction


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1))
def replay(ids: tuple[int, ...]) -> None:
    """Apply failed webhooks again, all or those with these IDS: after an update that can read them."""
    with transaction() as tx:
        again = inbox.replay(tx, ids or None)
    for some in batches(again, queue.WEBHOOKS_A_JOB):
        queue.enqueue(queue.WEBHOOKS, queue.APPLY_WEBHOOKS, some)
    click.echo(f"{len(again)} webhooks are applied again. `beckon status` shows what became of them.")
