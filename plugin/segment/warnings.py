"""What Shopify's own editor would not take, although it can be asked here: nobody is stopped, everybody is told.

Source: Shopify's reference of the segment query language (shopify.dev, ShopifyQL, November 2026) and the filters that
its help centre lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .ast import And, Call, Comparison, Matches, Node, Not, Offset, Or, Span, Word

MOST_CLAUSES: Final = 10

_ATTRIBUTES: Final = frozenset(
    """abandoned_checkout_date amount_spent anniversary companies created_by_app_id customer_account_status
    customer_added_date customer_cities customer_countries customer_email_domain customer_language customer_regions
    customer_tags email_subscription_status first_order_date last_order_date number_of_orders predicted_spend_tier
    product_subscription_status rfm_group sms_subscription_status""".split()
)
_METAFIELDS: Final = "customer.metafields."
_FUNCTIONS: Final = {
    "products_purchased": {"id", "tag", "date", "category", "sum_quantity", "quantity", "count"},
    "orders_placed": {"date", "amount", "location_id", "app_id", "count", "sum_amount"},
    "storefront_event.product_viewed": {"id", "tag", "date", "count"},
    "storefront_event.collection_viewed": {"id", "date", "count"},
    "store_credit_accounts": {"currency", "balance", "next_expiry_date", "last_credit_date"},
    "customer_within_distance": {"coordinates", "distance_km", "distance_mi"},
}


@dataclass(frozen=True, slots=True)
class Caution:
    """`query[span.start:span.end]` is what Shopify would not take, `message` says why."""

    message: str
    span: Span


def for_shopify(tree: Node) -> list[Caution]:
    """What Shopify would refuse of a query that was read here, in the order in which it is written."""
    clauses = list(_clauses(tree))
    found = [caution for clause in clauses for caution in _of_clause(clause)] + list(_contraries(tree))
    if len(clauses) > MOST_CLAUSES:
        message = f"Shopify's editor takes {MOST_CLAUSES} clauses at most; this query has {len(clauses)}."
        found.append(Caution(message, Span(clauses[MOST_CLAUSES].span.start, clauses[-1].span.end)))
    return sorted(found, key=lambda caution: (caution.span.start, caution.span.end))


def _clauses(node: Node) -> Iterator[Comparison | Matches | Call]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _clauses(part)
        case Not(part):
            yield from _clauses(part)
        case _:
            yield node


def _contraries(node: Node) -> Iterator[Caution]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _contraries(part)
        case Not(part):
            yield Caution("Shopify does not know NOT before a clause or parentheses.", node.span)
            yield from _contraries(part)
        case _:
            pass


def _of_clause(clause: Comparison | Matches | Call) -> Iterator[Caution]:
    match clause:
        case Call():
            yield _unknown(clause.name)
        case Comparison():
            if clause.name.text not in _ATTRIBUTES and not clause.name.text.startswith(_METAFIELDS):
                yield _unknown(clause.name)
            elif clause.operator.text in ("IN", "NOT IN"):
                message = f"Shopify takes {clause.operator.text} only inside MATCHES ( … )."
                yield Caution(message, clause.operator.span)
            yield from _of_comparison(clause)
        case Matches():
            known = _FUNCTIONS.get(clause.name.text)
            if known is None:
                yield _unknown(clause.name)
            for parameter in clause.parameters:
                if known is not None and parameter.name.text not in known:
                    message = f"Shopify's {clause.name.text} has no parameter {parameter.name.text}."
                    yield Caution(message, parameter.name.span)
                yield from _of_comparison(parameter)


def _unknown(name: Word) -> Caution:
    return Caution(f"Shopify does not know {name.text}.", name.span)


def _of_comparison(comparison: Comparison) -> Iterator[Caution]:
    if comparison.operator.text.endswith("STARTS WITH"):
        yield Caution("Shopify's segments do not know STARTS WITH.", comparison.operator.span)
    for value in comparison.values:
        if isinstance(value, Offset) and value.unit == "h":
            yield Caution("Shopify counts days, weeks, months and years, not hours.", value.span)
