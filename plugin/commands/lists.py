"""`beckon list import|show`: static lists from the command line."""

from __future__ import annotations

from typing import BinaryIO

import click

from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.segment.lists import members, read, saved
from plugin.store.engine import snapshot, transaction

from .segment import shop_of
from .tables import table

_SHOP = click.option("--shop", "domain", required=True, help="Its myshopify.com domain.")


@click.group("list")
def lists() -> None:
    """Fill and show static lists."""


@lists.command("import")
@_SHOP
@click.argument("name")
@click.argument("file", type=click.File("rb"))
def import_file(domain: str, name: str, file: BinaryIO) -> None:
    """Put those on the list NAME whom FILE names (`-`: standard input); the list is made if it is not there."""
    now = clock.now()
    try:
        named = read.read(file.read(read.MAX_BYTES + 1))
        with transaction() as tx:
            shop = shop_of(tx, domain)
            known = saved.by_name(tx, shop.id, name)
            list_id = known.id if known else saved.create(tx, shop.id, name, now)
            report = members.put(tx, shop.id, list_id, named, "file", getattr(file, "name", "-"), now)
    except BeckonError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from None
    click.echo(report.sentence)


@lists.command("show")
@_SHOP
def show(domain: str) -> None:
    """List the shop's static lists."""
    with snapshot() as tx:
        every = saved.every(tx, shop_of(tx, domain).id)
    click.echo(table(("list", "people"), [[one.name, one.people] for one in every]))
