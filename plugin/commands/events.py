"""`beckon events import`: what another tool knows, from a CSV file, by the same rules as the events API."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from plugin.api import bodies
from plugin.api.told import REFUSED, tell
from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.ingest import shops
from plugin.store.batches import batches
from plugin.store.engine import snapshot, transaction

SHOWN = 20
"""Refused lines that are named; the others are counted."""


@click.group()
def events() -> None:
    """Events from other tools: loyalty points, surveys, the shop round the corner."""


@events.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", required=True, help="The store's myshopify.com domain.")
def import_(file: Path, shop: str) -> None:
    """Reads a CSV file with a heading: event_id, name, one of customer_id, visitor, email, and value, text, at if any.

    Repeating it does no harm: an event_id is kept once. Exit status 1 when lines were refused.
    """
    with snapshot() as tx:
        found = shops.find(tx, shop)
    if found is None:
        raise BeckonError(f"There is no shop {shop}.")
    counted: Counter[str] = Counter()
    for lines in batches(_lines(file), bodies.MOST):
        with transaction() as tx:
            now = clock.now()
            items = [bodies.item(told, now) for _, told in lines]
            results = tell(tx, found.id, items, now, keeps_email="email" in found.keeps)
        for (number, _), result in zip(lines, results, strict=True):
            counted[result.status] += 1
            if result.status == REFUSED and counted[REFUSED] <= SHOWN:
                click.echo(f"line {number}: {result.error}", err=True)
    click.echo(", ".join(f"{counted[status]:,} {status}" for status in ("kept", "known", "refused")))
    if counted[REFUSED]:
        raise click.exceptions.Exit(1)


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        try:
            reader = csv.DictReader(opened, strict=True)
            for row in reader:
                told: dict[str, Any] = {str(key): value for key, value in row.items() if value not in (None, "")}
                if "value" in told:
                    told["value"] = _number(told["value"])
                yield reader.line_num, told
        except (csv.Error, UnicodeDecodeError) as error:
            raise BeckonError(f"{file} cannot be read as CSV in UTF-8: {error}.") from None


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text  # refused with a sentence, as every other odd value
