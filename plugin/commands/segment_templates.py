"""`beckon segment templates|use`: ready segments, listed and taken into a shop."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from plugin.base import clock
from plugin.segment import saved
from plugin.segment.templates import SUBJECTS, find, matching
from plugin.store.engine import transaction

from .segment import shop_of
from .segment_versions import COMMAND_LINE
from .tables import table


@click.command("templates")
@click.argument("search", default="")
@click.option("--subject", type=click.Choice(list(SUBJECTS)), default=None, help="Only this kind of question.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def templates(search: str, subject: str | None, form: str) -> None:
    """List ready segments, all or those with each word of SEARCH."""
    found = [(kind, one) for kind, some in matching(search, subject or "").items() for one in some]
    if form == "json":
        told = [{"subject": kind, **asdict(one)} for kind, one in found]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        rows = [[one.key, kind, one.name, one.query] for kind, one in found]
        click.echo(table(("template", "subject", "name", "query"), rows))


@click.command("use")
@click.argument("template")
@click.option("--name", default=None, help="Another name than the template's.")
@click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")
def use(template: str, name: str | None, domain: str) -> None:
    """Save the ready segment TEMPLATE in a shop, under its own name or another."""
    chosen = find(template)
    with transaction() as tx:
        shop = shop_of(tx, domain)
        made = saved.create(tx, shop.id, name or chosen.name, chosen.query, clock.now(), by=COMMAND_LINE)
    click.echo(f"Saved as segment {made}, “{name or chosen.name}”: {chosen.query}")
