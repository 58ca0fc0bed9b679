"""Where a query begins: tables, their search filters, pages, and the fields of Query and Mutation."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from sandbox import instants
from sandbox.shop import TIMEZONE, number_of
from sandbox.world import World

from .fields.reading import find

TABLES = {
    "products": "products",
    "collections": "collections",
    "customers": "customers",
    "orders": "orders",
    "abandonedCheckouts": "checkouts",
}
KINDS = {
    "Product": "products",
    "Collection": "collections",
    "Customer": "customers",
    "Order": "orders",
    "BulkOperation": "bulk",
}
PLACED = {"orders": "placed_at"}


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a connection that was asked for."""

    nodes: Sequence[Any]
    cursors: Sequence[str]
    before: bool
    after: bool


def rows(world: World, table: str, search: str | None) -> Iterator[Any]:
    """Every row of a table that the search finds, by id, without holding them all."""
    where, values = _where(table, search)
    yield from world.db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY id", values)


def page_of_table(world: World, table: str, search: str | None, first: int | None, after: str | None) -> Page:
    wanted = _checked(first)
    where, values = _where(table, search)
    found = world.db.execute(
        f"SELECT * FROM {table} WHERE {where} AND id > ? ORDER BY id LIMIT ?",
        (*values, _opened(after), wanted + 1),
    ).fetchall()
    nodes = found[:wanted]
    return Page(nodes, [_cursor(row["id"]) for row in nodes], before=after is not None, after=len(found) > wanted)


def page_of_list(nodes: Sequence[Any], first: int | None, after: str | None, most: int = 250) -> Page:
    wanted, begin = _checked(first, most), _opened(after)
    part = nodes[begin : begin + wanted]
    cursors = [_cursor(begin + place + 1) for place in range(len(part))]
    return Page(part, cursors, before=begin > 0, after=begin + wanted < len(nodes))


def connection(page: Page) -> dict[str, Any]:
    """The page as GraphQL's connections say it."""
    edges = [{"cursor": cursor, "node": node} for cursor, node in zip(page.cursors, page.nodes, strict=True)]
    ends = {"startCursor": next(iter(page.cursors), None), "endCursor": page.cursors[-1] if page.cursors else None}
    info = {"hasNextPage": page.after, "hasPreviousPage": page.before} | ends
    return {"edges": edges, "nodes": list(page.nodes), "pageInfo": info}


def count(world: World, table: str, search: str | None) -> dict[str, object]:
    where, values = _where(table, search)
    number = world.db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0]
    return {"count": number, "precision": "EXACT"}


def node(world: World, gid_text: str) -> Any:
    """What a global id names, None if we know no such thing."""
    kind = gid_text.removeprefix("gid://shopify/").partition("/")[0]
    if kind not in KINDS:
        return None
    return find(world, KINDS[kind], number_of(gid_text))


def _where(table: str, search: str | None) -> tuple[str, list[str]]:
    """Shopify's search syntax as far as it asks what changed: `updated_at:>=2026-01-01 AND created_at:<…`."""
    parts, values = ["1"], []
    for term in re.split(r"\s+(?:AND\s+)?", (search or "").strip()):
        if not term:
            continue
        found = re.fullmatch(r"(created_at|processed_at|updated_at):(<=|>=|<|>)['\"]?([^'\"]+)['\"]?", term)
        if not found:
            raise GraphQLError(f"The sandbox does not know the search term {term!r}.")
        column = "updated_at" if found[1] == "updated_at" else PLACED.get(table, "created_at")
        parts.append(f"{column} {found[2]} ?")
        values.append(_instant(found[3]))
    return " AND ".join(parts), values


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return instants.text(moment if moment.tzinfo else moment.replace(tzinfo=TIMEZONE))


def _checked(first: int | None, most: int = 250) -> int:
    if first is None:
        raise GraphQLError("you must provide one of first or last")
    if not 0 < first <= most:
        raise GraphQLError(f"first is {first}; it must be between 1 and {most}.")
    return first


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def _opened(cursor: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor)) if cursor else 0
    except ValueError:
        raise GraphQLError("Invalid cursor for current pagination sort.") from None
