"""Ordinary queries: graphql-core over the schema; every field is read by its row in fields/."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, execute, get_named_type, parse, validate

from sandbox.billing import adminapi as billing
from sandbox.shop import number_of
from sandbox.state import Json
from sandbox.world import World

from . import bulk, pixels, roots, scopes, segments
from .fields import FIELDS
from .fields.reading import find
from .plan import SCHEMA
from .segments import SEGMENTS


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom a query is answered for: what its token was given, and what the hand hides from it."""

    world: World
    scopes: frozenset[str]
    hides: frozenset[str]


def run(world: World, query: str, variables: Json, allowed: frozenset[str] = scopes.ALL) -> Json:
    """`{"data": …}` and, if something went wrong, `errors`, as Shopify answers them."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return {"errors": [error.formatted]}
    if problems := validate(SCHEMA, document):
        return {"errors": [problem.formatted for problem in problems]}
    result = execute(
        SCHEMA,
        document,
        context_value=Asking(world, allowed, scopes.hidden(world)),
        variable_values=variables,
        field_resolver=_resolve,
        type_resolver=_type,
    )
    assert not hasattr(result, "__await__")
    return dict(result.formatted)


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    asking: Asking = info.context
    world, kind, name = asking.world, info.parent_type.name, info.field_name
    given = get_named_type(info.return_type).name.removesuffix("Connection")
    if scopes.is_denied(given, asking.scopes, asking.hides):
        raise scopes.denied(given, name)
    if kind == "Query":
        return _query(world, name, arguments)
    if kind == "Mutation":
        return _mutation(asking, name, arguments)
    if isinstance(source, dict) and kind not in {"LineItem", "Segment", "ShippingLine"}:
        return source[name]  # pages, payloads, counts
    value = FIELDS[kind][name](world, source)
    if isinstance(value, tuple):
        return roots.connection(roots.page_of_list(value, arguments.get("first"), arguments.get("after")))
    return value


def _query(world: World, name: str, arguments: Json) -> Any:
    if name in roots.TABLES:
        first, after = arguments.get("first"), arguments.get("after")
        return roots.connection(roots.page_of_table(world, roots.TABLES[name], arguments.get("query"), first, after))
    if name.endswith("sCount"):
        return roots.count(world, name.removesuffix("Count"), arguments.get("query"))
    if name == "webPixel":
        return pixels.read(world, arguments.get("id"))
    if name in SEGMENTS:
        return SEGMENTS[name](world, arguments)
    if "id" in arguments:
        return roots.node(world, arguments["id"])
    if name == "currentBulkOperation":
        return world.db.execute("SELECT * FROM bulk ORDER BY id DESC LIMIT 1").fetchone()
    return name  # shop, currentAppInstallation: nothing to look up, but something that is not null


def _mutation(asking: Asking, name: str, arguments: Json) -> Json:
    world = asking.world
    if name == "bulkOperationRunQuery":
        number, problems = bulk.begin(world, arguments["query"], asking.scopes, grouped=arguments["groupObjects"])
        return {"bulkOperation": find(world, "bulk", number), "userErrors": problems}
    if name == "appSubscriptionCreate":
        return billing.create(world, arguments)
    if name == "appSubscriptionCancel":
        return billing.cancel(world, arguments)
    if name == "webPixelCreate":
        return pixels.create(world, arguments["webPixel"]["settings"])
    if name == "customerSegmentMembersQueryCreate":
        return segments.create(world, arguments["input"])
    if name == "webPixelUpdate":
        return pixels.update(world, arguments["id"], arguments["webPixel"]["settings"])
    number = number_of(arguments["id"])
    world.db.execute("UPDATE bulk SET status = 'CANCELED' WHERE id = ? AND status = 'CREATED'", (number,))
    return {"bulkOperation": find(world, "bulk", number), "userErrors": []}


def _type(source: Any, _: GraphQLResolveInfo[Any], abstract: Any) -> str:
    """Which type a row is, for `node(id:)` and for media."""
    if abstract.name == "AppPricingDetails":
        return "AppRecurringPricing"
    if abstract.name == "Media":
        return "MediaImage"
    if abstract.name == "DiscountApplication":
        return str(source["type"])
    columns = set(source.keys())
    marks = {"members": "Collection", "handle": "Product", "first_name": "Customer", "query": "BulkOperation"}
    return next((kind for column, kind in marks.items() if column in columns), "Order")
